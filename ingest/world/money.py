"""Bills, usage and contacts with rivals' networks, one month at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from graph.schema import PERIODS, SERVICES, ZONES
from ingest.world import tariffs
from ingest.world.accounts import Accounts
from ingest.world.people import Members
from ingest.world.products import Catalogue
from ingest.world.size import Bools, Clock, Floats, Ints
from ingest.world.tables import at, choose, rows

ON_NET, OFF_NET, LONG_DISTANCE, ROAMING = range(len(ZONES))
LEAST = 0.1  # part of a month from which it is billed and measured
RIVALS = ("友商甲", "友商乙")


@dataclass(frozen=True)
class Habits:
    """How much of what each member uses in a usual month."""

    minutes: Floats
    """(members, zones)"""
    messages: Floats
    megabytes: Floats
    peak: Floats
    """Part of it in peak hours."""
    rivals: Floats
    """(members, rivals): numbers contacted on each rival's network."""


def habits(member: Members, rng: np.random.Generator) -> Habits:
    """Use grows with sociability; three in ten call far away; few roam."""
    count = len(member.id)
    scale = np.sqrt(member.sociability)[:, None] * rng.lognormal(0, 0.6, (count, len(ZONES)))
    minutes = scale * np.array([45.0, 60.0, 25.0, 12.0])
    minutes[rng.random(count) > 0.3, LONG_DISTANCE] = 0
    return Habits(
        minutes=minutes,
        messages=rng.gamma(0.6, 12, count),
        megabytes=9000 * rng.lognormal(0, 0.8, count) * (0.6 + 0.12 * member.plan),
        peak=rng.beta(7, 4, count),
        rivals=rng.gamma(0.5, 1.0, (count, len(RIVALS))) * np.array([0.8, 0.5]),
    )


@dataclass(frozen=True)
class Month:
    """One month of everybody: presence, pace and pull as in `leaving.paces`."""

    number: int
    first: int
    days: int
    presence: Floats
    pace: Floats
    pull: Floats

    @property
    def here(self) -> Ints:
        """Numbers of the members who are billed."""
        return np.flatnonzero(self.presence > LEAST)


@dataclass(frozen=True)
class Used:
    """What those billed used in one month, each (billed, zones, periods), as the networks count it."""

    minutes: Floats
    """To the tenth."""
    messages: Ints
    megabytes: Floats
    """To the tenth."""

    @property
    def tenths(self) -> Ints:
        """(billed, services, zones × periods): all of it in whole tenths of a unit."""
        counted = np.stack([self.minutes, self.messages, self.megabytes], axis=1)
        tenths: Ints = np.rint(10 * counted).astype(np.int64)
        return tenths.reshape(len(counted), len(SERVICES), -1)


