"""Who brought whom: members by the people they know, accounts by older accounts and contacts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingest.world.accounts import Accounts
from ingest.world.contacts import Contacts
from ingest.world.people import Members
from ingest.world.regions import REGIONS
from ingest.world.size import Clock, Floats, Ints
from ingest.world.tables import at, rows
from ingest.world.ties import Graph

SHARE_REFERRED = 0.22  # of the lines that know an older line
SHARE_TWO = 0.12  # of these, part brought by two people
YEARS_BACK = 6  # accounts opened longer ago have no recorded referrer


@dataclass(frozen=True)
class Brought:
    """Referrals among members: who, by whom, and the referrer's part."""

    member: Ints
    by: Ints
    share: Floats


def brought(member: Members, graph: Graph, rng: np.random.Generator) -> Brought:
    """One or two acquaintances who were there before, for one new line in five."""
    count = len(member.id)
    later = member.joined[graph.high] > member.joined[graph.low]
    new = np.where(later, graph.high, graph.low)
    old = np.where(later, graph.low, graph.high)
    order = np.lexsort((rng.random(len(new)), new))
    order = order[member.joined[old[order]] + 30 < member.joined[new[order]]]
    new, old = new[order], old[order]
    known = np.bincount(new, minlength=count)
    place = np.arange(len(new)) - np.repeat(np.cumsum(known) - known, known)
    referred = rng.random(count) < SHARE_REFERRED
    two = (rng.random(count) < SHARE_TWO) & (known >= 2)
    keep = referred[new] & ((place == 0) | ((place == 1) & two[new]))
    first = np.where(two[new], 0.7, 1.0)
    share = np.where(place == 0, first, 0.3)
    return Brought(new[keep], old[keep], share[keep])


def referral_table(
    told: Brought,
    member: Members,
    contact: Contacts,
    account: Accounts,
    left: Ints,
    closed: Ints,
    clock: Clock,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """`referrals`; a referrer who had left by the day is not recorded."""
    there = left[told.by] >= member.joined[told.member]
    who, by, share = told.member[there], told.by[there], told.share[there]
    lines = rows(
        "referrals",
        {
            "source_label": ["Member"] * len(who),
            "source": at(member.id, by),
            "target_label": ["Member"] * len(who),
            "target": at(member.id, who),
            "date": member.joined[who],
            "share": share,
        },
    )
    groups = _accounts(contact, account, closed, clock, rng)
    return pd.concat([lines, groups], ignore_index=True)


def _accounts(
    contact: Contacts, account: Accounts, closed: Ints, clock: Clock, rng: np.random.Generator
) -> pd.DataFrame:
    """Newer accounts brought by an older one of the same trade or province, half of the time through a
    named contact.
    """
    found = []
    province = np.unique([region.province for region in REGIONS], return_inverse=True)[1][account.region]
    for new in np.flatnonzero(account.opened > clock.start - 365 * YEARS_BACK):
        day = int(account.opened[new])
        old = np.flatnonzero((account.opened < day - 90) & (closed > day))
        if len(old) == 0 or rng.random() < 0.4:
            continue
        likeness = 1 + 4.0 * (
            (account.industry[old] == account.industry[new]) | (province[old] == province[new])
        )
        by = int(rng.choice(old, p=likeness / likeness.sum()))
        person = np.flatnonzero((contact.account == by) & (contact.since <= day))
        named = len(person) > 0 and rng.random() < 0.5
        key = contact.id[int(rng.choice(person))] if named else account.id[by]
        found.append(("Contact" if named else "Account", key, account.id[int(new)], day))
    label, source, target, days = (list(part) for part in zip(*found, strict=True)) if found else ([],) * 4
    return rows(
        "referrals",
        {
            "source_label": label,
            "source": source,
            "target_label": ["Account"] * len(found),
            "target": target,
            "date": np.array(days, dtype=np.int64),
            "share": np.ones(len(found)),
        },
    )
