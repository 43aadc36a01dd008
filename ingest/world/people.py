"""Members, and the traits that decide whom they know and whether they leave."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ingest.world import names
from ingest.world.accounts import Accounts
from ingest.world.products import Catalogue
from ingest.world.size import NEVER, Bools, Clock, Floats, Ints, Size
from ingest.world.tables import at, choose, ids, rows

CREDIT_LEVELS = ("A", "B", "C", "D")
CREDIT_SHARE = (0.35, 0.40, 0.18, 0.07)
ARREARS_RATE = (0.004, 0.012, 0.04, 0.10)  # chance that a month's bill stays unpaid, by level
SAME_ACCOUNT = 0.5  # part of the trait's variance that an account's people share
DEPARTMENT = 10  # people to a department (EU-core: median 14.5 in one organisation)
PREFIXES = ("134", "135", "136", "137", "138", "139", "150", "151", "158", "159", "182", "188")


@dataclass(frozen=True)
class Members:
    """One value a line, in the order of `id`; lines of one account stand together."""

    id: pd.Series[str]
    account: Ints
    department: Ints
    trait: Floats
    """Price-sensitivity and the like, standard normal: likeness in it makes ties, and it makes
    people leave. The truth behind homophily."""
    sociability: Floats
    joined: Ints
    credit: Ints
    plan: Ints
    plan_changed: Ints
    """Day on which it moved one tariff up; NEVER for most."""
    unpaid: Bools
    """(members, months): whether that month's bill stays unpaid at its end."""

    def plan_at(self, day: int) -> Ints:
        """Number of the tariff on that day."""
        return self.plan + (self.plan_changed <= day)


def members(
    size: Size, account: Accounts, goods: Catalogue, clock: Clock, rng: np.random.Generator
) -> Members:
    """Every line that the world will ever see, with the day it joins."""
    count = size.members
    home = np.repeat(np.arange(size.accounts), account.size)
    trait = np.sqrt(SAME_ACCOUNT) * account.taste[home]
    trait = trait + np.sqrt(1 - SAME_ACCOUNT) * rng.standard_normal(count)
    credit = rng.choice(len(CREDIT_LEVELS), size=count, p=CREDIT_SHARE)
    joined = _joined(account.opened[home], clock, rng)
    return Members(
        id=ids("M", count, 6),
        account=home,
        department=_departments(account.size, rng),
        trait=trait,
        sociability=_sociability(count, rng),
        joined=joined,
        credit=credit,
        plan=_plans(trait, goods.plans, rng),
        plan_changed=_changes(joined, clock, rng),
        unpaid=_unpaid(credit, clock.months, rng),
    )


def _departments(sizes: Ints, rng: np.random.Generator) -> Ints:
    """A number for every member, unique over accounts."""
    inside = np.ceil(sizes / DEPARTMENT).astype(np.int64)
    first = np.cumsum(inside) - inside
    per_member = np.repeat(inside, sizes)
    return np.repeat(first, sizes) + rng.integers(0, per_member)


def _sociability(count: int, rng: np.random.Generator) -> Floats:
    """Mean 1, double-Pareto-lognormal after Seshadri et al. (KDD 2008), cut at 20 for memory."""
    up, down = rng.exponential(1 / 2.1, count), rng.exponential(1 / 4.0, count)
    raw = np.exp(0.45 * rng.standard_normal(count) + up - down)
    return np.asarray(np.minimum(raw / raw.mean(), 20))


def _joined(opened: Ints, clock: Clock, rng: np.random.Generator) -> Ints:
    """One in four joins during the record; the others up to ten years before, most of late."""
    count = len(opened)
    old = clock.start - 30 - rng.exponential(800, count).astype(np.int64)
    during = clock.start + rng.integers(0, clock.days - 20, count)
    wished = np.where(rng.random(count) < 0.24, during, old)
    span = np.maximum(1, np.minimum(365, clock.end - 15 - opened))
    return np.where(wished < opened, opened + rng.integers(0, span), wished)


def _plans(trait: Floats, plans: int, rng: np.random.Generator) -> Ints:
    """The more price-sensitive, the cheaper the tariff; the dearest is left for those moving up."""
    place = plans * (0.42 - 0.1 * trait) + 1.1 * rng.standard_normal(len(trait))
    return np.clip(np.round(place), 0, plans - 2).astype(np.int64)


def _changes(joined: Ints, clock: Clock, rng: np.random.Generator) -> Ints:
    """One in twelve moves up a tariff during the record, on the first of a month."""
    day = clock.starts[rng.integers(2, clock.months, len(joined))]
    moves = (rng.random(len(joined)) < 0.08) & (day > joined + 60)
    return np.where(moves, day, NEVER)


