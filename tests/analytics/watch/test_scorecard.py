"""The scorecard of past warnings on a record whose figures can be counted by hand."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from analytics.watch.rules import chosen, read_rules
from analytics.watch.scorecard import month_ends, scorecard, wilson
from graph.errors import BadInput
from tests.analytics.worlds import belongs, lake_of, member

DAY = date(2026, 9, 30)
RULES = chosen(read_rules(), "member_owes")


def left_after(days: int | None) -> date | None:
    return None if days is None else DAY + timedelta(days=days)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """20 lines owe for August and September: 12 leave 1 to 12 days and one 61 days later. 20 others don't:
    two leave. The record goes on for 100 days.
    """
    owing = {f"o{n:02d}": left_after(n + 1 if n < 12 else 61 if n == 12 else None) for n in range(20)}
    others = {f"p{n:02d}": left_after(30 if n < 2 else None) for n in range(20)}
    transfer = {"t": left_after(9)}
    lines = {**owing, **others, **transfer}
    return lake_of(
        tmp_path_factory.mktemp("card"),
        accounts=[{"account_id": f"a{n}", "known_from": date(2020, 1, 1)} for n in range(2)],
        members=[
            member(key, left=day, left_kind="internal_transfer" if key == "t" else None)
            for key, day in lines.items()
        ],
        memberships=[belongs(key, "a0" if key in owing else "a1") for key in lines],
        bills=[
            {"about": key, "month": date(2026, month, 1), "total": 100.0, "paid": 0.0}
            for key in owing
            for month in (8, 9)
        ],
        surveys=[
            {"about_label": "Account", "about": "a0", "date": DAY + timedelta(days=100), "question": "q"}
        ],
    )


def test_precision_recall_lift_and_lead_are_as_counted(lake):
    row = scorecard(lake.view, [DAY], RULES, 60).frame.iloc[0]
    assert (row["warnings"], row["followed"]) == (20, 12)
    assert row["precision"] == 0.6
    assert (row["low"], row["high"]) == pytest.approx((0.3866, 0.7812), abs=1e-4)  # Wilson's, from a table
    assert row["base_rate"] == pytest.approx(14 / 41)
    assert row["lift"] == pytest.approx(0.6 / (14 / 41))
    assert row["recall"] == pytest.approx(12 / 14)
    assert row["lead_days"] == 6.5
    assert (row["lead_low"], row["lead_high"]) == (3, 10)  # ranks 3 and 10 of 12
    assert row["says"] == "better than chance"


def test_the_horizon_ends_with_its_last_day(lake):
    assert scorecard(lake.view, [DAY], RULES, 61).frame["followed"].tolist() == [13]


def test_a_warning_that_stands_on_is_counted_once(lake):
    # By the end of August only one bill is unpaid; at the end of September two; of October none more.
    days = [date(2026, 8, 31), DAY]
    assert scorecard(lake.view, days, RULES, 60).frame["warnings"].tolist() == [20]
    contract = chosen(read_rules(), "contract_ends")
    assert scorecard(lake.view, days, contract, 60).frame["says"].tolist() == [
        "unknown: 0 warnings, 10 are needed"
    ]


def test_few_warnings_are_unknown(tmp_path):
    lake = lake_of(
        tmp_path,
        accounts=[
            {"account_id": f"a{n}", "known_from": date(2020, 1, 1), "contract_end": DAY} for n in range(9)
        ],
        members=[
            member(f"m{n}{k}", left=left_after(20) if n == 0 and k < 2 else None)
            for n in range(9)
            for k in range(5)
        ],
        memberships=[belongs(f"m{n}{k}", f"a{n}") for n in range(9) for k in range(5)],
        surveys=[
            {"about_label": "Account", "about": "a0", "date": DAY + timedelta(days=90), "question": "q"}
        ],
    )
    row = scorecard(lake.view, [DAY], chosen(read_rules(), "contract_ends"), 60).frame.iloc[0]
    assert (row["warnings"], row["followed"]) == (9, 1)  # a0 lost two of its five lines
    assert row["precision"] is None
    assert row["base_rate"] == pytest.approx(1 / 9)
    assert row["says"] == "unknown: 9 warnings, 10 are needed"


@pytest.fixture
def pair(tmp_path):
    """Two accounts and two partners' books of the same five lines each, both contracts with partners ended on
    the day. Of the first two lines leave; the second account is closed.
    """
    lines = {f"m{n}{k}": n for n in range(2) for k in range(5)}
    known = {"known_from": date(2020, 1, 1)}
    gone = {"m00": left_after(20), "m01": left_after(21)}
    return lake_of(
        tmp_path,
        accounts=[
            {"account_id": "a0", "contract_end": DAY, **known},
            {"account_id": "a1", "contract_end": DAY, "closed": left_after(30), **known},
        ],
        members=[member(key, left=gone.get(key)) for key in lines],
        memberships=[belongs(key, f"a{n}") for key, n in lines.items()],
        partners=[{"partner_id": f"D{n}", "closed": DAY, **known} for n in range(2)],
        subscriptions=[
            {"source_label": "Member", "source": key, "target": "p", "since": DAY, "sold_by": f"D{n}"}
            for key, n in lines.items()
        ],
        sales=[
            {"source": "D1", "target_label": "Member", "target": "m14", "date": DAY, "product_id": "p"},
        ],
        surveys=[
            {"about_label": "Account", "about": "a0", "date": DAY + timedelta(days=90), "question": "q"}
        ],
    )


def test_a_book_is_lost_with_its_lines_and_an_account_when_it_is_closed(pair):
    ends, gone = (chosen(read_rules(), name)[0] for name in ("contract_ends", "partner_gone"))
    rules = (ends, replace(gone, thresholds={"days": 9, "least_lines": 1}))
    found = scorecard(pair.view, [DAY], rules, 60).frame.set_index("rule")
    assert found["warnings"].to_dict() == {"contract_ends": 2, "partner_gone": 2}
    assert found["followed"].to_dict() == {"contract_ends": 2, "partner_gone": 1}
    assert found["base_rate"].to_dict() == {"contract_ends": 1, "partner_gone": 0.5}


def test_days_without_a_whole_horizon_are_left_out_and_said(lake):
    found = scorecard(lake.view, [DAY, date(2026, 12, 31)], RULES, 60)
    assert found.notes == ["left out 2026-12-31: the record ends on 2027-01-08, before 2027-03-01"]
    with pytest.raises(BadInput, match="no day to judge warnings on: each needs 365 days after it"):
        scorecard(lake.view, [DAY], RULES, 365)


def test_month_ends_keep_the_horizon_free():
    assert month_ends(date(2026, 10, 31), 31, 2) == [date(2026, 8, 31), date(2026, 9, 30)]
    assert month_ends(date(2026, 10, 30), 31, 1) == [date(2026, 8, 31)]


def test_wilson_stays_within_a_share():
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == 1
