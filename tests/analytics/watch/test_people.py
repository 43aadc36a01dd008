"""Rules on persons: days counted by hand, at thresholds and the day before."""

from datetime import date, timedelta

import pytest

from analytics.watch.people import decision_maker_unmet, key_line_silent, single_threaded
from tests.analytics.worlds import belongs, lake_of, member, tie

DAY = date(2026, 10, 31)
BEGUN = date(2025, 1, 1)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def visit(contact: str, day: date, outcome: str = "interest") -> dict[str, object]:
    return {"source": "g1", "target": contact, "date": day, "outcome": outcome}


def post(contact: str, account: str, since: date | None = BEGUN, **fields: object) -> dict[str, object]:
    return {"source": contact, "target": account, "since": since, **fields}


def contact(key: str, role: str = "decision", **fields: object) -> dict[str, object]:
    return {"contact_id": key, "known_from": BEGUN, "name": key.upper(), "role": role, **fields}


def accounts(*keys: str, **fields: object) -> list[dict[str, object]]:
    return [{"account_id": key, "known_from": BEGUN, "name": key, **fields} for key in keys]


@pytest.fixture(scope="module")
def met(tmp_path_factory):
    """at: met 90 days ago. before: 89. two: one of its two lately. never: has its post since 200 days.
    missed: visited lately, nobody there. gone: has left its post. closed: the account has.
    """
    return lake_of(
        tmp_path_factory.mktemp("met"),
        accounts=[
            *accounts("at", "before", "two", "never", "missed", "gone", "user"),
            *accounts("closed", closed=ago(5)),
        ],
        contacts=[
            *(contact(f"c-{key}") for key in ("at", "before", "never", "missed", "gone", "closed")),
            contact("c-two"),
            contact("c-two2"),
            contact("c-user", "user"),
        ],
        positions=[
            *(post(f"c-{key}", key) for key in ("at", "before", "two", "missed", "closed", "user")),
            post("c-two2", "two"),
            post("c-never", "never", ago(200)),
            post("c-gone", "gone", until=ago(3)),
        ],
        visits=[
            visit("c-at", ago(90)),
            visit("c-at", ago(300)),
            visit("c-before", ago(89)),
            visit("c-two", ago(150)),
            visit("c-two2", ago(10)),
            visit("c-missed", ago(120)),
            visit("c-missed", ago(2), "not_met"),
            visit("c-user", ago(400)),
        ],
    )


def test_decision_makers_are_told_from_the_day_on(met):
    found = decision_maker_unmet(met.view(DAY), {"days": 90}).set_index("id")
    assert found.index.tolist() == ["at", "missed", "never"]
    assert found["days_unmet"].to_dict() == {"at": 90, "missed": 120, "never": 200}
    assert found.loc["at", "since"].date() == DAY
    assert found.loc["missed", "since"].date() == ago(30)
    assert found.loc["never", "since"].date() == ago(110)
    assert found["strength"].to_dict() == pytest.approx(
        {"at": 0.5, "missed": 1 - 90 / 240, "never": 1 - 90 / 400}
    )


def test_never_met_counts_from_the_first_visit_on_record_at_the_earliest(met):
    # All posts are older than the first visit known, 400 days ago: before it we know nothing.
    found = decision_maker_unmet(met.view(ago(160)), {"days": 90}).set_index("id")
    assert found.loc["two", "days_unmet"] == 400 - 160  # neither of the two met yet
    assert found.loc["two", "deciders"] == 2


def months_of(key: str, others: list[str], last: int) -> list[dict[str, object]]:
    """A call to each other in every month from April to the given one of 2026."""
    return [tie(key, other, date(2026, month, 1)) for month in range(4, last + 1) for other in others]


@pytest.fixture(scope="module")
def silent(tmp_path_factory):
    """Account a: hub reached most others and is silent since September; head decides and is silent since
    August; fellow was in touch with fewer and is silent too. b: its hub calls nobody any more,
    but is called. small: one line.
    """
    keys = {"hub": "a", "head": "a", "fellow": "a", "x": "a", "y": "a", "busy": "b", "tiny": "small"}
    return lake_of(
        tmp_path_factory.mktemp("silent"),
        accounts=accounts("a", "b", "small"),
        contacts=[contact("c1", member_id="head")],
        positions=[post("c1", "a")],
        members=[member(key) for key in keys],
        memberships=[belongs(key, account) for key, account in keys.items()],
        ties=[
            *months_of("hub", ["x", "y", "o1", "o2"], 9),
            *months_of("head", ["o1", "o2"], 8),
            *months_of("fellow", ["o1", "o2", "o3"], 9),
            *months_of("busy", ["o1", "o2", "o3", "o4"], 8),
            *months_of("o9", ["busy"], 10),
            *months_of("tiny", ["o5", "o6", "o7"], 9),
        ],
    )


