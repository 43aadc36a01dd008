"""What went wrong and how people felt: cases with those who raised them, and surveys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingest.world.accounts import Accounts
from ingest.world.contacts import Contacts
from ingest.world.people import Members
from ingest.world.size import NEVER, Clock, Floats, Ints
from ingest.world.tables import at, choose, ids, rows

KINDS = ("complaint", "fault", "request")
A_MONTH = 0.018  # cases of a line; half as many again come from contacts and accounts
COMPLAINTS = 9.0  # how much likelier at full pull away
QUESTIONS = ("overall", "network", "service", "price")
RECOMMEND = "recommend"


@dataclass(frozen=True)
class _Raised:
    """Who raised cases (0 member, 1 contact, 2 account; its number) on which day."""

    label: Ints
    who: Ints
    day: Ints
    pull: Floats


def case_tables(
    member: Members,
    contact: Contacts,
    account: Accounts,
    left: Ints,
    closed: Ints,
    pull: Floats,
    clock: Clock,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`cases` and `raised`, in the order of their days. Those about to leave complain more."""
    raised = _raised(member, contact, account, left, closed, pull, clock, rng)
    count = len(raised.day)
    key = ids("W", count, 6)
    complains = rng.random(count) < np.where(raised.pull > 0, 0.75, 0.4)
    kind = np.where(complains, 0, rng.integers(1, 3, count))
    settled = raised.day + rng.geometric(0.2, count)
    done = settled <= clock.end
    content = rng.random(count) < np.where(raised.pull > 0, 0.45, 0.75)
    table = rows(
        "cases",
        {
            "case_id": key,
            "known_from": raised.day,
            "kind": choose(KINDS, kind),
            "severity": np.clip(rng.poisson(1.2 + 0.8 * (kind == 1), count) + 1, 1, 5),
            "opened": raised.day,
            "closed": np.where(done, settled, NEVER),
            "satisfied": pd.array(content, dtype="boolean").copy(),
        },
    )
    table.loc[~done, "satisfied"] = pd.NA
    everybody = pd.concat([member.id, contact.id, account.id], ignore_index=True)
    first = np.array([0, len(member.id), len(member.id) + len(contact.id)])
    return table, rows(
        "raised",
        {
            "source_label": choose(("Member", "Contact", "Account"), raised.label),
            "source": at(everybody, first[raised.label] + raised.who),
            "target": key,
            "date": raised.day,
        },
    )


def _raised(
    member: Members,
    contact: Contacts,
    account: Accounts,
    left: Ints,
    closed: Ints,
    pull: Floats,
    clock: Clock,
    rng: np.random.Generator,
) -> _Raised:
    leaves = np.minimum(contact.until, closed[contact.account])
    none = np.zeros((1, clock.months))
    parts = [
        _drawn(label, rate, since, until, drawn, clock, rng)
        for label, rate, since, until, drawn in (
            (0, A_MONTH, member.joined, left, pull),
            (1, 0.03, contact.since, leaves, none),
            (2, 0.06, account.opened, closed, none),
        )
    ]
    together = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.argsort(together[2], kind="stable")
    label, who, day, drawn = (column[order] for column in together)
    return _Raised(label, who, day, drawn)


def _drawn(
    label: int, rate: float, since: Ints, until: Ints, pull: Floats, clock: Clock,
    rng: np.random.Generator,
) -> tuple[Ints, Ints, Ints, Floats]:  # fmt: skip
    """Cases of one kind of people: label, who, day, and the pull away of that month."""
    pull = np.broadcast_to(pull, (len(since), clock.months))
    who, month = np.nonzero(rng.random(pull.shape) < rate * (1 + COMPLAINTS * pull))
    first, after = clock.starts[month], clock.starts[month + 1]
    day = first + (rng.random(len(who)) * (after - first)).astype(np.int64)
    there = (since[who] <= day) & (day <= until[who])
    who, month, day = who[there], month[there], day[there]
    return np.full(len(who), label), who, day, pull[who, month]


def survey_table(
    contact: Contacts, account: Accounts, member: Members, left: Ints, closed: Ints, clock: Clock,
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    """`surveys`: accounts every half year, one contact in three each time; lower where many are
    about to leave.
    """
    mood = 7.6 + 0.7 * rng.standard_normal(len(account.id))
    parts = []
    for month in range(2, clock.months, 6):
        day = int(clock.starts[month]) + 14
        loss = _loss(member, left, day, len(account.id))
        score = mood - 6 * loss
        asked = np.flatnonzero((account.opened < day) & (closed > day))
        parts += [
            _answers("Account", account.id, asked, day, question, score[asked], rng) for question in QUESTIONS
        ]
        there = (contact.since < day) & (np.minimum(contact.until, closed[contact.account]) > day)
        person = np.flatnonzero(there & (rng.random(len(contact.id)) < 0.33))
        felt = score[contact.account[person]]
        parts.append(_answers("Contact", contact.id, person, day, RECOMMEND, felt, rng))
    return pd.concat(parts, ignore_index=True)


def _loss(member: Members, left: Ints, day: int, accounts: int) -> Floats:
    """Part of each account's lines that leave within the 90 days after."""
    there = (member.joined <= day) & (left > day)
    soon = there & (left <= day + 90)
    count = np.bincount(member.account[there], minlength=accounts)
    return np.bincount(member.account[soon], minlength=accounts) / np.maximum(count, 1)


def _answers(
    label: str, key: pd.Series[str], who: Ints, day: int, question: str, score: Floats,
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    noisy = np.clip(np.round(score + rng.standard_normal(len(who))), 0, 10)
    return rows(
        "surveys",
        {
            "about_label": [label] * len(who),
            "about": at(key, who),
            "date": np.full(len(who), day),
            "question": [question] * len(who),
            "score": noisy,
        },
    )
