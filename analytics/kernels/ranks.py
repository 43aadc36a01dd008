"""PageRank by pulling: each node adds up what comes in, so that nobody writes where another does."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

from analytics.kernels.compiled import compiled
from analytics.kernels.lanes import in_lanes, lanes
from analytics.kernels.rows import Floats, Ids

PARTS = 8
"""Runs of nodes that are worked at by themselves. Sums are made within a run and over the runs in their
order: the same numbers whatever the threads."""
ALONE = 200_000
"""Ties up to which threads are not worth their start."""


def walked(  # noqa: PLR0913, PLR0917 - a kernel takes its arrays one by one
    indptr: Ids,
    indices: Ids,
    data: Floats,
    given: Floats,
    jump: Floats,
    damping: float,
    rounds: int,
    tolerance: float,
    threads: int | None = None,
) -> Floats:
    """Shares of a random walk after so many rounds, or when a round changes less than `tolerance` in sum.

    Rows are ties by their target; no `data` at all is a weight of 1 each. `given` is what a node gives away
    in all, 0 for a sink; `jump` sums to 1.
    """
    ties = (indptr, indices, data, given, jump)
    now = (jump.copy(), np.divide(jump, given, out=np.zeros_like(jump), where=given > 0))
    then = (np.empty_like(jump), np.empty_like(jump))
    lost = float(jump[given == 0].sum())
    ends = _even(indptr)
    with lanes(threads) as pool:
        for _ in range(rounds):
            again = 1.0 - damping + damping * lost
            part = partial(_part, ties, now, then, damping, again, ends)
            found = in_lanes(part, PARTS, pool if len(indices) > ALONE else None)
            now, then = then, now
            lost = sum(sunk for _, sunk in found)
            if sum(change for change, _ in found) < tolerance:
                break
    return now[0]


def _part(
    ties: tuple[Ids, Ids, Floats, Floats, Floats],
    now: tuple[Floats, Floats],
    then: tuple[Floats, Floats],
    damping: float,
    again: float,
    ends: npt.NDArray[np.int64],
    number: int,
) -> tuple[float, float]:
    """One round of one run of nodes; `now` and `then` are shares, and shares per weight given away."""
    return _pulled(*ties, *now, *then, damping, again, ends[number], ends[number + 1])


def _even(indptr: Ids) -> npt.NDArray[np.int64]:
    """Ends of runs of nodes with about as many ties each, so that threads end together."""
    shares = np.linspace(0, int(indptr[-1]), PARTS + 1)
    ends = np.searchsorted(indptr, shares).astype(np.int64)
    ends[0], ends[-1] = 0, len(indptr) - 1
    return ends


@compiled
def _pulled(  # noqa: PLR0913, PLR0917
    indptr: Ids,
    indices: Ids,
    data: Floats,
    given: Floats,
    jump: Floats,
    rank: Floats,
    unit: Floats,
    following: Floats,
    next_unit: Floats,
    damping: float,
    again: float,
    first: int,
    last: int,
) -> tuple[float, float]:
    """One round for the nodes from `first` up to `last`: what changed, and what came to sinks.

    Unsigned places, since numba asks of each signed one whether it counts from the end: half of the time.
    """
    changed, sunk = 0.0, 0.0
    for node in range(first, last):
        came = 0.0
        if len(data):
            for entry in range(np.uintp(indptr[node]), np.uintp(indptr[node + 1])):
                came += data[entry] * unit[np.uintp(indices[entry])]
        else:
            for entry in range(np.uintp(indptr[node]), np.uintp(indptr[node + 1])):
                came += unit[np.uintp(indices[entry])]
        share = again * jump[node] + damping * came
        changed += abs(share - rank[node])
        following[node] = share
        if given[node] > 0:
            next_unit[node] = share / given[node]
        else:
            next_unit[node] = 0.0
            sunk += share
    return changed, sunk
