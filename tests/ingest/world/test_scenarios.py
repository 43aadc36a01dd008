"""The named worlds: only what is named is at work in them, and the truth says where and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from graph.errors import NotFound
from ingest.world.association import found_homophily, mean_ratio, of_cast
from ingest.world.calls import BASE, BOTH, CALLED
from ingest.world.make import Cast, make, play, truth
from ingest.world.scenarios import SCENARIOS, scenario
from ingest.world.size import NEVER, Clock, Knobs, Size

SMALL = Size.of(6_000)


@cache
def cast_of(name: str, seed: int = 3) -> Cast:
    return play(SMALL, seed, SCENARIOS[name].knobs)


def shocks(name: str) -> pd.DataFrame:
    return truth(cast_of(name), SCENARIOS[name].knobs, Clock.of(SMALL))["shocks"]


def test_there_are_eight_and_a_name_is_found_in_any_case() -> None:
    assert list(SCENARIOS) == [f"S{number}" for number in range(8)]
    assert scenario("s3") is SCENARIOS["S3"]
    with pytest.raises(NotFound, match="no scenario named 'S9'; known: S0, S1"):
        scenario("S9")


@pytest.mark.parametrize("name", ["S0", "S1", "S4", "S5"])
def test_where_there_is_no_contagion_nobody_s_leaving_hangs_on_ties(name: str) -> None:
    cast = cast_of(name)
    assert (cast.life.left == cast.without.left).all()
    assert not cast.life.contagion.any()


def test_in_the_null_nothing_but_chance_ties_leaving_together() -> None:
    ratios = [of_cast(cast_of("S0", seed=seed), Clock.of(SMALL)) for seed in (1, 2)]
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.12)
    assert shocks("S0").empty


def test_likeness_alone_and_contagion_alone_both_look_like_contagion() -> None:
    assert of_cast(cast_of("S1"), Clock.of(SMALL)) > 1.1
    only = cast_of("S2")
    assert of_cast(only, Clock.of(SMALL)) > 1.1
    assert (only.life.left != only.without.left).any()
    assert SCENARIOS["S2"].knobs.homophily == 0


def test_the_region_s_shock_and_the_common_contract_end_are_in_the_truth() -> None:
    found = shocks("S4").set_index("kind")
    assert set(found.index) == {"region", "contract_end"}
    assert found.hazard_ratio["region"] == SCENARIOS["S4"].knobs.region_shock
    cast, clock = cast_of("S4"), Clock.of(SMALL)
    common = np.datetime64(found.since["contract_end"]).astype(int) + 60
    ending = (cast.setting.account.ends == common).any(axis=1)
    assert 0.2 < ending.mean() < 0.6
    assert clock.start < common < clock.end


def test_the_region_struck_loses_more_in_those_weeks_than_without_the_shock() -> None:
    knobs = SCENARIOS["S4"].knobs
    struck, calm = cast_of("S4"), play(SMALL, 3, replace(knobs, region_shock=1.0))
    table = shocks("S4").set_index("kind").loc["region"]
    since, until = (np.datetime64(table[name]).astype(int) for name in ("since", "until"))
    left, otherwise = struck.life.left, calm.life.left
    assert (left[left < since] == otherwise[left < since]).all()
    assert ((left >= since) & (left <= until)).sum() > ((otherwise >= since) & (otherwise <= until)).sum()
    rate = table.left / table.lines
    rest = ((left >= since) & (left <= until)).sum() / (left >= since).sum()
    assert rate > 1.5 * rest


def test_exactly_one_agent_defects_and_its_book_is_told() -> None:
    found = shocks("S5")
    assert found.kind.tolist() == ["partner"]
    cast = cast_of("S5")
    partner = cast.setting.partner
    (who,) = np.flatnonzero(partner.closed < NEVER)
    assert partner.id[who] == found.id[0]
    assert found.lines[0] > 0.01 * SMALL.members
    sold = cast.setting.seller == who
    lines = np.bincount(cast.setting.member.account[sold])
    assert (lines > 0).sum() >= 3
    assert found.left[0] / found.lines[0] > 0.08


def test_effects_of_calls_come_out_as_in_the_trial() -> None:
    """Expected departures of those called, against the same without calls, worked out here anew."""
    table = truth(cast_of("S6"), SCENARIOS["S6"].knobs, Clock.of(SMALL))["calls"]
    ego = table[table.part == "ego"]
    ego = ego.assign(leaves=ego.leaves_uncalled - ego.uplift)
    kept = ego.groupby("arm").leaves.sum() / ego.groupby("arm").leaves_uncalled.sum()
    assert kept["control"] == 1
    assert kept["ego"] == pytest.approx(CALLED / BASE, abs=0.002)
    assert kept["ego_friends"] == pytest.approx(BOTH / BASE, abs=0.002)
    assert (table.uplift >= 0).all()


def test_calls_go_by_account_and_change_nothing_before() -> None:
    world = make(Size.of(3_000), 5, SCENARIOS["S6"].knobs)
    t = world.tables
    touched = t["touches"][t["touches"].source.isin(["K007", "K008"])]
    home = t["memberships"].drop_duplicates("source").set_index("source").target
    arms = touched.assign(account=touched.target.map(home)).groupby(["source", "account"]).arm.nunique()
    assert (arms == 1).all()
    assert set(touched.arm) == {"treat", "control"}
    assert not touched.duplicated(["source", "target"]).any()
    asked = world.truth["calls"].set_index("member_id")
    assert set(touched.target) == set(asked.index[asked.part != "other"])
    called = touched[touched.arm == "treat"].target
    assert asked.called[called].all()
    left = world.truth["members"].set_index("member_id").left
    first = t["campaigns"].set_index("campaign_id").ends["K007"]
    with_, without = (pd.to_datetime(days) for days in (left.reindex(asked.index), asked.left_uncalled))
    early = with_ <= first
    assert (with_[early] == without[early]).all()
    assert ((with_ != without) & ~(with_.isna() & without.isna())).any()
    assert (with_.isna() | (with_ > touched.date.min())).all()


def test_a_trap_adds_only_what_lies_after_and_a_column_that_tells() -> None:
    size = Size(months=6, usage_months=3)
    plain, trapped = (make(size, 3, SCENARIOS["S7"].knobs, trapped=t) for t in (False, True))
    for name, frame in plain.tables.items():
        if name not in ("ties", "members"):
            pd.testing.assert_frame_equal(frame, trapped.tables[name])
    ties = trapped.tables["ties"]
    last = pd.Timestamp(date(2025, 11, 1))
    pd.testing.assert_frame_equal(ties[ties.month < last], plain.tables["ties"])
    assert sorted(ties.month[ties.month >= last].unique()) == [last, pd.Timestamp(date(2025, 12, 1))]
    members = trapped.tables["members"]
    pd.testing.assert_frame_equal(members.drop(columns="degree_end"), plain.tables["members"])
    assert members.degree_end[members.left.notna()].eq(0).all()
    assert members.degree_end[members.left.isna()].median() > 1


def test_the_default_knobs_have_none_of_the_extras() -> None:
    knobs = Knobs()
    assert (knobs.region_shock, knobs.bunched, knobs.sole_defector, knobs.calls) == (1.0, 0.0, False, False)


@pytest.mark.nightly
def test_s3_s_homophily_is_what_bisection_finds() -> None:
    size, seeds = Size.of(30_000), (7, 8, 9)
    frozen = SCENARIOS["S3"].knobs
    assert mean_ratio(frozen, size, seeds) == pytest.approx(1.8, rel=0.1)
    assert found_homophily(frozen, size, seeds, turns=4) == pytest.approx(frozen.homophily, abs=0.08)
