"""How fine circles should be: the resolution at which repeated runs agree with each other.

A community that another seed does not find again is an accident of the search. Leiden runs at several
resolutions with several seeds each; at each resolution the runs are compared in pairs by the adjusted
Rand index (Hubert, Arabie 1985; 1 the same, 0 as chance would have it).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from analytics.communities.leiden import SEEDS, Partition, best_of, connected, modularity, runs
from analytics.csr import Ints, TieGraph
from graph.progress import Progress

RESOLUTIONS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
"""From plain modularity on, whose circles are as large as its resolution limit makes them, to finer ones.
Coarser ones are left out: two halves of a graph are always found again, and nobody can act on them."""
LARGE = 5_000_000
"""Entries of the undirected matrix above which fewer resolutions and seeds are tried."""
LARGE_RESOLUTIONS, LARGE_SEEDS = (1.0, 2.0, 4.0), (1, 2)
AS_GOOD = 0.01
"""Agreement within which two resolutions count as equally stable."""
KEPT_UNLESS = 0.1
"""By how much another resolution must be more stable to replace the earlier run's: circles that people
know should not change their size for a trifle."""
EXPLAINS = 0.75
"""Share of the best plain modularity of the sweep that a candidate must have. It keeps out dust: where
nearly everybody is alone, runs agree as well."""


def choose(
    graph: TieGraph,
    earlier: float | None = None,
    resolutions: Sequence[float] | None = None,
    seeds: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> tuple[Partition, pd.DataFrame]:
    """The communities at the most stable resolution, and the sweep that chose it.

    Of the resolutions that keep `EXPLAINS` of the best plain modularity and whose agreement is within
    `AS_GOOD` of the best one's, the lowest; but the `earlier` run's unless the best is better by more than
    `KEPT_UNLESS`. The sweep has a row per resolution: `resolution`, `communities` (with two members or
    more), `agreement` (mean adjusted Rand index over pairs of seeds), `modularity` (plain, at 1), `chosen`.
    Raises BadInput as `leiden.find` does.
    """
    large = graph.undirected.nnz > LARGE
    tried = list(resolutions or (LARGE_RESOLUTIONS if large else RESOLUTIONS))
    if earlier is not None and earlier not in tried:
        tried = sorted([*tried, earlier])
    used = seeds or (LARGE_SEEDS if large else SEEDS)
    if not graph.size:
        return Partition(np.zeros(0, np.int64), np.zeros(0), 0.0, 0), _sweep([])
    found = runs(graph, used, tried, progress)
    sweep = _sweep([_row(graph, resolution, found[resolution]) for resolution in tried])
    chosen = stable_one(sweep, earlier)
    return best_of(graph, found[chosen], chosen), sweep.assign(chosen=sweep["resolution"] == chosen)


def stable_one(sweep: pd.DataFrame, earlier: float | None = None) -> float:
    """The resolution that the rule of `choose` picks from a sweep of at least one row."""
    explains = sweep["modularity"] >= EXPLAINS * sweep["modularity"].max()
    able = sweep[explains].set_index("resolution")["agreement"]
    best = able.max()
    if earlier is not None and earlier in able.index and able[earlier] >= best - KEPT_UNLESS:
        return earlier
    return float(able[able >= best - AS_GOOD].index.min())


def agreement(partitions: Sequence[Ints]) -> float:
    """Mean adjusted Rand index over the pairs of partitions; 1 for a single one."""
    pairs = [adjusted_rand_score(one, other) for one, other in combinations(partitions, 2)]
    return float(np.mean(pairs)) if pairs else 1.0


def _row(graph: TieGraph, resolution: float, found: Sequence[Ints]) -> tuple[float, int, float, float]:
    whole = [connected(graph.undirected, circle) for circle in found]
    plain = [modularity(graph.undirected, circle) for circle in whole]
    best = whole[int(np.argmax(plain))]
    return resolution, int((np.bincount(best) > 1).sum()), agreement(whole), max(plain)


def _sweep(rows: Sequence[tuple[float, int, float, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["resolution", "communities", "agreement", "modularity"])
