import networkx as nx
import numpy as np
import pytest

from analytics import position
from analytics.csr import TieGraph
from tests.analytics.worlds import empty_graph, graph_of, random_graph


def directed(graph: TieGraph) -> nx.DiGraph:
    return nx.from_scipy_sparse_array(graph.directed, create_using=nx.DiGraph)


@pytest.mark.parametrize("seed", range(5))
def test_the_three_measures_agree_with_networkx(seed: int) -> None:
    graph = random_graph(np.random.default_rng(seed), 150, 500)
    plain = directed(graph).to_undirected()
    ranks = nx.pagerank(directed(graph), tol=1e-12, max_iter=1000)
    assert position.pagerank(graph) == pytest.approx(np.array(list(ranks.values())), abs=1e-6)
    assert position.pagerank(graph).sum() == pytest.approx(1)
    assert position.core(graph).tolist() == list(nx.core_number(plain).values())
    between = position.betweenness(graph)
    assert between.value == pytest.approx(np.array(list(nx.betweenness_centrality(plain).values())))
    assert not between.error.any()


def test_a_sink_hands_its_rank_to_everyone() -> None:
    # a -> b: b has no outgoing tie. x_a = 0.15/2 + 0.85 x_b/2, x_a + x_b = 1.
    a = (0.075 + 0.425) / (1 + 0.425)
    assert position.pagerank(graph_of(("a", "b", 3))) == pytest.approx([a, 1 - a])


def test_the_middle_of_a_star_lies_on_every_shortest_path() -> None:
    star = graph_of(*(("hub", f"leaf{i}", 1) for i in range(5)))
    assert position.betweenness(star).value.tolist() == [1, 0, 0, 0, 0, 0]


def test_sampled_betweenness_is_as_far_off_as_it_says() -> None:
    graph = random_graph(np.random.default_rng(4), 600, 2400)
    truth = position.betweenness(graph).value
    sampled = position.betweenness(graph, exact_up_to=100, pivots=100)
    assert sampled.pivots == 100
    off = np.sqrt(np.mean((sampled.value - truth) ** 2))
    assert off == pytest.approx(np.sqrt(np.mean(sampled.error**2)), rel=0.2)
    assert np.corrcoef(sampled.value, truth)[0, 1] > 0.8


def test_a_long_chain_is_answered_too() -> None:
    chain = graph_of(*((f"m{i:04d}", f"m{i + 1:04d}", 1) for i in range(300)))
    expected = list(nx.betweenness_centrality(nx.path_graph(301)).values())
    assert position.betweenness(chain).value == pytest.approx(np.array(expected))


def test_no_ties_no_figures() -> None:
    nothing = empty_graph()
    assert len(position.pagerank(nothing)) == len(position.core(nothing)) == 0
    assert len(position.betweenness(nothing).value) == 0
