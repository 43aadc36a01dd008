import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.communities import leiden
from analytics.csr import TieGraph
from tests.analytics.worlds import empty_graph, graph_of, random_graph


def blocks(rng: np.random.Generator, size: int = 30, inside: float = 0.4, across: float = 0.01) -> TieGraph:
    names = [f"{block}{i:02d}" for block in "ab" for i in range(size)]
    edges = [
        (u, v, 1.0)
        for n, u in enumerate(names)
        for v in names[n + 1 :]
        if rng.random() < (inside if u[0] == v[0] else across)
    ]
    return graph_of(*edges)


def plain(graph: TieGraph) -> nx.Graph:
    return nx.from_scipy_sparse_array(graph.undirected)


def test_no_community_of_a_hundred_random_graphs_is_in_pieces() -> None:
    for seed in range(100):
        rng = np.random.default_rng(seed)
        graph = random_graph(rng, int(rng.integers(20, 200)), int(rng.integers(20, 600)))
        partition = leiden.find(graph, seeds=(1, 2))
        whole = plain(graph)
        for circle in range(partition.circle.max() + 1):
            assert nx.is_connected(whole.subgraph(np.flatnonzero(partition.circle == circle)))


def test_a_community_in_two_pieces_is_taken_apart() -> None:
    graph = graph_of(("a", "b", 1), ("c", "d", 1))
    assert leiden.connected(graph.undirected, np.zeros(4, np.int64)).tolist() == [0, 0, 1, 1]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8))
def test_taking_apart_leaves_pieces_and_nothing_else(seed: int, circles: int) -> None:
    """Whatever labels come in, what comes out is the pieces of each community, no more and no fewer."""
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, 40, int(rng.integers(5, 120)))
    label = rng.integers(0, circles, graph.size)
    whole = plain(graph)
    expected = {
        frozenset(piece)
        for circle in range(circles)
        for piece in nx.connected_components(whole.subgraph(np.flatnonzero(label == circle)))
    }
    found = leiden.connected(graph.undirected, label)
    assert {frozenset(np.flatnonzero(found == c)) for c in range(found.max() + 1)} == expected


def test_a_search_that_returns_pieces_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of(("a", "b", 1), ("c", "d", 1), ("e", "f", 1))
    pieces = np.array([0, 0, 0, 0, 1, 1])
    monkeypatch.setattr(leiden, "partition", lambda *_: pieces)
    found = leiden.find(graph)
    assert found.split == 1
    assert found.circle.tolist() == [0, 0, 1, 1, 2, 2]


def test_the_same_ties_give_the_same_partition() -> None:
    graph = random_graph(np.random.default_rng(7), 400, 3000)
    first, second = leiden.find(graph), leiden.find(graph)
    assert first.circle.tolist() == second.circle.tolist()
    assert first.stability.tolist() == second.stability.tolist()


def test_two_planted_blocks_are_found_and_are_stable() -> None:
    partition = leiden.find(blocks(np.random.default_rng(3)))
    assert partition.circle.tolist() == [0] * 30 + [1] * 30
    assert partition.stability == pytest.approx(np.ones(60))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_modularity_is_as_good_as_networkx_louvain(seed: int) -> None:
    graph = random_graph(np.random.default_rng(seed), 300, 1500)
    theirs = nx.community.louvain_communities(plain(graph), seed=seed)
    ours = leiden.find(graph)
    assert ours.modularity >= nx.community.modularity(plain(graph), theirs) - 0.01
    sets = [set(np.flatnonzero(ours.circle == c)) for c in range(ours.circle.max() + 1)]
    assert ours.modularity == pytest.approx(nx.community.modularity(plain(graph), sets))


def test_stability_is_the_share_of_the_circle_that_stays_together() -> None:
    circle, other = np.array([0, 0, 0, 0, 1]), np.array([0, 0, 0, 1, 1])
    assert leiden.kept_company(circle, other) == pytest.approx([2 / 3, 2 / 3, 2 / 3, 0, 1])


def test_a_profile_names_the_accounts_most_members_belong_to() -> None:
    graph = graph_of(("a", "b", 1), ("b", "c", 1), ("c", "d", 1), ("d", "e", 1), ("x", "y", 2), ("y", "x", 1))
    circles = pd.DataFrame({"member_id": list("abcdexy"), "circle": [0] * 5 + [1] * 2})
    homes = pd.Series({"a": "hx", "b": "hx", "c": "hx", "d": "zy", "e": "q"})
    names = pd.Series({"hx": "华信集团", "zy": "中远物流", "q": None})
    found = leiden.profiles(graph, circles, homes, names).set_index("circle")
    assert found["size"].tolist() == [5, 2]
    assert found["density"].tolist() == [pytest.approx(4 / 10), 1.0]
    assert found["label"].tolist() == [
        "华信集团 60 %、中远物流 20 %".replace("中远物流", "q"),
        "no account known",
    ]
    assert found["accounts"].tolist() == [3, 0]


def test_no_ties_no_communities() -> None:
    partition = leiden.find(empty_graph())
    assert len(partition.circle) == 0
    assert leiden.members_of(empty_graph(), partition).empty
