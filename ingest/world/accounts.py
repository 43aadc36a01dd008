"""Accounts: heavy-tailed sizes, groups with subsidiaries, contracts that are renewed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from graph.schema import CLASSES, INDUSTRIES, TIERS
from ingest.world import names
from ingest.world.regions import REGIONS, weights
from ingest.world.size import NEVER, Bools, Clock, Floats, Ints, Size
from ingest.world.tables import at, choose, ids, rows

CREDIT_LEVELS = ("AAA", "AA", "A", "BBB", "BB")
INDUSTRY_SHARE = (8, 7, 7, 6, 20, 7, 6, 4, 16, 8, 3, 8)  # per cent, in the schema's order
SHORTEST = 24  # months of the shortest contract


@dataclass(frozen=True)
class Accounts:
    """One value an account, in the order of `id`; days as numbers since 1970-01-01."""

    id: pd.Series[str]
    name: list[str]
    credit_code: list[str]
    industry: Ints
    region: Ints
    tier: Ints
    credit: Ints
    size: Ints
    """Lines it will ever have."""
    staff: Ints
    parent: Ints
    """Number of the account it is a part of; -1 where none."""
    opened: Ints
    ends: Ints
    """(accounts, contracts): the days on which its contracts end, one after the other."""
    taste: Floats
    """What its people have in common, standard normal; see `people.Members.trait`."""


def headcounts(accounts: int, members: int, spread: float, rng: np.random.Generator) -> Ints:
    """Lines per account: lognormal, of that log standard deviation, with a Pareto tail above the 95th
    percentile, at least 2.

    Drawn by strata of the distribution, so that even a world of forty accounts has its tail.
    """
    place = (np.arange(accounts) + rng.uniform(0.4, 0.6, accounts)) / accounts
    body = np.exp(spread * ndtri(np.minimum(place, 0.95)))
    tail = (0.05 / np.minimum(1 - place, 0.05)) ** (1 / 1.6)
    raw = body * tail
    sizes = np.maximum(2, np.floor(raw / raw.sum() * members)).astype(np.int64)
    sizes[-1] += members - sizes.sum()
    return rng.permutation(sizes)


def accounts(size: Size, clock: Clock, rng: np.random.Generator, spread: float = 1.25) -> Accounts:
    """Every account as of the world's start, before anybody leaves."""
    count = size.accounts
    sizes = headcounts(count, size.members, spread, rng)
    share = np.array(INDUSTRY_SHARE) / sum(INDUSTRY_SHARE)
    industry = rng.choice(len(INDUSTRIES), size=count, p=share)
    region = rng.choice(len(REGIONS), size=count, p=weights())
    parent = _parents(sizes, rng)
    industry = np.where(parent >= 0, industry[np.maximum(parent, 0)], industry)
    opened = _opened(sizes, parent, clock, rng)
    staff = np.ceil(sizes / rng.beta(4, 4, count).clip(0.1, 0.95)).astype(np.int64)
    numbers = names.distinct(count, 31**6, rng)
    return Accounts(
        id=ids("A", count),
        name=_names(industry, region, parent, rng),
        credit_code=[
            names.credit_code(REGIONS[r], INDUSTRIES[i], int(n))
            for r, i, n in zip(region, industry, numbers, strict=True)
        ],
        industry=industry,
        region=region,
        tier=_tiers(sizes),
        credit=rng.choice(len(CREDIT_LEVELS), size=count, p=(0.15, 0.3, 0.35, 0.15, 0.05)),
        size=sizes,
        staff=staff,
        parent=parent,
        opened=opened,
        ends=_contract_ends(opened, clock, rng),
        taste=rng.standard_normal(count),
    )


def _tiers(sizes: Ints) -> Ints:
    """The largest twentieth is looked after nationally, the next quarter by the province."""
    rank = np.argsort(np.argsort(-sizes)) / len(sizes)
    return np.asarray(np.searchsorted((0.05, 0.30), rank, side="right"), dtype=np.int64)


