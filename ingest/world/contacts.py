"""Contacts: the persons at an account, their posts, whom they report to, and their own lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from graph.schema import INDUSTRIES, ROLES
from ingest.world import names
from ingest.world.accounts import Accounts
from ingest.world.people import Members
from ingest.world.size import NEVER, Bools, Clock, Ints, Size
from ingest.world.tables import at, choose, ids, rows

DECISION, INFLUENCE, USER, GATEKEEPER = range(len(ROLES))
HEADS = {"government": "主任", "education": "校长", "health": "院长"}  # elsewhere 总经理
TITLES: tuple[tuple[str, ...], ...] = (
    ("副总经理", "常务副总", "分管领导"),
    ("信息中心主任", "财务经理", "IT经理", "网络主管"),
    ("行政专员", "网络工程师", "综合部专员", "业务主管"),
    ("采购专员", "办公室秘书", "前台主管"),
)
FAN_OUT = 3  # people reporting to one superior


@dataclass(frozen=True)
class Contacts:
    """One value a person, in the order of `id`; people of one account stand together."""

    id: pd.Series[str]
    account: Ints
    place: Ints
    """0 is the account's head; the others follow down the tree."""
    role: Ints
    member: Ints
    """Number of the person's own line; -1 where it is not known."""
    since: Ints
    until: Ints


def contacts(
    size: Size, account: Accounts, member: Members, clock: Clock, rng: np.random.Generator
) -> Contacts:
    """People at every account, the more the larger it is; the first of each decides."""
    per = _per_account(account.size, size.contacts)
    home = np.repeat(np.arange(size.accounts), per)
    place = np.arange(size.contacts) - np.repeat(np.cumsum(per) - per, per)
    role = np.where(place == 0, DECISION, rng.choice(4, size=size.contacts, p=(0.06, 0.3, 0.5, 0.14)))
    opened = account.opened[home]
    span = np.maximum(1, clock.end - 60 - opened)
    since = opened + (rng.random(size.contacts) ** 1.5 * span).astype(np.int64)
    since = np.where(place == 0, opened, since)
    leaves = (rng.random(size.contacts) < 0.08) & (place > 0) & (since < clock.start)
    until = np.where(leaves, rng.integers(clock.start, clock.end, size.contacts), NEVER)
    line = _lines(home, place, account.size, rng)
    settled = (line >= 0) & (place > 0) & (member.joined[line] < clock.start)
    since = np.where(settled, np.maximum(since, member.joined[line]), since)
    return Contacts(ids("C", size.contacts, 5), home, place, role, line, since, until)


def _per_account(sizes: Ints, total: int) -> Ints:
    """At least one each; the rest in proportion to size^0.6, by largest remainder."""
    share = sizes**0.6
    exact = share / share.sum() * (total - len(sizes))
    per = np.floor(exact).astype(np.int64)
    order = np.argsort(per - exact, kind="stable")
    per[order[: total - len(sizes) - per.sum()]] += 1
    return np.asarray(per + 1)


def _lines(home: Ints, place: Ints, sizes: Ints, rng: np.random.Generator) -> Ints:
    """A line of the account's for six in ten people, and for every head; all different."""
    first = (np.cumsum(sizes) - sizes)[home]
    shuffled = first + (place * 7 + home * 3) % sizes[home]
    known = ((rng.random(len(home)) < 0.6) | (place == 0)) & (place < sizes[home])
    line = np.where(known, shuffled, -1)
    _, once = np.unique(line, return_index=True)
    return np.where(np.isin(np.arange(len(line)), once), line, -1)


def contact_table(
    all_: Contacts, account: Accounts, member: Members, clock: Clock, rng: np.random.Generator
) -> pd.DataFrame:
    """`contacts`: known from the first day of the post."""
    count = len(all_.id)
    line = np.where(member.joined[all_.member] <= all_.since, all_.member, -1)
    late = np.flatnonzero((all_.member >= 0) & (line < 0) & (all_.since < clock.end))
    late = late[member.joined[all_.member[late]] <= clock.end]
    who = np.concatenate([np.arange(count), late])
    second = np.arange(len(who)) >= count
    known = np.where(second, member.joined[all_.member[who]], all_.since[who])
    table = rows(
        "contacts",
        {
            "contact_id": at(all_.id, who),
            "known_from": known,
            "name": at(pd.Series(names.people(count, rng), dtype="str"), who),
            "title": at(_titles(all_, account, rng), who),
            "role": choose(ROLES, all_.role[who]),
            "member_id": at(member.id, np.where(second, all_.member[who], line[who])),
        },
    )
    return table.sort_values(["contact_id", "known_from"]).reset_index(drop=True)


def _titles(all_: Contacts, account: Accounts, rng: np.random.Generator) -> pd.Series[str]:
    industry = [INDUSTRIES[i] for i in account.industry[all_.account]]
    made = [
        HEADS.get(trade, "总经理") if place == 0 else str(rng.choice(TITLES[role]))
        for trade, place, role in zip(industry, all_.place, all_.role, strict=True)
    ]
    return pd.Series(made, dtype="str")


def position_table(
    all_: Contacts, account: Accounts, closed: Ints, clock: Clock, rng: np.random.Generator
) -> pd.DataFrame:
    """`positions`: one post each, and a second at a like account for one in sixteen."""
    count = len(all_.id)
    second, goal = _second_posts(all_, account, clock, rng)
    who = np.concatenate([np.arange(count), second])
    where = np.concatenate([all_.account, goal])
    extra = np.arange(len(who)) >= count
    since = np.where(extra, np.maximum(all_.since[who], account.opened[where]), all_.since[who])
    until = np.minimum(np.where(extra, NEVER, all_.until[who]), closed[where])
    keep = since < until
    return rows(
        "positions",
        {
            "source": at(all_.id, who[keep]),
            "target": at(account.id, where[keep]),
            "role": choose(ROLES, np.where(extra, INFLUENCE, all_.role[who])[keep]),
            "since": since[keep],
            "until": until[keep],
        },
    )


def _second_posts(
    all_: Contacts, account: Accounts, clock: Clock, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Consultants and the like: who, and the other account, of the same trade where there is one."""
    wanted = rng.random(len(all_.id)) < 0.06
    wanted[rng.integers(len(all_.id))] = True
    who, goal = np.flatnonzero(wanted), []
    for person in who:
        home = all_.account[person]
        alike = np.flatnonzero(account.industry == account.industry[home])
        others = alike if len(alike) > 1 else np.arange(len(account.id))
        goal.append(int(rng.choice(others[others != home])))
    return who, np.array(goal, dtype=np.int64)


def report_table(all_: Contacts, closed: Ints, rng: np.random.Generator) -> pd.DataFrame:
    """`reports_to`: each to the one above in the account's tree; one link in eight is not known."""
    boss = np.arange(len(all_.id)) - all_.place + (all_.place - 1) // FAN_OUT
    known: Bools = (all_.place > 0) & (rng.random(len(boss)) > 0.12)
    who, boss = np.flatnonzero(known), boss[known]
    since = np.maximum(all_.since[who], all_.since[boss])
    until = np.minimum(np.minimum(all_.until[who], all_.until[boss]), closed[all_.account[who]])
    keep = since < until
    origin = rng.choice(3, size=len(who), p=(0.72, 0.22, 0.06))
    return rows(
        "reports_to",
        {
            "source": at(all_.id, who[keep]),
            "target": at(all_.id, boss[keep]),
            "origin": choose(("recorded", "inferred", "corrected"), origin[keep]),
            "since": since[keep],
            "until": until[keep],
        },
    )
