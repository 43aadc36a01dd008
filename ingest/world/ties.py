"""Who knows whom, and how much they call each other, month by month.

A degree-corrected block model (block = department, account, or people alike), then triangles are
closed, then strengths are drawn that rise with overlap (Onnela et al. 2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from ingest.world.people import Members
from ingest.world.regions import REGIONS
from ingest.world.size import Bools, Clock, Floats, Ints, Knobs
from ingest.world.tables import at, rows

INSIDE_DEPARTMENT = 0.8  # of the ties inside an account, part that stays in the department
CLOSING_ROUNDS = 50
EXACT, SAMPLE = 20_000, 20_000  # members up to which clustering is that of all; above, of about so many
BLOCK = 8_192  # members whose neighbours' neighbours are held at a time
CLOSE_OUTSIDE = 0.6  # chance of closing a triangle over two accounts, against one inside
MOST_CALLS = 90.0  # a month on one tie, each way (Copenhagen: 88)
STRENGTH = 1.33  # log standard deviation of calls a month
LASTING = 0.80  # ties both ways when they begin against those in force
MEDIAN_CALLS = 1.1
QUIET = 0.25  # chance that the weakest tie is silent for a month


@dataclass(frozen=True)
class Graph:
    """Every pair of members that is ever in touch: `low` < `high`, one row a pair."""

    low: Ints
    high: Ints
    up: Floats
    """Calls a month from low to high; 0 where that direction is not used."""
    down: Floats
    first: Ints
    """First month of the tie, as a number of the record's months; 0 where it is older."""
    last: Ints
    """Last month of the tie, however long its people stay."""
    overlap: Floats
    members: int

    def alive(self, month: int) -> csr_array:
        """(members, members): strength of each outgoing tie of that month, over the mean of its
        caller's, at most 3.
        """
        on = self.on(month)
        source = np.concatenate([self.low[on], self.high[on]])
        target = np.concatenate([self.high[on], self.low[on]])
        rate = np.concatenate([self.up[on], self.down[on]])
        used = rate > 0
        source, target, rate = source[used], target[used], rate[used]
        total = np.bincount(source, rate, self.members)
        degree = np.bincount(source, minlength=self.members)
        strength = np.minimum(rate * degree[source] / total[source], 3.0)
        return csr_array((strength, (source, target)), shape=(self.members, self.members))

    def on(self, month: int) -> Bools:
        """Pairs whose tie exists in that month."""
        return (self.first <= month) & (month <= self.last)


def graph(member: Members, region: Ints, knobs: Knobs, clock: Clock, rng: np.random.Generator) -> Graph:
    """The ties of a whole world; `region` is each member's."""
    first = _first_pairs(member, region, knobs, rng)
    low, high = _close_triangles(*first, member.account, knobs.clustering, rng)
    overlap = overlaps(low, high, len(member.id))
    up, down = _rates(overlap, knobs.reciprocity, rng)
    begins, ends = _lifetimes(low, high, overlap, (up > 0) & (down > 0), clock, rng)
    return Graph(low, high, up, down, begins, ends, overlap, len(member.id))