def _parents(sizes: Ints, rng: np.random.Generator) -> Ints:
    """One in five of the largest quarter (two at least) has one to four small subsidiaries."""
    order = np.argsort(-sizes)
    quarter = max(2, len(sizes) // 4)
    large, small = order[:quarter], rng.permutation(order[quarter:])
    heads = rng.permutation(large)[: max(2, round(0.2 * quarter))]
    parent = np.full(len(sizes), -1, dtype=np.int64)
    wanted = np.repeat(heads, rng.integers(1, 5, len(heads)))[: len(small) // 2]
    parent[small[: len(wanted)]] = wanted
    return parent


def _opened(sizes: Ints, parent: Ints, clock: Clock, rng: np.random.Generator) -> Ints:
    """One to eleven years before the record; one in fourteen of the small ones within it."""
    count = len(sizes)
    days = clock.start - 365 - (rng.beta(1.3, 1.6, count) * 3650).astype(np.int64)
    small = (sizes <= np.quantile(sizes, 0.7)) & (parent < 0)
    fresh = small & (rng.random(count) < 0.1)
    return np.where(fresh, clock.start + rng.integers(20, clock.days * 2 // 3, count), days)


def _contract_ends(opened: Ints, clock: Clock, rng: np.random.Generator) -> Ints:
    """The contracts' last days, moved to a quarter's end, most of them to that of the year."""
    term = rng.choice((SHORTEST, 36, 60), size=len(opened), p=(0.25, 0.45, 0.3))
    since = np.maximum(opened, clock.start - rng.integers(0, term * 30))
    first = since.astype("datetime64[D]").astype("datetime64[M]") + term
    ends = first[:, None] + term[:, None] * np.arange(2 + clock.months // SHORTEST)
    month = ends.astype(np.int64) % 12
    quarter = (month // 3) * 3 + 2
    bunched = np.where((rng.random(len(opened)) < 0.4)[:, None], 11, quarter)
    last = ends + (bunched - month) + 1
    return np.asarray(last.astype("datetime64[D]").astype(np.int64) - 1)


def _names(industry: Ints, region: Ints, parent: Ints, rng: np.random.Generator) -> list[str]:
    brands = names.brands(len(industry), rng)
    made = [
        names.company(REGIONS[r], brand, INDUSTRIES[i], rng)
        for r, brand, i in zip(region, brands, industry, strict=True)
    ]
    seen: dict[tuple[int, str], int] = {}
    for child in np.flatnonzero(parent >= 0):
        place = REGIONS[region[child]]
        twin = seen.get((parent[child], place.city), 0)
        seen[parent[child], place.city] = twin + 1
        made[child] = names.subsidiary(made[parent[child]], place, twin + 1 if twin else 0)
    return made


def classes(spend: Floats, kinds: Ints, tier: Ints, industry: Ints) -> Ints:
    """Customer class by rule: large where two of three hold (20,000 yuan a month, five kinds of
    product, national tier or an industry of public weight), else commercial below 3,000 yuan a
    month, else public.
    """
    weighty = (tier == 0) | np.isin(industry, (0, 1, 2, 3))
    points = (spend >= 20_000).astype(int) + (kinds >= 5) + weighty
    large, commercial, public = (CLASSES.index(c) for c in ("large", "commercial", "public"))
    small = np.where(spend < 3_000, commercial, public)
    return np.where(points >= 2, large, small).astype(np.int64)


def account_table(
    all_: Accounts, closed: Ints, why: Ints, class_: Ints, clock: Clock, rng: np.random.Generator
) -> pd.DataFrame:
    """`accounts`: the first version, one more at each renewal, and at a new tier or credit level."""
    count = len(all_.id)
    day = rng.integers(clock.start + 60, clock.end, count)
    number = np.arange(count)
    changed = number[(rng.random(count) < 0.12) & (day < closed) & (day > all_.opened + 30)]
    renewed = [_renewed(all_, k, closed, clock) for k in range(all_.ends.shape[1] - 1)]
    who = np.concatenate([number, changed, *renewed])
    known = np.concatenate([all_.opened, day[changed], *(all_.ends[w, k] - 9 for k, w in enumerate(renewed))])
    after = (known >= day[who]) & np.isin(who, changed)
    contract = np.minimum((known[:, None] >= all_.ends[who] - 9).sum(axis=1), all_.ends.shape[1] - 1)
    table = rows(
        "accounts",
        {
            "account_id": at(all_.id, who),
            "known_from": known,
            "name": np.array(all_.name, dtype=object)[who],
            "credit_code": np.array(all_.credit_code, dtype=object)[who],
            "industry": choose(INDUSTRIES, all_.industry[who]),
            "region": choose(tuple(r.code for r in REGIONS), all_.region[who]),
            "tier": choose(TIERS, _promoted(all_.tier[who], after & (who % 2 == 0))),
            "class": choose(CLASSES, class_[who]),
            "staff": all_.staff[who],
            "credit_level": choose(CREDIT_LEVELS, _worse(all_.credit[who], after)),
            "opened": all_.opened[who],
            "closed": closed[who],
            "closed_reason": choose(CLOSED_REASONS, np.where(closed[who] < NEVER, why[who], -1)),
            "contract_end": all_.ends[who, contract],
        },
    )
    once = table.drop_duplicates(["account_id", "known_from"], keep="last")
    return once.sort_values(["account_id", "known_from"]).reset_index(drop=True)


CLOSED_REASONS = ("关键联系人离网后整体转网", "成员大量流失后合同终止")


def _renewed(all_: Accounts, contract: int, closed: Ints, clock: Clock) -> Ints:
    """Accounts whose contract of that number was renewed: nine days before its end, in the record."""
    day = all_.ends[:, contract] - 9
    return np.flatnonzero((day <= clock.end) & (day > all_.opened) & (day < closed))


def _promoted(tier: Ints, where: Bools) -> Ints:
    return np.where(where, np.maximum(tier - 1, 0), tier)


def _worse(credit: Ints, where: Bools) -> Ints:
    return np.where(where, (credit + 1) % len(CREDIT_LEVELS), credit)


def parent_table(all_: Accounts, closed: Ints) -> pd.DataFrame:
    """`account_parents`: since the younger of the two was opened, until the subsidiary closed."""
    child = np.flatnonzero(all_.parent >= 0)
    head = all_.parent[child]
    return rows(
        "account_parents",
        {
            "source": at(all_.id, child),
            "target": at(all_.id, head),
            "since": np.maximum(all_.opened[child], all_.opened[head]),
            "until": np.minimum(closed[child], closed[head]),
        },
    )