def test_key_lines_are_told_when_a_whole_month_is_silent(silent):
    found = key_line_silent(silent.view(DAY), {"months": 1, "least": 2, "least_lines": 5}).set_index("id")
    assert found.index.tolist() == ["head", "hub"]
    assert found["months"].to_dict() == {"head": 2, "hub": 1}
    assert found["reached"].to_dict() == {"head": 2, "hub": 4}
    assert found["place"].to_dict() == {"head": 3, "hub": 1}
    assert found["name"].to_dict() == {"head": "C1", "hub": ""}
    assert found["last_month"].to_dict() == {"head": "2026-08", "hub": "2026-09"}
    assert [day.date() for day in found["since"]] == [date(2026, 9, 30), DAY]
    assert found["strength"].to_dict() == {"head": 0.75, "hub": 0.5}


@pytest.mark.parametrize(
    ("thresholds", "ids"),
    [
        ({"months": 2, "least": 2, "least_lines": 5}, ["head"]),
        ({"months": 3, "least": 2, "least_lines": 5}, []),
        ({"months": 1, "least": 3, "least_lines": 5}, ["hub"]),
        ({"months": 1, "least": 2, "least_lines": 6}, ["head"]),
        ({"months": 1, "least": 2, "least_lines": 1}, ["head", "hub", "tiny"]),
    ],
)
def test_key_lines_at_the_thresholds(silent, thresholds, ids):
    assert key_line_silent(silent.view(DAY), thresholds)["id"].tolist() == ids


def test_a_month_that_nobody_has_is_not_silence(silent):
    assert key_line_silent(silent.view(date(2026, 11, 30)), {"months": 1, "least": 1, "least_lines": 1}).empty


@pytest.fixture(scope="module")
def threads(tmp_path_factory):
    """sole: three meetings with one, another person last met 100 days ago. both: two persons. two: only two
    meetings. edge: the other person met exactly 90 days ago, which is out of the window.
    """
    keys = ("sole", "both", "two", "edge")
    return lake_of(
        tmp_path_factory.mktemp("threads"),
        accounts=accounts(*keys),
        contacts=[contact(f"{key}{n}", "user") for key in keys for n in (1, 2)],
        positions=[post(f"{key}{n}", key) for key in keys for n in (1, 2)],
        members=[member(f"m-{key}{n}") for key in keys for n in range(4)],
        memberships=[belongs(f"m-{key}{n}", key) for key in keys for n in range(4)],
        visits=[
            visit("sole2", ago(100)),
            *(visit("sole1", ago(days)) for days in (70, 40, 10)),
            *(visit("both1", ago(days)) for days in (70, 40, 10)),
            visit("both2", ago(89)),
            *(visit("two1", ago(days)) for days in (40, 10)),
            visit("edge2", ago(90)),
            *(visit("edge1", ago(days)) for days in (85, 80, 75)),
        ],
    )


def test_one_thread_is_told_since_it_is_the_only_one(threads):
    found = single_threaded(threads.view(DAY), {"days": 90, "least": 3, "least_lines": 4}).set_index("id")
    assert found.index.tolist() == ["edge", "sole"]
    assert found["name"].to_dict() == {"edge": "EDGE1", "sole": "SOLE1"}
    assert found["meetings"].to_dict() == {"edge": 3, "sole": 3}
    assert found.loc["sole", "since"].date() == ago(10)  # the third meeting of the only one
    assert found.loc["edge", "since"].date() == DAY  # the day the other one's fell out of the window
    assert found["strength"].tolist() == [0.75, 0.75]
    assert found["contacts"].tolist() == [2, 2]


@pytest.mark.parametrize(("least", "lines", "count"), [(4, 4, 0), (3, 5, 0), (2, 4, 3)])
def test_one_thread_at_the_thresholds(threads, least, lines, count):
    found = single_threaded(threads.view(DAY), {"days": 90, "least": least, "least_lines": lines})
    assert len(found) == count


def test_a_gap_between_meetings_begins_the_thread_anew(tmp_path):
    # Two meetings within 30 days hold from the second; a gap of 60 breaks it, the next two begin it again.
    lake = lake_of(
        tmp_path,
        accounts=accounts("a"),
        contacts=[contact("c", "user")],
        positions=[post("c", "a")],
        members=[member("m")],
        memberships=[belongs("m", "a")],
        visits=[visit("c", ago(days)) for days in (200, 190, 20, 5)],
    )
    found = single_threaded(lake.view(DAY), {"days": 30, "least": 2, "least_lines": 1})
    assert [day.date() for day in found["since"]] == [ago(5)]
