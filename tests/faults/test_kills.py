"""A load killed at any moment has happened wholly or not at all, and the next one finds no trace of it."""

from __future__ import annotations

import random
import shutil
import signal
from pathlib import Path

import pytest

from tests.faults.nursery import Moment, Nursery
from tests.faults.state import litter, state
from tests.faults.town import FEED, write_town

MEMBERS, TIES = 6_000, 18_000
KILLS = {"reading": 3, "mapping": 3, "landing": 5, "quarantine": 3, "commit": 4, "clearing": 2}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kills")
    for month in (1, 2):
        write_town(folder / f"month {month}", month, MEMBERS, TIES)
    (folder / "feed.toml").write_text(FEED, encoding="utf-8")
    return folder


def test_20_kills_lose_double_and_halve_nothing(town: Path) -> None:
    with Nursery() as nursery:

        def load(home: str, month: int, at: Moment | None = None):
            data = town / f"month {month}"
            return nursery.load(town / "feed.toml", data, town / home, town / "notes", at)

        assert load("before", 1).code == 0
        before = state(town / "before", town / "scratch")
        shutil.copytree(town / "before", town / "rehearsal")
        signs = load("rehearsal", 2).signs
        after = state(town / "rehearsal", town / "scratch")
        assert after != before
        assert litter(town / "rehearsal") == []

        outcomes = {phase: [0, 0] for phase in KILLS}
        shutil.copytree(town / "before", town / "home")
        for at in moments(signs):
            ended = load("home", 2, at)
            assert ended.code == -signal.SIGKILL, (at, ended)
            found = state(town / "home", town / "scratch")
            assert found in (before, after), at
            outcomes[at.phase][found == after] += 1
            if found == after:
                again(load, town, after)
                shutil.rmtree(town / "home")
                shutil.copytree(town / "before", town / "home")
        assert load("home", 2).code == 0
        assert state(town / "home", town / "scratch") == after
        assert litter(town / "home") == []
    print("kills by phase, [as before, as after]:", outcomes)
    assert sum(map(sum, outcomes.values())) == 20


def again(load, town: Path, after: dict[str, object]) -> None:
    """After a kill behind the commit, the same load finds everything there."""
    assert load("home", 2).code == 0
    found = state(town / "home", town / "scratch")
    assert (found["facts"], found["waiting"]) == (after["facts"], after["waiting"])
    assert sorted(load[2] for load in found["loads"])[0] == 0  # type: ignore[attr-defined]
    assert litter(town / "home") == []


def moments(signs: tuple[tuple[str, float], ...]) -> list[Moment]:
    """Twenty moments: of each phase so many of its signs, each with a wait that ends before the next sign."""
    lot, found = random.Random(20), []
    for phase, kills in KILLS.items():
        places = [place for place, (name, _) in enumerate(signs) if name == phase]
        assert places, f"the load gave no sign of {phase}"
        for kill in range(kills):
            place = places[kill % len(places)] if len(places) <= kills else lot.choice(places)
            later = signs[place + 1][1] if place + 1 < len(signs) else signs[place][1]
            after = (
                lot.uniform(0, later - signs[place][1]) if phase in ("reading", "mapping", "landing") else 0
            )
            found.append(Moment(phase, places.index(place), after))
    lot.shuffle(found)
    return found
