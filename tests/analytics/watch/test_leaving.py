"""Departures that come together: expected counts and tails worked out by hand."""

import math
from datetime import date, timedelta

import pandas as pd
import pytest

from analytics.watch.leaving import account_leaves, book_leaves, by_week, tails
from tests.analytics.worlds import belongs, lake_of, member

DAY = date(2026, 10, 31)
JOINED = date(2020, 1, 1)
RULE = {"weeks": 4, "least": 3, "chance": 0.01, "least_lines": 5}


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def lines(home: str, days: list[int | None], **fields: object) -> list[dict[str, object]]:
    """A line for each entry: gone so many days ago, or still here."""
    return [
        member(f"{home}{n:03d}", joined=JOINED, left=None if gone is None else ago(gone), **fields)
        for n, gone in enumerate(days)
    ]


def lake_with(folder, sold: bool = False, **homes: list[dict[str, object]]):
    """Each home's lines belong to the account of its name, or were sold by that partner."""
    pairs = [(row["member_id"], home) for home, rows in homes.items() for row in rows]
    return lake_of(
        folder,
        accounts=[{"account_id": home, "known_from": JOINED, "name": home.upper()} for home in homes],
        members=[row for rows in homes.values() for row in rows],
        memberships=[belongs(str(key), home) for key, home in pairs],
        partners=[{"partner_id": home, "known_from": JOINED, "name": home.upper()} for home in homes],
        sales=[
            {"source": home, "target_label": "Member", "target": key, "date": JOINED, "product_id": "p"}
            for key, home in pairs
            if sold
        ],
    )


def tail_of_three(expected: float) -> float:
    """P(N ≥ 3) of a Poisson count."""
    return 1 - math.exp(-expected) * (1 + expected + expected**2 / 2)


# b's one departure 60 weeks back begins the record; the year before the window has none.
STEADY = [425] + [None] * 100


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """a: 20 lines still here, three gone in the weeks before last. Two of c's three are 28 days gone."""
    return lake_with(
        tmp_path_factory.mktemp("together"),
        a=lines("a", [15, 16, 20] + [None] * 20),
        b=lines("b", STEADY),
        c=lines("c", [3, 28, 28] + [None] * 20),
    )


def test_expected_and_chance_are_those_of_the_formula(together):
    found = account_leaves(together.view(DAY), RULE).set_index("id")
    # 4 weeks: 20 lines in each, three in the two weeks up to their departure. The year: 23 lines of a's.
    # Everybody's: two of c's and the one that is added in (23 + 100 + 23) · 52 line-weeks.
    everybody = (2 + 1) / ((23 + 100 + 23) * 52)
    expected = 2 / (23 * 52 + 2 / everybody) * (20 * 4 + 3 * 2)
    assert found.index.tolist() == ["a"]
    assert found.loc["a", "expected"] == pytest.approx(expected)
    assert found.loc["a", "chance"] == pytest.approx(tail_of_three(expected), rel=1e-6)
    assert found.loc["a", "strength"] == pytest.approx(-math.log10(tail_of_three(expected)) / 6, rel=1e-6)
    assert found.loc["a", ["left", "lines", "account"]].tolist() == [3, 20, "A"]
    assert found.loc["a", "who"] == ["a000 (2026-10-16)", "a001 (2026-10-15)", "a002 (2026-10-11)"]


def test_it_has_held_since_the_week_in_which_the_third_left(together):
    # All three went in the third week back: at its end, two weeks before the day, they were three.
    assert account_leaves(together.view(DAY), RULE)["since"].dt.date.tolist() == [ago(14)]


def test_a_departure_is_out_of_the_window_after_four_weeks(together):
    assert account_leaves(together.view(ago(1)), RULE)["id"].tolist() == ["a", "c"]  # 27 days
    assert account_leaves(together.view(DAY), RULE)["id"].tolist() == ["a"]  # 28 days


@pytest.mark.parametrize(
    ("changed", "ids"),
    [({"least": 4}, []), ({"least_lines": 23}, ["a"]), ({"least_lines": 24}, []), ({"chance": 1e-12}, [])],
)
def test_departures_together_at_the_thresholds(together, changed, ids):
    assert account_leaves(together.view(DAY), {**RULE, **changed})["id"].tolist() == ids


def frame(**homes: list[int | None]) -> pd.DataFrame:
    """Lines as the rules see them, without a lake."""
    rows = [row | {"unit": home} for home, days in homes.items() for row in lines(home, days)]
    found = pd.DataFrame(rows)[["member_id", "unit", "joined", "left"]]
    return found.assign(joined=pd.to_datetime(found["joined"]), left=pd.to_datetime(found["left"]))


def test_nothing_known_of_usual_departures_means_no_warning():
    week = by_week(frame(a=[1, 2, 3] + [None] * 20), pd.Timestamp(DAY), 82)
    assert week.left.tolist() == [[3]]  # a record of one week
    assert tails(week, 4, against_market=False) is None


def test_lines_are_at_risk_from_their_first_whole_week_to_that_of_their_departure():
    found = frame(a=[8, 70, None])
    found["joined"] = pd.to_datetime([ago(30), ago(300), ago(14)])
    week = by_week(found, pd.Timestamp(DAY), 82)
    # Left in week 1 and joined in week 4: weeks 1 to 3. Left in week 10. Joined as week 2 began: 0 and 1.
    assert week.there.tolist() == [[1, 2, 1, 1, 0, 0, 0, 0, 0, 0, 1]]
    assert week.left.tolist() == [[0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]]


def test_an_account_that_always_loses_lines_is_not_told():
    # One departure a fortnight for a year, and three within the last four weeks.
    usual = [29 + 14 * n for n in range(26)]
    week = by_week(frame(a=[1, 8, 15, *usual] + [None] * 20, b=STEADY), pd.Timestamp(DAY), 82)
    found = tails(week, 4, against_market=False)
    assert found.seen[0, 0] == 3
    assert found.expected[0, 0] > 1
    assert found.chance[0, 0] > 0.05


def test_moves_to_another_group_are_no_departures(tmp_path):
    moved = lines("a", [1, 8, 15], left_kind="internal_transfer") + lines("aa", [None] * 20)
    lake = lake_with(tmp_path, a=moved, b=lines("b", STEADY))
    assert account_leaves(lake.view(DAY), RULE).empty


def test_a_book_is_compared_with_how_everybody_else_moved(tmp_path):
    lake = lake_with(
        tmp_path,
        sold=True,
        p=lines("p", [15, 16, 20] + [None] * 20),
        q=lines("q", STEADY),
        r=lines("r", [None] * 5),
    )
    found = book_leaves(lake.view(DAY), RULE).set_index("id")
    everybody = 1 / ((23 + 100 + 5) * 52)
    own = 2 / (23 * 52 + 2 / everybody) * (20 * 4 + 3 * 2)
    others = (0 + 1) / (everybody * (100 + 5) * 4 + 1)  # none left elsewhere
    assert found.loc["p", "expected"] == pytest.approx(own * others)
    assert found.loc["p", "market"] == pytest.approx(others - 1)
    assert found.loc["p", "name"] == "P"


def test_a_book_that_moves_with_the_market_is_not_told():
    # Elsewhere one line a week is usual, and 60 left in the same four: a storm over all.
    storm = [*range(30, 425, 7), *[15] * 60, *[None] * 140]
    week = by_week(frame(p=[15, 16, 20] + [None] * 20, q=storm), pd.Timestamp(DAY), 82)
    assert tails(week, 4, against_market=False).chance[0, 0] < 0.01
    assert tails(week, 4, against_market=True).chance[0, 0] > 0.05
