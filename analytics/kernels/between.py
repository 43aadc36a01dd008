"""Brandes' two sweeps, from several sources at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.kernels.compiled import compiled
from analytics.kernels.lanes import in_lanes, lanes
from analytics.kernels.rows import Floats, Ids

LANES = 8
"""Sources at a time. Each lane has its own sums, and which source goes to which lane is fixed: the result
does not depend on the number of threads."""


def dependencies(
    indptr: Ids, indices: Ids, sources: npt.NDArray[np.int64], threads: int | None = None
) -> tuple[Floats, Floats]:
    """Per node the sum over sources of its dependency, and the sum of the squares; paths count steps."""

    def lane(number: int) -> tuple[Floats, Floats]:
        return _several(indptr, indices, sources[number::LANES])

    with lanes(threads) as pool:
        found = in_lanes(lane, min(LANES, len(sources)), pool)
    return sum(total for total, _ in found), sum(squares for _, squares in found)  # type: ignore[return-value]


@compiled
def _several(indptr: Ids, indices: Ids, sources: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Of some sources, one after the other."""
    nodes = len(indptr) - 1
    total, squares = np.zeros(nodes), np.zeros(nodes)
    level, order = np.full(nodes, -1, dtype=np.int32), np.empty(nodes, dtype=indices.dtype)
    paths, owed = np.zeros(nodes), np.zeros(nodes)
    for source in sources:
        _one(indptr, indices, source, level, order, paths, owed, total, squares)
    return total, squares


@compiled
def _one(  # noqa: PLR0913, PLR0917 - a kernel takes its arrays one by one
    indptr: Ids,
    indices: Ids,
    source: int,
    level: npt.NDArray[np.int32],
    order: Ids,
    paths: Floats,
    owed: Floats,
    total: Floats,
    squares: Floats,
) -> None:
    """Add one source's dependencies; leaves `level` at -1 and `paths` at 0 as they came.

    Unsigned places as in `ranks`.
    """
    known = _reached(indptr, indices, source, level, order, paths)
    deepest = level[order[known - 1]]
    for place in range(known - 1, -1, -1):
        node = np.uintp(order[place])
        through, further = 0.0, level[node] + 1
        if further <= deepest:
            for entry in range(np.uintp(indptr[node]), np.uintp(indptr[node + 1])):
                other = np.uintp(indices[entry])
                if level[other] == further:
                    through += owed[other]
        dependency = paths[node] * through
        owed[node] = (1.0 + dependency) / paths[node]
        if place:
            total[node] += dependency
            squares[node] += dependency * dependency
    for place in range(known):
        level[order[place]] = -1
        paths[order[place]] = 0.0


@compiled
def _reached(
    indptr: Ids, indices: Ids, source: int, level: npt.NDArray[np.int32], order: Ids, paths: Floats
) -> int:
    """How many the source reaches: in `order` by their distance in `level`, with the number of `paths`."""
    level[source], paths[source], order[0] = 0, 1.0, source
    read, known = 0, 1
    while read < known:
        node = np.uintp(order[read])
        further = level[node] + 1
        for entry in range(np.uintp(indptr[node]), np.uintp(indptr[node + 1])):
            other = np.uintp(indices[entry])
            if level[other] < 0:
                level[other] = further
                order[known] = other
                known += 1
            if level[other] == further:
                paths[other] += paths[node]
        read += 1
    return known