def _unpaid(credit: Ints, months: int, rng: np.random.Generator) -> Bools:
    """Bills not paid in time; one unpaid bill makes the next likelier."""
    rate = np.array(ARREARS_RATE)[credit]
    unpaid = np.zeros((len(credit), months), dtype=np.bool_)
    before = np.zeros(len(credit), dtype=np.bool_)
    for month in range(months):
        before = rng.random(len(credit)) < np.where(before, 0.35, rate)
        unpaid[:, month] = before
    return unpaid


def member_table(
    all_: Members,
    left: Ints,
    kind: pd.Series[str],
    reason: pd.Series[str],
    goods: Catalogue,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """`members`: known from the day it joined, with a second version where the tariff changed."""
    count = len(all_.id)
    token, masked = _phones(count, rng)
    moved = np.flatnonzero(all_.plan_changed < left)
    who = np.concatenate([np.arange(count), moved])
    second = np.arange(len(who)) >= count
    table = rows(
        "members",
        {
            "member_id": at(all_.id, who),
            "known_from": np.where(second, all_.plan_changed[who], all_.joined[who]),
            "phone_token": at(token, who),
            "phone_masked": at(masked, who),
            "plan_id": at(goods.id, all_.plan[who] + second),
            "joined": all_.joined[who],
            "left": left[who],
            "left_kind": at(kind, who),
            "left_reason": at(reason, who),
            "credit_level": choose(CREDIT_LEVELS, all_.credit[who]),
        },
    )
    return table.sort_values(["member_id", "known_from"]).reset_index(drop=True)


def _phones(count: int, rng: np.random.Generator) -> tuple[pd.Series[str], pd.Series[str]]:
    """Tokens and masked forms of invented numbers; the numbers themselves go nowhere."""
    key = rng.bytes(32)
    prefix = rng.choice(PREFIXES, size=count)
    rest = names.distinct(count, 10**8, rng)
    numbers = [f"{p}{r:08d}" for p, r in zip(prefix, rest, strict=True)]
    tokens = [hmac.digest(key, n.encode(), hashlib.sha256).hex() for n in numbers]
    masked = [f"{n[:3]}****{n[-4:]}" for n in numbers]
    return pd.Series(tokens, dtype="str"), pd.Series(masked, dtype="str")


def rehomed(all_: Members, account: Accounts, closed: Ints, rng: np.random.Generator) -> Members:
    """The members as they are, except that nobody joins an account that is about to close: those
    who would have, join another that was open by then.
    """
    notice = 28
    orphan = np.flatnonzero(all_.joined >= closed[all_.account] - notice)
    lasting = np.flatnonzero(closed == NEVER)
    home = all_.account.copy()
    for line in orphan:
        free = lasting[account.opened[lasting] <= all_.joined[line]]
        home[line] = rng.choice(free)
    return replace(all_, account=home)


@dataclass(frozen=True)
class Stays:
    """Memberships: who belonged to which account, from when until when (NEVER: still)."""

    member: Ints
    account: Ints
    since: Ints
    until: Ints


def stays(
    all_: Members,
    account: Accounts,
    left: Ints,
    closed: Ints,
    clock: Clock,
    rng: np.random.Generator,
) -> Stays:
    """Where every member belonged; one in forty of those who stay moves to another account."""
    count = len(all_.id)
    day = rng.integers(clock.start + 30, clock.end - 30, count)
    free = (closed == NEVER) & (account.opened < clock.start)
    goal = rng.choice(np.flatnonzero(free), size=count) if free.any() else all_.account
    moves = (rng.random(count) < 0.025) & (left == NEVER) & (day > all_.joined + 90)
    moves &= (goal != all_.account) & free[goal] & free[all_.account]
    mover = np.flatnonzero(moves)
    return Stays(
        member=np.concatenate([np.arange(count), mover]),
        account=np.concatenate([all_.account, goal[mover]]),
        since=np.concatenate([all_.joined, day[mover] + 1]),
        until=np.concatenate([np.where(moves, day, left), np.full(len(mover), NEVER)]),
    )


def membership_table(all_: Members, account: Accounts, stay: Stays) -> pd.DataFrame:
    """`memberships`."""
    return rows(
        "memberships",
        {
            "source": at(all_.id, stay.member),
            "target": at(account.id, stay.account),
            "since": stay.since,
            "until": stay.until,
        },
    )
