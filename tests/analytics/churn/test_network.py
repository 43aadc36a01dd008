"""Ego, group, partner and position features of one small network, by hand."""

from datetime import date, timedelta
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from analytics.churn.ego import departures, walk
from analytics.churn.features import Known, features, known
from analytics.churn.network import network
from analytics.churn.undone import named, without_departures
from graph.lake import Lake
from tests.analytics.worlds import belongs, lake_of, member, tie

DAY = date(2000, 6, 30)
WEEK_AGO, LONG_AGO = DAY - timedelta(days=7), DAY - timedelta(days=70)


def rows(stays: frozenset[str] = frozenset()) -> dict[str, list[dict[str, object]]]:
    """`a` calls b (1 contact), gone (3) and old (4); gone left a week ago, old ten weeks ago. Account x
    holds a, b, gone, whose line is the decider's; y holds c, old. Those who are to stay do not leave.
    """
    left = {
        key: day
        for key, day in {"gone": WEEK_AGO, "old": LONG_AGO, "far": WEEK_AGO}.items()
        if key not in stays
    }
    keys = ("a", "b", "c", "gone", "old", "far")
    return {
        "accounts": [
            {"account_id": "x", "known_from": date(2000, 1, 1), "region": "440300"},
            {"account_id": "y", "known_from": date(2000, 1, 1), "region": "110000"},
        ],
        "members": [
            *(member(key) for key in keys),
            *(member(key, day, left=day) for key, day in left.items()),
        ],
        "memberships": [
            *(belongs(key, "x", until=left.get(key)) for key in ("a", "b", "gone")),
            *(belongs(key, "y", until=left.get(key)) for key in ("c", "old")),
        ],
        "ties": [
            tie("a", "b", date(2000, 6, 1), 1),
            tie("b", "a", date(2000, 5, 1), 1),
            tie("a", "gone", date(2000, 4, 1), 3),
            tie("a", "old", date(2000, 2, 1), 4),
            tie("c", "far", date(2000, 6, 1), 2),
            tie("c", "a", date(2000, 6, 1), 2),
        ],
        "contacts": [
            {"contact_id": "k", "known_from": date(2000, 1, 1), "role": "decision", "member_id": "gone"}
        ],
        "partners": [
            {"partner_id": "p", "known_from": date(2000, 1, 1)},
            {"partner_id": "p", "known_from": date(2000, 5, 9), "closed": date(2000, 5, 9)},
            {"partner_id": "q", "known_from": date(2000, 1, 1)},
        ],
        "products": [{"product_id": "f", "known_from": date(2000, 1, 1), "term_months": 24}],
        "subscriptions": [
            {
                "source_label": "Member",
                "source": key,
                "target": "f",
                "sold_by": "p",
                "since": date(2000, 1, 1),
            }
            for key in ("a", "c", "gone", "old")
        ],
        "sales": [
            {
                "source": "q",
                "target_label": "Member",
                "target": key,
                "date": date(2000, 1, 1),
                "product_id": "f",
            }
            for key in ("a", "b")
        ],
    }


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return lake_of(tmp_path, **rows())


def test_ego_features_by_hand(lake: Lake) -> None:
    found = features(lake.view(DAY)).loc["a"]
    expected = {
        "reached": 2,  # b and gone within three months
        "reached_by": 2,  # b and c
        "reciprocity": 1 / 3,  # b, of b, c and gone
        "neighbours": 4,
        "neighbours_gone": 2,
        "left_share_1w": 3 / 11,  # 2 with b, 2 with c, 3 with gone, 4 with old
        "left_share_8w": 3 / 11,
        "left_share_12w": 7 / 11,
        "left_dose": 3 / (8 / 3) * np.exp(-1 / 3),  # its mean tie has 8/3 contacts
        "weeks_since_left": 1,
    }
    assert {name: float(found[name]) for name in expected} == pytest.approx(expected)


def test_group_and_partner_features_by_hand(lake: Lake) -> None:
    found = features(lake.view(DAY))
    expected = {
        "account_members": 3,
        "account_gone": 1,
        "account_left_share": 1 / 3,
        "account_left_5w": 1 / 3,
        "account_density": 2 / 3,  # a-b and a-gone of three pairs
        "account_outside": 6 / 16,  # of a's 11, b's 2 and gone's 3 the 4 with old and 2 with c leave it
        "own_outside": 6 / 11,
        "decider_gone": 1,
        "leader_gone": 0,  # a itself
        "book_members": 4,  # the seller of the subscription counts, not that of the sale
        "book_left_share": 2 / 4,
        "book_left_5w": 1 / 4,
        "book_concentration": 1 / 2,  # of those still here one line in either account
        "seller_closed": 1,
        "region_left_share": 1 / 3,
        "plan_term": np.nan,
    }
    mine = found.loc["a"]
    assert {name: float(mine[name]) for name in expected} == pytest.approx(expected, nan_ok=True)
    assert found.loc["b", ["book_members", "seller_closed"]].tolist() == [1, 0]


def test_the_walk_is_personalised_pagerank_of_networkx(lake: Lake) -> None:
    found = network(lake.view(DAY))
    graph = nx.Graph()
    graph.add_weighted_edges_from(
        [("a", "b", 2), ("a", "gone", 3), ("a", "old", 4), ("c", "far", 2), ("a", "c", 2)]
    )
    seeds = {"gone": np.exp(-1 / 3), "old": np.exp(-10 / 3), "far": np.exp(-1 / 3)}
    share = nx.pagerank(graph, 0.85, personalization=seeds, tol=1e-10, max_iter=1000)
    assert dict(zip(found.keys, walk(found), strict=True)) == pytest.approx(
        {key: np.log1p(6 * value) for key, value in share.items()}, abs=1e-5
    )


def test_named_neighbours_are_those_who_left_with_their_days(lake: Lake) -> None:
    assert named(known(lake.view(DAY))).to_dict() == {
        "a": "old on 2000-04-21, gone on 2000-06-23",
        "c": "far on 2000-06-23",
    }
    before = named(known(lake.view(DAY - timedelta(days=8))))
    assert before.to_dict() == {"a": "old on 2000-04-21"}


def test_departures_undone_are_those_of_a_lake_where_they_stayed(lake: Lake, tmp_path: Path) -> None:
    undone = without_departures(known(lake.view(DAY)))
    stayed = lake_of(tmp_path / "stayed", **rows(frozenset({"gone", "old", "far"})))
    told = network(stayed.view(DAY))
    names = ["neighbours_gone", "neighbours_left_share", "left_share_12w", "left_dose", "weeks_since_left"]
    truth = told.by_member(**departures(told))
    for key in ("a", "c"):
        assert undone.loc[key, names].tolist() == truth.loc[key, names].tolist()
    assert undone.loc["a", "account_left_share"] == 0
    assert undone.loc["b", "account_left_share"] == pytest.approx(1 / 3)  # none of its own neighbours left


def test_without_ties_nothing_is_known_of_neighbours(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, members=[member("a"), member("b", left=WEEK_AGO)])
    found: Known = known(lake.view(DAY))
    assert found.frame[["neighbours", "left_share_4w", "walk", "pagerank"]].isna().all(axis=None)
    assert named(found).empty
    assert without_departures(found).equals(found.frame)
