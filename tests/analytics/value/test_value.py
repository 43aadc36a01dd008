"""All measures of value on a generated world: what must add up does."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from analytics.value.lifetime import Terms
from analytics.value.value import value
from graph.measures import MEASURES
from ingest.world.make import make
from ingest.world.size import Size
from tests.analytics.tariff.town import landed

DAY = date(2025, 12, 31)


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    world = make(Size(accounts=12, members=400, contacts=20, months=8, usage_months=1), seed=5)
    extra = ("account_parents", "surveys", "cases", "raised", "contacts", "positions")
    return landed(world, tmp_path_factory.mktemp("lake"), DAY, extra)


@pytest.fixture(scope="module")
def found(view):
    return value(view)


def test_every_row_is_a_declared_measure_of_its_node(found):
    declared = {(label, measure.name) for measure in MEASURES for label in measure.about}
    told = set(zip(found.scores["kind"], found.scores["measure"], strict=True))
    assert told <= declared
    assert {name for kind, name in told if kind == "Account"} == {
        "arpu", "arpa", "arpa_group", "clv", "clv_group", "value_class", "value_tier", "lifecycle",
        "satisfaction", "loyalty", "arrears_risk",
    }  # fmt: skip
    assert not found.scores.duplicated(["kind", "id", "measure"]).any()
    of_accounts = found.scores[found.scores["kind"] == "Account"]
    assert all(isinstance(why, list) and why for why in of_accounts["reasons"])


def test_groups_contain_their_parts_and_nothing_twice(found, view):
    accounts = found.accounts.set_index("account_id")
    assert (accounts["arpa_group"] >= accounts["arpa"].fillna(0) - 1e-9).all()
    below = set(view.frame("account_parents").query("until.isna()")["source"])
    tops = accounts[~accounts.index.isin(below)]
    assert tops["clv_group"].sum() == pytest.approx(accounts["clv"].sum())
    assert len(tops) < len(accounts)


def test_a_month_s_bills_are_all_counted_once(found, view):
    members = found.members.set_index("member_id")
    bills = view.frame("bills")
    recent = bills[bills["month"] >= pd.Timestamp(2025, 10, 1)]
    assert members["arpu"].to_dict() == pytest.approx(
        recent[recent["about"].isin(members.index)].groupby("about")["total"].mean().to_dict()
    )


def test_the_likelier_to_leave_the_less_worth(found, view):
    churn = pd.DataFrame({"member_id": found.members["member_id"], "value": 0.5, "low": 0.4, "high": 0.9})
    scored = value(view, churn=churn).members
    assert (scored["clv_low"] < scored["clv"]).all()
    assert (scored["clv"] < scored["clv_high"]).all()
    assert (scored["clv"] < found.members["clv"]).all()


def test_value_is_in_proportion_to_the_margin_declared(found, view):
    twice = value(view, terms=Terms(margin=1.0)).accounts
    assert twice["clv"].to_numpy() == pytest.approx(2 * found.accounts["clv"].to_numpy())


def test_without_bills_there_is_no_value_and_no_error(tmp_path):
    from tests.analytics.worlds import START, lake_of, member

    view = lake_of(tmp_path, accounts=[{"account_id": "a", "known_from": START}], members=[member("m")]).view(
        DAY
    )
    bare = value(view)
    assert bare.members.empty
    assert bare.accounts["stage"].tolist() == ["dormant"]
    assert set(bare.scores["measure"]) == {"value_tier"}
    assert bare.notes["refused"] == "no figure in yuan: the lake has no bills and no subscriptions"
