"""Offers made to many, with a part held back by lot to compare."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ingest.world.contacts import Contacts
from ingest.world.people import Members
from ingest.world.products import Catalogue
from ingest.world.size import Clock, Floats, Ints, Size
from ingest.world.tables import at, choose, ids, rows

NAMES = ("春季关怀", "暑期畅享", "老客户回馈", "云上护航", "年终续约", "新春礼遇")
CHANNELS, COSTS = ("sms", "call", "visit", "app"), (0.05, 3.0, 60.0, 0.02)
ARMS = ("treat", "control")
HELD_BACK = 0.2
OUTCOMES, OUTCOME_SHARE = ("accepted", "declined", "considering", "no_answer"), (0.1, 0.3, 0.2, 0.4)
SHARE_TOUCHED = 0.07  # of the lines there on the first day


def campaign_tables(
    size: Size,
    goods: Catalogue,
    member: Members,
    contact: Contacts,
    left: Ints,
    closed: Ints,
    clock: Clock,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`campaigns` and `touches`. Touches go by lot and change nobody's hazard in this world."""
    count = size.campaigns
    key = ids("K", count, 3)
    last = max(1, clock.days - 60)
    starts = clock.start + np.linspace(min(45, last), last, count).astype(np.int64)
    channel = np.arange(count) % len(CHANNELS)
    product = rng.integers(1, len(goods.id), count)
    table = rows(
        "campaigns",
        {
            "campaign_id": key,
            "known_from": starts - 14,
            "name": [NAMES[i % len(NAMES)] for i in range(count)],
            "product_id": at(goods.id, product),
            "channel": choose(CHANNELS, channel),
            "starts": starts,
            "ends": starts + 45,
            "cost_per_contact": np.array(COSTS)[channel],
        },
    )
    leaves = np.minimum(contact.until, closed[contact.account])
    touched = []
    for campaign in range(count):
        for label, names, since, until in (
            ("Member", member.id, member.joined, left),
            ("Contact", contact.id, contact.since, leaves),
        ):
            day = int(starts[campaign])
            there = np.flatnonzero((since <= day) & (until > day + 45))
            who = there[rng.random(len(there)) < SHARE_TOUCHED]
            cost = COSTS[channel[campaign]]
            part = _touches(label, at(names, who), day, int(channel[campaign]), cost, rng)
            part.insert(0, "source", [key[campaign]] * len(part))
            touched.append(part)
    return table, pd.concat(touched, ignore_index=True)


def _touches(
    label: str, who: pd.Series[str], day: int, channel: int, cost: float, rng: np.random.Generator
) -> pd.DataFrame:
    count = len(who)
    held: Ints = (rng.random(count) < HELD_BACK).astype(np.int64)
    outcome = rng.choice(len(OUTCOMES), size=count, p=OUTCOME_SHARE)
    spent: Floats = np.where(held == 1, 0.0, cost)
    return rows(
        "touches",
        {
            "target_label": [label] * count,
            "target": who,
            "date": day + rng.integers(0, 45, count),
            "arm": choose(ARMS, held),
            "channel": choose(CHANNELS, np.where(held == 1, -1, channel)),
            "outcome": choose(OUTCOMES, np.where(held == 1, -1, outcome)),
            "cost": spent,
        },
    )
