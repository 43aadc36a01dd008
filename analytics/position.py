"""Where a member stands among the others: PageRank, k-core and betweenness.

Each function takes the shared `TieGraph` and returns one float64 per node, in the order of its keys.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkit as nk
import numpy as np
from scipy import sparse

from analytics.csr import Floats, Ints, TieGraph, networkit_graph

DAMPING = 0.85
EXACT_UP_TO = 4_000
PIVOTS = 128
BATCH = 16
DEEPEST = 100


@dataclass(frozen=True, eq=False)
class Betweenness:
    """`value` 0 to 1 per node; `error` the standard error per node (0 where exact); pivots used."""

    value: Floats
    error: Floats
    pivots: int


def pagerank(graph: TieGraph) -> Floats:
    """Share of a random walk over weighted, directed ties; who has no outgoing tie jumps anywhere.

    Sums to 1. Agrees with networkx.pagerank to 1e-6 (damping 0.85).
    """
    if not graph.size:
        return np.zeros(0)
    walk = nk.centrality.PageRank(
        networkit_graph(graph.directed, directed=True),
        DAMPING,
        1e-10,
        distributeSinks=nk.centrality.SinkHandling.DistributeSinks,
    )
    walk.run()
    shares = np.array(walk.scores(), dtype=np.float64)
    total: Floats = shares / shares.sum()
    return total


def core(graph: TieGraph) -> Floats:
    """Largest k such that the node is in the k-core of the simple undirected graph."""
    if not graph.size:
        return np.zeros(0)
    cores = nk.centrality.CoreDecomposition(networkit_graph(graph.undirected, directed=False))
    cores.run()
    return np.array(cores.scores(), dtype=np.float64)


def betweenness(
    graph: TieGraph, exact_up_to: int = EXACT_UP_TO, pivots: int = PIVOTS, seed: int = 1
) -> Betweenness:
    """Share of the shortest paths (in steps, undirected) between two others that pass a node.

    Exact for graphs up to `exact_up_to` nodes, else estimated from random pivots with a standard error
    (Brandes 2001; Brandes and Pich 2007). Several sources at a time as one matrix product (Buluç and
    Gilbert 2011): three to four times as fast here as NetworKit, which gives no error for its estimate.
    """
    n = graph.size
    if n < 3:
        return Betweenness(np.zeros(n), np.zeros(n), n)
    steps = sparse.csr_array(graph.undirected.astype(bool).astype(np.float64))
    sources = np.arange(n)
    if n > exact_up_to:
        sources = np.sort(np.random.default_rng(seed).choice(n, size=min(pivots, n), replace=False))
    sums = _dependencies(steps, sources)
    if sums is None:
        return _deep(graph)
    total, squares = sums
    k = len(sources)
    scale = n / ((n - 1) * (n - 2))
    variance = np.maximum(squares / k - (total / k) ** 2, 0) / max(k - 1, 1) * (1 - k / n)
    return Betweenness(scale * total / k, scale * np.sqrt(variance), k)


def _dependencies(steps: sparse.csr_array, sources: Ints) -> tuple[Floats, Floats] | None:
    """Sum and sum of squares over sources of each node's dependency; None for a very deep graph."""
    total, squares = np.zeros(steps.shape[0]), np.zeros(steps.shape[0])
    for start in range(0, len(sources), BATCH):
        found = _brandes(steps, sources[start : start + BATCH])
        if found is None:
            return None
        total += found.sum(axis=1)
        squares += (found**2).sum(axis=1)
    return total, squares


def _brandes(steps: sparse.csr_array, sources: Ints) -> Floats | None:
    """Dependencies of the sources on every node, shape (n, sources): Brandes' two sweeps by levels."""
    column = np.arange(len(sources))
    front = np.zeros((steps.shape[0], len(sources)))
    front[sources, column] = 1
    paths, levels = front.copy(), [front != 0]
    while len(levels) <= DEEPEST:
        front = steps @ front
        front[paths != 0] = 0
        if not front.any():
            break
        levels.append(front != 0)
        paths += front
    else:
        return None
    inverse = np.divide(1, paths, out=np.zeros_like(paths), where=paths != 0)
    dependency = np.zeros_like(paths)
    for nearer, level in zip(levels[-2::-1], levels[:0:-1], strict=True):
        dependency += nearer * paths * (steps @ (level * (1 + dependency) * inverse))
    dependency[sources, column] = 0
    return dependency


def _deep(graph: TieGraph) -> Betweenness:
    """Exact, by NetworKit: on a graph like a long chain the sweep by levels costs n times as much."""
    simple = nk.graphtools.toUnweighted(networkit_graph(graph.undirected, directed=False))
    paths = nk.centrality.Betweenness(simple, normalized=True)
    paths.run()
    value = np.array(paths.scores(), dtype=np.float64)
    return Betweenness(value, np.zeros(graph.size), graph.size)
