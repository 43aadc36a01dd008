"""Rules on use, against figures worked out by hand, at thresholds and just beside them."""

from datetime import date

import pytest

from analytics.watch.use import account_use_falls, member_use_falls, off_net_rises
from tests.analytics.worlds import belongs, lake_of, member, tie

DAY = date(2026, 10, 31)
MONTHS = [date(2026, month, 1) for month in range(3, 11)]
SETTLED = {"joined": date(2020, 1, 1)}
FALLS = {"drop": 0.5, "least": 40.0, "least_area": 3.0}


def account(key: str, region: str = "440100") -> dict[str, object]:
    return {"account_id": key, "known_from": date(2020, 1, 1), "name": key, "region": region}


def calls(key: str, counts: list[int]) -> list[dict[str, object]]:
    """Calls of a line to an outsider in each of MONTHS; the outsider is no member."""
    return [
        tie(key, f"out-{key}", month, count) for month, count in zip(MONTHS, counts, strict=True) if count
    ]


@pytest.fixture(scope="module")
def falls(tmp_path_factory):
    """Province 44: steady lines s1 to s8 of 100 calls a month, and others. Province 11: two lines only.

    at, below: 40 calls after 80, which is exactly half. above: 41. few: base of 39. new: joined too late.
    long: fell to a third in August already, so that its three months before fell too.
    """
    steady = [100] * 8
    lines = {f"s{number}": steady for number in range(1, 9)} | {
        "at": [80] * 7 + [40],
        "above": [80] * 7 + [41],
        "few": [39] * 7 + [0],
        "least": [40] * 7 + [0],
        "new": [80] * 7 + [10],
        "long": [400] * 5 + [200, 60, 20],
        "gone": [80] * 7 + [0],
        "beijing": [80] * 7 + [40],
    }
    return lake_of(
        tmp_path_factory.mktemp("falls"),
        accounts=[account("a"), account("b"), account("n", "110000")],
        members=[
            member(key, **({"joined": date(2026, 8, 1)} if key == "new" else SETTLED))
            | ({"left": date(2026, 10, 20)} if key == "gone" else {})
            for key in lines
        ],
        memberships=[
            belongs(key, "n" if key == "beijing" else "b" if key == "gone" else "a") for key in lines
        ],
        ties=[row for key, counts in lines.items() for row in calls(key, counts)],
    )


def test_a_line_falls_at_the_threshold_and_not_just_above_it(falls):
    # Movement of province 44 without `gone`: s1 to s8 steady; all of them together fell below their base,
    # so that a plain half is less than half against the province.
    found = member_use_falls(falls.view(DAY), FALLS).set_index("id")
    base = {"at": 80, "above": 80, "few": 39, "least": 40, "new": 80, "long": 220}
    last = {"at": 40, "above": 41, "few": 0, "least": 0, "new": 10, "long": 20}
    moved = (800 + sum(last.values())) / (800 + sum(base.values()))
    expected = {key: 1 - last[key] / base[key] / moved for key in base}
    assert found.index.tolist() == ["least", "long"]
    assert found["strength"].to_dict() == pytest.approx({"least": 1.0, "long": expected["long"]})
    assert expected["at"] < 0.5
    exactly = member_use_falls(falls.view(DAY), {**FALLS, "drop": expected["at"]}).set_index("id")
    assert exactly.index.tolist() == ["at", "least", "long"]
    assert exactly.loc["at", ["last", "before"]].tolist() == [40, 80]
    assert exactly.loc["at", "area_change"] == pytest.approx(moved - 1)


def test_a_line_that_rose_less_than_the_others_has_not_fallen(tmp_path):
    """All others double; of three lines that stood at 80, two fell, to 40 and 41, and one rose to 100."""
    lines = {f"s{n}": [100] * 7 + [200] for n in range(8)}
    lines |= {"at": [80] * 7 + [40], "above": [80] * 7 + [41], "rose": [80] * 7 + [100]}
    lake = lake_of(
        tmp_path,
        accounts=[account("a")],
        members=[member(key, **SETTLED) for key in lines],
        memberships=[belongs(key, "a") for key in lines],
        ties=[row for key, counts in lines.items() for row in calls(key, counts)],
    )
    found = member_use_falls(lake.view(DAY), FALLS)
    assert found["id"].tolist() == ["at"]
    assert found["strength"].tolist() == [0.5]


