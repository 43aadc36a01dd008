"""One contract for every engine: the same question on the same graph has the same answer.

Expected values are worked out by hand; what no hand can work out is compared between engines.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networkx.algorithms.community import louvain_communities as louvain

from analytics.communities.leiden import connected, modularity
from analytics.engines import measures as ask_for
from analytics.engines.choose import open_engine
from analytics.engines.engine import Engine, lack
from analytics.engines.measures import OUT_OF_REACH
from analytics.engines.network import Network, of_edges
from analytics.engines.run import answer
from tests.contract.asking import column, drawn, flow, offered, questions, same, ties

# --- by hand --------------------------------------------------------------------------------------


def test_components_ignore_direction_and_count_from_the_largest(engine: Engine) -> None:
    assert column(engine, flow(), ask_for.Components()) == [0, 0, 0, 0, 1]
    alone_first = ties("cd de fg", "abcdefg")
    assert column(engine, alone_first, ask_for.Components()) == [2, 3, 0, 0, 0, 1, 1]


def test_labels_change_at_once_and_a_mutual_pair_counts_twice(engine: Engine) -> None:
    ask = ask_for.LabelPropagation(rounds=1)
    offered(engine, flow(), ask)
    assert column(engine, flow(), ask) == ["b", "a", "a", "c", "e"]
    assert column(engine, flow(), ask_for.LabelPropagation(rounds=2)) == ["a", "b", "a", "a", "e"]
    assert column(engine, flow(directed=False), ask_for.LabelPropagation(rounds=1)) == list("baa" + "ce")
    assert column(engine, flow(), ask_for.LabelPropagation(rounds=0)) == list("abcde")


def test_leiden_finds_two_cliques(engine: Engine) -> None:
    cliques = ties("ab ac ad bc bd cd ef eg eh fg fh gh de")
    offered(engine, cliques, ask_for.Leiden())
    assert column(engine, cliques, ask_for.Leiden()) == [0, 0, 0, 0, 1, 1, 1, 1]


def test_pagerank_gives_what_a_sink_holds_to_all(engine: Engine) -> None:
    found = column(engine, ties("ab", directed=True), ask_for.PageRank())
    assert found == pytest.approx([1 / 2.85, 1.85 / 2.85], abs=1e-9)


def test_pagerank_follows_weights_or_not(engine: Engine) -> None:
    graph = of_edges(
        pd.DataFrame({"source": list("aabc"), "target": list("bcaa"), "weight": [3.0, 1, 1, 1]}),
        directed=True,
    )
    hub, strong, weak = column(engine, graph, ask_for.PageRank())  # type: ignore[misc]
    assert hub == pytest.approx((0.05 + 0.85) / 1.85, abs=1e-9)  # all shares but its own come back to it
    assert strong == pytest.approx(0.05 + 0.85 * 0.75 * hub, abs=1e-9)
    assert weak == pytest.approx(0.05 + 0.85 * 0.25 * hub, abs=1e-9)
    _, one, other = column(engine, graph, ask_for.PageRank(weighted=False))  # type: ignore[misc]
    assert one == pytest.approx(other, abs=1e-9)


def test_pagerank_of_one_round(engine: Engine) -> None:
    ask = ask_for.PageRank(rounds=1)
    offered(engine, flow(), ask)
    found = column(engine, ties("ab", directed=True), ask)
    assert found == pytest.approx([0.15 / 2 + 0.85 * 0.25, 0.15 / 2 + 0.85 * 0.75], abs=1e-12)


def test_personalised_pagerank_starts_and_restarts_at_its_sources(engine: Engine) -> None:
    found = column(engine, ties("ab", "abc", directed=True), ask_for.PersonalisedPageRank(("a",)))
    assert found == pytest.approx([1 / 1.85, 0.85 / 1.85, 0], abs=1e-9)
    both = column(engine, ties("ab", "abc", directed=True), ask_for.PersonalisedPageRank(("c", "b")))
    assert both == pytest.approx([0, 0.5, 0.5], abs=1e-9)


def test_core_is_that_of_the_simple_graph(engine: Engine) -> None:
    assert column(engine, flow(), ask_for.Core()) == [2, 2, 2, 1, 0]
    assert column(engine, ties("ab ba", directed=True), ask_for.Core()) == [1, 1]


def test_betweenness_is_a_share_of_the_pairs(engine: Engine) -> None:
    found = answer(engine, flow(), ask_for.Betweenness()).frame
    assert found["score"].tolist() == pytest.approx([0, 0, 1 / 3, 0, 0], abs=1e-12)
    assert found["error"].tolist() == [0] * 5
    square = ties("ab bc cd da")  # two ways between opposite corners: half a pair each, of three pairs
    assert column(engine, square, ask_for.Betweenness()) == pytest.approx([1 / 6] * 4, abs=1e-12)


def test_clustering_counts_arcs_among_neighbours(engine: Engine) -> None:
    kite = ties("ab bc ca cd", "abcde")
    assert column(engine, kite, ask_for.Clustering()) == pytest.approx([1, 1, 1 / 3, 0, 0], abs=1e-12)


def test_clustering_counts_a_mutual_pair_twice(engine: Engine) -> None:
    offered(engine, flow(), ask_for.Clustering())
    assert column(engine, flow(), ask_for.Clustering()) == pytest.approx([0.5, 0.5, 1 / 3, 0, 0], abs=1e-12)


def test_steps_follow_arcs(engine: Engine) -> None:
    away = OUT_OF_REACH
    assert column(engine, flow(), ask_for.Bfs("a")) == [0, 1, 1, away, away]
    assert column(engine, flow(), ask_for.Bfs("c")) == [away, away, 0, away, away]
    assert column(engine, flow(directed=False), ask_for.Bfs("d")) == [2, 2, 1, 0, away]
    assert column(engine, ties("ab bc cd de ef"), ask_for.Bfs("a")) == [0, 1, 2, 3, 4, 5]


def test_distances_add_weights_up(engine: Engine) -> None:
    away = np.inf
    assert column(engine, flow(), ask_for.ShortestPaths("a")) == [0, 1, 3, away, away]
    assert column(engine, flow(), ask_for.ShortestPaths("e")) == [away, away, away, away, 0]


def test_a_way_of_no_length_is_a_way(engine: Engine) -> None:
    free = of_edges(
        pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "weight": [0.0, 0]}), directed=True
    )
    assert column(engine, free, ask_for.ShortestPaths("a")) == [0, 0, 0]
    assert column(engine, free, ask_for.Components()) == [0, 0, 0]
    assert column(engine, free, ask_for.Core()) == [1, 1, 1]


def test_similarity_is_the_share_of_common_neighbours(engine: Engine) -> None:
    found = answer(engine, flow(), ask_for.Similarity(k=3)).frame
    assert [tuple(row) for row in found.round(12).itertuples(index=False)] == [
        ("a", "d", 0.5), ("a", "b", round(1 / 3, 12)), ("a", "c", 0.25),
        ("b", "d", 0.5), ("b", "a", round(1 / 3, 12)), ("b", "c", 0.25),
        ("c", "a", 0.25), ("c", "b", 0.25),
        ("d", "a", 0.5), ("d", "b", 0.5),
    ]  # fmt: skip
    best = answer(engine, flow(), ask_for.Similarity(k=1)).frame
    assert best["similarity"].tolist() == [0.5, 0.5, 0.25, 0.5]


def test_influence_begins_with_the_hub(engine: Engine) -> None:
    stars = [("h", f"h{leaf}") for leaf in range(20)] + [("g", f"g{leaf}") for leaf in range(10)]
    graph = of_edges(pd.DataFrame(stars, columns=["source", "target"]), directed=True)
    ask = ask_for.Influence(k=2, probability=0.1, simulations=1_000)
    offered(engine, graph, ask)
    found = answer(engine, graph, ask).frame
    assert found["rank"].tolist() == [1, 2]
    assert found["key"].tolist() == ["h", "g"]
    assert found["spread"].tolist() == pytest.approx([3, 5], abs=0.25)  # 1 + 20 × 0.1, and 1 + 10 × 0.1 more


# --- alike on every engine ------------------------------------------------------------------------


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("seed", [1, 2])
def test_engines_agree_on_drawn_graphs(engine: Engine, directed: bool, seed: int) -> None:
    graph = drawn(seed, directed)
    with open_engine("networkx") as oracle:
        for ask in questions(graph):
            if lack(engine.offers, graph, ask) is None:
                same(answer(engine, graph, ask).frame, answer(oracle, graph, ask).frame, ask)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    n = draw(st.integers(1, 9))
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda pair: pair[0] != pair[1])
    pairs = draw(st.lists(ends, max_size=20, unique=True)) if n > 1 else []
    weights = draw(st.lists(st.sampled_from([0.0, 0.5, 1, 2]), min_size=len(pairs), max_size=len(pairs)))
    frame = pd.DataFrame(pairs, columns=["source", "target"], dtype=object).astype(str)
    frame["weight"] = np.array(weights, float)
    return of_edges(frame, directed=draw(st.booleans()), keys=[str(number) for number in range(n)])


@given(networks())
@settings(max_examples=40, deadline=None)
def test_local_agrees_with_the_oracle_on_any_graph(graph: Network) -> None:
    with open_engine("local") as local, open_engine("networkx") as oracle:
        for ask in questions(graph):
            same(answer(local, graph, ask).frame, answer(oracle, graph, ask).frame, ask)


@given(networks(), st.integers(0, 3))
@settings(max_examples=30, deadline=None)
def test_communities_are_connected_and_no_worse_than_everybody_alone(graph: Network, seed: int) -> None:
    with open_engine("local") as local:
        found = answer(local, graph, ask_for.Leiden(seed=seed)).frame["community"].to_numpy()
    alone = modularity(graph.both, np.arange(graph.size))
    assert modularity(graph.both, found) >= alone - 1e-12
    assert connected(graph.both, found).max() == found.max()


def test_leiden_is_good_connected_and_repeats(engine: Engine) -> None:
    graph = drawn(5, directed=False, n=60, arcs=150)
    ask = ask_for.Leiden(seed=4)
    offered(engine, graph, ask)
    plain = nx.from_scipy_sparse_array(graph.both)
    best = max(nx.community.modularity(plain, louvain(plain, seed=seed)) for seed in (1, 2, 3))
    one, two = (answer(engine, graph, ask).frame["community"] for _ in range(2))
    assert one.tolist() == two.tolist()
    assert modularity(graph.both, one.to_numpy()) >= 0.97 * best
    assert connected(graph.both, one.to_numpy()).max() == one.max()


def test_sampled_betweenness_states_its_error(engine: Engine) -> None:
    graph = drawn(7, directed=False, n=120, arcs=300)
    with open_engine("networkx") as oracle:
        exact = answer(oracle, graph, ask_for.Betweenness()).frame["score"]
    found = answer(engine, graph, ask_for.Betweenness(samples=40))
    assert found.provenance.parameters == {"samples": 40}
    if engine.name == "gds":
        assert found.frame["error"].isna().all()
        assert any("states no error" in warning for warning in found.warnings)
    else:
        off = (found.frame["score"] - exact).abs()
        assert (off <= 4 * found.frame["error"] + 1e-12).mean() > 0.9
    assert np.corrcoef(found.frame["score"], exact)[0, 1] > 0.9
    everybody = answer(engine, graph, ask_for.Betweenness(samples=500)).frame
    assert everybody["score"].tolist() == pytest.approx(exact.tolist(), abs=1e-9)
    assert (everybody["error"] == 0).all()