def bill_table(
    member: Members,
    discount: Floats,
    goods: Catalogue,
    month: Month,
    used: Used,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """`bills` of one month: the fee less the account's discount in proportion to the days, and what is
    used beyond the bundles, by the terms in `tariffs`. Each line of a bill is rounded by itself.
    """
    who = month.here
    plan = member.plan_at(month.first)[who]
    present = np.rint(month.presence[who] * month.days).astype(np.int64)
    fee = np.rint(100 * np.round(goods.fee[plan] * discount[member.account[who]], 2)).astype(np.int64)
    line = (2 * fee * present + month.days) // (2 * month.days)
    charge = tariffs.charges(tariffs.terms(goods), plan, used.tenths, present, month.days)
    voice = tariffs.cents(charge[:, tariffs.VOICE] + charge[:, tariffs.MESSAGE])
    data = tariffs.cents(charge[:, tariffs.DATA])
    total = (line + voice + data) / 100
    unpaid = member.unpaid[who, month.number]
    late = np.where(rng.random(len(who)) < 0.08, rng.integers(1, 9, len(who)), 0)
    return rows(
        "bills",
        {
            "about": at(member.id, who),
            "month": np.full(len(who), month.first),
            "voice": voice / 100,
            "data": data / 100,
            "line": line / 100,
            "total": total,
            "paid": np.where(unpaid, 0.0, total),
            "days_overdue": np.where(unpaid, rng.integers(12, 21, len(who)), late),
        },
    )


def used(member: Members, habit: Habits, month: Month, talk: Floats, rng: np.random.Generator) -> Used:
    """Use in one month. On-net minutes contain those of the ties: `talk` is each member's minutes of
    calls to other members. Off-net use grows as a line is drawn away.
    """
    who = month.here
    cells = (len(who), len(ZONES), len(PERIODS))
    pace = (month.pace * month.presence)[who][:, None]
    minutes = habit.minutes[who] * pace * rng.lognormal(0, 0.25, cells[:2])
    minutes[:, ON_NET] += talk[who]
    minutes[:, OFF_NET] *= 1 + 3.0 * month.pull[who]
    minutes[rng.random(len(who)) > 0.05, ROAMING] = 0
    quiet = rng.random(cells) < np.array([[0, 0.1], [0, 0.4], [0, 0.7], [0, 0.7]])
    share = np.where(quiet, 0, np.stack([habit.peak[who], 1 - habit.peak[who]], axis=1)[:, None, :])
    messages = rng.poisson((habit.messages[who] * pace[:, 0])[:, None, None] * share * SPLIT[:, None])
    data = np.round(
        (habit.megabytes[who] * pace[:, 0])[:, None, None] * share * DATA_SPLIT[:, None]
        * (minutes > 0)[:, :, None], 1,
    )  # fmt: skip
    return Used(np.round(minutes[:, :, None] * share, 1), messages, data)


def usage_table(member: Members, month: Month, used: Used) -> pd.DataFrame:
    """`usage` of one month: the cells of zone × period that hold anything."""
    filled = (used.minutes > 0) | (used.messages > 0) | (used.megabytes > 0)
    row, zone, period = np.nonzero(filled)
    return rows(
        "usage",
        {
            "about": at(member.id, month.here[row]),
            "month": np.full(len(row), month.first),
            "zone": choose(ZONES, zone),
            "period": choose(PERIODS, period),
            "minutes": used.minutes[row, zone, period],
            "messages": used.messages[row, zone, period],
            "megabytes": used.megabytes[row, zone, period],
        },
    )


SPLIT = np.array([0.6, 0.4, 0.0, 0.0])  # messages by zone
DATA_SPLIT = np.array([1.0, 0.0, 0.0, 0.3])  # data by zone; it runs on our network or roams


def rival_table(
    member: Members, account: Accounts, habit: Habits, month: Month, rng: np.random.Generator
) -> pd.DataFrame:
    """`competitor_ties` of one month, for members and summed for their accounts."""
    here: Bools = month.presence > LEAST
    rate = habit.rivals * (month.presence * (1 + 2.5 * month.pull) * here)[:, None]
    contacts = rng.poisson(rate)
    per_account = np.zeros((len(account.id), len(RIVALS)), dtype=np.int64)
    np.add.at(per_account, member.account, contacts)
    parts = []
    for label, names, counted in (
        ("Member", member.id, contacts),
        ("Account", account.id, per_account),
    ):
        who, rival = np.nonzero(counted)
        parts.append(
            rows(
                "competitor_ties",
                {
                    "about_label": [label] * len(who),
                    "about": at(names, who),
                    "month": np.full(len(who), month.first),
                    "rival": choose(RIVALS, rival),
                    "contacts": counted[who, rival],
                },
            )
        )
    return pd.concat(parts, ignore_index=True)


def month_of(number: int, clock: Clock, member: Members, left: Ints, pace: Floats, pull: Floats) -> Month:
    """What the tables of that month are made from."""
    first = int(clock.starts[number])
    return Month(
        number=number,
        first=first,
        days=int(clock.starts[number + 1]) - first,
        presence=clock.presence(number, member.joined, left),
        pace=pace[:, number],
        pull=pull[:, number],
    )
