"""Bills worked out by hand, and what must hold of every tariff."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.tariff.rating import rated
from analytics.tariff.terms import Tariff, current_tariff, terms_of
from graph.errors import BadInput, NotFound
from graph.schema import PERIODS, ZONES
from tests.analytics.tariff.town import APRIL, bill, holds, price, terms, town, use

MINUTES = {"bundle": "minutes", "included": 90.0}
TERMS = terms(
    "P1",
    date(2000, 1, 1),
    price("voice", "on_net", "peak", 0.20, **MINUTES),
    price("voice", "off_net", "peak", 0.15, **MINUTES),
    price("voice", "off_net", "peak", 0.10, from_unit=10, **MINUTES),
    price("voice", "roaming", "peak", 0.99),
    price("message", "on_net", "peak", 0.10),
    price("data", "on_net", "peak", 0.0045),
)


def bill_of(view, month=APRIL, tariff=None):
    found = rated(view, tariff or current_tariff(view, [month]))
    return {row["member_id"]: (row["voice"], row["data"], row["line"]) for row in found.to_dict("records")}


def test_a_bill_by_hand(tmp_path):
    """Joined on the 11th of April: 20 of 30 days.

    line: 54.00 x 20/30 = 36.00. The bundle is 90 x 20/30 = 60 minutes: 50 go on net, 10 off net; of the
    other 20.5 off net 10 cost 0.15 and 10.5 cost 0.10: 1.50 + 1.05. One minute roaming 0.99, three messages
    0.30: 3.84. Data: 10 MB x 0.0045 = 0.045, half up 0.05.
    """
    view = town(
        tmp_path,
        tariffs=TERMS,
        subscriptions=[holds("m1", 54.0, since=date(2026, 4, 11))],
        usage=[
            use("m1", "on_net", minutes=50.0, messages=3, megabytes=10.0),
            use("m1", "off_net", minutes=30.5),
            use("m1", "roaming", minutes=1.0),
        ],
        bills=[bill("m1")],
    )
    assert bill_of(view) == {"m1": (384, 5, 3600)}


def test_a_fee_for_part_of_a_month_is_rounded_half_up(tmp_path):
    """59.99 for 15 of 30 days is 29.995: 30.00; for one day 1.99966…: 2.00; 0.01 for 14 days 0.0047: 0."""
    view = town(
        tmp_path,
        tariffs=TERMS,
        subscriptions=[
            holds("m1", 59.99, until=date(2026, 4, 15)),
            holds("m2", 59.99, since=date(2026, 4, 30)),
            holds("m3", 0.01, until=date(2026, 4, 14)),
        ],
        usage=[use("m1", "on_net")],
        bills=[bill("m1"), bill("m2"), bill("m3")],
    )
    assert bill_of(view) == {"m1": (0, 0, 3000), "m2": (0, 0, 200), "m3": (0, 0, 0)}


def test_two_plans_in_a_month_share_the_fee_and_the_last_rates_the_use(tmp_path):
    """Ten days at 60 and twenty at 90: 20 + 60 = 80. All 100 minutes by P2's terms, 0.30: 30.00."""
    view = town(
        tmp_path,
        products=[
            {"product_id": p, "known_from": date(2000, 1, 1), "monthly_fee": 60.0} for p in ("P1", "P2")
        ],
        tariffs=[
            *TERMS,
            *terms("P2", date(2000, 1, 1), price("voice", "on_net", "peak", 0.30, plan="P2")),
        ],
        subscriptions=[
            holds("m1", 60.0, until=date(2026, 4, 10)),
            holds("m1", 90.0, plan="P2", since=date(2026, 4, 11)),
        ],
        usage=[use("m1", "on_net", minutes=100)],
        bills=[bill("m1")],
    )
    assert bill_of(view) == {"m1": (3000, 0, 8000)}


def test_terms_hold_from_the_first_month_that_begins_after_them(tmp_path):
    """0.20 until the new terms of 15 April; from May 0.50. 100 minutes, no bundle."""
    old = terms("P1", date(2000, 1, 1), price("voice", "on_net", "peak", 0.20))
    new = terms("P1", date(2026, 4, 15), price("voice", "on_net", "peak", 0.50, day=date(2026, 4, 15)))
    may = date(2026, 5, 1)
    view = town(
        tmp_path,
        day=date(2026, 5, 31),
        tariffs=[*old, *new],
        subscriptions=[holds("m1", 60.0)],
        usage=[use("m1", "on_net", month=month, minutes=100) for month in (APRIL, may)],
        bills=[bill("m1", month=month) for month in (APRIL, may)],
    )
    assert rated(view, current_tariff(view, [APRIL, may]))["voice"].tolist() == [2000, 5000]
    assert terms_of(view, "P1").query("service == 'voice' and zone == 'on_net'")["price"].max() == 0.50


