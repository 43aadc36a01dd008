"""The study as read from a lake, and what it must not see."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from analytics.contagion.panel import NEVER, panel
from analytics.contagion.study import study
from graph.errors import BadInput
from graph.lake import Lake
from tests.analytics.worlds import belongs, lake_of, member, random_world, tie

DAY = date(2000, 1, 1)
FIRST, UNTIL = date(2000, 4, 1), date(2000, 5, 31)
EPOCH = date(1970, 1, 1)


def small(folder: Path) -> Lake:
    """m0 calls m1 in March; m1 leaves on 10 April, sold by p1; m0's account ends on 1 June."""
    return lake_of(
        folder,
        accounts=[
            {"account_id": "a1", "known_from": DAY, "region": "4403", "contract_end": date(2000, 6, 1)}
        ],
        members=[
            member("m0", joined=date(1999, 1, 1)),
            member("m1", joined=date(1999, 1, 1)),
            member("m1", date(2000, 4, 10), joined=date(1999, 1, 1), left=date(2000, 4, 10)),
        ],
        memberships=[belongs("m0", "a1"), belongs("m1", "a1", until=date(2000, 4, 10))],
        ties=[tie("m0", "m1", date(2000, 3, 1), 5), tie("m0", "m1", date(1999, 12, 1), 9)],
        sales=[
            {
                "source": "p1",
                "target": "m1",
                "target_label": "Member",
                "date": date(2000, 3, 5),
                "product_id": "x",
            }
        ],
        bills=[{"about": "m0", "month": date(2000, 4, 1), "days_overdue": 12}],
    )


def test_reads_what_was_known_on_the_eve_of_each_month(tmp_path: Path) -> None:
    found = study(small(tmp_path).view, FIRST, UNTIL)
    april, may = found.months
    assert found.left.tolist() == [NEVER, (date(2000, 4, 10) - EPOCH).days]
    assert april.ties.toarray().tolist() == [[0.0, 7.0], [0.0, 0.0]]  # of the months with any
    assert april.account.tolist() == [0, 0]
    assert may.account.tolist() == [0, 0]  # the one who left is counted where it was
    assert april.partner.tolist() == [-1, 0]
    assert april.contract_end[0] == (date(2000, 6, 1) - EPOCH).days
    assert april.arrears.tolist() == [False, False]
    assert found.past is not None
    assert found.past.toarray().tolist() == [[0.0, 14.0], [0.0, 0.0]]
    assert may.arrears.tolist() == [True, False]


def test_the_week_after_a_neighbour_left(tmp_path: Path) -> None:
    rows = panel(study(small(tmp_path).view, FIRST, UNTIL))
    caller = rows[rows["member"] == 0]
    assert caller["out"].tolist() == [0, 1, 1, 1, 1, 1, 0, 0]
    # Weeks are counted from 1 December, when ties begin: they begin on 5 and 12 April, …
    assert caller["out_5"].iloc[1] == pytest.approx(np.exp(-2 / 7 / 3))


def test_what_is_known_only_later_changes_nothing(tmp_path: Path) -> None:
    lake = random_world(tmp_path, members=200, months=8)
    until = date(2000, 6, 30)
    before = panel(study(lake.view, FIRST, until))
    lake_of(
        tmp_path,
        members=[member("m0001", date(2000, 7, 2), joined=DAY - timedelta(5), left=date(2000, 7, 2))],
        ties=[tie("m0002", "m0003", date(2000, 6, 1), 500), tie("m0004", "m0003", date(2000, 7, 1), 500)],
        memberships=[belongs("m0005", "a001", since=date(2000, 6, 2))],
    )
    assert_frame_equal(panel(study(lake.view, FIRST, until)), before)


def test_a_departure_inside_changes_only_what_comes_after(tmp_path: Path) -> None:
    lake = random_world(tmp_path, members=200, months=8)
    until = date(2000, 6, 30)
    before = panel(study(lake.view, FIRST, until))
    stays = before[before["week"] == before["week"].max()]["member"].iloc[0]
    name = f"m{stays:04d}"
    lake_of(tmp_path, members=[member(name, date(2000, 6, 1), joined=DAY, left=date(2000, 6, 1))])
    after = panel(study(lake.view, FIRST, until))
    origin = min(tie["month"] for tie in lake.view(until).frame("ties").to_dict("records")).date()
    week = (date(2000, 6, 1) - FIRST).days // 7 - 1
    assert (FIRST - origin).days > 0
    columns = [name for name in before.columns if name != "tenure"]  # its day of joining was rewritten, too
    old, new = (rows.loc[rows["week"] < week, columns].reset_index(drop=True) for rows in (before, after))
    assert_frame_equal(old, new)
    assert len(after) < len(before)


def test_refuses_days_that_hold_no_study(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="first day of a month"):
        study(small(tmp_path).view, date(2000, 4, 2), UNTIL)
