"""With what chance one member moves another: declared, from the strength of ties, or learned from the past.

Each takes ties (n × n) and gives arcs of the same shape with a chance in place of a weight.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import numpy as np
from scipy import sparse

from analytics.kernels.arcs import Floats, Ints
from analytics.kernels.weights import check_arcs
from graph.errors import BadInput

AT_ONCE = 1 << 23
"""Pairs of an arc and an adoption looked at together."""


def weighted_cascade(ties: sparse.csr_array, by_weight: bool = False) -> sparse.csr_array:
    """1 / (arcs into j) on every arc into j; or the arc's share of the weight into j.

    D. Kempe, J. Kleinberg, E. Tardos, "Maximizing the spread of influence through a social network", KDD
    2003. Either adds up to 1 per node, as linear threshold needs. Raises BadInput as `tie_strength`.
    """
    weight = _weights(ties) if by_weight else np.ones(len(ties.data))
    into = np.bincount(ties.indices, weights=weight, minlength=ties.shape[0])[ties.indices]
    return _with(ties, np.divide(weight, into, out=np.zeros_like(weight), where=into > 0))


def tie_strength(ties: sparse.csr_array, chance: float) -> sparse.csr_array:
    """1 - (1 - chance)^weight: each unit of weight is a try of its own (Kempe and others 2003, section 4).

    Raises BadInput for a chance outside 0 to 1 and for weights that are negative or not numbers.
    """
    if not 0 <= chance <= 1:
        raise BadInput(f"a chance of {chance} for one contact; it is between 0 and 1")
    weight = _weights(ties)
    if chance == 1:
        return _with(ties, (weight > 0).astype(np.float64))
    return _with(ties, -np.expm1(weight * np.log1p(-chance)))


def learned(
    ties: sparse.csr_array,
    who: Ints,
    what: Ints,
    when: Floats,
    within: float = np.inf,
    credit: Literal["whole", "partial"] = "partial",
) -> sparse.csr_array:
    """Of what i took up, the share that j, tied to i, took up after i and no later than `within`.

    A. Goyal, F. Bonchi, L. Lakshmanan, "Learning influence probabilities in social networks", WSDM 2010:
    static Bernoulli; "partial" divides each adoption by j among all those tied to j that came before. One
    row per adoption: node, product, time in any unit; the first of a node and product counts. Arcs whose
    source took up nothing get 0. Raises BadInput for arrays of different lengths and nodes that do not exist.
    """
    if not len(who) == len(what) == len(when):
        raise BadInput(
            f"{len(who)} nodes, {len(what)} products and {len(when)} times; one of each per adoption"
        )
    if len(who) and (min(who) < 0 or max(who) >= ties.shape[0]):
        raise BadInput(f"an adoption by a node outside 0 to {ties.shape[0] - 1}")
    node, item, time, items = _first_of_each(np.asarray(who, np.int64), what, np.asarray(when, np.float64))
    source, target = np.repeat(np.arange(ties.shape[0]), np.diff(ties.indptr)), ties.indices.astype(np.int64)
    start = np.searchsorted(node, np.arange(ties.shape[0] + 1))
    taken = np.diff(start)
    credited = np.zeros(len(target))
    passes = _passed(source, target, node, item, time, items, start, within)
    shares = np.bincount(np.concatenate([at for _, at in passes]), minlength=len(node))
    for arc, at in passes:
        worth = np.ones(len(at)) if credit == "whole" else 1.0 / shares[at]
        credited += np.bincount(arc, weights=worth, minlength=len(target))
    return _with(ties, np.divide(credited, taken[source], out=credited, where=taken[source] > 0))


def _first_of_each(who: Ints, what: Ints, when: Floats) -> tuple[Ints, Ints, Floats, int]:
    """Adoptions sorted by node, then product, the earliest of each; and how many products there are."""
    _, item = np.unique(what, return_inverse=True)
    order = np.lexsort((when, item, who))
    node, item, time = who[order], item[order], when[order]
    new = np.ones(len(node), np.bool_)
    new[1:] = (node[1:] != node[:-1]) | (item[1:] != item[:-1])
    return node[new], item[new], time[new], int(item.max(initial=0)) + 1


def _passed(
    source: Ints, target: Ints, node: Ints, item: Ints, time: Floats, items: int, start: Ints, within: float
) -> list[tuple[Ints, Ints]]:
    """Arcs over which an adoption may have passed, and the number of the target's adoption."""
    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    key = node * items + item
    each = np.diff(start)[source]
    upto = np.cumsum(each)
    cuts = np.searchsorted(upto, np.arange(AT_ONCE, int(each.sum()), AT_ONCE)) + 1
    ends = np.unique([0, *cuts, len(each)]) if len(key) else np.zeros(1, np.int64)
    for first, last in pairwise(ends):
        count = each[first:last]
        arc = np.repeat(np.arange(first, first + len(count)), count)
        begun = np.cumsum(count) - count
        of_source = start[source[arc]] + np.arange(len(arc)) - np.repeat(begun, count)
        wanted = target[arc] * items + item[of_source]
        at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
        passed = (key[at] == wanted) & (time[at] > time[of_source]) & (time[at] <= time[of_source] + within)
        found.append((arc[passed], at[passed]))
    return found


def _weights(ties: sparse.csr_array) -> Floats:
    check_arcs(ties, "the tie")
    return ties.data.astype(np.float64)


def _with(ties: sparse.csr_array, chance: Floats) -> sparse.csr_array:
    return sparse.csr_array((chance, ties.indices, ties.indptr), shape=ties.shape)
