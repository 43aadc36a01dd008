"""Which nodes together meet most sets: the greedy choice, under limits, and what no choice can exceed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.kernels.arcs import Ints
from analytics.kernels.compiled import compiled
from analytics.kernels.limits import Limits
from analytics.kernels.reversed_sets import Sets

BLOCK = 1024
LOOKS, FEW_LOOKS = 12, 4
"""How often during a choice its upper bound is taken; more would tighten it little. Few where it sorts."""
FREE = 1e-200
"""What costs nothing is taken for nearly nothing, so that gain per cost has an order."""


@dataclass(frozen=True, eq=False)
class Index:
    """The sets that each node is in: `sets[start[v]:start[v + 1]]` (int32), and the sets themselves."""

    drawn: Sets
    start: Ints
    sets: npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Choice:
    """Nodes in the order of their choosing, how many more sets each meets, and a bound (in sets) on the
    best choice under the same limits; infinite where it was not asked for.
    """

    nodes: Ints
    gains: Ints
    bound: float

    @property
    def met(self) -> int:
        return int(self.gains.sum())


def index_of(drawn: Sets, size: int) -> Index:
    start, sets = _inverted(drawn.members, drawn.offsets, size)
    return Index(drawn, start, sets)


def choose(index: Index, limits: Limits, bounded: bool = True) -> Choice:
    """The best that is known how to choose: greedy by gain; under a budget the best of greedy by gain,
    greedy by gain per cost, and one node alone.
    """
    plain = _greedy(index, limits, False, bounded)
    if limits.budget is None:
        return plain
    dense = _greedy(index, limits, True, bounded)
    bound = min(plain.bound, dense.bound)
    best = max((plain, dense, _single(index, limits)), key=lambda choice: choice.met)
    return Choice(best.nodes, best.gains, bound)


def _single(index: Index, limits: Limits) -> Choice:
    meets = np.where(limits.able, np.diff(index.start), 0)
    if not meets.max(initial=0):
        return Choice(np.zeros(0, np.int64), np.zeros(0, np.int64), np.inf)
    node = int(meets.argmax())
    return Choice(np.array([node]), meets[[node]], np.inf)


def _greedy(index: Index, limits: Limits, per_cost: bool, bounded: bool) -> Choice:
    meets = np.diff(index.start)
    covered = np.zeros(index.drawn.count, np.bool_)
    shut = ~limits.able
    left, cost = limits.room(), limits.costs()
    rate = 1.0 / np.maximum(cost, FREE) if per_cost else np.ones(len(meets))
    tops = np.full(-(-len(meets) // BLOCK), np.inf)
    budget = np.array([np.inf if limits.budget is None else limits.budget])
    order, gains = np.zeros(limits.k, np.int64), np.zeros(limits.k, np.int64)
    bound, chosen = limits.most(meets) if bounded else np.inf, 0
    looks = LOOKS if limits.budget is None and not limits.quotas else FEW_LOOKS
    for stop in sorted({round(limits.k * look / looks) for look in range(1, looks + 1)} - {0}):
        before = chosen
        chosen = _pick(
            meets, covered, index.drawn.members, index.drawn.offsets, index.start, index.sets,
            shut, limits.groups, left, cost, budget, rate, tops, order, gains, chosen, stop,
        )  # fmt: skip
        if bounded and chosen > before:
            bound = min(bound, float(gains.sum()) + limits.most(meets))
        if chosen < stop:
            break
    return Choice(order[:chosen], gains[:chosen], bound)


@compiled
def _inverted(members, offsets, size):  # type: ignore[no-untyped-def]
    start = np.zeros(size + 1, np.int64)
    for node in members:
        start[node + 1] += 1
    for node in range(size):
        start[node + 1] += start[node]
    free = start[:-1].copy()
    sets = np.empty(len(members), np.int32)
    for number in range(len(offsets) - 1):
        for node in members[offsets[number] : offsets[number + 1]]:
            sets[free[node]] = number
            free[node] += 1
    return start, sets


@compiled
def _fits(node, groups, left, cost, budget):  # type: ignore[no-untyped-def]
    if cost[node] > budget[0]:
        return False
    for grouping in range(len(groups)):
        group = groups[grouping, node]
        if group >= 0 and left[grouping, group] <= 0:
            return False
    return True


@compiled
def _pick(  # type: ignore[no-untyped-def]
    meets, covered, members, offsets, start, sets,
    shut, groups, left, cost, budget, rate, tops, order, gains, chosen, stop,
):  # fmt: skip
    """Choose up to `stop` nodes, changing the state in place; how many are chosen now.

    `tops[b]` is at least the best key in block b: keys only fall and nodes only become shut, so only the
    block with the highest is looked through again. Of equal keys the smallest node wins.
    """
    while chosen < stop:
        best = -1
        while best < 0:
            block = 0
            for other in range(1, len(tops)):
                if tops[other] > tops[block]:
                    block = other
            if tops[block] <= 0.0:
                return chosen
            top, at = 0.0, -1
            for node in range(block * BLOCK, min(len(meets), (block + 1) * BLOCK)):
                key = meets[node] * rate[node]
                if key <= top or shut[node]:
                    continue
                if _fits(node, groups, left, cost, budget):
                    top, at = key, node
                else:
                    shut[node] = True
            if top == tops[block]:
                best = at
            tops[block] = top
        order[chosen] = best
        gains[chosen] = meets[best]
        chosen += 1
        shut[best] = True
        budget[0] -= cost[best]
        for grouping in range(len(groups)):
            if groups[grouping, best] >= 0:
                left[grouping, groups[grouping, best]] -= 1
        _cover(sets[start[best] : start[best + 1]], covered, members, offsets, meets)
    return chosen


@compiled
def _cover(numbers, covered, members, offsets, meets):  # type: ignore[no-untyped-def]
    """Take these sets from what is still to be met."""
    for number in numbers:
        if not covered[number]:
            covered[number] = True
            for node in members[offsets[number] : offsets[number + 1]]:
                meets[node] -= 1