def _first_pairs(member: Members, region: Ints, knobs: Knobs, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Each member's own choices: in the department, in the account, among people alike, anywhere."""
    count = len(member.id)
    source = np.repeat(np.arange(count), rng.poisson(knobs.first_ties * member.sociability))
    lot = rng.random(len(source))
    inside = lot < knobs.inside_share
    department = lot < knobs.inside_share * INSIDE_DEPARTMENT
    alike = ~inside & (rng.random(len(source)) < knobs.homophily)
    target = _picked(source, np.zeros(count, np.int64), member.sociability, rng)
    for block, chosen in ((member.account, inside), (member.department, department)):
        target[chosen] = _picked(source[chosen], block, member.sociability, rng)
    target[alike] = _alike(source[alike], member.trait, region, rng)
    return _pairs(source, target, count)


def _pairs(source: Ints, target: Ints, count: int) -> tuple[Ints, Ints]:
    """Different pairs, each once, the lower number first."""
    low, high = np.minimum(source, target), np.maximum(source, target)
    low, high = np.divmod(np.unique((low * count + high)[low != high]), count)
    return low, high


def _picked(source: Ints, block: Ints, weight: Floats, rng: np.random.Generator) -> Ints:
    """For each source somebody of its block, in proportion to weight."""
    order = np.argsort(block, kind="stable")
    cumulated = np.cumsum(weight[order])
    total = np.bincount(block, weight)
    before = np.cumsum(total) - total
    mark = before[block[source]] + rng.random(len(source)) * total[block[source]]
    place = np.searchsorted(cumulated, mark, side="right")
    return np.asarray(order[np.minimum(place, len(order) - 1)])


def _alike(source: Ints, trait: Floats, region: Ints, rng: np.random.Generator) -> Ints:
    """For each source somebody of its province with nearly its trait: close by in that order."""
    provinces = np.unique([r.province for r in REGIONS], return_inverse=True)[1]
    order = np.lexsort((trait, provinces[region]))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    step = rng.geometric(1 / 3, len(source)) * rng.choice((-1, 1), len(source))
    return np.asarray(order[np.clip(place[source] + step, 0, len(order) - 1)])


def _upper(low: Ints, high: Ints, count: int) -> csr_array:
    return csr_array((np.ones(len(low), np.int32), (low, high)), shape=(count, count))


def _adjacency(low: Ints, high: Ints, count: int) -> csr_array:
    """1 in both directions, every row's columns in order."""
    upper = _upper(low, high, count)
    return csr_array(upper + upper.T.tocsr())


def clustering(low: Ints, high: Ints, count: int) -> float:
    """Mean local clustering; members with fewer than two neighbours count as 0. Among more than
    20,000 members it is that of every so manieth.
    """
    return _clustering(_adjacency(low, high, count))


def _clustering(near: csr_array) -> float:
    members = near.shape[0]
    who = np.arange(members) if members <= EXACT else np.arange(0, members, -(-members // SAMPLE))
    degree = np.diff(near.indptr)[who].astype(np.int64)
    triangles = np.concatenate(
        [
            (near[block] @ near).multiply(near[block]).sum(axis=1)
            for block in np.array_split(who, -(-len(who) // BLOCK))
        ]
    )
    return float((triangles / np.maximum(degree * (degree - 1), 1)).mean())


def overlaps(low: Ints, high: Ints, count: int) -> Floats:
    """Shared neighbours over all neighbours of the two, 0 to 1 (Onnela et al. 2007). The pairs in any
    order, each once, `low` < `high`.
    """
    near, upper = _adjacency(low, high, count), _upper(low, high, count)
    degree = np.diff(near.indptr).astype(np.int64)
    order = np.lexsort((high, low))
    key = low[order] * count + high[order]
    shared = np.zeros(len(low))
    for first in range(0, count, BLOCK):
        block = slice(first, first + BLOCK)
        found = (near[block] @ near).multiply(upper[block]).tocoo()
        keys = (found.row.astype(np.int64) + first) * count + found.col
        shared[order[np.searchsorted(key, keys)]] = found.data
    return np.asarray(shared / np.maximum(degree[low] + degree[high] - 2 - shared, 1))


def _close_triangles(
    low: Ints, high: Ints, account: Ints, wanted: float, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Two neighbours of a random member get to know each other, more readily within an account,
    until clustering is as wanted.
    """
    count = len(account)
    for _ in range(CLOSING_ROUNDS):
        near = _adjacency(low, high, count)
        if _clustering(near) >= wanted:
            break
        degree = np.diff(near.indptr)
        centre = rng.choice(np.flatnonzero(degree >= 2), size=max(1, len(low) // 16))
        one, other = (
            near.indices[near.indptr[centre] + rng.integers(0, degree[centre])].astype(np.int64)
            for _ in range(2)
        )
        meet = (account[one] == account[other]) | (rng.random(len(one)) < CLOSE_OUTSIDE)
        low, high = _with(low, high, *_pairs(one[meet], other[meet], count), count)
    return low, high


def _with(low: Ints, high: Ints, more_low: Ints, more_high: Ints, count: int) -> tuple[Ints, Ints]:
    """The pairs and some more, both in order; linear in the many, unlike sorting them again."""
    key, more = low * count + high, more_low * count + more_high
    place = np.searchsorted(key, more)
    new = key[np.minimum(place, len(key) - 1)] != more
    low, high = np.divmod(np.insert(key, place[new], more[new]), count)
    return low, high


def _rates(overlap: Floats, reciprocity: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Calls a month each way. A share r of returned ties means r/(2−r) of pairs go both ways, and
    somewhat fewer when they begin, since those that go both ways last longer.
    """
    pairs = len(overlap)
    rate = MEDIAN_CALLS * np.exp(STRENGTH * rng.standard_normal(pairs)) * (1 + 2 * overlap)
    rate = np.minimum(rate, MOST_CALLS)
    both = rng.random(pairs) < LASTING * reciprocity / (2 - reciprocity)
    upward = rng.random(pairs) < 0.5
    up, down = (rate * np.exp(0.3 * rng.standard_normal(pairs)) for _ in range(2))
    return np.where(both | upward, up, 0.0), np.where(both | ~upward, down, 0.0)


def _lifetimes(
    low: Ints, high: Ints, overlap: Floats, mutual: Bools, clock: Clock, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """First and last month. Persistence: reciprocity first, then clustering and low degree
    (Hidalgo & Rodriguez-Sickert 2008).
    """
    ends = np.concatenate([low, high])
    degree = np.bincount(ends)
    crowd = np.log(np.sqrt(degree[low] * degree[high]))
    ending = 1 / (1 + np.exp(3.0 + 1.2 * mutual + 5.0 * overlap - 0.25 * crowd))
    # As many ties of each sort begin in a month as end, so that the graph stays as it is.
    ended = ending * clock.months
    fresh = rng.random(len(low)) < ended / (1 + ended)
    begins = np.where(fresh, rng.integers(0, clock.months, len(low)), 0)
    return begins, begins + rng.geometric(ending) - 1


def month_of_ties(
    all_: Graph,
    month: int,
    presence: Floats,
    pace: Floats,
    days: int,
    rng: np.random.Generator,
) -> tuple[Ints, ...]:
    """One month's ties: source, target, calls, seconds, messages, days active.

    `presence` is each member's part of the month, 0 to 1; `pace` its use against its usual.
    """
    together = np.minimum(presence[all_.low], presence[all_.high])
    strongest = np.maximum(all_.up, all_.down)
    spoke = rng.random(len(together)) > QUIET * np.exp(-strongest)
    on = all_.on(month) & spoke & (together > 0.1)
    low, high, rates = all_.low[on], all_.high[on], (all_.up[on], all_.down[on])
    source, target = np.concatenate([low, high]), np.concatenate([high, low])
    rate = np.concatenate(rates) * np.tile(together[on], 2) * np.sqrt(pace[source] * pace[target])
    used = rate > 0
    source, target, rate = source[used], target[used], rate[used]
    calls = 1 + rng.poisson(rate)
    seconds = np.ceil(calls * 75 * rng.lognormal(0, 0.6, len(calls))).astype(np.int64)
    messages = rng.poisson(0.5 * calls * rng.lognormal(-0.3, 0.8, len(calls)))
    span = np.maximum(1, days * np.minimum(presence[source], presence[target]))
    active = np.maximum(1, np.round(span * (1 - np.exp(-(0.8 * calls + 0.3 * messages) / span))))
    return source, target, calls, seconds, messages, active.astype(np.int64)


def tie_table(member: Members, first_day: int, part: tuple[Ints, ...]) -> pd.DataFrame:
    """`ties` of one month."""
    source, target, calls, seconds, messages, active = part
    return rows(
        "ties",
        {
            "source": at(member.id, source),
            "target": at(member.id, target),
            "month": np.full(len(source), first_day),
            "calls": calls,
            "seconds": seconds,
            "messages": messages,
            "days_active": active,
        },
    )
