"""Whose neighbours are alike: Jaccard's coefficient with everybody two steps away, the best k kept."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.kernels.compiled import compiled
from analytics.kernels.lanes import in_lanes, lanes
from analytics.kernels.rows import Floats, Ids

PARTS = 16
SMALL = 2_000
"""Nodes up to which one part is enough."""
Numbers = npt.NDArray[np.int64]


def most_similar(indptr: Ids, indices: Ids, k: int, threads: int | None = None) -> tuple[Numbers, Floats]:
    """The k nodes most similar to each, shapes (n, k): numbers (-1 where there are fewer) and coefficients.

    Neighbours in common of all neighbours of the two (Jaccard 1901); above 0 only, of equal ones the lower
    number first. The matrix (CSR) is symmetric with each pair once. The cost is the sum over nodes of the
    degrees of their neighbours.
    """
    n = len(indptr) - 1
    others, alike = np.full((n, k), -1, np.int64), np.zeros((n, k))
    parts = PARTS if n > SMALL else 1
    with lanes(threads) as pool:
        in_lanes(lambda part: _rows(indptr, indices, others, alike, part, parts), parts, pool)
    return others, alike


@compiled
def _keep(others: Numbers, alike: Floats, kept: int, other: int, value: float) -> int:
    """Put one in its place among the best so far, where it is one of them; return how many there are."""
    last = kept
    if kept == len(others):
        last = kept - 1
        if value < alike[last] or (value == alike[last] and other > others[last]):
            return kept
    while last > 0 and (value > alike[last - 1] or (value == alike[last - 1] and other < others[last - 1])):
        alike[last] = alike[last - 1]
        others[last] = others[last - 1]
        last -= 1
    alike[last] = value
    others[last] = other
    return min(kept + 1, len(others))


@compiled
def _rows(indptr: Ids, indices: Ids, others: Numbers, alike: Floats, part: int, parts: int) -> None:
    """Fill every `parts`-th row of `others` and `alike`, from the row `part` on."""
    n = len(indptr) - 1
    common = np.zeros(n, np.int64)
    touched = np.empty(n, np.int64)
    for node in range(part, n, parts):
        own = indptr[node + 1] - indptr[node]
        met = 0
        for one in range(indptr[node], indptr[node + 1]):
            for two in range(indptr[indices[one]], indptr[indices[one] + 1]):
                other = indices[two]
                if common[other] == 0:
                    touched[met] = other
                    met += 1
                common[other] += 1
        kept = 0
        for at in range(met):
            other = touched[at]
            shared = common[other]
            common[other] = 0
            if other != node:
                value = shared / (own + indptr[other + 1] - indptr[other] - shared)
                kept = _keep(others[node], alike[node], kept, other, value)
