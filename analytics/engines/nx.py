"""NetworkX as an engine: the oracle, for graphs of some thousands of nodes.

What NetworkX has is asked of NetworkX; LDBC's label propagation and directed clustering, which it has not,
are written here from their definition over its graphs, and share nothing with the kernels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from itertools import permutations
from typing import Any

import networkx as nx
import numpy as np

from analytics.engines import measures as ask_for
from analytics.engines.engine import Engine, Offer, Offers, lacking
from analytics.engines.network import Network
from analytics.engines.result import Columns, Trace, by_size

NAME = "networkx"
STILL = 1e-13
LONGEST = 10_000
MOST_CASCADES = 500_000
NO_LEIDEN = "NetworkX names it and leaves it to other libraries"


def networkx_engine() -> Engine:
    """The engine `networkx`."""
    return Engine(NAME, f"networkx {nx.__version__}", OFFERS)


def _graph(graph: Network, trace: Trace, *, directed: bool) -> nx.Graph:
    """The graph, or without directions the graph of `both`; nodes are numbers."""
    with trace.timed("load"):
        made = nx.DiGraph() if directed else nx.Graph()
        made.add_nodes_from(range(graph.size))
        coo = (graph.arcs if directed else graph.both).tocoo()
        arcs = zip(coo.row.tolist(), coo.col.tolist(), coo.data.tolist(), strict=True)
        made.add_weighted_edges_from(arcs)
        return made


def _components(graph: Network, ask: ask_for.Components, trace: Trace) -> Columns:
    made = _graph(graph, trace, directed=False)
    with trace.timed("run"):
        found = list(nx.connected_components(made))
    return {"component": by_size(_numbers(found, graph.size))}


def _labels(graph: Network, ask: ask_for.LabelPropagation, trace: Trace) -> Columns:
    made = _graph(graph, trace, directed=graph.directed)
    with trace.timed("run"):
        label = {node: node for node in made}
        for _ in range(ask.rounds):
            label = {node: _most_frequent(made, node, label) for node in made}
    return {"label": graph.keys[[label[node] for node in range(graph.size)]]}


def _most_frequent(made: nx.Graph, node: int, label: Mapping[int, int]) -> int:
    ways = [made.successors(node), made.predecessors(node)] if made.is_directed() else [made.neighbors(node)]
    seen = Counter(label[other] for way in ways for other in way)
    return min(seen, key=lambda one: (-seen[one], one), default=label[node])


def _pagerank(graph: Network, ask: ask_for.PageRank, trace: Trace) -> Columns:
    made = _graph(graph, trace, directed=True)
    weight = "weight" if ask.weighted else None
    with trace.timed("run"):
        if ask.rounds is None:
            found = nx.pagerank(made, ask.damping, max_iter=LONGEST, tol=STILL, weight=weight)
        else:
            found = dict.fromkeys(made, 1 / graph.size)
            for _ in range(ask.rounds):  # one round at a time: an endless tolerance ends it after one
                found = nx.pagerank(made, ask.damping, max_iter=1, tol=np.inf, nstart=found, weight=weight)
    return {"score": _values(found, graph.size)}


def _personalised(graph: Network, ask: ask_for.PersonalisedPageRank, trace: Trace) -> Columns:
    made = _graph(graph, trace, directed=True)
    starts = dict.fromkeys(graph.numbers(ask.sources).tolist(), 1.0)
    weight = "weight" if ask.weighted else None
    with trace.timed("run"):
        found = nx.pagerank(made, ask.damping, starts, max_iter=LONGEST, tol=STILL, weight=weight)
    return {"score": _values(found, graph.size)}


def _core(graph: Network, ask: ask_for.Core, trace: Trace) -> Columns:
    made = _graph(graph, trace, directed=False)
    with trace.timed("run"):
        found = nx.core_number(made)
    return {"core": _values(found, graph.size)}


def _betweenness(graph: Network, ask: ask_for.Betweenness, trace: Trace) -> Columns:
    made = _graph(graph, trace, directed=False)
    n = graph.size
    with trace.timed("run"):
        if ask.exact(graph):
            found = nx.betweenness_centrality(made)
            return {"score": _values(found, n), "error": np.zeros(n)}
        chosen = np.random.default_rng(ask.seed).choice(n, size=ask.samples, replace=False)
        each = np.array([_dependencies(made, int(source)) for source in chosen])
    return _estimate(each, n)


def _dependencies(made: nx.Graph, source: int) -> np.ndarray[Any, Any]:
    """Brandes' dependencies of one source on every node, of an undirected graph."""
    found = nx.betweenness_centrality_subset(made, [source], list(made))
    return 2 * _values(found, len(made))


def _estimate(each: np.ndarray[Any, Any], n: int) -> Columns:
    """Mean and standard error over the sources that were drawn, without putting back, out of n."""
    drawn = len(each)
    scale = n / max((n - 1) * (n - 2), 1)
    error = each.std(axis=0) / np.sqrt(max(drawn - 1, 1)) * np.sqrt(1 - drawn / n)
    return {"score": scale * each.mean(axis=0), "error": scale * error}


