"""Lists and results on generated worlds of a few thousand lines, whose truth is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analytics.campaign.asked import asked_of
from analytics.campaign.measured import Units, average_effects, units, with_friends
from analytics.campaign.plan import plan
from analytics.csr import lake_graph
from analytics.kernels.opimc import Effort
from graph.errors import BadInput
from graph.lake import Lake
from graph.landing import arrow_schema
from graph.schema import TABLES
from ingest.world.make import World, make
from ingest.world.scenarios import scenario
from ingest.world.size import Size

USED = ("accounts", "members", "memberships", "bills", "ties", "campaigns", "touches", "subscriptions")
ASKED = {"offer": {"cost": 3, "cost_by_tier": {"national": 8, "provincial": 5}}, "control": {"share": 0.2}}


def landed(folder: Path, world: World) -> Lake:
    """The tables that campaigns read, as they would come out of a load."""
    lake = Lake(folder)
    with lake.writing("world") as writer:
        for name in USED:
            schema, frame = arrow_schema(TABLES[name]), world.tables[name]
            columns = [
                _column(frame[field.name], field.type)
                if field.name in frame
                else pa.nulls(len(frame), field.type)
                for field in schema
            ]
            writer.land(TABLES[name], pa.table(columns, schema=schema), "world")
    return lake


def _column(values: pd.Series, kind: pa.DataType) -> pa.Array:
    if pa.types.is_date(kind):
        values = pd.to_datetime(values).astype("datetime64[s]")
    return pa.Array.from_pandas(values).cast(kind)


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["S3", "S6"])
def test_budgeted_beats_degree_and_lots_at_equal_cost(tmp_path: Path, name: str) -> None:
    lake = landed(tmp_path, make(Size.of(4000), 7, scenario(name).knobs))
    day = lake.view().latest_day()
    assert day is not None
    view = lake.view(day)
    made = plan(view, lake_graph(view), "t", asked_of(ASKED), 300, effort=Effort(threads=1))
    rows = made.rehearsed[made.rehearsed["figure"] == "revenue that budgeted adds"].set_index("scenario")
    assert rows.loc["t: top degree", "low"] > 0
    assert rows.loc["t: random", "low"] > 0
    costs = made.rehearsed[made.rehearsed["figure"] == "cost"]["value"]
    assert (costs > 300 - 8).all()
    assert (costs <= 300).all()
    with pytest.raises(BadInput, match="buys nobody"):
        plan(view, lake_graph(view), "t", asked_of(ASKED), 1, effort=Effort(threads=1))


@pytest.mark.nightly
def test_effects_of_calls_lie_in_their_intervals(tmp_path: Path) -> None:
    """Over six worlds: one alone has about 80 accounts, too few to tell five points from none."""
    inside, missed = 0, []
    for seed in range(6):
        world = make(Size.of(6000), 100 + seed, scenario("S6").knobs)
        lake = landed(tmp_path / str(seed), world)
        day = lake.view().latest_day()
        assert day is not None
        egos, friends = (units(lake.view, key, day) for key in sorted(_campaigns(world))[-2:])
        truth, found = _truth(world, egos), average_effects(egos).iloc[0]
        inside += found["low"] <= truth <= found["high"]
        missed.append(found["value"] - truth)
        assert len(with_friends(egos, friends)) == 6
    assert inside >= 5
    assert abs(np.mean(missed)) <= 3 * np.std(missed, ddof=1) / np.sqrt(6)


def _campaigns(world: World) -> list[str]:
    return [str(key) for key in world.tables["campaigns"]["campaign_id"]]


def _truth(world: World, egos: Units) -> float:
    """What the calls made of the egos' expected leaving, in points."""
    told = world.truth["calls"].set_index("member_id").reindex(egos.frame["member_id"])
    return -float(told["uplift"].to_numpy(float)[egos.treat].mean())
