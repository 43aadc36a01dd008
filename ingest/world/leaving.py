"""Who leaves, when and how: a weekly hazard with a known share of contagion.

Complementary log-log: p = 1 − exp(−exp(η)), where η adds up a level, what the line is like, its
trait by the homophily knob, its account's drift, its partner's shock, a contract near its end, an
unpaid bill, and the outgoing neighbours who have left in the last five weeks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.sparse import csr_array

from graph.schema import LEFT_KINDS
from ingest.world.accounts import Accounts
from ingest.world.contacts import DECISION, Contacts
from ingest.world.partners import SHOCK_WEEKS, Partners
from ingest.world.people import Members
from ingest.world.products import Catalogue
from ingest.world.shocks import in_struck, struck_on
from ingest.world.size import NEVER, Bools, Clock, Floats, Ints, Knobs
from ingest.world.tables import at, choose
from ingest.world.ties import Graph

MEMORY = 5  # weeks after which a neighbour's leaving has no effect (Haenlein 2013)
WEEKS_A_MONTH = 365.25 / 12 / 7
SETTLED = 30  # days after joining before anybody leaves
RECENT = 26  # weeks over which an account's loss is counted
LOSS = 0.4  # share of its lines lost within RECENT after which an account may end
SMALL = 25  # lines up to which the chance of ending as a whole is full; it falls as 1/size above
STEADY = 0.8  # month to month correlation of an account's drift
TRANSFER, ARREARS, FRAUD, EXIT, PRICE, RIVAL = range(len(LEFT_KINDS))
REASONS: tuple[tuple[str, ...], ...] = (
    ("调往其他集团", "转为个人客户"),
    ("长期欠费停机", "欠费销号"),
    ("涉嫌诈骗关停", "违规使用关停"),
    ("员工离职销号", "业务不再需要", "单位搬迁"),
    ("资费偏高", "优惠到期未续", "套餐不合适"),
    ("友商资费优惠", "同事转网后跟随", "友商代理商策反", "网络覆盖不如友商"),
)
WHOLE_ACCOUNT = ("集团整体转网",)


@dataclass(frozen=True)
class Nudge:
    """What calls add to the log hazard of each line, from one day until before another."""

    since: int
    until: int
    effect: Floats


@dataclass(frozen=True)
class Setting:
    """All that the hazard looks at and that leaving does not change."""

    member: Members
    account: Accounts
    contact: Contacts
    partner: Partners
    seller: Ints
    """Number of the partner that sold the line; -1 where none."""
    referred: Bools
    graph: Graph
    goods: Catalogue
    nudge: Nudge | None = None


@dataclass(frozen=True)
class Lives:
    """What became of everybody, with the truth about why."""

    left: Ints
    """Day on which the line left; NEVER for those who stay."""
    with_account: Bools
    """Left because the account ended as a whole."""
    contagion: Floats
    """Part of the hazard, in the week of leaving, that came from neighbours who had left."""
    shock: Floats
    """Part that came from the partner's defection."""
    owing: Bools
    """Left while the last bill was unpaid."""
    closed: Ints
    """Day on which each account ended; NEVER for most."""
    closed_why: Ints
    """0: the decision maker left; 1: too many lines lost; -1: open."""
    risk: Floats
    """Cumulated hazard over the weeks of the calls, without what they do; 0 where there are none."""


@dataclass
class _State:
    """What changes from week to week of one run."""

    left: Ints
    with_account: Bools
    contagion: Floats
    shock: Floats
    owing: Bools
    closed: Ints
    closed_why: Ints
    asked: Bools
    """(accounts, 2): whether that question of ending was already put; each is put once."""
    risk: Floats


