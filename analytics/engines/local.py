"""The engine of the house: NetworKit, SciPy and kernels of our own, on this machine. The default."""

from __future__ import annotations

import networkit as nk
import numba
import numpy as np
import scipy
from scipy import sparse
from scipy.sparse import csgraph

from analytics import position
from analytics.communities import leiden
from analytics.csr import Floats, Ints, TieGraph
from analytics.engines import measures as ask_for
from analytics.engines.engine import Engine, Offer, Offers
from analytics.engines.network import Network, with_ones
from analytics.engines.result import Columns, Trace, by_size
from analytics.kernels.arcs import backwards
from analytics.kernels.clustering import clustering
from analytics.kernels.labels import propagate
from analytics.kernels.limits import limits
from analytics.kernels.opimc import Effort, maximise
from analytics.kernels.similarity import most_similar

NAME = "local"
STILL = 1e-12
"""A walk stands still when its shares change by less than this in all."""


def local_engine() -> Engine:
    """The engine `local`."""
    version = f"networkit {nk.__version__}, scipy {scipy.__version__}, numba {numba.__version__}"
    return Engine(NAME, version, OFFERS)


def _components(graph: Network, ask: ask_for.Components, trace: Trace) -> Columns:
    with trace.timed("load"):
        ties = _ties(graph, graph.both)
    with trace.timed("run"):
        found = position.components(ties)
    return {"component": by_size(found)}


def _labels(graph: Network, ask: ask_for.LabelPropagation, trace: Trace) -> Columns:
    with trace.timed("load"):
        counted = graph.counted
    with trace.timed("run"):
        found = propagate(counted.indptr, counted.indices, counted.data.astype(np.int64), ask.rounds)
    return {"label": graph.keys[found]}


def _leiden(graph: Network, ask: ask_for.Leiden, trace: Trace) -> Columns:
    with trace.timed("load"):
        ties = _ties(graph, graph.both)
    with trace.timed("run"):
        found = leiden.one_run(ties, ask.seed, ask.resolution)
        whole = leiden.connected(graph.both, found)
    return {"community": by_size(whole)}


def _pagerank(graph: Network, ask: ask_for.PageRank, trace: Trace) -> Columns:
    return _walk(graph, ask, None, ask.rounds, trace)


def _personalised(graph: Network, ask: ask_for.PersonalisedPageRank, trace: Trace) -> Columns:
    starts = np.zeros(graph.size)
    starts[graph.numbers(ask.sources)] = 1 / len(ask.sources)
    return _walk(graph, ask, starts, None, trace)


def _walk(
    graph: Network,
    ask: ask_for.PageRank | ask_for.PersonalisedPageRank,
    starts: Floats | None,
    rounds: int | None,
    trace: Trace,
) -> Columns:
    with trace.timed("load"):
        ties = _ties(graph, graph.both)
        _ = ties.incoming
    with trace.timed("run"):
        score = position.pagerank(ties, ask.damping, starts, rounds, STILL, ask.weighted)
    return {"score": score}


def _core(graph: Network, ask: ask_for.Core, trace: Trace) -> Columns:
    with trace.timed("load"):
        ties = _ties(graph, with_ones(graph.both))
    with trace.timed("run"):
        found = position.core(ties)
    return {"core": found}


def _betweenness(graph: Network, ask: ask_for.Betweenness, trace: Trace) -> Columns:
    with trace.timed("load"):
        ties = _ties(graph, with_ones(graph.both))
    exact = ask.samples is None or ask.exact(graph)
    exact_up_to, pivots = (graph.size, position.PIVOTS) if exact else (0, ask.samples or graph.size)
    with trace.timed("run"):
        found = position.betweenness(ties, exact_up_to, pivots, ask.seed)
    return {"score": found.value, "error": found.error}


def _clustering(graph: Network, ask: ask_for.Clustering, trace: Trace) -> Columns:
    with trace.timed("load"):
        counted = graph.counted
    with trace.timed("run"):
        found = clustering(counted, graph.directed)
    return {"coefficient": found}


def _bfs(graph: Network, ask: ask_for.Bfs, trace: Trace) -> Columns:
    with trace.timed("run"):
        source = graph.number(ask.source)
        order, before = csgraph.breadth_first_order(graph.arcs, source, directed=True)
        depth = np.full(graph.size, ask_for.OUT_OF_REACH, np.int64)
        depth[source] = 0
        _deepen(depth, order.astype(np.int64), before.astype(np.int64))
    return {"depth": depth}


def _deepen(depth: Ints, order: Ints, before: Ints) -> None:
    """Depths from a breadth-first order: a level ends where the predecessors are all of this level."""
    rank = np.empty(len(depth), np.int64)
    rank[order] = np.arange(len(order))
    above = rank[before[order[1:]]]  # ascends: who was found first has its neighbours found first
    start, end, level = 0, 1, 1
    while end < len(order):
        start, end = end, 1 + int(np.searchsorted(above, end, side="left"))
        depth[order[start:end]] = level
        level += 1


def _sssp(graph: Network, ask: ask_for.ShortestPaths, trace: Trace) -> Columns:
    with trace.timed("run"):
        source = graph.number(ask.source)
        found = csgraph.dijkstra(graph.arcs, directed=True, indices=[source])
    return {"distance": found[0]}


def _similarity(graph: Network, ask: ask_for.Similarity, trace: Trace) -> Columns:
    both = graph.both
    k = min(ask.k, max(graph.size - 1, 1))
    with trace.timed("run"):
        others, alike = most_similar(both.indptr, both.indices, k)
    with trace.timed("read"):
        node, column = np.nonzero(others >= 0)
        found = others[node, column]
        return {"key": graph.keys[node], "other": graph.keys[found], "similarity": alike[node, column]}


def _influence(graph: Network, ask: ask_for.Influence, trace: Trace) -> Columns:
    with trace.timed("load"):
        chances = with_ones(graph.arcs) * ask.probability
        into = backwards(chances, "ic")
    with trace.timed("run"):
        effort = Effort(epsilon=ask.epsilon, seed=ask.seed)
        found = maximise(into, limits(graph.size, min(ask.k, graph.size)), effort=effort)
    trace.details.update(
        spread_low=found.low,
        spread_high=found.high,
        best_possible_at_most=found.upper,
        certificate=found.certificate,
        wrong_with_chance=found.delta,
    )
    rank = np.arange(1, len(found.seeds) + 1)
    return {"rank": rank, "key": graph.keys[found.seeds], "spread": np.cumsum(found.gain)}


def _ties(graph: Network, undirected: sparse.csr_array) -> TieGraph:
    return TieGraph(graph.keys, graph.arcs, undirected)


OFFERS: Offers = {
    ask_for.Components: Offer(_components),
    ask_for.LabelPropagation: Offer(_labels),
    ask_for.Leiden: Offer(_leiden),
    ask_for.PageRank: Offer(_pagerank),
    ask_for.PersonalisedPageRank: Offer(_personalised),
    ask_for.Core: Offer(_core),
    ask_for.Betweenness: Offer(_betweenness),
    ask_for.Clustering: Offer(_clustering),
    ask_for.Bfs: Offer(_bfs),
    ask_for.ShortestPaths: Offer(_sssp),
    ask_for.Similarity: Offer(_similarity),
    ask_for.Influence: Offer(_influence),
}
