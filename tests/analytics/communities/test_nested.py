"""Groups inside circles: they nest, hold together and keep their names."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.communities.nested import name_inner, nested
from tests.analytics.worlds import empty_graph, graph_of, random_graph


def test_a_chain_of_cliques_is_taken_apart_into_them() -> None:
    cliques = [[f"{c}{i}" for i in range(6)] for c in "abcd"]
    edges = [(u, v, 1.0) for clique in cliques for n, u in enumerate(clique) for v in clique[n + 1 :]]
    edges += [(f"{c}5", f"{d}0", 1.0) for c, d in ("ab", "bc", "cd")]
    graph = graph_of(*edges)
    found = nested(graph, np.zeros(24, np.int64), largest=10)
    assert found["level"].unique().tolist() == [1]
    assert found["parent"].unique().tolist() == [0]
    assert found["group"].tolist() == [0] * 6 + [1] * 6 + [2] * 6 + [3] * 6
    assert nested(graph, np.zeros(24, np.int64), largest=24).empty


def test_a_clique_stays_whole_however_large() -> None:
    graph = graph_of(*((f"{a:02d}", f"{b:02d}", 1.0) for a in range(30) for b in range(a)))
    assert nested(graph, np.zeros(30, np.int64), largest=5).empty
    assert nested(empty_graph(), np.zeros(0, np.int64)).empty


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12))
def test_groups_nest_and_hold_together(seed: int, largest: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, int(rng.integers(10, 120)), int(rng.integers(10, 300)))
    whole = nx.from_scipy_sparse_array(graph.undirected)
    pieces = nx.connected_components(whole)
    circle = np.zeros(graph.size, np.int64)
    for number, piece in enumerate(pieces):
        circle[list(piece)] = number
    found = nested(graph, circle, largest)
    again = nested(graph, circle, largest)
    pd.testing.assert_frame_equal(found, again)
    sets = {(0, number): set(np.flatnonzero(circle == number)) for number in set(circle)}
    for level, at in found.groupby("level"):
        assert not at["node"].duplicated().any()
        for (group, parent), rows in at.groupby(["group", "parent"]):
            members = set(rows["node"])
            above = sets[(level - 1, parent)]
            assert members < above
            assert len(above) > largest
            assert len(members) > 1
            assert nx.is_connected(whole.subgraph(members))
            sets[(level, group)] = members
        assert at.groupby("group")["parent"].nunique().eq(1).all()


def groups(*rows: tuple[str, int, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["member_id", "level", "group", "parent"])


def test_groups_are_named_under_their_circle_and_keep_their_names() -> None:
    found = groups(
        *((m, 1, 0, 7) for m in "abcd"), *((m, 1, 1, 7) for m in "ef"), *((m, 1, 2, 9) for m in "xy"),
        *((m, 2, 3, 0) for m in "ab"),
    )  # fmt: skip
    ids = pd.Series({7: "c7", 9: "c2"}, dtype=object)
    none = pd.DataFrame(columns=["member_id", "community_id", "parent_id"])
    first = name_inner(found, ids, none, [])
    assert dict(zip(first["member_id"] + first["level"].astype(str), first["community_id"], strict=True)) == {
        "a1": "c7.1", "b1": "c7.1", "c1": "c7.1", "d1": "c7.1", "e1": "c7.2", "f1": "c7.2",
        "x1": "c2.1", "y1": "c2.1", "a2": "c7.1.1", "b2": "c7.1.1",
    }  # fmt: skip
    later = groups(
        *((m, 1, 0, 7) for m in "efg"), *((m, 1, 1, 7) for m in "st"), *((m, 1, 2, 9) for m in "ab")
    )
    named = name_inner(later, ids, first, first["community_id"]).drop_duplicates("community_id")
    # The circle of a and b is another one now, so nothing of theirs goes on; c2.1 was given out before.
    assert named[["community_id", "parent_id"]].to_numpy().tolist() == [
        ["c7.2", "c7"], ["c7.3", "c7"], ["c2.2", "c2"],
    ]  # fmt: skip
