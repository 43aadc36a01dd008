"""Where a member stands among the others: PageRank, component, k-core and betweenness.

Each function takes the shared `TieGraph` and returns one number per node, in the order of its keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log

import networkit as nk
import numpy as np
from scipy import sparse

from analytics.csr import Floats, Ints, TieGraph, networkit_graph
from analytics.kernels.between import dependencies
from analytics.kernels.linked import roots
from analytics.kernels.ranks import walked
from analytics.kernels.rows import rows_added
from graph.errors import BadInput

DAMPING = 0.85
EXACT_UP_TO = 4_000
PIVOTS = 128
TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Betweenness:
    """`value` 0 to 1 per node; `error` the standard error per node (0 where exact); pivots used."""

    value: Floats
    error: Floats
    pivots: int


def pagerank(
    graph: TieGraph,
    damping: float = DAMPING,
    jump: Floats | None = None,
    rounds: int | None = None,
    tolerance: float = TOLERANCE,
    weighted: bool = True,
    threads: int | None = None,
) -> Floats:
    """Share of a random walk over directed ties; who has no outgoing tie jumps anywhere.

    Sums to 1. `jump` (one number of at least 0 per node, not all 0; its sum does not matter) is where the
    walk goes on when it jumps, by default anywhere alike: personalised PageRank. Rounds are as many as bring
    the change of one below `tolerance` in sum, or exactly `rounds` where given, as LDBC Graphalytics has it.
    The same numbers whatever the threads. Agrees with networkx.pagerank to 1e-6. Raises BadInput for a
    damping outside 0 to 1, a negative number of rounds and a jump that is none.
    """
    _checked_walk(graph.size, damping, jump, rounds, tolerance)
    if not graph.size:
        return np.zeros(0)
    goal = np.full(graph.size, 1 / graph.size) if jump is None else jump / jump.sum()
    ties = graph.incoming
    given = _given(graph.directed, weighted)
    data = ties.data if weighted else ties.data[:0]
    most = rounds if rounds is not None else _enough(damping, tolerance)
    stop = 0.0 if rounds is not None else tolerance
    return walked(ties.indptr, ties.indices, data, given, goal, damping, most, stop, threads)


def components(graph: TieGraph) -> Ints:
    """The number of each node's component, whatever the direction of ties; from 0, by their first nodes."""
    first = roots(graph.undirected.indptr, graph.undirected.indices)
    begins = first == np.arange(graph.size)
    numbers: Ints = (np.cumsum(begins) - 1)[first]
    return numbers


def core(graph: TieGraph) -> Floats:
    """Largest k such that the node is in the k-core of the simple undirected graph."""
    if not graph.size:
        return np.zeros(0)
    cores = nk.centrality.CoreDecomposition(networkit_graph(graph.undirected))
    cores.run()
    return np.array(cores.scores(), dtype=np.float64)


def betweenness(
    graph: TieGraph,
    exact_up_to: int = EXACT_UP_TO,
    pivots: int = PIVOTS,
    seed: int = 1,
    threads: int | None = None,
) -> Betweenness:
    """Share of the shortest paths (in steps, undirected) between two others that pass a node.

    Exact for graphs up to `exact_up_to` nodes, else estimated from random pivots with a standard error
    (Brandes 2001; Brandes and Pich 2007). A few sources make up much of a node's sum: two errors either way
    hold the truth in 87 of 100 cases with 128 pivots, in 91 with 256, not in 95. The same numbers whatever
    the threads. Raises BadInput for fewer than two pivots, which have no standard error.
    """
    if pivots < 2:
        raise BadInput(f"{pivots} pivots tell nothing of how far off they are; take at least 2")
    n = graph.size
    if n < 3:
        return Betweenness(np.zeros(n), np.zeros(n), n)
    sources = np.arange(n)
    if n > exact_up_to:
        sources = np.sort(np.random.default_rng(seed).choice(n, size=min(pivots, n), replace=False))
    total, squares = dependencies(graph.undirected.indptr, graph.undirected.indices, sources, threads)
    k = len(sources)
    scale = n / ((n - 1) * (n - 2))
    variance = np.maximum(squares / k - (total / k) ** 2, 0) / max(k - 1, 1) * (1 - k / n)
    return Betweenness(scale * total / k, scale * np.sqrt(variance), k)


def _given(directed: sparse.csr_array, weighted: bool) -> Floats:
    """What each node gives away in all: its weights' sum, or its number of ties."""
    if not weighted:
        return np.diff(directed.indptr).astype(np.float64)
    return rows_added(directed.indptr, directed.data)


def _enough(damping: float, tolerance: float) -> int:
    """Rounds after which the change must be below the tolerance: each takes it down by the damping."""
    if not damping:
        return 1
    return max(1, ceil(log(tolerance / 2) / log(damping)) + 1)


def _checked_walk(
    nodes: int, damping: float, jump: Floats | None, rounds: int | None, tolerance: float
) -> None:
    if not 0 <= damping < 1:
        raise BadInput(f"a damping of {damping}; it must be at least 0 and below 1, such as {DAMPING}")
    if not 0 < tolerance < 1:
        raise BadInput(f"a tolerance of {tolerance}; it must be above 0 and below 1, such as {TOLERANCE}")
    if rounds is not None and rounds < 0:
        raise BadInput(f"{rounds} rounds; take 0 or more")
    if jump is None:
        return
    if jump.shape != (nodes,):
        raise BadInput(f"where to jump needs one number for each of the {nodes} nodes, not {jump.shape}")
    if nodes and not (np.isfinite(jump).all() and (jump >= 0).all() and jump.sum() > 0):
        raise BadInput("where to jump must be finite numbers of at least 0, one of them above 0")
