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

BLOCK = 64
"""Nodes that are visited one soon after the other: what is near in number is near in memory, which saves a
fifth of the time at 100,000 nodes, and blocks in any order are chance enough."""

Labels = npt.NDArray[np.int32]


class Ties(NamedTuple):
    """A graph whose nodes may be sets of nodes; `strength` is what all ties of one weigh, inner ones too."""

    indptr: Ids
    indices: Ids
    data: Floats
    strength: Floats


@compiled
def move_nodes(ties: Ties, label: Labels, scale: float, state: np.uint64, visits: int) -> int:
    """Change `label` where modularity grows by it, and say how many times; labels are below their number.

    To move a node of strength k next to ties of weight w with a community of strength K is worth
    w - scale * k * K, where `scale` is the resolution by twice the weight of all ties. It ends after `visits`
    per node, since rounding may send one to and fro between two places that are equally good.
    """
    n = len(label)
    total, count, empty, empties = _communities(ties.strength, label)
    toward, seen = np.zeros(n), np.empty(n + 1, np.int32)
    queue, waits = shuffled(n, state), np.ones(n, np.bool_)
    head, waiting, moved = 0, n, 0
    for _ in range(visits * n):
        if not waiting:
            break
        node = queue[head]
        waits[node] = False
        head, waiting = (head + 1) % n, waiting - 1
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
        moved += 1
        waiting = _wake(ties, node, label, queue, head, waiting, waits)
    return moved


@compiled
def shuffled(n: int, state: np.uint64) -> Labels:
    """The numbers below `n` in an order that the state decides: blocks of neighbours, and each within."""
    blocks = np.arange((n + BLOCK - 1) // BLOCK).astype(np.int32)
    _shuffle(blocks, state)
    order, used = np.empty(n, np.int32), 0
    for block in blocks:
        first = BLOCK * int(block)
        part = order[used : used + min(BLOCK, n - first)]
        part[:] = np.arange(first, first + len(part))
        _shuffle(part, mixed(state ^ np.uint64(first)))
        used += len(part)
    return order


@compiled
def _shuffle(order: Labels, state: np.uint64) -> None:
    """In place (Fisher, Yates)."""
    for last in range(len(order) - 1, 0, -1):
        state += STEP
        place = np.int64(mixed(state) % np.uint64(last + 1))
        order[last], order[place] = order[place], order[last]


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
def _wake(
    ties: Ties,
    node: int,
    label: Labels,
    queue: Labels,
    head: int,
    waiting: int,
    waits: npt.NDArray[np.bool_],
) -> int:
    """Queue the neighbours that are not where the node is now; how many then wait."""
    n = len(label)
    for entry in range(np.uintp(ties.indptr[node]), np.uintp(ties.indptr[node + 1])):
        other = np.uintp(ties.indices[entry])
        if not waits[other] and label[other] != label[node]:
            waits[other] = True
            queue[(head + waiting) % n] = other
            waiting += 1
    return waiting