def test_a_new_list_fee_keeps_the_discount(tmp_path):
    """54 of 60 is nine tenths: of a new 45.55 it is 40.995, half up 41.00."""
    view = town(
        tmp_path, tariffs=TERMS, subscriptions=[holds("m1", 54.0)], usage=[use("m1", "on_net")],
        bills=[bill("m1")],
    )  # fmt: skip
    current = current_tariff(view, [APRIL])
    assert bill_of(view, tariff=Tariff("new", current.steps, {"P1": 4555})) == {"m1": (0, 0, 4100)}


def test_a_lake_without_terms_says_so(tmp_path):
    view = town(tmp_path, subscriptions=[holds("m1", 54.0)], usage=[use("m1", "on_net")], bills=[bill("m1")])
    with pytest.raises(NotFound, match="no tariff terms; a feed that fills the table `tariffs`"):
        current_tariff(view, [APRIL])
    with pytest.raises(NotFound, match="P1"):
        terms_of(view, "P1")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            [price("voice", "on_net", "peak", 0.1)],
            r"P1: voice on_net off_peak has no step .* \(23 such cells\)",
        ),
        (
            terms("P1", date(2000, 1, 1), price("voice", "on_net", "peak", 0.00001)),
            r"voice on_net peak: price is 1e-05; a multiple of 0.0001",
        ),
        (
            terms("P1", date(2000, 1, 1), price("data", "on_net", "peak", 0.1, included=5.0)),
            "data on_net peak includes units of no bundle",
        ),
        (
            terms(
                "P1",
                date(2000, 1, 1),
                price("data", "on_net", "peak", 0.1, bundle="b", included=5.0),
                price("data", "roaming", "peak", 0.1, bundle="b", included=6.0),
            ),
            "rows of the data bundle 'b' include different units",
        ),
    ],
)
def test_terms_that_cannot_be_are_refused(tmp_path, rows, says):
    view = town(
        tmp_path, tariffs=rows, subscriptions=[holds("m1", 54.0)], usage=[use("m1", "on_net")],
        bills=[bill("m1")],
    )  # fmt: skip
    with pytest.raises(BadInput, match=says):
        current_tariff(view, [APRIL])


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Two hundred members with use of every kind."""
    rng = np.random.default_rng(5)
    names = [f"m{number:03d}" for number in range(200)]
    cells = [(name, zone, period) for name in names for zone in ZONES for period in PERIODS]
    return town(
        tmp_path_factory.mktemp("many"),
        tariffs=TERMS,
        subscriptions=[holds(name, 54.0, since=date(2026, 4, int(rng.integers(1, 28)))) for name in names],
        usage=[
            use(name, zone, period, minutes=round(float(rng.exponential(40)), 1),
                messages=int(rng.poisson(4)), megabytes=round(float(rng.exponential(900)), 1))
            for name, zone, period in cells
        ],
        bills=[bill(name) for name in names],
    )  # fmt: skip


@settings(max_examples=6, deadline=None, derandomize=True)
@given(rises=st.lists(st.integers(0, 5_000), min_size=25, max_size=25))
def test_raising_prices_never_lowers_a_bill(many, rises):
    current = current_tariff(many, [APRIL])
    dearer = current.steps.assign(price=current.steps["price"] + pd.Series(rises))
    before, after = rated(many, current), rated(many, Tariff("dearer", dearer, {}))
    assert before["member_id"].tolist() == after["member_id"].tolist()
    assert (after["total"] >= before["total"]).all()
    assert (after["line"] == before["line"]).all()


def test_prices_of_nothing_leave_the_line(many):
    current = current_tariff(many, [APRIL])
    free = rated(many, Tariff("free", current.steps.assign(price=0), {}))
    assert (free["total"] == free["line"]).all()
    assert (rated(many, current)["total"] > free["total"]).sum() > 190


def test_more_use_never_costs_less(many):
    current = current_tariff(many, [APRIL])
    once, twice = rated(many, current), rated(many, current, volume=2.0)
    assert (twice["total"] >= once["total"]).all()
    assert (twice["data"] > 1.9 * once["data"]).mean() > 0.9  # no bundle and no steps there
