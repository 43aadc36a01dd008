"""Local moving: each node goes to the neighbouring community that it fits best, until none would move.

V. Traag, L. Waltman, N. van Eck, "From Louvain to Leiden: guaranteeing well-connected communities",
Scientific Reports 9, 2019, algorithm A.2, MoveNodesFast. Matrices are symmetric, without a diagonal. Places
are unsigned, since numba asks of each signed one whether it counts from the end: a quarter of the time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.kernels.compiled import compiled
from analytics.kernels.draws import STEP, mixed
from analytics.kernels.rows import Floats, Ids

BLOCKS = 2048
"""Nodes are visited block by block, the blocks in an order by chance: what is near in number is near in
memory, which saves two fifths of the time at 100,000 nodes, and so many blocks are chance enough."""

Labels = npt.NDArray[np.int32]


class Ties(NamedTuple):
    """A graph whose nodes may be sets of nodes; `strength` is what all ties of one weigh, inner ones too."""

    indptr: Ids
    indices: Ids
    data: Floats
    strength: Floats


@compiled
def move_nodes(ties: Ties, label: Labels, scale: float, state: np.uint64, sweeps: int) -> None:
    """Change `label` where modularity grows by it; labels are below their number.

    To move a node of strength k next to ties of weight w with a community of strength K is worth
    w - scale * k * K, where `scale` is the resolution by twice the weight of all ties. After the first sweep
    only nodes are visited whose neighbours have moved since. It ends after so many `sweeps` at the latest,
    since rounding may send one to and fro between two places that are equally good.
    """
    n = len(label)
    total, count, empty, empties = _communities(ties.strength, label)
    toward, seen = np.zeros(n), np.empty(n + 1, np.int32)
    order, waits = shuffled(n, state), np.ones(n, np.bool_)
    for _ in range(sweeps):
        still = True
        for node in order:
            if not waits[node]:
                continue
            waits[node] = False
            mine, k = label[node], ties.strength[node]
            total[mine] -= k
            best, gain = _best(ties, node, label, scale * k, total, toward, seen)
            if gain < 0 and count[mine] > 1:
                best = empty[empties - 1]
                empties -= 1
            total[best] += k
            if best == mine:
                continue
            count[mine] -= 1
            count[best] += 1
            if not count[mine]:
                empty[empties] = mine
                empties += 1
            label[node] = best
            _wake(ties, node, label, waits)
            still = False
        if still:
            break


@compiled
def shuffled(n: int, state: np.uint64) -> Labels:
    """The numbers below `n`, their blocks in an order that the state decides (Fisher, Yates)."""
    size = max(1, n // BLOCKS)
    first = np.arange(0, n, size)
    order, used = np.empty(n, np.int32), 0
    for last in range(len(first) - 1, -1, -1):
        state += STEP
        place = np.int64(mixed(state) % np.uint64(last + 1))
        first[last], first[place] = first[place], first[last]
        for number in range(first[last], min(n, first[last] + size)):
            order[used] = number
            used += 1
    return order


@compiled
def _communities(strength: Floats, label: Labels) -> tuple[Floats, Labels, Labels, int]:
    """Strength and number of nodes of each, and those without any, of which so many are used."""
    n = len(label)
    total, count, empty, empties = np.zeros(n), np.zeros(n, np.int32), np.empty(n, np.int32), 0
    for node in range(n):
        total[label[node]] += strength[node]
        count[label[node]] += 1
    for community in range(n - 1, -1, -1):
        if not count[community]:
            empty[empties] = community
            empties += 1
    return total, count, empty, empties


@compiled
def _best(
    ties: Ties, node: int, label: Labels, share: float, total: Floats, toward: Floats, seen: Labels
) -> tuple[np.int64, float]:
    """The community that a node taken out of its own fits best, its own where none is better, and the gain.

    `toward` comes and goes as zeros. Which communities are new cannot be foreseen, so nothing branches on it.
    """
    used = 0
    for entry in range(np.uintp(ties.indptr[node]), np.uintp(ties.indptr[node + 1])):
        community = np.uintp(label[np.uintp(ties.indices[entry])])
        before = toward[community]
        seen[np.uintp(used)] = community
        used += (before == 0.0) & (ties.data[entry] > 0.0)
        toward[community] = before + ties.data[entry]
    best = np.uintp(label[node])
    most = toward[best] - share * total[best]
    for place in range(np.uintp(used)):
        community = np.uintp(seen[place])
        gain = toward[community] - share * total[community]
        if gain > most:
            best, most = community, gain
        toward[community] = 0.0
    return np.int64(best), most


@compiled
def _wake(ties: Ties, node: int, label: Labels, waits: npt.NDArray[np.bool_]) -> None:
    """Have the neighbours visited that are not where the node is now."""
    for entry in range(np.uintp(ties.indptr[node]), np.uintp(ties.indptr[node + 1])):
        other = np.uintp(ties.indices[entry])
        waits[other] |= label[other] != label[node]
