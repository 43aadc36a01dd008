"""Our own people: managers, whom they look after, and whom they have met, or never met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingest.world import names
from ingest.world.accounts import Accounts
from ingest.world.contacts import Contacts
from ingest.world.regions import REGIONS, weights
from ingest.world.size import NEVER, Clock, Ints, Size
from ingest.world.tables import at, choose, ids, rows

A_YEAR = (4.0, 3.0, 1.2, 0.8)  # meetings with a decision maker, influencer, user, gatekeeper
NEVER_MET = 0.15
BLOCK = 500  # accounts that are held beside all managers at a time
LONG_AGO = 0.15  # part of the contacts whom nobody has met for nine months
KINDS, KIND_SHARE = ("visit", "call", "video"), (0.5, 0.4, 0.1)
OUTCOMES = ("relation_kept", "interest", "problem_raised", "renewal_talk", "not_met")


@dataclass(frozen=True)
class Care:
    """Who looks after which account: `before` until `handover`, `after` from the day after it."""

    id: pd.Series[str]
    region: Ints
    before: Ints
    after: Ints
    handover: Ints
    """NEVER where the account has had one manager only."""


def care(size: Size, account: Accounts, clock: Clock, rng: np.random.Generator) -> Care:
    """Accounts go to a manager of their province where there is one; one in six is handed over."""
    region = rng.choice(len(REGIONS), size=size.managers, p=weights())
    before, after = (_assigned(region, account.region, rng) for _ in range(2))
    day = rng.integers(clock.start + 30, clock.end - 30, size.accounts)
    changes = (rng.random(size.accounts) < 0.16) & (before != after) & (day > account.opened + 60)
    return Care(ids("G", size.managers, 3), region, before, after, np.where(changes, day, NEVER))


def _assigned(managers: Ints, accounts: Ints, rng: np.random.Generator) -> Ints:
    province = np.array([r.province for r in REGIONS])
    found = []
    for block in np.array_split(accounts, -(-len(accounts) // BLOCK)):  # accounts × managers is too large
        fit = (province[managers][None, :] == province[block][:, None]) + 1e-6
        found.append(np.argmax(np.log(fit) + rng.gumbel(size=fit.shape), axis=1))
    return np.concatenate(found).astype(np.int64)


def manager_table(all_: Care, clock: Clock, rng: np.random.Generator) -> pd.DataFrame:
    """`managers`."""
    count = len(all_.id)
    return rows(
        "managers",
        {
            "manager_id": all_.id,
            "known_from": np.full(count, clock.founded),
            "name": names.people(count, rng),
            "region": choose(tuple(r.code for r in REGIONS), all_.region),
            "branch": [f"{REGIONS[r].city}分公司" for r in all_.region],
        },
    )


def management_table(all_: Care, account: Accounts, closed: Ints) -> pd.DataFrame:
    """`management`: one interval an account, two where it was handed over."""
    handed = np.flatnonzero(all_.handover < closed)
    every = np.arange(len(account.id))
    until = np.where(np.isin(every, handed), all_.handover, closed)
    return rows(
        "management",
        {
            "source": at(all_.id, np.concatenate([all_.before, all_.after[handed]])),
            "target": at(account.id, np.concatenate([every, handed])),
            "since": np.concatenate([account.opened, all_.handover[handed] + 1]),
            "until": np.concatenate([until, closed[handed]]),
        },
    )


def visit_table(
    all_: Care, contact: Contacts, account: Accounts, closed: Ints, clock: Clock,
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    """`visits` from a year before the record on, by whoever looked after the account that day."""
    count = len(contact.id)
    lot = rng.random(count)
    until = np.where(lot < NEVER_MET + LONG_AGO, clock.end - 270, clock.end)
    until = np.minimum(np.minimum(until, contact.until), closed[contact.account])
    since = np.maximum(contact.since, clock.start - 365)
    years = np.clip(until - since, 0, None) / 365.25
    rate = np.array(A_YEAR)[contact.role] * (lot >= NEVER_MET) * rng.gamma(2, 0.5, count)
    who = np.repeat(np.arange(count), rng.poisson(rate * years))
    day = since[who] + (rng.random(len(who)) * (until - since)[who]).astype(np.int64)
    home = contact.account[who]
    manager = np.where(day > all_.handover[home], all_.after[home], all_.before[home])
    outcome = rng.choice(len(OUTCOMES), size=len(who), p=(0.4, 0.2, 0.15, 0.1, 0.15))
    kind = rng.choice(len(KINDS), size=len(who), p=KIND_SHARE)
    table = rows(
        "visits",
        {
            "source": at(all_.id, manager),
            "target": at(contact.id, who),
            "date": day,
            "kind": choose(KINDS, kind),
            "outcome": choose(OUTCOMES, outcome),
        },
    )
    return table.drop_duplicates(["source", "target", "date"]).reset_index(drop=True)
