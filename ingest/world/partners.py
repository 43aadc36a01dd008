"""Partners: heavy-tailed books, a chain of supply, and now and then one who defects to a rival."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from graph.schema import PARTNER_KINDS
from ingest.world import names
from ingest.world.accounts import Accounts
from ingest.world.people import Members
from ingest.world.regions import REGIONS, weights
from ingest.world.size import NEVER, Clock, Floats, Ints, Size
from ingest.world.tables import at, choose, ids, rows

WHOLESALER, AGENT, SERVICE = range(len(PARTNER_KINDS))
FORMS = (("通信发展", "通信器材"), ("通讯服务", "信息咨询"), ("系统集成", "网络工程"))
SHARE_SOLD = 0.5  # part of the lines that came through a partner
SHARE_PRIMARY = 0.6  # of these, part sold by the partner that looks after the account
SHOCK_WEEKS = 8


@dataclass(frozen=True)
class Partners:
    """One value a firm, in the order of `id`."""

    id: pd.Series[str]
    kind: Ints
    region: Ints
    opened: Ints
    closed: Ints
    """The day it defected; NEVER for those who stay."""
    weight: Floats
    """Its part in new sales; sums to 1."""
    above: Ints
    """Number of the partner that supplies it; -1 where none."""


def partners(size: Size, clock: Clock, rng: np.random.Generator) -> Partners:
    """Every partner; one in forty (at least one) of the middling ones defects."""
    count = size.partners
    kind = rng.choice(3, size=count, p=(0.15, 0.65, 0.20))
    kind[:2] = (WHOLESALER, AGENT)
    raw = (rng.pareto(1.3, count) + 0.2) * np.array([2.0, 1.0, 0.4])[kind]
    raw = np.minimum(raw, raw.sum() * 0.15)
    opened = clock.start - 400 - rng.integers(0, 3600, count)
    middling = np.argsort(-raw)[1 : max(3, count // 6)]
    defects = rng.permutation(middling)[: max(1, round(count / 40))]
    closed = np.full(count, NEVER, dtype=np.int64)
    closed[defects] = clock.start + (clock.days * rng.uniform(0.3, 0.8, len(defects))).astype(int)
    return Partners(
        id=ids("D", count, 3),
        kind=kind,
        region=rng.choice(len(REGIONS), size=count, p=weights()),
        opened=opened,
        closed=closed,
        weight=raw / raw.sum(),
        above=_chain(kind, raw, rng),
    )


def _chain(kind: Ints, weight: Floats, rng: np.random.Generator) -> Ints:
    """Agents are supplied by wholesalers; a small wholesaler by the largest."""
    wholesale = np.flatnonzero(kind == WHOLESALER)
    share = weight[wholesale] / weight[wholesale].sum()
    above = rng.choice(wholesale, size=len(kind), p=share)
    top = wholesale[np.argmax(share)]
    above = np.where(kind == WHOLESALER, top, above)
    above[(kind == SERVICE) | (rng.random(len(kind)) < 0.2)] = -1
    above[top] = -1
    return above


@dataclass(frozen=True)
class Book:
    """Who sold each line, and who looks after each account; -1 where nobody did."""

    member: Ints
    account: Ints


def book(partner: Partners, account: Accounts, member: Members, rng: np.random.Generator) -> Book:
    """Sellers by weight, mostly the account's own partner, and only while under contract."""
    accounts, members = len(account.id), len(member.id)
    primary = rng.choice(len(partner.id), size=accounts, p=partner.weight)
    other = rng.choice(len(partner.id), size=members, p=partner.weight)
    seller = np.where(rng.random(members) < SHARE_PRIMARY, primary[member.account], other)
    sold = rng.random(members) < SHARE_SOLD
    sold &= (member.joined >= partner.opened[seller]) & (member.joined <= partner.closed[seller])
    return Book(np.where(sold, seller, -1), np.where(rng.random(accounts) < 0.7, primary, -1))


def partner_table(all_: Partners, clock: Clock, rng: np.random.Generator) -> pd.DataFrame:
    """`partners`."""
    count = len(all_.id)
    brands = names.brands(count, rng)
    firms = [
        f"{REGIONS[r].city}{brand}{rng.choice(FORMS[k])}有限公司"
        for r, brand, k in zip(all_.region, brands, all_.kind, strict=True)
    ]
    return rows(
        "partners",
        {
            "partner_id": all_.id,
            "known_from": all_.opened,
            "name": firms,
            "kind": choose(PARTNER_KINDS, all_.kind),
            "region": choose(tuple(r.code for r in REGIONS), all_.region),
            "opened": all_.opened,
            "closed": all_.closed,
        },
    )


def chain_table(all_: Partners) -> pd.DataFrame:
    """`partner_chain`: since the younger contract, until one of the two ends."""
    below = np.flatnonzero(all_.above >= 0)
    above = all_.above[below]
    return rows(
        "partner_chain",
        {
            "source": at(all_.id, below),
            "target": at(all_.id, above),
            "since": np.maximum(all_.opened[below], all_.opened[above]),
            "until": np.minimum(all_.closed[below], all_.closed[above]),
        },
    )
