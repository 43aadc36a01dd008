"""What a list would bring, played forward by the simulator that shares nothing with the choice, beside
simple lists of the same cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.campaign.asked import Asked
from analytics.campaign.offers import Offers, groups_of
from analytics.csr import Floats, Ints
from analytics.kernels.cascades import simulate
from graph.progress import Progress

RANDOM_LISTS = 5
SURE = 1.959964
BUDGETED = "budgeted"


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """What a list brings: means over simulated cascades with their standard errors."""

    contacts: float
    cost: float
    members: float
    members_error: float
    revenue: float
    revenue_error: float


def baselines(offer: Offers, asked: Asked, budget: float, risk: pd.Series | None) -> dict[str, list[Ints]]:
    """Lists of members' places that cost no more than the budget and keep to the same caps.

    By ties, by value, by risk (chance of leaving by member_id; left out where it is not known), and several
    by lot.
    """
    n, rng = offer.size, np.random.default_rng(asked.spread.seed)
    by = {"top degree": offer.degree.astype(float), "top value": offer.value[:n]}
    if risk is not None:
        by["top risk"] = offer.people["member_id"].map(risk).fillna(0.0).to_numpy(float)
    found = {
        name: [_affordable(offer, asked, offer.open[np.argsort(-score[offer.open], kind="stable")], budget)]
        for name, score in by.items()
    }
    found["random"] = [
        _affordable(offer, asked, rng.permutation(offer.open), budget) for _ in range(RANDOM_LISTS)
    ]
    return found


def rehearse(
    offer: Offers, asked: Asked, lists: Mapping[str, list[Ints]], progress: Progress | None = None
) -> dict[str, Rehearsal]:
    """Play every list forward, each with random numbers of its own."""
    found = {}
    for number, (name, some) in enumerate(lists.items()):
        if progress:
            progress("playing lists forward", number, len(lists))
        played = [_played(offer, asked, one, 100 * number + nth) for nth, one in enumerate(some)]
        found[name] = played[0] if len(played) == 1 else _mean(played)
    return found


def simulations(found: Mapping[str, Rehearsal], plan: str) -> pd.DataFrame:
    """The rows of table `simulations` without run_id: scenario, figure, value, low, high (95 %).

    The lists are played independently: the error of a difference is the root of both squared.
    """
    rows: list[tuple[str, str, float, float, float]] = []
    own = found[BUDGETED]
    for name, one in found.items():
        scenario = f"{plan}: {name}"
        rows += [
            (scenario, "contacts", one.contacts, np.nan, np.nan),
            (scenario, "cost", one.cost, np.nan, np.nan),
            (scenario, "members", *_interval(one.members, one.members_error)),
            (scenario, "revenue", *_interval(one.revenue, one.revenue_error)),
        ]
        if name != BUDGETED:
            error = float(np.hypot(own.revenue_error, one.revenue_error))
            rows.append(
                (scenario, "revenue that budgeted adds", *_interval(own.revenue - one.revenue, error))
            )
    return pd.DataFrame(rows, columns=["scenario", "figure", "value", "low", "high"])


def _affordable(offer: Offers, asked: Asked, order: Ints, budget: float) -> Ints:
    """From the first on, whoever still fits into the budget and the caps."""
    cost, left = offer.cost[offer.size :], budget
    room = [
        (group, np.full(int(group.max(initial=-1)) + 1, most))
        for _, group, most in groups_of(offer.people, asked.caps)
    ]
    cheapest, most = float(cost[offer.open].min()), asked.caps.contacts or len(order)
    taken: list[int] = []
    for node in order.tolist():
        if left < cheapest or len(taken) == most:
            break
        if cost[node] > left or any(group[node] >= 0 and not free[group[node]] for group, free in room):
            continue
        left -= float(cost[node])
        taken.append(node)
        for group, free in room:
            if group[node] >= 0:
                free[group[node]] -= 1
    return np.array(taken, np.int64)


def _played(offer: Offers, asked: Asked, members: Ints, stream: int) -> Rehearsal:
    n, runs = offer.size, asked.spread.runs
    seed = 7919 * asked.spread.seed + 1_000_003 + stream
    one_each = np.concatenate([np.ones(n), np.zeros(n)])
    # The same seed plays the same cascades, counted once in members and once in yuan.
    members_, revenue = (
        simulate(offer.arcs, n + members, runs, seed, "ic", worth) for worth in (one_each, offer.value)
    )
    return Rehearsal(
        len(members),
        float(offer.cost[n + members].sum()),
        members_.mean,
        members_.error,
        revenue.mean,
        revenue.error,
    )


def _mean(played: list[Rehearsal]) -> Rehearsal:
    """Over lists drawn by lot; the spread between lists is in the error."""

    def over(name: str) -> Floats:
        return np.array([getattr(one, name) for one in played])

    def error(name: str) -> float:
        return float(over(name).std(ddof=1) / np.sqrt(len(played)))

    return Rehearsal(
        float(over("contacts").mean()),
        float(over("cost").mean()),
        float(over("members").mean()),
        error("members"),
        float(over("revenue").mean()),
        error("revenue"),
    )


def _interval(value: float, error: float) -> tuple[float, float, float]:
    return value, value - SURE * error, value + SURE * error
