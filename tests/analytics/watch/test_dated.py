"""Rules on dated facts, a day or a yuan to each side of their thresholds."""

from datetime import date, timedelta

import pytest

from analytics.watch.dated import account_owes, complaint_open, contract_ends, member_owes, partner_gone
from tests.analytics.worlds import belongs, lake_of, member

DAY = date(2026, 10, 31)
BEGUN = date(2025, 1, 1)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def account(key: str, **fields: object) -> dict[str, object]:
    return {"account_id": key, "known_from": BEGUN, "name": key, **fields}


def bill(key: str, month: int, total: float, paid: float | None) -> dict[str, object]:
    return {"about": key, "month": date(2026, month, 1), "total": total, "paid": paid}


def case(key: str, days: int, kind: str, severity: int, **fields: object) -> dict[str, object]:
    return {
        "case_id": key,
        "known_from": ago(days),
        "kind": kind,
        "severity": severity,
        "opened": ago(days),
        **fields,
    }


def sold(partner: str, line: str, day: date = BEGUN) -> dict[str, object]:
    return {"source": partner, "target_label": "Member", "target": line, "date": day, "product_id": "p"}


ENDS = {"in30": -30, "in31": -31, "today": 0, "past10": 10, "past11": 11}
LINES = {"two": "owing", "one": "owing", "paid": "owing", "broken": "fine", "fine": "fine"}
BILLS = [
    bill("two", 9, 50, 0),
    bill("two", 10, 50, 0),
    bill("one", 9, 60, 60),
    bill("one", 10, 60, 30),
    bill("paid", 9, 90, 90),
    bill("paid", 10, 90, None),  # not said to be unpaid
    bill("broken", 8, 40, 0),
    bill("broken", 9, 40, 40),
    bill("broken", 10, 40, 0),
    bill("fine", 10, 260, 260),
]
CASES = [
    case("w1", 7, "complaint", 3),
    case("w2", 6, "complaint", 5),
    case("w3", 20, "complaint", 2),
    case("w4", 20, "fault", 5),
    case("w5", 14, "complaint", 4),
    case("w6", 30, "complaint", 5),
    {**case("w6", 30, "complaint", 5, closed=ago(2)), "known_from": ago(2)},
]
RAISED = {
    "w1": ("Member", "two"),
    "w2": ("Member", "two"),
    "w3": ("Member", "one"),
    "w4": ("Account", "owing"),
    "w5": ("Contact", "c1"),
    "w6": ("Contact", "c1"),
}
CLOSED = {"at": ago(14), "after": ago(15), "small": ago(3), "open": None}
SALES = [
    *(sold("at", f"sold{n}") for n in range(3)),
    sold("after", "sold3"),
    sold("after", "one"),
    sold("small", "one", ago(60)),  # sold again: the book of who sold last
]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Contracts that end around 30 days ahead and 10 past, arrears, complaints, partners that left."""
    return lake_of(
        tmp_path_factory.mktemp("dated"),
        accounts=[
            *(account(key, contract_end=ago(days)) for key, days in ENDS.items()),
            account("closed", contract_end=DAY, closed=ago(1)),
            account("young", contract_end=DAY, opened=ago(7)),
            account("owing"),
            account("fine"),
        ],
        members=[
            *(member(key) for key in LINES),
            *(member(f"sold{n}", left=ago(1) if n == 0 else None) for n in range(4)),
        ],
        memberships=[belongs(key, home) for key, home in LINES.items()],
        bills=BILLS,
        cases=CASES,
        contacts=[{"contact_id": "c1", "known_from": BEGUN}],
        positions=[{"source": "c1", "target": "fine", "since": BEGUN}],
        raised=[
            {"source_label": label, "source": source, "target": case_id, "date": BEGUN}
            for case_id, (label, source) in RAISED.items()
        ],
        partners=[
            {"partner_id": key, "known_from": BEGUN, "closed": closed} for key, closed in CLOSED.items()
        ],
        sales=SALES,
    )


def test_contracts_are_told_between_both_thresholds(world):
    found = contract_ends(world.view(DAY), {"days": 30, "days_past": 10}).set_index("id")
    assert found["days_left"].to_dict() == {"in30": 30, "past10": -10, "today": 0, "young": 0}
    assert found["strength"].to_dict() == pytest.approx({"in30": 1 / 31, "past10": 1, "today": 1, "young": 1})
    assert [day.date() for day in found["since"]] == [DAY, ago(40), ago(30), ago(7)]


@pytest.mark.parametrize(
    ("months", "least", "ids"),
    [(1, 0, ["broken", "one", "two"]), (2, 100, ["two"]), (2, 100.01, []), (3, 0, [])],
)
def test_lines_in_arrears_at_the_thresholds(world, months, least, ids):
    assert member_owes(world.view(DAY), {"months": months, "least": least})["id"].tolist() == ids


def test_arrears_begin_with_the_month_that_made_them_up(world):
    found = member_owes(world.view(DAY), {"months": 2, "least": 0}).iloc[0]
    assert (found["since"].date(), found["months"], found["owed"], found["strength"]) == (DAY, 2, 100, 0.75)
    once = member_owes(world.view(DAY), {"months": 1, "least": 0}).set_index("id")
    assert once.loc["two", "since"].date() == date(2026, 9, 30)
    assert once.loc["broken", "since"].date() == DAY


def test_accounts_in_arrears_at_the_thresholds(world):
    # owing: 50 + 30 of 200 yuan unpaid in October, 50 of 200 in September; fine: 40 of 300.
    at = account_owes(world.view(DAY), {"share": 0.4, "least": 80}).set_index("id")
    assert at[["unpaid", "billed", "lines", "months"]].loc["owing"].tolist() == [80, 200, 2, 1]
    assert at.loc["owing", "strength"] == pytest.approx(0.4)
    assert account_owes(world.view(DAY), {"share": 0.401, "least": 80}).empty
    assert account_owes(world.view(DAY), {"share": 0.4, "least": 80.01}).empty
    longer = account_owes(world.view(DAY), {"share": 0.25, "least": 50}).set_index("id")
    assert longer.loc["owing", "since"].date() == date(2026, 9, 30)
    assert longer.index.tolist() == ["owing"]


def test_complaints_are_told_by_the_account_of_who_raised_them(world):
    found = complaint_open(world.view(DAY), {"severity": 3, "days": 7}).set_index("id")
    assert found["who"].map(list).to_dict() == {"fine": ["w5 (c1)"], "owing": ["w1 (two)"]}
    assert [day.date() for day in found["since"]] == [ago(7), DAY]
    assert found["strength"].to_dict() == pytest.approx({"fine": 4 / 5 * (1 - 7 / 28), "owing": 3 / 5 / 2})


@pytest.mark.parametrize(
    ("severity", "days", "complaints"),
    [(2, 7, {"fine": 1, "owing": 2}), (3, 8, {"fine": 1}), (4, 6, {"fine": 1, "owing": 1}), (5, 7, {})],
)
def test_complaints_at_the_thresholds(world, severity, days, complaints):
    found = complaint_open(world.view(DAY), {"severity": severity, "days": days})
    assert found.set_index("id")["complaints"].to_dict() == complaints


def test_a_complaint_was_open_before_it_was_settled(world):
    assert complaint_open(world.view(ago(3)), {"severity": 5, "days": 7})["who"].map(list).tolist() == [
        ["w6 (c1)"]
    ]


def test_partners_that_left_are_told_with_the_lines_still_here(world):
    found = partner_gone(world.view(DAY), {"days": 14, "least_lines": 1}).set_index("id")
    assert found["lines"].to_dict() == {"at": 2, "small": 1}
    assert found["since"].dt.date.to_dict() == {"at": ago(14), "small": ago(3)}
    assert found["strength"].to_dict() == pytest.approx({"at": 1 / 15, "small": 12 / 15})
    assert partner_gone(world.view(DAY), {"days": 14, "least_lines": 2})["id"].tolist() == ["at"]
    assert partner_gone(world.view(ago(4)), {"days": 14, "least_lines": 1})["id"].tolist() == ["after", "at"]
