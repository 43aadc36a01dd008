"""Label propagation as LDBC Graphalytics defines it (CDLP).

Specification: A. Iosup et al., "The LDBC Graphalytics Benchmark", arXiv 2011.15028, section 2.3.4. All
nodes change at once, so that neither their order nor the number of threads matters.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.kernels.compiled import compiled
from analytics.kernels.lanes import in_lanes, lanes
from analytics.kernels.rows import Ids

PARTS = 8
SMALL = 10_000
"""Nodes up to which one part is enough."""
Labels = npt.NDArray[np.int64]


def propagate(
    indptr: Ids, indices: Ids, counts: npt.NDArray[np.int64], rounds: int, threads: int | None = None
) -> npt.NDArray[np.int64]:
    """Label of each node after `rounds` rounds; a label is a node's number. Shape (n,), int64.

    The matrix (CSR) is symmetric and has the number of arcs between two nodes: an arc counts in both
    directions, a mutual pair twice. Equal numbers: the smallest label. Without neighbours: its own.
    Stops early where a round changes nothing. A round costs O(n + m).
    """
    n = len(indptr) - 1
    labels = np.arange(n)
    parts = PARTS if n > SMALL else 1

    with lanes(threads) as pool:
        for _ in range(rounds):
            before, labels = labels, np.empty(n, np.int64)

            def one(part: int, old: Labels = before, new: Labels = labels) -> None:
                _round(indptr, indices, counts, old, new, part * n // parts, (part + 1) * n // parts)

            in_lanes(one, parts, pool)
            if np.array_equal(before, labels):
                break
    return labels


@compiled
def _round(
    indptr: Ids,
    indices: Ids,
    counts: npt.NDArray[np.int64],
    before: Labels,
    after: Labels,
    first: int,
    last: int,
) -> None:
    """What the nodes `first` to `last` take, into `after`."""
    tally = np.zeros(len(before), np.int64)
    for node in range(first, last):
        best, most = before[node], 0
        for place in range(indptr[node], indptr[node + 1]):
            label = before[indices[place]]
            tally[label] += counts[place]
            if tally[label] > most or (tally[label] == most and label < best):
                best, most = label, tally[label]
        for place in range(indptr[node], indptr[node + 1]):
            tally[before[indices[place]]] = 0
        after[node] = best
