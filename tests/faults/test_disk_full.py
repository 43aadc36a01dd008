"""A disk that is full before a load has ended: one sentence, the lake as it was, and room is all it takes.

On a small disk of its own (tmpfs), which only root may mount.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import skip_or_fail
from tests.faults.nursery import Ended, Moment, Nursery
from tests.faults.state import litter, state
from tests.faults.town import FEED, write_town

MEMBERS, TIES = 4_000, 12_000
MIB = 2**20
LARGE = 400 * MIB


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk whose size can be changed while it is in use; see `resize`."""
    folder = tmp_path_factory.mktemp("disk")
    if os.geteuid() != 0:
        skip_or_fail("tmpfs", "only root may mount the small disk that is to be filled")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={LARGE}", "tmpfs", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode:
        skip_or_fail("tmpfs", f"the small disk cannot be mounted: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as opened:
        yield opened


class Town:
    """The files of two months, and the lake before and after the second."""

    def __init__(self, folder: Path, nursery: Nursery) -> None:
        self.folder = folder
        self.nursery = nursery
        for month in (1, 2):
            write_town(folder / f"month {month}", month, MEMBERS, TIES)
        (folder / "feed.toml").write_text(FEED, encoding="utf-8")
        assert self.load(folder / "before", month=1).code == 0
        self.before = self.state(folder / "before")

    def load(self, home: Path, at: Moment | None = None, month: int = 2) -> Ended:
        data = self.folder / f"month {month}"
        return self.nursery.load(self.folder / "feed.toml", data, home, self.folder / "notes", at)

    def state(self, home: Path) -> dict[str, object]:
        return state(home, self.folder / "scratch")


class Need(NamedTuple):
    """A lake after its load, the bytes on disk before that and at their highest, the load's signs."""

    after: dict[str, object]
    start: int
    highest: int
    signs: list[str]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Town:
    return Town(tmp_path_factory.mktemp("town"), nursery)


@pytest.fixture(scope="module")
def need(town: Town, disk: Path) -> Need:
    """What the second month comes to where nothing stands in its way."""
    home = fresh(town, disk)
    start, found = used(disk), [used(disk)]
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.002):
            found.append(used(disk))

    watcher = threading.Thread(target=look)
    watcher.start()
    ended = town.load(home)
    done.set()
    watcher.join()
    assert ended.code == 0
    return Need(town.state(home), start, max(found), [name for name, _ in ended.signs])


@pytest.mark.parametrize(
    ("phase", "last", "leave"),
    [
        ("reading", False, 4_096),
        ("mapping", True, 64 * 1024),
        ("landing", False, MIB // 2),
        ("quarantine", False, 0),
        ("commit", False, 0),
    ],
    ids=["staging", "duckdb", "delta", "quarantine", "commit"],
)
def test_a_disk_that_fills_in_each_phase_costs_nothing_but_the_load(
    town: Town, disk: Path, need: Need, phase: str, last: bool, leave: int
) -> None:
    sign = need.signs.count(phase) - 1 if last else 0
    home = fresh(town, disk)
    ended = town.load(home, Moment(phase, sign, leave=leave))
    refused(town, home, ended)
    assert ended.signs[-1][0] in (phase, "quarantine", "commit"), "it went on after the disk was full"
    (home / "ballast").unlink()
    completes(town, home, need.after)


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_a_disk_too_small_for_a_load_takes_it_once_it_has_grown(
    town: Town, disk: Path, need: Need, part: float
) -> None:
    home, more = fresh(town, disk), need.highest - need.start
    resize(disk, need.start + int(part * more))
    try:
        ended = town.load(home)
        print(f"{part:.0%} of {more / MIB:.1f} MiB: stopped in {ended.signs[-1][0]}")
        refused(town, home, ended)
    finally:
        resize(disk, LARGE)
    completes(town, home, need.after)


def refused(town: Town, home: Path, ended: Ended) -> None:
    """One sentence, exit code 1, and the lake as it was, to be read even while the disk is full."""
    print(ended.signs[-1], ended.error)
    assert ended.code == 1
    assert len(ended.error.strip().splitlines()) == 1, ended.error
    assert "full" in ended.error or "No space left" in ended.error
    assert "nothing" in ended.error
    assert town.state(home) == town.before


def completes(town: Town, home: Path, after: dict[str, object]) -> None:
    assert town.load(home).code == 0
    assert town.state(home) == after
    assert litter(home) == []


def fresh(town: Town, disk: Path) -> Path:
    home = disk / "home"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(town.folder / "before", home)
    return home


def used(disk: Path) -> int:
    found = os.statvfs(disk)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def resize(disk: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)
