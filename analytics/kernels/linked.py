"""Connected components: union-find that looks at most ties only where it has to.

M. Sutton, T. Ben-Nun, A. Barak, "Optimizing parallel graph connectivity computation via subgraph sampling"
(Afforest), IPDPS 2018: two ties of each node link nearly all of the largest component, whose other ties
then need no look.
"""

from __future__ import annotations

import numpy as np

from analytics.kernels.compiled import compiled
from analytics.kernels.rows import Floats, Ids

FIRST = 2


@compiled
def roots(indptr: Ids, indices: Ids) -> Ids:
    """The smallest node of each node's component in a symmetric matrix."""
    nodes = len(indptr) - 1
    above = np.empty_like(indptr[:-1])
    for node in range(nodes):
        above[node] = node
    for turn in range(FIRST):
        for node in range(nodes):
            if indptr[node] + turn < indptr[node + 1]:
                _link(above, node, indices[indptr[node] + turn])
    _flatten(above)
    sizes = np.zeros(nodes, dtype=np.int64)
    for node in range(nodes):
        sizes[above[node]] += 1
    largest = np.argmax(sizes) if nodes else 0
    for node in range(nodes):
        if above[node] != largest:
            for entry in range(indptr[node] + FIRST, indptr[node + 1]):
                _link(above, node, indices[entry])
    _flatten(above)
    return above


@compiled
def roots_within(indptr: Ids, indices: Ids, data: Floats, label: Ids) -> Ids:
    """As `roots`, by ties of a weight above 0 between nodes of the same label; each tie is looked at once."""
    above = np.arange(len(label))
    for node in range(len(label)):
        for entry in range(indptr[node], indptr[node + 1]):
            other = indices[entry]
            if other < node and label[other] == label[node] and data[entry] > 0:
                _link(above, node, other)
    _flatten(above)
    return above


@compiled
def _link(above: Ids, node: int, other: int) -> None:
    """The smaller root stays one."""
    first, second = above[node], above[other]
    while first != second:
        if first < second:
            first, second = second, first
        if above[first] == first:
            above[first] = second
            return
        first = above[first]


@compiled
def _flatten(above: Ids) -> None:
    for node in range(len(above)):
        while above[node] != above[above[node]]:
            above[node] = above[above[node]]
