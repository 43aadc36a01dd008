"""The local clustering coefficient as LDBC Graphalytics defines it (LCC).

Specification: A. Iosup et al., "The LDBC Graphalytics Benchmark", arXiv 2011.15028, section 2.3.5: among
the k neighbours of a node, whatever the direction, how many of the k (k - 1) possible arcs are there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from analytics.kernels.compiled import compiled
from analytics.kernels.lanes import in_lanes, lanes
from analytics.kernels.rows import Ids, Rows, bucketed

PARTS = 8
SMALL = 10_000
"""Nodes up to which one part is enough."""


def clustering(
    counted: sparse.csr_array, directed: bool, threads: int | None = None
) -> npt.NDArray[np.float64]:
    """Coefficient of each node, 0 to 1, and 0 with fewer than two neighbours. Shape (n,), float64.

    `counted` is symmetric and has the number of arcs between two nodes, 1 or 2; of an undirected graph 1,
    where an edge stands for both arcs. Each triangle is found once, from its corner of lowest degree:
    O(m √m) at worst (Chiba and Nishizeki 1985), near-linear where no part of the graph is dense. Sums are
    of whole numbers, so that the number of threads does not matter.
    """
    degree = np.diff(counted.indptr).astype(np.int64)
    place = np.empty(len(degree), np.int64)
    place[np.argsort(degree, kind="stable")] = np.arange(len(degree))
    indptr, indices, arcs = _upwards(counted, place)
    whole = arcs.astype(np.int64)
    parts = PARTS if len(degree) > SMALL else 1
    with lanes(threads) as pool:
        sums = in_lanes(lambda part: _arcs_around(indptr, indices, whole, part, parts), parts, pool)
    around = np.sum(sums, axis=0)[place] * (1 if directed else 2)
    possible = degree * (degree - 1)
    coefficient: npt.NDArray[np.float64] = np.divide(
        around, possible, out=np.zeros(len(degree)), where=possible > 0
    )
    return coefficient


def _upwards(counted: sparse.csr_array, place: npt.NDArray[np.int64]) -> Rows:
    """The matrix in the order `place`, each pair from its lower end to its upper one."""
    n = len(place)
    row, column = place[np.repeat(np.arange(n), np.diff(counted.indptr))], place[counted.indices]
    up = row < column
    return bucketed(row[up], column[up], counted.data[up], n)


@compiled
def _arcs_around(
    indptr: Ids, indices: Ids, arcs: npt.NDArray[np.int64], part: int, parts: int
) -> npt.NDArray[np.int64]:
    """Per node, the arcs between two of its neighbours; of the triangles whose lowest corner is of a part."""
    n = len(indptr) - 1
    sums = np.zeros(n, np.int64)
    mark = np.zeros(n, np.int64)
    for low in range(part, n, parts):  # neighbours in degree lie side by side: dealt out in turn
        for one in range(indptr[low], indptr[low + 1]):
            mark[indices[one]] = arcs[one]
        for one in range(indptr[low], indptr[low + 1]):
            middle = indices[one]
            for two in range(indptr[middle], indptr[middle + 1]):
                high = indices[two]
                if mark[high]:
                    sums[low] += arcs[two]
                    sums[middle] += mark[high]
                    sums[high] += arcs[one]
        for one in range(indptr[low], indptr[low + 1]):
            mark[indices[one]] = 0
    return sums