def _clustering(graph: Network, ask: ask_for.Clustering, trace: Trace) -> Columns:
    made = _graph(graph, trace, directed=graph.directed)
    with trace.timed("run"):
        found = nx.clustering(made) if not graph.directed else {node: _around(made, node) for node in made}
    return {"coefficient": _values(found, graph.size)}


def _around(made: nx.DiGraph, node: int) -> float:
    near = {*made.successors(node), *made.predecessors(node)}
    arcs = sum(made.has_edge(one, other) for one, other in permutations(near, 2))
    return arcs / (len(near) * (len(near) - 1)) if len(near) > 1 else 0.0


def _bfs(graph: Network, ask: ask_for.Bfs, trace: Trace) -> Columns:
    made = _graph(graph, trace, directed=True)
    with trace.timed("run"):
        found = nx.single_source_shortest_path_length(made, graph.number(ask.source))
    depth = [found.get(node, ask_for.OUT_OF_REACH) for node in range(graph.size)]
    return {"depth": np.array(depth, np.int64)}


def _sssp(graph: Network, ask: ask_for.ShortestPaths, trace: Trace) -> Columns:
    made = _graph(graph, trace, directed=True)
    with trace.timed("run"):
        found = nx.single_source_dijkstra_path_length(made, graph.number(ask.source))
    return {"distance": np.array([found.get(node, np.inf) for node in range(graph.size)])}


def _similarity(graph: Network, ask: ask_for.Similarity, trace: Trace) -> Columns:
    made = _graph(graph, trace, directed=False)
    rows: list[tuple[str, str, float]] = []
    with trace.timed("run"):
        for node in range(graph.size):
            near = sorted({other for step in made[node] for other in made[step]} - {node})
            alike = nx.jaccard_coefficient(made, [(node, other) for other in near])
            best = sorted(((-value, other) for _, other, value in alike))[: ask.k]
            rows += [(graph.keys[node], graph.keys[other], -value) for value, other in best]
    key, other, value = zip(*rows, strict=True) if rows else ((), (), ())
    return {"key": np.array(key, object), "other": np.array(other, object), "similarity": np.array(value)}


def _influence(graph: Network, ask: ask_for.Influence, trace: Trace) -> Columns:
    """Greedy choice on simulated worlds, where an arc passes word on or does not (Kempe et al. 2003)."""
    coo = graph.arcs.tocoo()
    arcs = np.column_stack([coo.row, coo.col])
    chance = np.random.default_rng(ask.seed)
    with trace.timed("run"):
        worlds = [arcs[chance.random(len(arcs)) < ask.probability] for _ in range(ask.simulations)]
        reached = _reached(worlds, graph.size)
        chosen, spread = _greedy(reached, ask.k, ask.simulations)
    return {"rank": np.arange(1, len(chosen) + 1), "key": graph.keys[chosen], "spread": np.array(spread)}


def _reached(worlds: Iterable[np.ndarray[Any, Any]], n: int) -> list[set[tuple[int, int]]]:
    """Per node whom it reaches in which world, as (world, node)."""
    found: list[set[tuple[int, int]]] = [set() for _ in range(n)]
    for number, arcs in enumerate(worlds):
        world = nx.DiGraph(arcs.tolist())
        for node in range(n):
            near = nx.descendants(world, node) if node in world else ()
            found[node].update((number, other) for other in (node, *near))
    return found


def _greedy(reached: list[set[tuple[int, int]]], k: int, worlds: int) -> tuple[list[int], list[float]]:
    chosen: list[int] = []
    spread: list[float] = []
    covered: set[tuple[int, int]] = set()
    while len(chosen) < min(k, len(reached)):
        left = [node for node in range(len(reached)) if node not in chosen]
        best = max(left, key=lambda node: (len(reached[node] - covered), -node))
        chosen.append(best)
        covered |= reached[best]
        spread.append(len(covered) / worlds)
    return chosen, spread


def _small(graph: Network, ask: ask_for.Influence) -> str | None:
    if graph.size * ask.simulations <= MOST_CASCADES:
        return None
    return (
        f"{graph.size:,} nodes in {ask.simulations:,} simulated worlds are more than the"
        f" {MOST_CASCADES:,} that plain Python bears"
    )


def _numbers(groups: Iterable[Iterable[int]], n: int) -> np.ndarray[Any, Any]:
    found = np.empty(n, np.int64)
    for number, group in enumerate(groups):
        found[list(group)] = number
    return found


def _values(found: Mapping[Hashable, float], n: int) -> np.ndarray[Any, Any]:
    return np.array([found[node] for node in range(n)], np.float64)


OFFERS: Offers = {
    ask_for.Components: Offer(_components),
    ask_for.LabelPropagation: Offer(_labels),
    ask_for.Leiden: lacking(NO_LEIDEN),
    ask_for.PageRank: Offer(_pagerank),
    ask_for.PersonalisedPageRank: Offer(_personalised),
    ask_for.Core: Offer(_core),
    ask_for.Betweenness: Offer(_betweenness),
    ask_for.Clustering: Offer(_clustering),
    ask_for.Bfs: Offer(_bfs),
    ask_for.ShortestPaths: Offer(_sssp),
    ask_for.Similarity: Offer(_similarity),
    ask_for.Influence: Offer(_influence, _small),
}
