"""Who sits in whose circle, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics.communities.overlay import overlay, strangers

CIRCLES = pd.DataFrame(
    [(m, "c1") for m in "abcde"] + [(m, "c2") for m in "pqrs"] + [(m, "c3") for m in "yz"],
    columns=["member_id", "community_id"],
)
HOMES = pd.Series(
    {"a": "hx", "b": "hx", "c": "hx", "d": "zy", "p": "zy", "q": "zy", "r": "hx", "s": "yh", "out": "zy"}
)


def test_each_account_in_each_circle_with_its_shares() -> None:
    found = overlay(CIRCLES, HOMES)
    assert found[["community_id", "account_id", "members", "circles", "main"]].to_numpy().tolist() == [
        ["c1", "hx", 3, 2, True],
        ["c1", "zy", 1, 2, False],
        ["c2", "zy", 2, 2, True],
        ["c2", "hx", 1, 2, False],
        ["c2", "yh", 1, 1, False],
    ]
    assert found["of_circle"].tolist() == pytest.approx([3 / 5, 1 / 5, 2 / 4, 1 / 4, 1 / 4])
    assert found["of_account"].tolist() == pytest.approx([3 / 4, 1 / 3, 2 / 3, 1 / 4, 1])


def test_who_is_alone_in_anothers_circle() -> None:
    assert strangers(CIRCLES, HOMES).to_numpy().tolist() == [
        ["d", "zy", "c1", "hx", 0.6],
        ["r", "hx", "c2", "zy", 0.5],
        ["s", "yh", "c2", "zy", 0.5],
    ]


def test_without_accounts_or_circles_there_is_nothing_to_lay_over() -> None:
    assert overlay(CIRCLES, pd.Series(dtype=object)).empty
    assert strangers(CIRCLES.iloc[:0], HOMES).empty
