"""Through whom departures came near, on a lake made by hand."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from analytics.contagion.paths import paths
from graph.errors import NotFound
from graph.lake import Lake
from tests.analytics.worlds import belongs, lake_of, member, tie

DAY = date(2000, 4, 30)
OLD = date(1999, 1, 1)


def chain(folder: Path) -> Lake:
    """m0 calls m1 (3 a month), m2 (1) and m9 (who stays); m1 calls m3. m3 left on 3 April, m1 on the 17th,
    m2 on the 28th.
    """
    gone = {"m3": date(2000, 4, 3), "m1": date(2000, 4, 17), "m2": date(2000, 4, 28)}
    members = [member(key, joined=OLD) for key in ("m0", "m1", "m2", "m3", "m9")]
    members += [member(key, day, joined=OLD, left=day) for key, day in gone.items()]
    calls = {("m0", "m1"): 3, ("m0", "m2"): 1, ("m0", "m9"): 2, ("m1", "m3"): 4}
    ties = [tie(*ends, date(2000, month, 1), count) for ends, count in calls.items() for month in (1, 2, 3)]
    return lake_of(
        folder,
        members=members,
        ties=ties,
        accounts=[{"account_id": "a1", "known_from": date(2000, 1, 1)}],
        memberships=[belongs("m0", "a1"), belongs("m9", "a1"), belongs("m1", "a1", until=date(2000, 4, 17))],
    )


def test_doses_by_hand(tmp_path: Path) -> None:
    found = paths(chain(tmp_path).view(DAY), "m0", enough=1.0)
    near = found[found["step"] == 1].set_index("leaver")
    # Strengths 3/2 and 1/2; two weeks and 3/7 of a week gone by the morning after.
    dose = {"m1": 1.5 * np.exp(-2 / 3), "m2": 0.5 * np.exp(-3 / 7 / 3)}
    assert near["dose"].to_dict() == pytest.approx(dose)
    assert near.loc["m1", "share"] == pytest.approx(dose["m1"] / sum(dose.values()))
    assert near.loc["m1", ["contacts", "months"]].tolist() == [9, 3]
    assert near.loc["m1", "last_month"].date() == date(2000, 3, 1)


def test_what_the_leavers_were_near_to_themselves_comes_next(tmp_path: Path) -> None:
    found = paths(chain(tmp_path).view(DAY), "m0", enough=1.0)
    behind = found[found["step"] == 2]
    assert behind[["member", "leaver"]].to_numpy().tolist() == [["m1", "m3"]]
    # From 3 April to the morning after 17 April: 15 days.
    assert behind["dose"].iloc[0] == pytest.approx(np.exp(-15 / 7 / 3))


def test_only_as_many_as_explain_enough(tmp_path: Path) -> None:
    found = paths(chain(tmp_path).view(DAY), "m0", enough=0.6)
    assert found.loc[found["step"] == 1, "leaver"].tolist() == ["m1"]


def test_an_account_is_its_members(tmp_path: Path) -> None:
    found = paths(chain(tmp_path).view(DAY), "a1")
    assert set(found.loc[found["step"] == 1, "member"]) == {"m0"}
    assert len(found) == 3


def test_before_anybody_left_there_is_nothing(tmp_path: Path) -> None:
    found = paths(chain(tmp_path).view(date(2000, 4, 2)), "m0")
    assert found.empty
    assert "dose" in found.columns


def test_who_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nobody"):
        paths(chain(tmp_path).view(DAY), "nobody")
