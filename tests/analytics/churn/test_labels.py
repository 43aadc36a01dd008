from datetime import date
from pathlib import Path

import pytest

from analytics.churn.labels import CHURN, departures, ended, labels, lost_share
from graph.errors import BadInput
from graph.schema import LEFT_KINDS
from tests.analytics.worlds import belongs, lake_of, member

DAY = date(2000, 6, 30)


def leaves(key: str, day: date, kind: str | None = None) -> list[dict[str, object]]:
    return [member(key), member(key, day, left=day, left_kind=kind)]


def test_a_transfer_inside_the_operator_is_no_churn_and_every_other_kind_is() -> None:
    assert set(LEFT_KINDS) - set(CHURN) == {"internal_transfer"}


def test_kinds_compete_and_one_is_told_apart_from_the_others(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        members=[
            member("stays"),
            *leaves("moves", date(2000, 7, 10), "internal_transfer"),
            *leaves("owes", date(2000, 7, 11), "passive_arrears"),
            *leaves("rival", date(2000, 8, 1), "active_rival"),
            *leaves("silent", date(2000, 8, 2)),
            *leaves("later", date(2000, 9, 30), "active_price"),
        ],
    )
    found = departures(lake.view, DAY, 60)
    assert found.where(found.notna(), None).to_dict() == {
        "stays": None,
        "moves": "internal_transfer",
        "owes": "passive_arrears",
        "rival": "active_rival",
        "silent": "unknown",
        "later": None,
    }
    assert labels(lake.view, DAY, 60).to_dict() == {
        "stays": False,
        "moves": False,
        "owes": True,
        "rival": True,
        "silent": True,
        "later": False,
    }
    assert labels(lake.view, DAY, 60, ["active_rival"])[lambda left: left].index.tolist() == ["rival"]


def test_who_leaves_within_the_gap_is_neither(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        members=[
            member("stays"),
            *leaves("at_once", date(2000, 7, 10)),
            *leaves("in_time", date(2000, 8, 10)),
            *leaves("after", date(2000, 9, 10)),
        ],
    )
    found = labels(lake.view, DAY, 60, gap=14)
    assert found.to_dict() == {"stays": False, "in_time": True, "after": True}
    assert labels(lake.view, DAY, 50, gap=14)["after"] is not True
    with pytest.raises(BadInput, match="a horizon of 0 days"):
        labels(lake.view, DAY, 0)


def test_accounts_end_or_lose_a_part(tmp_path: Path) -> None:
    closed = date(2000, 8, 1)
    lake = lake_of(
        tmp_path,
        accounts=[
            *({"account_id": key, "known_from": date(2000, 1, 1)} for key in "xyz"),
            {"account_id": "x", "known_from": closed, "closed": closed},
            {"account_id": "gone", "known_from": date(2000, 2, 1), "closed": date(2000, 2, 1)},
        ],
        members=[
            *leaves("x1", date(2000, 7, 20)),
            *(row for i in range(4) for row in [member(f"y{i}")]),
            *leaves("y4", date(2000, 7, 20)),
            *(member(f"z{i}") for i in range(5)),
            *leaves("z5", date(2000, 7, 20), "internal_transfer"),
            *leaves("z6", date(2000, 7, 20)),
        ],
        memberships=[
            *(belongs(key, "x") for key in ("x1",)),
            *(belongs(f"y{i}", "y") for i in range(5)),
            *(belongs(f"z{i}", "z") for i in range(7)),
        ],
    )
    assert ended(lake.view, DAY, 60).to_dict() == {"x": True, "y": False, "z": False}
    found = lost_share(lake.view, DAY, 60)
    assert found["lines"].to_dict() == {"x": 1, "y": 5, "z": 7}
    assert found["lost"].to_dict() == pytest.approx({"x": 1.0, "y": 0.2, "z": 1 / 7})
    assert found["partial"].to_dict() == {"x": True, "y": True, "z": False}
