"""An offer on the graph of ties: who is contacted accepts with a chance, and word goes on from there.

Each member has two nodes, itself (0 to n - 1) and the contacting of it (n to 2n - 1), from which one arc
leads to the member with the chance of acceptance. Seeds are chosen among the contacts, values lie on the
members: an offer that may be declined, in the terms of the certified kernel and of its judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from analytics.campaign.asked import Asked, Caps
from analytics.campaign.audience import Audience
from analytics.csr import Floats, Ints, TieGraph
from analytics.kernels.limits import Limits, Quota, limits
from analytics.kernels.probabilities import tie_strength
from graph.errors import BadInput

LOOKED_AT = 1_000_000
PRECISE = 1e-4


@dataclass(frozen=True, eq=False)
class Offers:
    """`arcs` (2n × 2n, chances), `value` and `cost` (2n), `open`: places of those who may be contacted; n
    members sorted by key.

    `ties` (n × n) are the undirected ties with their contacts.
    """

    people: pd.DataFrame
    arcs: sparse.csr_array
    value: Floats
    cost: Floats
    open: Ints
    ties: sparse.csr_array

    @property
    def size(self) -> int:
        return len(self.people)

    @property
    def degree(self) -> Ints:
        return np.diff(self.ties.indptr).astype(np.int64)


def offers(graph: TieGraph, found: Audience, asked: Asked, budget: float) -> Offers:
    """The offer of an audience. Raises BadInput where nobody may be contacted, or the budget buys nobody."""
    people = found.everybody.reset_index(drop=True)
    open_ = np.flatnonzero(people["open"])
    if not len(open_):
        raise BadInput(f"nobody may be contacted: {_why(found.counts)}")
    cheapest = float(people["cost"].to_numpy()[open_].min())
    if not budget >= cheapest:
        raise BadInput(
            f"a budget of {budget:g} yuan buys nobody: the cheapest of the {len(open_):,} who may be"
            f" contacted costs {cheapest:g} yuan"
        )
    if not people["value"].sum() > 0:
        raise BadInput("nobody's acceptance is worth anything: no bills by the day, or [value] says 0")
    ties = placed(graph, people["member_id"])
    chance = chances(ties, asked.spread.chance, asked.spread.by)
    n = len(people)
    arcs = sparse.csr_array(
        (
            np.concatenate([chance.data, people["acceptance"].to_numpy(float)]),
            np.concatenate([chance.indices.astype(np.int64), np.arange(n)]),
            np.concatenate([chance.indptr.astype(np.int64), chance.nnz + np.arange(1, n + 1)]),
        ),
        shape=(2 * n, 2 * n),
    )
    # Priced beyond the budget, a node stays out of reach also where the price of the exclusions is asked.
    cost = np.full(2 * n, 2.0 * budget + 1)
    chosen = people["selected"].to_numpy(bool)
    cost[n:][chosen] = people["cost"].to_numpy(float)[chosen]
    value = np.concatenate([people["value"].to_numpy(float), np.zeros(n)])
    return Offers(people, arcs, value, cost, open_, ties)


def limits_of(offer: Offers, caps: Caps, budget: float) -> Limits:
    """What the choice of contacts must keep to. Raises BadInput as `kernels.limits.limits`."""
    n = offer.size
    closed = np.setdiff1d(np.arange(2 * n), n + offer.open)
    most = min(caps.contacts, len(offer.open)) if caps.contacts else None
    quotas = [
        Quota(name, np.concatenate([np.full(n, -1), group]), most_of)
        for name, group, most_of in groups_of(offer.people, caps)
    ]
    return limits(2 * n, most, excluded=closed, quotas=quotas, cost=offer.cost, budget=budget)


def groups_of(people: pd.DataFrame, caps: Caps) -> list[tuple[str, Ints, int]]:
    """The caps by group: name, group of each member (-1: in none), most of a group."""
    keys: Mapping[str, tuple[pd.Series, int]] = {
        "account": (people["account_id"], caps.per_account),
        "region": (people["region"].str[:2], caps.per_region),
        "partner": (people["partner_id"], caps.per_partner),
    }
    return [
        (name, pd.factorize(column)[0].astype(np.int64), most)
        for name, (column, most) in keys.items()
        if most
    ]


def placed(graph: TieGraph, keys: pd.Series) -> sparse.csr_array:
    """The undirected ties among `keys` (sorted member_ids), numbered by place there; n × n."""
    place = np.searchsorted(keys.to_numpy(object), graph.keys)
    if graph.size and not (keys.to_numpy(object)[np.minimum(place, len(keys) - 1)] == graph.keys).all():
        raise BadInput("the ties and the members are not of the same day")
    ties, count = graph.undirected, np.zeros(len(keys), np.int64)
    count[place] = np.diff(ties.indptr)
    indptr = np.concatenate([[0], np.cumsum(count)])
    return sparse.csr_array((ties.data, place[ties.indices], indptr), shape=(len(keys), len(keys)))


def chances(ties: sparse.csr_array, mean: float, by: str) -> sparse.csr_array:
    """The chance that word passes along each tie (n × n), `mean` on average.

    "even": the same on all. "strength": 1 - (1 - q)^contacts (`tie_strength`) with the q, found by halving,
    that gives the mean, to within 0.1 %; over a million ties at most, evenly spaced among them.
    """
    if by == "even" or not 0 < mean < 1:
        return sparse.csr_array((np.full(ties.nnz, mean), ties.indices, ties.indptr), shape=ties.shape)
    some = ties.data[:: max(1, ties.nnz // LOOKED_AT)]
    low, high = 0.0, 1.0
    while high - low > PRECISE * high:
        middle = (low + high) / 2
        if -np.expm1(some * np.log1p(-middle)).mean() < mean:
            low = middle
        else:
            high = middle
    return tie_strength(ties, high)


def _why(counts: Mapping[str, int]) -> str:
    reasons = [
        f"{count:,} {name}" for name, count in counts.items() if count and name not in ("active", "selected")
    ]
    return f"{counts['selected']:,} of {counts['active']:,} members selected" + "".join(
        f", {part}" for part in reasons
    )
