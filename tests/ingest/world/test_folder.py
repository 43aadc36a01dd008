"""A world poured into a folder month by month is the world that is made at once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from graph.errors import BadInput, NotFound
from ingest.world.folder import Order, changed, pour, sized
from ingest.world.make import make
from ingest.world.scenarios import SCENARIOS
from ingest.world.size import Size
from ingest.world.write import write, write_truth

TINY = Size(accounts=8, members=160, contacts=16, months=6, usage_months=3)


@pytest.mark.parametrize("name", ["S3", "S6", "S7"])
def test_the_same_bytes_as_all_at_once(tmp_path: Path, name: str) -> None:
    chosen = SCENARIOS[name]
    rows = pour(Order(chosen, TINY, 5, truth=True), tmp_path / "poured")
    world = make(TINY, 5, chosen.knobs, chosen.trap)
    paths = write(world, tmp_path / "whole") + write_truth(world, tmp_path / "whole")
    for path in paths:
        assert (tmp_path / "poured" / path.relative_to(tmp_path / "whole")).read_bytes() == path.read_bytes()
    assert rows["ties"] == len(world.tables["ties"])
    files = {path.name for path in (tmp_path / "poured").iterdir()}
    assert files == {path.name for path in (tmp_path / "whole").iterdir()} | {"manifest.json"}


def test_the_manifest_says_how_it_was_made(tmp_path: Path) -> None:
    rows = pour(Order(SCENARIOS["S1"], TINY, 5), tmp_path)
    said = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert (said["scenario"], said["seed"], said["complete"]) == ("S1", 5, True)
    assert said["size"]["start"] == "2025-05-01"
    assert said["knobs"]["homophily"] == SCENARIOS["S1"].knobs.homophily
    assert said["rows"] == rows
    assert not (tmp_path / "truth").exists()


def test_parquet_holds_the_same_rows_and_brings_a_feed(tmp_path: Path) -> None:
    rows = pour(Order(SCENARIOS["S3"], TINY, 5, parquet=True), tmp_path)
    assert pq.read_metadata(tmp_path / "ties.parquet").num_rows == rows["ties"]
    assert 'ties = { path = "ties.parquet"' in (tmp_path / "feed.toml").read_text("utf-8")
    assert not list(tmp_path.glob("*.csv"))


def test_what_was_poured_is_replaced_and_nothing_else_is_touched(tmp_path: Path) -> None:
    pour(Order(SCENARIOS["S6"], TINY, 5, parquet=True, truth=True), tmp_path)
    (tmp_path / "notes.csv").write_text("mine")
    pour(Order(SCENARIOS["S3"], TINY, 5), tmp_path)
    assert not list(tmp_path.rglob("*.parquet"))
    assert not (tmp_path / "feed.toml").exists()
    assert (tmp_path / "notes.csv").read_text() == "mine"


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(BadInput, match="holds something else; give one that is empty"):
        pour(Order(SCENARIOS["S3"], TINY), tmp_path)
    with pytest.raises(BadInput, match="is no folder"):
        pour(Order(SCENARIOS["S3"], TINY), tmp_path / "letters.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_a_knob_or_a_size_is_changed_by_name() -> None:
    order = changed(Order(SCENARIOS["S3"], TINY), ["first_ties=1.5", "usage_months=1", "calls=true"])
    assert order.scenario.knobs == replace(SCENARIOS["S3"].knobs, first_ties=1.5, calls=True)
    assert order.size.usage_months == 1
    assert sized(2_000, 6).usage_months == 6


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("first_ties=many", "first_ties=many: a number works, such as first_ties="),
        ("months=1.5", "a whole number works, such as months=6"),
        ("homophily=1.5", "homophily is 1.5; 0 to 1 works"),
        ("contagion_hr=nan", "contagion_hr is nan; 0.01 to 100 works"),
        ("calls", "true or false works, such as calls=false"),
    ],
)
def test_a_value_that_cannot_be_is_refused(change: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        changed(Order(SCENARIOS["S3"], TINY), [change])


def test_an_unknown_knob_is_refused() -> None:
    with pytest.raises(NotFound, match="no knob or size named 'luck'; known: account_drift"):
        changed(Order(SCENARIOS["S3"], TINY), ["luck=1"])
