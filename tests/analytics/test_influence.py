import json

import networkx as nx
import numpy as np
import pytest

from analytics.csr import TieGraph
from analytics.influence import closest, degree_discount, seeds, sentences
from tests.analytics.worlds import empty_graph, graph_of, random_graph


def reference(graph: TieGraph, k: int, p: float) -> list[tuple[int, float]]:
    """Algorithm 4 of the paper as printed: scan every node each time."""
    plain = nx.from_scipy_sparse_array(graph.undirected)
    chosen: list[tuple[int, float]] = []
    near = dict.fromkeys(plain, 0)
    while len(chosen) < k:
        left = [v for v in plain if v not in [c for c, _ in chosen]]
        value = {v: plain.degree(v) - 2 * near[v] - (plain.degree(v) - near[v]) * near[v] * p for v in left}
        best = max(left, key=lambda v: (value[v], -v), default=None)
        if best is None or 1 + value[best] * p <= 0:
            break
        chosen.append((best, 1 + value[best] * p))
        for v in plain.neighbors(best):
            near[v] += 1
    return chosen


@pytest.mark.parametrize("seed", range(20))
def test_degree_discount_follows_the_paper(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, int(rng.integers(5, 60)), int(rng.integers(10, 300)))
    p = float(rng.choice([0.01, 0.05, 0.3]))
    picked = degree_discount(graph, 15, p)
    expected = reference(graph, 15, p)
    assert picked["node"].tolist() == [node for node, _ in expected]
    assert picked["gain"].tolist() == pytest.approx([gain for _, gain in expected])


def test_the_second_seed_is_not_the_neighbour_of_the_first() -> None:
    # Hub b (4 neighbours) beside hub c (3, of them b); hub x (3) stands apart.
    graph = graph_of(
        ("b", "a1", 1), ("b", "a2", 1), ("b", "a3", 1), ("b", "c", 1), ("c", "d1", 1), ("c", "d2", 1),
        ("x", "y1", 1), ("x", "y2", 1), ("x", "y3", 5),
    )  # fmt: skip
    picked = degree_discount(graph, 2, 0.1)
    assert graph.keys[picked["node"].to_numpy()].tolist() == ["b", "x"]
    assert picked["gain"].tolist() == pytest.approx([1.4, 1.3])
    assert picked[["reach", "fresh"]].to_numpy().tolist() == [[4, 4], [3, 3]]
    assert closest(graph, int(picked["node"][1])) == ["y3", "y1", "y2"]
    assert sentences(picked, 0.1)[0] == [
        "reaches 4 members directly, 4 of them not reached by those before",
        "brings about 1.4 members, itself included, if a contact follows with chance 0.1",
    ]
    rows = seeds(graph, picked)
    assert rows["rank"].tolist() == [1, 2]
    assert json.loads(rows["covers"][1]) == ["y3", "y1", "y2"]


def test_no_ties_no_seeds() -> None:
    assert degree_discount(empty_graph()).empty
    assert seeds(empty_graph(), degree_discount(empty_graph())).empty
