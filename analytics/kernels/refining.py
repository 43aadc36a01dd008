"""Refinement: a partition of each community into sets that are connected, and well so.

V. Traag, L. Waltman, N. van Eck, "From Louvain to Leiden: guaranteeing well-connected communities",
Scientific Reports 9, 2019, algorithm A.2, RefinePartition; of the sets that a node may join it takes the
best, as the authors' own leidenalg does, and not one by lot.
"""

from __future__ import annotations

import numpy as np

from analytics.kernels.compiled import compiled
from analytics.kernels.moving import Labels, Ties, shuffled
from analytics.kernels.rows import Floats


@compiled
def refine(ties: Ties, label: Labels, scale: float, state: np.uint64) -> Labels:
    """The set of each node, by the number of one of its nodes; nodes of a set are of one community.

    Only nodes still alone join a set, only along a tie, and only where both they and the set are tied to
    the rest of their community by at least what `scale` expects, see `move_nodes`.
    """
    n = len(label)
    total = np.zeros(n)
    for node in range(n):
        total[label[node]] += ties.strength[node]
    fine, weight, out = np.arange(n).astype(np.int32), ties.strength.copy(), _outward(ties, label)
    alone = np.ones(n, np.bool_)
    toward, seen = np.zeros(n), np.empty(n + 1, np.int32)
    for node in shuffled(n, state):
        whole = total[label[node]]
        if not alone[node] or out[node] < scale * weight[node] * (whole - weight[node]):
            continue
        used = _toward(ties, node, label, fine, toward, seen)
        best, most = node, 0.0
        for place in range(used):
            other = seen[place]
            gain = toward[other] - scale * weight[node] * weight[other]
            if gain > most and out[other] >= scale * weight[other] * (whole - weight[other]):
                best, most = other, gain
        if best != node:
            fine[node] = best
            out[best] += out[node] - 2 * toward[best]
            weight[best] += weight[node]
            alone[best] = False
        for place in range(used):
            toward[seen[place]] = 0.0
    return fine


@compiled
def _outward(ties: Ties, label: Labels) -> Floats:
    """Of each node, what its ties with the rest of its community weigh."""
    out = np.zeros(len(label))
    for node in range(len(label)):
        for entry in range(np.uintp(ties.indptr[node]), np.uintp(ties.indptr[node + 1])):
            if label[np.uintp(ties.indices[entry])] == label[node]:
                out[node] += ties.data[entry]
    return out


@compiled
def _toward(ties: Ties, node: int, label: Labels, fine: Labels, toward: Floats, seen: Labels) -> int:
    """What ties a node to each set of its community, into `toward`; the sets, so many, into `seen`."""
    used = 0
    for entry in range(np.uintp(ties.indptr[node]), np.uintp(ties.indptr[node + 1])):
        other = np.uintp(ties.indices[entry])
        if label[other] == label[node]:
            group = np.uintp(fine[other])
            before = toward[group]
            seen[np.uintp(used)] = group
            used += before == 0.0
            toward[group] = before + ties.data[entry]
    return used
