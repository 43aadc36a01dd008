"""The generator rates by its own arrays, the product by a query over the lake: they must agree."""

from __future__ import annotations

from datetime import date

import pytest

from analytics.tariff.rating import last_months, months_with_usage
from analytics.tariff.recheck import recheck
from ingest.world.make import make
from ingest.world.size import Size
from tests.analytics.tariff.town import APRIL, bill, holds, landed, price, terms, town, use

SMALL = Size(accounts=8, members=400, contacts=16, months=8, usage_months=5)
LAST = date(2025, 12, 31)


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    world = make(SMALL, seed=3)
    return world, landed(world, tmp_path_factory.mktemp("lake"), LAST)


def test_the_terms_explain_every_bill_to_the_cent(generated):
    world, view = generated
    months = months_with_usage(view)
    bills = world.tables["bills"]
    used = bills[bills["month"].dt.date.isin(months)]
    found = recheck(view, months)
    assert len(months) == 5
    assert (found.bills, found.equal, found.unrated) == (len(used), len(used), 0)
    assert found.rated == found.billed == round(100 * used["total"].sum())
    assert found.differences.empty


def test_what_is_rated_has_every_kind_of_charge(generated):
    """Or the agreement would say little: part months, discounts, bundles used up and second steps."""
    world, _ = generated
    bills, usage = world.tables["bills"], world.tables["usage"]
    assert 0.4 < (bills["voice"] > 0).mean() < 0.95
    assert 0.2 < (bills["data"] > 0).mean() < 0.8
    fees = world.tables["products"].set_index("product_id")["monthly_fee"]
    lines = world.tables["subscriptions"].query("source_label == 'Member'")
    assert (lines["fee"] < lines["target"].map(fees)).mean() > 0.9
    assert (usage["zone"] == "roaming").any()
    assert usage.groupby(["about", "month"])["megabytes"].sum().max() > 30_000


def test_usage_months_are_counted_back_from_the_last_asked_for(generated):
    _, view = generated
    assert last_months(view, date(2025, 11, 1), 2) == [date(2025, 10, 1), date(2025, 11, 1)]
    assert last_months(view, date(2025, 9, 1), 12) == [date(2025, 8, 1), date(2025, 9, 1)]


def test_a_bill_that_differs_is_listed_in_yuan(tmp_path):
    """100 minutes at 0.10 and a fee of 60: m1 was billed so, m2 a cent more, m3 has no such plan."""
    view = town(
        tmp_path,
        tariffs=terms("P1", date(2000, 1, 1), price("voice", "on_net", "peak", 0.10)),
        products=[
            {"product_id": p, "known_from": date(2000, 1, 1), "monthly_fee": 60.0} for p in ("P1", "P9")
        ],
        subscriptions=[holds("m1", 60.0), holds("m2", 60.0), holds("m3", 60.0, plan="P9")],
        usage=[use(name, "on_net", minutes=100.0) for name in ("m1", "m2", "m3")],
        bills=[
            bill("m1", 70.0, voice=10.0, data=0.0, line=60.0),
            bill("m2", 70.01, voice=10.01, data=0.0, line=60.0),
            bill("m3", 70.0, voice=10.0, data=0.0, line=60.0),
        ],
    )
    found = recheck(view, [APRIL])
    assert (found.bills, found.equal, found.unrated) == (3, 1, 1)
    row = found.differences.iloc[0]
    assert (row["member_id"], row["total"], row["billed_total"]) == ("m2", 70.0, 70.01)
