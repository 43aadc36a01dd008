"""What a choice of seeds must keep to: how many, who not, how many of a group, what it may cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from analytics.kernels.arcs import Floats, Ints
from graph.errors import BadInput

E = 1 - 1 / math.e
BUDGETED = 0.405


@dataclass(frozen=True, eq=False)
class Quota:
    """Of each group at most so many: `group` (n, int) numbers the groups from 0, -1 is in none and not
    limited; `most` is one number, or one for each group.
    """

    name: str
    group: Ints
    most: int | Ints

    def mosts(self) -> Ints:
        """One number for each group, int64."""
        count = int(self.group.max(initial=-1)) + 1
        return np.full(count, self.most) if np.ndim(self.most) == 0 else np.asarray(self.most, np.int64)


@dataclass(frozen=True, eq=False)
class Limits:
    """At most `k` nodes, all in `open` (n, bool), within the quotas and the budget.

    Made by `limits`, which checks. `cost` is by node, in the unit of the budget.
    """

    k: int
    open: npt.NDArray[np.bool_]
    quotas: tuple[Quota, ...] = ()
    cost: Floats | None = None
    budget: float | None = None

    @property
    def able(self) -> npt.NDArray[np.bool_]:
        """Who could be chosen if nobody else were."""
        able = self.open if self.budget is None else self.open & (self.costs() <= self.budget)
        for quota in self.quotas:
            able = able & ((quota.group < 0) | (np.append(quota.mosts(), 1)[quota.group] > 0))
        return able

    @property
    def groups(self) -> npt.NDArray[np.int32]:
        """One row per quota."""
        rows = [quota.group.astype(np.int32) for quota in self.quotas]
        return np.stack(rows) if rows else np.zeros((0, len(self.open)), np.int32)

    def room(self) -> Ints:
        """Quotas × groups: how many each group may still give."""
        widest = max([len(quota.mosts()) for quota in self.quotas], default=1)
        room = np.zeros((len(self.quotas), max(widest, 1)), np.int64)
        for row, quota in zip(room, self.quotas, strict=True):
            row[: len(quota.mosts())] = quota.mosts()
        return room

    def costs(self) -> Floats:
        """By node; 0 where nothing is said."""
        return np.zeros(len(self.open)) if self.cost is None else self.cost

    @property
    def factor(self) -> float:
        """What greedy is proven to reach on known coverage, as a share of the best; 0 where nothing is.

        1 - 1/e for a number (Nemhauser, Wolsey, Fisher 1978); 1 / (p + 1) with p quotas, the number among
        the first (Fisher, Nemhauser, Wolsey 1978: p matroids); 0.405 with a budget (Tang and others 2021).
        A budget together with quotas or a number: nothing is proven for this method.
        """
        if self.budget is None:
            return 1 / (len(self.quotas) + 1) if self.quotas else E
        return 0.0 if self.quotas or self.k < int(self.open.sum()) else BUDGETED

    def most(self, gains: Ints) -> float:
        """No choice within the limits adds up to more of `gains` (n); the least of several relaxations."""
        able = np.flatnonzero(self.able & (gains > 0))
        worth = gains[able]
        bounds = [_top(worth, self.k)]
        bounds += [_within(worth, quota.group[able], quota.mosts(), self.k) for quota in self.quotas]
        if self.budget is not None and self.cost is not None:
            bounds.append(_for_money(worth, self.cost[able], self.budget))
        return min(bounds)

    def without(self) -> dict[str, Limits]:
        """These limits less one, by the name of the one; the number stays."""
        fewer = {
            f"quota {quota.name}": replace(self, quotas=tuple(q for q in self.quotas if q is not quota))
            for quota in self.quotas
        }
        if self.budget is not None:
            fewer["budget"] = replace(self, budget=None, cost=None)
        if not self.open.all():
            fewer["exclusions"] = replace(self, open=np.ones_like(self.open))
        return fewer


def limits(
    size: int,
    k: int | None,
    *,
    excluded: Ints | None = None,
    quotas: Sequence[Quota] = (),
    cost: Floats | None = None,
    budget: float | None = None,
) -> Limits:
    """Checked limits for a graph of `size` nodes. Without `k` a budget decides how many.

    Raises BadInput: no number and no budget, more seeds than nodes to choose from or than the quotas admit,
    a node that does not exist, costs or a budget that are negative or not numbers, a budget that nobody
    fits into. A graph without nodes has nothing to limit.
    """
    open_ = np.ones(size, np.bool_)
    if not size:
        return Limits(0, open_)
    if excluded is not None:
        open_[_known(excluded, size, "excluded")] = False
    if k is None and budget is None:
        raise BadInput("say how many seeds (k), or give a budget and costs")
    if k is not None and k < 1:
        raise BadInput(f"{k} seeds cannot be chosen; k is at least 1")
    able = int(open_.sum())
    if k is not None and k > able:
        raise BadInput(f"{k} seeds asked for and {able} of the {size} nodes may be chosen; lower k")
    for quota in quotas:
        _check_quota(quota, open_, k)
    cost = None if cost is None else np.asarray(cost, np.float64)
    _check_money(size, open_, cost, budget)
    return Limits(able if k is None else k, open_, tuple(quotas), cost, budget)


def _check_quota(quota: Quota, open_: npt.NDArray[np.bool_], k: int | None) -> None:
    if len(quota.group) != len(open_):
        raise BadInput(f"quota {quota.name!r} groups {len(quota.group)} nodes; the graph has {len(open_)}")
    mosts, groups = quota.mosts(), int(quota.group.max(initial=-1)) + 1
    if quota.group.min(initial=0) < -1 or groups > len(mosts):
        raise BadInput(f"quota {quota.name!r} has groups without a number; groups are -1 to {len(mosts) - 1}")
    if mosts.min(initial=0) < 0:
        raise BadInput(f"quota {quota.name!r} admits {mosts.min()} of a group; 0 or more is needed")
    grouped = quota.group[open_ & (quota.group >= 0)]
    able = int(np.minimum(np.bincount(grouped, minlength=len(mosts)), mosts).sum())
    able += int((open_ & (quota.group < 0)).sum())
    if k is not None and k > able:
        raise BadInput(f"quota {quota.name!r} admits at most {able} of the {k} seeds asked for")


def _check_money(size: int, open_: npt.NDArray[np.bool_], cost: Floats | None, budget: float | None) -> None:
    if (cost is None) != (budget is None):
        raise BadInput("a budget and the cost of each node go together; give both or neither")
    if cost is None or budget is None:
        return
    if len(cost) != size:
        raise BadInput(f"{len(cost)} costs for {size} nodes; one for each is needed")
    wrong = np.flatnonzero(~(np.isfinite(cost) & (cost >= 0)))
    if len(wrong):
        raise BadInput(f"node {wrong[0]} costs {cost[wrong[0]]}; costs are finite and not negative")
    if not (math.isfinite(budget) and budget >= 0):
        raise BadInput(f"the budget is {budget}; it must be finite and not negative")
    cheapest = float(cost[open_].min(initial=np.inf))
    if open_.any() and cheapest > budget:
        raise BadInput(f"the budget is {budget:g} and nobody who may be chosen costs less than {cheapest:g}")


def _known(nodes: Ints, size: int, what: str) -> Ints:
    """Node numbers that exist. Raises BadInput."""
    found = np.asarray(nodes)
    if len(found) and (found.dtype.kind not in "iu" or found.min() < 0 or found.max() >= size):
        raise BadInput(f"{what} has a node outside 0 to {size - 1}")
    return found.astype(np.int64)


def _top(worth: Ints, k: int) -> float:
    if k >= len(worth):
        return float(worth.sum())
    return float(np.partition(worth, len(worth) - k)[len(worth) - k :].sum())


def _within(worth: Ints, group: Ints, mosts: Ints, k: int) -> float:
    """The best k of which at most mosts[g] are of group g, whatever they share."""
    order = np.lexsort((-worth, group))
    ranked = group[order]
    first = np.searchsorted(ranked, ranked, side="left")
    room = np.where(ranked < 0, len(worth), mosts[ranked] if len(mosts) else 0)
    return _top(worth[order][np.arange(len(worth)) - first < room], k)


def _for_money(worth: Ints, cost: Floats, budget: float) -> float:
    """The best that the budget buys if the last may be bought in part (Dantzig 1957)."""
    order = np.argsort(-worth / np.maximum(cost, 1e-200), kind="stable")
    spent = np.cumsum(cost[order])
    whole = int(np.searchsorted(spent, budget, side="right"))
    total = float(worth[order][:whole].sum())
    if whole < len(worth):
        rest = budget - (spent[whole - 1] if whole else 0.0)
        total += float(worth[order][whole]) * rest / float(cost[order][whole])
    return total
