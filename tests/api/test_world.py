"""`guanxi world`: what it says, what it writes, and that the product loads it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal
from typer.testing import CliRunner

from api.cli import app
from graph.errors import BadInput, NotFound
from graph.lake import Lake
from ingest.run import load
from ingest.world.folder import sized
from ingest.world.make import make
from ingest.world.scenarios import SCENARIOS

TIES = ["source", "target", "month", "calls", "seconds", "messages", "days_active"]
COLUMNS = {"fact", "value", "target", "low", "high", "within", "source"}


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["world", *words], catch_exceptions=False)
    assert result.exit_code == 0
    return str(result.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "s7"
    said = run("make", "--scenario", "s7", "--months", "6", "--set", "usage_months=2", "--out", str(out))
    assert {"ties", "members", "usage"} <= {line.split()[0] for line in said.splitlines() if line.strip()}
    return out


def test_what_is_made_is_checked(folder: Path) -> None:
    rows = json.loads(run("check", str(folder), "--json"))
    assert {frozenset(row) for row in rows} == {frozenset(COLUMNS)}
    found = {row["fact"]: row for row in rows}
    assert 0.6 < found["reciprocity"]["value"] < 0.72
    assert found["reciprocity"]["within"] == "yes"
    assert found["naive_ratio"]["within"] == ""
    assert found["clustering"]["target"] == 0.155


def test_a_view_as_of_the_record_s_last_day_shows_nothing_of_the_trap(folder: Path, tmp_path: Path) -> None:
    """All that is computed of a day is computed from such a view; so no score can change."""
    lake = Lake(tmp_path / "lake")
    loaded = load("world", folder, lake, tmp_path / "aside")
    assert loaded.set_aside == 0
    assert [note for note in loaded.notes if "degree_end" in note]
    assert "degree_end" not in lake.view().arrow("members").column_names
    seen = lake.view(date(2025, 10, 31)).frame("ties", TIES)
    plain = make(replace(sized(2_000, 6), usage_months=2), 7, SCENARIOS["S7"].knobs).tables["ties"]
    ordered = [frame[TIES].sort_values(TIES).reset_index(drop=True) for frame in (seen, plain)]
    assert_frame_equal(*ordered, check_dtype=False)
    assert str(lake.view().frame("ties", ["month"]).month.max())[:10] == "2025-12-01"


def test_mistakes_end_with_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no scenario named 'S8'"):
        run("make", "--scenario", "S8", "--out", str(tmp_path / "new"))
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(BadInput, match="holds something else"):
        run("make", "--out", str(tmp_path))
    with pytest.raises(NotFound, match=r"no members\.csv"):
        run("check", str(tmp_path))
    with pytest.raises(BadInput, match="the facts need five"):
        run("check", "--months", "3", "--members", "300")
