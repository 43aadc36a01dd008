"""Communities by Leiden: local moving, refinement and aggregation, level by level, then the same once more.

V. Traag, L. Waltman, N. van Eck, "From Louvain to Leiden: guaranteeing well-connected communities",
Scientific Reports 9, 2019. One thread; the same seed gives the same communities.
"""

from __future__ import annotations

import numpy as np

from analytics.kernels.compiled import compiled
from analytics.kernels.draws import STEP, mixed, stream
from analytics.kernels.moving import Labels, Ties, move_nodes
from analytics.kernels.refining import refine
from analytics.kernels.rows import Floats, Ids, rows_added

SWEEPS = (2, 20)
"""At most, per level, by round. The second round begins with the communities of the first and single nodes:
it mends what haste left undone, in few sweeps. A third gains next to nothing."""


@compiled
def partition(indptr: Ids, indices: Ids, data: Floats, resolution: float, seed: int) -> Labels:
    """The community of each node, numbered from 0 in the order of their first nodes.

    The matrix (CSR) is symmetric, has no diagonal, no negative weight and at least one above 0. Shape (n,),
    int32. A level costs O(n + m).
    """
    ties = Ties(indptr, indices, data, rows_added(indptr, data))
    scale = resolution / ties.strength.sum()
    label = np.arange(len(ties.strength)).astype(np.int32)
    for number, sweeps in enumerate(SWEEPS):
        label = _round(ties, label, scale, stream(seed, number), sweeps)
    return label


@compiled
def inside(indptr: Ids, indices: Ids, data: Floats, label: Ids) -> float:
    """Weight of the entries whose row and column have the same label."""
    weight = 0.0
    for node in range(len(label)):
        for entry in range(indptr[node], indptr[node + 1]):
            if label[indices[entry]] == label[node]:
                weight += data[entry]
    return weight


@compiled
def numbered(label: Ids) -> tuple[Labels, int]:
    """Labels (below their number) from 0 without gaps, in the order in which they first occur; how many."""
    number, found, many = np.full(len(label), -1, np.int32), np.empty(len(label), np.int32), 0
    for node in range(len(label)):
        if number[label[node]] < 0:
            number[label[node]] = many
            many += 1
        found[node] = number[label[node]]
    return found, many


@compiled
def _round(ties: Ties, label: Labels, scale: float, state: np.uint64, sweeps: int) -> Labels:
    """Move nodes, then the sets that these fall into, then sets of sets, until no two are joined."""
    whole = np.arange(len(label)).astype(np.int32)
    while True:
        state = mixed(state + STEP)
        move_nodes(ties, label, scale, state, sweeps)
        label = numbered(label)[0]
        state = mixed(state + STEP)
        fine, sets = numbered(refine(ties, label, scale, state))
        if sets == len(fine):
            return numbered(label[whole])[0]
        ties = aggregate(ties, fine, sets)
        above = np.empty(sets, np.int32)
        for node in range(len(fine)):
            above[fine[node]] = label[node]
        label, whole = above, fine[whole]


@compiled
def aggregate(ties: Ties, fine: Labels, sets: int) -> Ties:
    """The graph whose nodes are the sets, ties between two of them added up, ties within left to strength."""
    ends, nodes = _by_set(fine, sets)
    indptr = np.zeros(sets + 1, ties.indptr.dtype)
    indices, data = np.empty_like(ties.indices), np.empty_like(ties.data)
    strength, place, used = np.zeros(sets), np.full(sets, -1, np.int64), 0
    for group in range(sets):
        first = used
        for member in range(ends[group], ends[group + 1]):
            node = nodes[member]
            strength[group] += ties.strength[node]
            for entry in range(np.uintp(ties.indptr[node]), np.uintp(ties.indptr[node + 1])):
                other = np.uintp(fine[np.uintp(ties.indices[entry])])
                if other == group:
                    continue
                if place[other] < first:
                    place[other], indices[used], data[used] = used, other, 0.0
                    used += 1
                data[place[other]] += ties.data[entry]
        indptr[group + 1] = used
    return Ties(indptr, indices[:used].copy(), data[:used].copy(), strength)


@compiled
def _by_set(fine: Labels, sets: int) -> tuple[Labels, Labels]:
    """Where the nodes of each set begin, and the nodes in order of their sets."""
    ends, nodes = np.zeros(sets + 1, np.int32), np.empty(len(fine), np.int32)
    for node in range(len(fine)):
        ends[fine[node] + 1] += 1
    for group in range(sets):
        ends[group + 1] += ends[group]
    place = ends[:-1].copy()
    for node in range(len(fine)):
        nodes[place[fine[node]]] = node
        place[fine[node]] += 1
    return ends, nodes