def test_too_small_a_province_is_compared_with_everybody(falls):
    lenient = {**FALLS, "drop": 0.2}
    everybody = member_use_falls(falls.view(DAY), {**lenient, "least_area": 3}).set_index("id")
    alone = member_use_falls(falls.view(DAY), {**lenient, "least_area": 1}).set_index("id")
    # All lines: 951 calls where 1,419 were usual.
    assert everybody.loc["beijing", "strength"] == pytest.approx(1 - 0.5 / (951 / 1419))
    assert "beijing" not in alone.index  # its province is itself, and moved as it did


def test_a_line_that_joined_within_the_months_or_left_is_not_looked_at(falls):
    found = member_use_falls(falls.view(DAY), {"drop": 0.01, "least": 1, "least_area": 3})
    assert not {"new", "gone"} & set(found["id"])


def test_since_is_the_end_of_the_first_month_of_the_unbroken_run(falls):
    # long halved in August while its province made 1,279 calls after 1,479, a fall of 0.4219 against it;
    # 60 and 20 calls after, far below the three months before.
    for drop, since, months in ((0.42, date(2026, 8, 31), 3), (0.43, date(2026, 9, 30), 2)):
        found = member_use_falls(falls.view(DAY), {**FALLS, "drop": drop}).set_index("id")
        assert found.loc["long", "since"].date() == since
        assert found.loc["long", "months"] == months
        assert found.loc["least", "since"].date() == date(2026, 10, 31)


def test_a_month_counts_once_it_is_over(falls):
    assert member_use_falls(falls.view(date(2026, 10, 30)), {**FALLS, "drop": 0.6})["id"].tolist() == ["long"]


def test_an_account_falls_with_the_lines_it_lost(falls):
    # b has one line, which left: 80 calls a month, then none. n fell by half. a made 911 after 1,339.
    found = account_use_falls(falls.view(DAY), {"drop": 0.2, "least": 40, "least_area": 3}).set_index("id")
    assert found.index.tolist() == ["b", "n"]
    assert found.loc["b", "strength"] == 1
    moved = (911 + 0 + 40) / (1339 + 80 + 80)
    assert found.loc["n", "strength"] == pytest.approx(1 - 0.5 / moved)


def test_nobody_is_warned_of_where_everybody_is_silent(tmp_path):
    lake = lake_of(
        tmp_path,
        accounts=[account("a")],
        members=[member("m1", **SETTLED)],
        memberships=[belongs("m1", "a")],
        ties=calls("m1", [50] * 7 + [0]),
    )
    assert member_use_falls(lake.view(DAY), FALLS).empty  # a feed without the month, not a fall


def minutes(key: str, months: list[date], off: float, on: float) -> list[dict[str, object]]:
    return [
        {"about": key, "month": month, "zone": zone, "period": "peak", "minutes": value}
        for month in months
        for zone, value in (("off_net", off), ("on_net", on))
    ]


def test_off_net_share_is_told_from_the_threshold_on(tmp_path):
    # Before: a tenth of 100 minutes. at: 40 %, a rise of 0.30. below: 39 %. few: 59 minutes. steady: ten of
    # them hold everybody's share; it is given back to the threshold.
    lines = {"at": (40, 60), "below": (39, 61), "few": (59, 0)} | {f"s{n}": (10, 90) for n in range(10)}
    rows = [
        row
        for key, (off, on) in lines.items()
        for row in (*minutes(key, MONTHS[4:7], 10, 90), *minutes(key, MONTHS[7:], off, on))
    ]
    lake = lake_of(
        tmp_path,
        accounts=[account("a")],
        members=[member(key, **SETTLED) for key in lines],
        memberships=[belongs(key, "a") for key in lines],
        usage=rows,
    )
    whole = (40 + 39 + 59 + 100) / (100 + 100 + 59 + 1000) - 0.1
    found = off_net_rises(lake.view(DAY), {"rise": 0.3 - whole, "least": 60}).set_index("id")
    assert found.index.tolist() == ["at"]
    assert found.loc["at", "strength"] == pytest.approx(0.3 - whole)
    assert found.loc["at", ["share", "share_before", "minutes"]].tolist() == [0.4, 0.1, 40]
    assert found.loc["at", "since"].date() == DAY
    lower = off_net_rises(lake.view(DAY), {"rise": 0.29 - whole, "least": 59})
    assert lower["id"].tolist() == ["at", "below", "few"]