def lives(setting: Setting, knobs: Knobs, clock: Clock, rng: np.random.Generator) -> Lives:
    """Run the record week by week. The same stream gives the same lots whatever the knobs, so that
    two runs that differ in one knob are counterfactuals of each other.
    """
    state = _begin(len(setting.member.id), len(setting.account.id))
    own = own_hazard(setting, knobs, clock)
    drift = drifts(len(setting.account.id), clock.months, knobs.account_drift, rng)
    deciders = _deciders(setting)
    month, near = -1, setting.graph.alive(0)
    for day in range(clock.start, clock.end + 1, 7):
        now = int(clock.month(np.array([day]))[0])
        if now != month:
            month, near = now, setting.graph.alive(now)
        _week(setting, knobs, clock, state, own + drift[setting.member.account, now], near, day, rng)
        _end_accounts(setting, knobs, state, deciders, day, clock, rng)
    return Lives(
        state.left, state.with_account, state.contagion, state.shock, state.owing, state.closed,
        state.closed_why, state.risk,
    )  # fmt: skip


def _begin(members: int, accounts: int) -> _State:
    never = np.full(members, NEVER, dtype=np.int64)
    return _State(
        left=never,
        with_account=np.zeros(members, bool),
        contagion=np.zeros(members),
        shock=np.zeros(members),
        owing=np.zeros(members, bool),
        closed=np.full(accounts, NEVER, dtype=np.int64),
        closed_why=np.full(accounts, -1, dtype=np.int64),
        asked=np.zeros((accounts, 2), bool),
        risk=np.zeros(members),
    )


def own_hazard(setting: Setting, knobs: Knobs, clock: Clock) -> Floats:
    """η of each line without what changes by the week, set so that the mean line leaves at the
    knob's monthly rate.
    """
    member = setting.member
    tenure = (clock.start - member.joined) / 365.25
    decides = np.zeros(len(member.id), bool)
    decides[_deciders(setting)] = True
    eta = (
        knobs.homophily * knobs.trait_effect * member.trait
        + 0.50 * (tenure < 1)
        - 0.40 * (tenure > 5)
        + 0.25 * member.credit
        + 0.20 * (setting.goods.term[member.plan] == 0)
        + np.log(0.83) * setting.referred
        - 0.70 * decides
    )
    weeks = np.clip(clock.end - np.maximum(member.joined + SETTLED, clock.start), 7, None) / 7
    passing = 0.1 * (knobs.contract_end - 1) + 0.025 * (knobs.arrears - 1)
    passing += 0.2 * knobs.account_exit + knobs.account_drift**2 / 2
    level = _level(eta, weeks, -np.log(1 - knobs.monthly_churn) / WEEKS_A_MONTH)
    return np.asarray(eta + level - np.log(1 + passing))


def _level(eta: Floats, weeks: Floats, rate: float) -> float:
    """What to add to η so that those leaving over the weeks spent here come to the weekly rate.

    Those with the highest hazard leave first and lower the mean of those who stay; hence no
    closed form. What passes (contracts, bills, accounts that end) is taken off by the caller, and
    contagion is not: a world without it is to be the counterfactual of one with it.
    """

    def surplus(level: float) -> float:
        hazard = np.exp(eta + level)
        leaving = 1 - np.exp(-hazard * weeks)
        return float(leaving.sum() - rate * (leaving / hazard).sum())

    return float(brentq(surplus, -20.0, 5.0))


def drifts(accounts: int, months: int, deviation: float, rng: np.random.Generator) -> Floats:
    """(accounts, months): a stationary walk of each account's log hazard."""
    steps = rng.standard_normal((accounts, months))
    for month in range(1, months):
        steps[:, month] = STEADY * steps[:, month - 1] + np.sqrt(1 - STEADY**2) * steps[:, month]
    return np.asarray(deviation * steps)


def _deciders(setting: Setting) -> Ints:
    """Lines of those who decide at an account."""
    contact = setting.contact
    return np.asarray(contact.member[(contact.role == DECISION) & (contact.member >= 0)])


def exposure(near: csr_array, left: Ints, day: int, weeks: float) -> Floats:
    """For each line the sum over outgoing neighbours gone for at most five weeks: strength of the
    tie (mean 1) × exp(−weeks since ÷ `weeks`).
    """
    since = (day - left) / 7
    fresh = np.where((since > 0) & (since <= MEMORY), np.exp(-np.clip(since, 0, None) / weeks), 0.0)
    return np.asarray(near @ fresh)


