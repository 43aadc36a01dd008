"""Lists under a budget: hand-worked markets, and the certified choice against simple lists."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.campaign.asked import asked_of
from analytics.campaign.offers import chances, placed
from analytics.campaign.plan import Plan, notes, plan, seeds
from analytics.csr import TieGraph
from analytics.kernels.opimc import Effort
from graph.asof import View
from graph.errors import BadInput
from graph.landing import arrow_schema
from graph.schema import SEEDS, SIMULATIONS
from tests.analytics.campaign.worlds import market, seen, star_market
from tests.analytics.worlds import graph_of

Seen = tuple[View, TieGraph]
QUIET = Effort(threads=1)
SHARES = {"spread": {"chance": 0.5, "by": "even", "runs": 400}, "control": {"share": 0}}
YUAN = {"value": {"yuan": 100}}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return seen(market(tmp_path_factory.mktemp("market")))


@pytest.fixture(scope="module")
def stars(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return seen(star_market(tmp_path_factory.mktemp("stars")))


def made(known: Seen, budget: float, **sections: object) -> Plan:
    view, graph = known
    return plan(view, graph, "t", asked_of({**SHARES, **sections}), budget, effort=QUIET)


def figures(found: Plan, who: str) -> dict[str, float]:
    rows = found.rehearsed[found.rehearsed["scenario"] == f"t: {who}"]
    return dict(zip(rows["figure"], rows["value"], strict=True))


def test_one_contact_by_hand(plain: Seen) -> None:
    """m1 is tied to m2, m3, m4. One contact for 3 yuan: m1 accepts with 0.4, then each other with 0.5."""
    found = made(plain, 5, offer={"cost": 3, "acceptance": 0.4}, **YUAN)
    assert found.listed["id"].tolist() == ["m1"]
    expected = 0.4 * (1 + 3 * 0.5) * 100
    assert found.answer.low <= expected <= found.answer.high
    assert figures(found, "budgeted")["revenue"] == pytest.approx(expected, abs=4 * 100 / np.sqrt(400))
    assert figures(found, "budgeted")["cost"] == 3.0
    assert found.cost == 3.0


def test_costs_decide_who_is_worth_it(plain: Seen) -> None:
    """m1 and m2 are of a regional account at 9 yuan, the others cost 3: m3 and m4 reach m1 as well."""
    found = made(plain, 9, offer={"cost": 3, "cost_by_tier": {"regional": 9}, "acceptance": 1.0}, **YUAN)
    assert set(found.listed["id"]) == {"m3", "m4", "m5"}
    assert found.listed["cost"].sum() == 9.0


def test_a_budget_below_the_cheapest_says_so(plain: Seen) -> None:
    with pytest.raises(BadInput, match="a budget of 2 yuan buys nobody: the cheapest of the 5 who may be"):
        made(plain, 2)
    with pytest.raises(BadInput, match="nobody may be contacted: 0 of 5 members selected"):
        made(plain, 20, select={"plan": "P9"})
    with pytest.raises(BadInput, match="nobody's acceptance is worth anything"):
        made(plain, 20, value={"margin": 0})


def test_caps_hold_for_the_list_and_for_what_it_is_compared_with(plain: Seen) -> None:
    found = made(plain, 100, caps={"per_account": 1, "contacts": 2}, **YUAN)
    assert found.listed["account_id"].is_unique
    assert len(found.listed) == 2
    for who in ("budgeted", "top degree", "top value", "random"):
        assert figures(found, who)["contacts"] <= 2
    assert {"quota account", "budget"} <= set(found.answer.prices)


def test_rows_fit_their_tables_and_every_list_is_judged(plain: Seen) -> None:
    found = made(plain, 6, **YUAN)
    assert set(seeds(found)) | {"run_id"} == set(arrow_schema(SEEDS).names)
    assert set(found.rehearsed) | {"run_id"} == set(arrow_schema(SIMULATIONS).names)
    assert not found.rehearsed.duplicated(["scenario", "figure"]).any()
    told = notes(found)
    assert told["listed"] == 2
    assert 0 < told["certificate"] <= 1  # type: ignore[operator]
    budgeted, degree = figures(found, "budgeted"), figures(found, "top degree")
    assert degree["revenue that budgeted adds"] == pytest.approx(budgeted["revenue"] - degree["revenue"])


def test_budgeted_beats_what_a_rule_of_thumb_picks(stars: Seen) -> None:
    """Twelve stars of seven; the hubs of the second six reach nobody worth anything."""
    view, graph = stars
    worth = pd.Series({key: 1.0 if key < "h06" else 100.0 for key in graph.keys})
    asked = asked_of({"spread": {"chance": 0.3, "runs": 300}, "control": {"share": 0}})
    found = plan(view, graph, "t", asked, 18, value=worth, effort=QUIET)
    assert set(found.listed["id"]) == {f"h{h:02d}" for h in range(6, 12)}
    for who in ("top degree", "top value", "random"):
        rows = found.rehearsed[found.rehearsed["scenario"] == f"t: {who}"].set_index("figure")
        assert rows.loc["revenue that budgeted adds", "low"] > 0, who


def test_the_control_group_is_whole_accounts_and_is_not_paid_for(stars: Seen) -> None:
    view, graph = stars
    asked = asked_of({"spread": {"runs": 50}, "control": {"share": 0.25, "seed": 3}})
    found = plan(view, graph, "t", asked, 36, effort=QUIET)
    arms = found.listed.groupby("account_id")["arm"].unique()
    assert all(len(arm) == 1 for arm in arms)
    control = found.listed[found.listed["arm"] == "control"]
    assert 0 < len(control) < len(found.listed)
    assert found.cost == found.listed["cost"].sum() - control["cost"].sum()
    assert set(seeds(found)["id"]).isdisjoint(control["id"])
    assert found.design.control == len(control)


def test_mean_chance_is_as_declared_and_grows_with_contact() -> None:
    graph = graph_of(("a", "b", 1.0), ("b", "c", 20.0), ("c", "d", 300.0))
    found = chances(graph.undirected, 0.2, "strength")
    assert found.data.mean() == pytest.approx(0.2, rel=1e-3)
    assert found.toarray()[0, 1] < found.toarray()[1, 2] < found.toarray()[2, 3]
    assert set(chances(graph.undirected, 0.2, "even").data) == {0.2}


def test_ties_are_placed_among_all_members() -> None:
    graph = graph_of(("b", "d", 3.0))
    found = placed(graph, pd.Series(["a", "b", "c", "d"])).toarray()
    assert found[1, 3] == found[3, 1] == 3.0
    assert found.sum() == 6.0
    with pytest.raises(BadInput, match="not of the same day"):
        placed(graph, pd.Series(["a", "b"]))


def test_as_of_a_day_before_everybody_nobody_is_there(tmp_path: Path) -> None:
    lake = market(tmp_path)
    view = lake.view(date(1990, 1, 1))
    with pytest.raises(BadInput, match="nobody may be contacted"):
        plan(view, seen(lake)[1], "t", asked_of({}), 10, effort=QUIET)
