from datetime import date
from pathlib import Path

import pytest

from analytics.frames import account_of, departed, members, ties
from tests.analytics.worlds import belongs, lake_of, member, tie


def test_members_are_those_who_have_not_left_by_the_day(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        members=[
            member("gone", left=date(2000, 5, 10)),
            member("back", left=date(2000, 3, 1)),
            member("back", date(2000, 7, 1)),
            member("new", date(2000, 9, 1)),
        ],
    )
    assert members(lake.view(date(2000, 2, 28)))["member_id"].tolist() == ["back", "gone"]
    assert members(lake.view(date(2000, 6, 30)))["member_id"].tolist() == []
    assert members(lake.view(date(2000, 12, 31)))["member_id"].tolist() == ["back", "new"]
    assert departed(lake.view(date(2000, 6, 30))).index.tolist() == ["back", "gone"]


def test_ties_sum_twelve_months_among_active_members_and_leave_out_loops(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        members=[member("a"), member("b"), member("c", left=date(2001, 1, 5))],
        ties=[
            tie("a", "b", date(2000, 1, 1), 100),  # thirteen months before the last whole one
            tie("a", "b", date(2000, 2, 1), 2, messages=3),
            tie("a", "b", date(2001, 1, 1), 4),
            tie("a", "b", date(2001, 2, 1), 50),  # not over yet
            tie("a", "a", date(2001, 1, 1), 9),
            tie("a", "c", date(2001, 1, 1), 9),
            {"source": "b", "target": "a", "month": date(2001, 1, 1)},
        ],
    )
    assert ties(lake.view(date(2001, 2, 27))).to_pylist() == [
        {"source": "a", "target": "b", "weight": 9.0},
        {"source": "b", "target": "a", "weight": 1.0},
    ]


def test_a_member_belongs_to_the_account_it_joined_last_and_has_not_left(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        memberships=[
            belongs("a", "old", date(1999, 1, 1), date(2000, 6, 1)),
            belongs("a", "new", date(2000, 6, 2)),
            belongs("b", "one", None),
            belongs("b", "two", date(2000, 1, 1)),
        ],
    )
    assert account_of(lake.view(date(2000, 5, 1))).to_dict() == {"a": "old", "b": "two"}
    assert account_of(lake.view(date(2000, 7, 1))).to_dict() == {"a": "new", "b": "two"}


def test_a_view_without_a_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="as of a day"):
        ties(lake_of(tmp_path, members=[member("a")]).view())
