import networkx as nx
import numpy as np
import pytest

from analytics import position
from analytics.csr import TieGraph
from analytics.kernels import ranks
from graph.errors import BadInput
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


def test_the_rank_of_a_cycle_is_even_and_that_of_a_star_known() -> None:
    cycle = graph_of(("a", "b", 2), ("b", "c", 7), ("c", "a", 1))
    assert position.pagerank(cycle) == pytest.approx([1 / 3] * 3)
    # Five leaves point at a hub that points at nobody: l = 0.15/6 + 0.85 h/6 and 5 l + h = 1.
    star = graph_of(*((f"leaf{i}", "hub", 1) for i in range(5)))
    leaf = 1 / (6 + 5 * 0.85)
    assert position.pagerank(star) == pytest.approx([1 - 5 * leaf, *[leaf] * 5])


@pytest.mark.parametrize("seed", range(3))
def test_personalised_rank_agrees_with_networkx(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, 120, 300)
    jump = rng.random(graph.size) * (rng.random(graph.size) < 0.2)
    wanted = nx.pagerank(directed(graph), personalization=dict(enumerate(jump)), tol=1e-12, max_iter=1000)
    assert position.pagerank(graph, jump=jump) == pytest.approx(np.array(list(wanted.values())), abs=1e-6)


def test_without_weights_each_tie_counts_alike() -> None:
    graph = random_graph(np.random.default_rng(8), 80, 200)
    wanted = nx.pagerank(directed(graph), weight=None, tol=1e-12, max_iter=1000)
    assert position.pagerank(graph, weighted=False) == pytest.approx(
        np.array(list(wanted.values())), abs=1e-6
    )


def test_as_many_rounds_as_asked_for() -> None:
    graph = graph_of(("a", "b", 1), ("b", "a", 1), ("c", "a", 1))
    start = np.full(3, 1 / 3)
    assert position.pagerank(graph, rounds=0) == pytest.approx(start)
    once = 0.15 / 3 + 0.85 * np.array([2 / 3, 1 / 3, 0])
    assert position.pagerank(graph, rounds=1) == pytest.approx(once)


def test_a_tie_of_weight_0_leads_nowhere() -> None:
    assert position.pagerank(graph_of(("a", "b", 0), ("b", "a", 1))) == pytest.approx(
        position.pagerank(graph_of(("b", "a", 1)))
    )


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"damping": 1.0}, "damping of 1.0"),
        ({"damping": -0.1}, "damping of -0.1"),
        ({"damping": float("nan")}, "damping of nan"),
        ({"rounds": -1}, "-1 rounds"),
        ({"tolerance": 0.0}, "tolerance of 0.0"),
        ({"jump": np.ones(3)}, "one number for each of the 2 nodes"),
        ({"jump": np.array([1.0, -1.0])}, "at least 0"),
        ({"jump": np.array([1.0, np.nan])}, "finite"),
        ({"jump": np.zeros(2)}, "one of them above 0"),
    ],
)
def test_a_walk_that_is_none_is_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        position.pagerank(graph_of(("a", "b", 1)), **wrong)


@pytest.mark.parametrize("seed", range(3))
def test_components_are_those_of_networkx_numbered_by_their_first_member(seed: int) -> None:
    graph = random_graph(np.random.default_rng(seed), 300, 180)
    found = position.components(graph)
    wanted = sorted(sorted(part) for part in nx.weakly_connected_components(directed(graph)))
    assert [np.flatnonzero(found == number).tolist() for number in range(found.max() + 1)] == wanted
    assert len(wanted) > 5


def test_the_numbers_do_not_depend_on_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranks, "ALONE", 0)
    graph = random_graph(np.random.default_rng(2), 400, 3000)
    one, three = (position.pagerank(graph, threads=threads) for threads in (1, 3))
    assert one.tobytes() == three.tobytes()
    monkeypatch.setattr(ranks, "ALONE", 10**9)
    assert position.pagerank(graph).tobytes() == one.tobytes()
    alone, together = (
        position.betweenness(graph, exact_up_to=0, pivots=50, threads=threads) for threads in (1, 3)
    )
    assert alone.value.tobytes() == together.value.tobytes()
    assert alone.error.tobytes() == together.error.tobytes()


def test_two_standard_errors_cover_the_truth_of_those_who_matter() -> None:
    """Few sources make up much of a sum, so that it is not quite the 95 % of a normal distribution."""
    graph = random_graph(np.random.default_rng(5), 800, 3200)
    truth = position.betweenness(graph).value
    most = np.argsort(-truth)[:50]
    inside = []
    for seed in range(40):
        sampled = position.betweenness(graph, exact_up_to=0, pivots=256, seed=seed)
        inside.append(np.abs(sampled.value - truth)[most] <= 2 * sampled.error[most])
    assert 0.87 <= np.mean(inside) <= 0.98


def test_one_pivot_tells_no_error_and_is_refused() -> None:
    with pytest.raises(BadInput, match="at least 2"):
        position.betweenness(graph_of(("a", "b", 1)), pivots=1)


def test_no_ties_no_components() -> None:
    assert len(position.components(empty_graph())) == 0