def _week(
    setting: Setting, knobs: Knobs, clock: Clock, state: _State, own: Floats, near: csr_array,
    day: int, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Who leaves in the seven days from `day`; everybody draws, so that the stream stays in step."""
    member = setting.member
    spread = np.log(knobs.contagion_hr) * exposure(near, state.left, day, knobs.contagion_weeks)
    defected = setting.partner.closed[setting.seller]
    shocked = (setting.seller >= 0) & (defected <= day) & (day < defected + 7 * SHOCK_WEEKS)
    shock = np.log(knobs.partner_shock) * shocked
    owing = _owing(member, clock, day)
    ending = _ending(setting.account, day)[member.account]
    eta = own + spread + shock + np.log(knobs.arrears) * owing + np.log(knobs.contract_end) * ending
    if knobs.region_shock != 1:
        since, until = struck_on(clock)
        eta += np.log(knobs.region_shock) * (since <= day < until) * in_struck(setting.account, member)
    nudge = setting.nudge
    if nudge is not None and nudge.since <= day < nudge.until:
        state.risk += np.exp(eta)
        eta += nudge.effect
    lot, weekday = rng.random(len(own)), rng.integers(0, 7, len(own))
    leaves = lot < 1 - np.exp(-np.exp(eta))
    leaves &= (state.left == NEVER) & (member.joined + SETTLED <= day)
    leaves &= day + weekday <= clock.end
    state.left[leaves] = day + weekday[leaves]
    state.contagion[leaves] = 1 - np.exp(-spread[leaves])
    state.shock[leaves] = 1 - np.exp(-shock[leaves])
    state.owing[leaves] = owing[leaves]


def _owing(member: Members, clock: Clock, day: int) -> Bools:
    """Whether the last closed month's bill is unpaid."""
    month = int(clock.month(np.array([day]))[0]) - 1
    return member.unpaid[:, month] if month >= 0 else np.zeros(len(member.id), bool)


def _ending(account: Accounts, day: int) -> Bools:
    """Accounts within 60 days before to 30 days after a contract's end."""
    until = account.ends - day
    return np.asarray(((until >= -30) & (until <= 60)).any(axis=1))


def _end_accounts(
    setting: Setting, knobs: Knobs, state: _State, deciders: Ints, day: int, clock: Clock,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Accounts whose decision maker left this week, or that lost too many lines, may end: the
    lines that are left go within the four weeks to come.
    """
    home = setting.member.account
    head_left = np.zeros(len(state.closed), bool)
    head_left[home[deciders[(state.left[deciders] >= day) & (state.left[deciders] < day + 7)]]] = True
    there = _present(setting, state, day - 7 * RECENT)
    gone = np.bincount(home[(state.left >= day - 7 * RECENT) & (state.left < day + 7)], minlength=len(there))
    lot = rng.random((len(there), 2))
    chance = knobs.account_exit * np.minimum(1, SMALL / np.maximum(setting.account.size, 1))
    chance[np.argmax(setting.account.size)] = 0  # so that one account is always there to join
    for why, happened in enumerate((head_left, (there >= 5) & (gone > LOSS * there))):
        put = happened & ~state.asked[:, why] & (state.closed == NEVER)
        state.asked[:, why] |= happened
        ends = put & (lot[:, why] < chance) & (day + 40 <= clock.end)
        state.closed[ends] = day + 36
        state.closed_why[ends] = why
        _all_leave(setting, state, ends, day, rng)


def _present(setting: Setting, state: _State, day: int) -> Ints:
    """Lines of each account on that day."""
    on = (setting.member.joined <= day) & (state.left > day)
    return np.bincount(setting.member.account[on], minlength=len(state.closed))


def _all_leave(setting: Setting, state: _State, ends: Bools, day: int, rng: np.random.Generator) -> None:
    member = setting.member
    wait = rng.integers(8, 36, len(member.id))
    goes = ends[member.account] & (state.left == NEVER) & (member.joined < day + 8)
    state.left[goes] = day + wait[goes]
    state.with_account[goes] = True


def kinds(
    life: Lives, member: Members, rng: np.random.Generator
) -> tuple[Ints, pd.Series[str], pd.Series[str]]:
    """Number of `left_kind` (-1: still here), its name, and the reason in the source's words."""
    count = len(life.left)
    weight = np.empty((count, len(LEFT_KINDS)))
    weight[:, TRANSFER], weight[:, FRAUD], weight[:, EXIT] = 0.11, 0.02, 0.26
    weight[:, ARREARS] = 0.02 + 2.0 * life.owing
    weight[:, PRICE] = 0.24 * np.exp(0.5 * np.clip(member.trait, -3, 3))
    weight[:, RIVAL] = 0.22 * (1 + 4 * life.contagion + 5 * life.shock)
    weight[life.with_account] = np.eye(len(LEFT_KINDS))[RIVAL]
    share = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    kind = np.minimum((rng.random((count, 1)) > share).sum(axis=1), len(LEFT_KINDS) - 1)
    kind = np.where(life.left == NEVER, -1, kind)
    return kind, choose(LEFT_KINDS, kind), _reasons(life, kind, rng)


def _reasons(life: Lives, kind: Ints, rng: np.random.Generator) -> pd.Series[str]:
    texts = [text for texts in (*REASONS, WHOLE_ACCOUNT) for text in texts]
    per = np.array([len(texts) for texts in (*REASONS, WHOLE_ACCOUNT)])
    first = np.cumsum(per) - per
    group = np.where(life.with_account, len(REASONS), kind)
    place = first[group] + (rng.random(len(kind)) * per[group]).astype(np.int64)
    return choose(tuple(texts), np.where(kind >= 0, place, -1))


def paces(
    life: Lives, kind: Ints, share: float, clock: Clock, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """(members, months) twice: use against the usual, and the pull away, 0 to 1.

    Use falls before most leave of their own will, and for some who stay, too, for a while.
    """
    count = len(kind)
    fades = np.isin(kind, (EXIT, PRICE, RIVAL)) & (rng.random(count) < share)
    ahead = clock.month(life.left)[:, None] - np.arange(clock.months)
    level = np.array([0.35, 0.42, 0.55, 0.70, 0.85])
    falling = fades[:, None] & (ahead >= 0) & (ahead < len(level))
    pull = np.where(falling, 1 - level[np.clip(ahead, 0, len(level) - 1)], 0.0)
    lull = rng.integers(0, clock.months, count)
    dull = (rng.random(count) < 0.25)[:, None] & (abs(np.arange(clock.months) - lull[:, None]) <= 1)
    pace = rng.lognormal(0, 0.18, (count, clock.months)) * (1 - pull) * np.where(dull, 0.7, 1.0)
    return pace, pull


def truth_table(setting: Setting, life: Lives, without: Lives, kind: Ints, knobs: Knobs) -> pd.DataFrame:
    """What no real data set has, one row a line: never part of a feed.

    `left_without` is the day it would have left had nobody been moved by neighbours.
    """
    member = setting.member
    quarter = np.digitize(member.trait, np.quantile(member.trait, (0.25, 0.5, 0.75)))
    return pd.DataFrame(
        {
            "member_id": member.id,
            "department": member.department,
            "trait": member.trait,
            "homophily_class": quarter,
            "homophily_effect": knobs.homophily * knobs.trait_effect * member.trait,
            "left": _day(life.left),
            "left_without": _day(without.left),
            "left_kind": choose(LEFT_KINDS, kind),
            "contagion_share": np.where(kind >= 0, life.contagion, np.nan),
            "partner_share": np.where(kind >= 0, life.shock, np.nan),
            "with_account": life.with_account,
            "sold_by": at(setting.partner.id, setting.seller),
        }
    )


def _day(days: Ints) -> pd.Series[str]:
    texts = pd.Series(days.astype("datetime64[D]").astype(str), dtype="str")
    return texts.mask(days == NEVER)
