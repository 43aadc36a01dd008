"""ARPU, ARPA and the roll-up by hand."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from analytics.value.revenue import account_months, account_revenue, member_revenue, window
from analytics.value.rollup import tree
from tests.analytics.worlds import START, belongs, lake_of, member

DAY = date(2026, 6, 30)
APRIL, MAY, JUNE = (date(2026, month, 1) for month in (4, 5, 6))


def bills(who, *totals, paid=None):
    return [
        {
            "about": who,
            "month": month,
            "total": total,
            "paid": total if paid is None else paid,
            "days_overdue": 0,
        }
        for month, total in zip((APRIL, MAY, JUNE), totals, strict=True)
    ]


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    """m2 moves from a1 to a2 on the 15th of May; a1 has a service for 310 a month from the 16th on."""
    lake = lake_of(
        tmp_path_factory.mktemp("lake"),
        accounts=[{"account_id": name, "known_from": START} for name in ("a1", "a2")],
        members=[member("m1"), member("m2")],
        memberships=[
            belongs("m1", "a1"), belongs("m2", "a1", until=date(2026, 5, 14)),
            belongs("m2", "a2", since=date(2026, 5, 15)),
        ],
        bills=[*bills("m1", 60.0, 60.0, 90.0), *bills("m2", 30.0, 30.0, 30.0, paid=20.0)],
        subscriptions=[
            {"source_label": "Account", "source": "a1", "target": "P9", "fee": 310.0,
             "since": date(2026, 5, 16)},
        ],
    )  # fmt: skip
    return lake.view(DAY)


def test_arpu_of_members_by_hand(view):
    found = member_revenue(view)
    assert found["arpu"].to_dict() == {"m1": 70, "m2": 30}
    assert found["unpaid"].to_dict() == {"m1": 0, "m2": 30}


def test_arpa_by_hand(view):
    """a1: lines 90 + 60 + 90, service 310 x 16/31 + 310, over three months; four member-months.
    a2: 30 in each of two months.
    """
    found = account_revenue(account_months(view), window(view)[0])
    assert found["arpa"].to_dict() == pytest.approx({"a1": (240 + 160 + 310) / 3, "a2": 30})
    assert found["arpu"].to_dict() == {"a1": 60, "a2": 30}
    assert found.loc["a1", "services"] == pytest.approx(470 / 3)


def test_a_month_not_over_does_not_count(view):
    assert window(view) == (APRIL, JUNE)


def part(child, parent, since=START, until=None):
    return {"source": child, "target": parent, "since": since, "until": until}


def view_of_tree(folder, *parts):
    names = sorted({end for row in parts for end in (row["source"], row["target"])})
    accounts = [{"account_id": name, "known_from": START} for name in names]
    return lake_of(folder, accounts=accounts, account_parents=list(parts)).view(DAY)


def test_sums_go_up_the_whole_tree(tmp_path):
    """c and d under b, b under a; e left b in May, and f joined b after a."""
    found = tree(view_of_tree(
        tmp_path, part("b", "a"), part("c", "b"), part("d", "b"), part("e", "b", until=date(2026, 5, 1)),
        part("f", "a"), part("f", "b", since=date(2026, 1, 1)),
    ))  # fmt: skip
    own = pd.DataFrame({"yuan": [1, 2, 4, 8, 16, 32]}, index=list("abcdef"))
    assert found.summed(own)["yuan"].to_dict() == {"a": 47, "b": 46, "c": 4, "d": 8, "e": 16, "f": 32}
    assert found.cut == ()


def test_a_ring_is_opened_at_its_first_account_and_told(tmp_path):
    """x above y above z above x, w under x, and an account that is its own parent."""
    found = tree(view_of_tree(
        tmp_path, part("y", "x"), part("z", "y"), part("x", "z"), part("w", "x"), part("v", "v")
    ))  # fmt: skip
    assert found.cut == ("v", "x")
    own = pd.DataFrame({"yuan": [1, 2, 4, 8, 16]}, index=list("vwxyz"))
    assert found.summed(own)["yuan"].to_dict() == {"v": 1, "w": 2, "x": 30, "y": 24, "z": 16}


def test_no_accounts_no_tree(tmp_path):
    assert tree(lake_of(tmp_path, members=[member("m1")]).view(DAY)).above.empty
