"""The whole world, part after part; each part has its own random stream."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ingest.world import (
    accounts,
    calls,
    campaigns,
    cases,
    contacts,
    leaving,
    money,
    partners,
    people,
    products,
    referrals,
    shocks,
    subscriptions,
    tariffs,
    ties,
    trap,
    visits,
)
from ingest.world.size import Clock, Floats, Ints, Knobs, Size, stream


@dataclass(frozen=True)
class World:
    """Frames by lake table, columns in the lake's order; the truth apart, never in a feed."""

    size: Size
    seed: int
    knobs: Knobs
    tables: dict[str, pd.DataFrame]
    truth: dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Cast:
    """Everybody, and what became of them: all that the tables are written from."""

    setting: leaving.Setting
    life: leaving.Lives
    without: leaving.Lives
    """The same lots in a world where nobody is moved by neighbours."""
    kind: Ints
    kind_name: pd.Series[str]
    reason: pd.Series[str]
    pace: Floats
    pull: Floats
    book: partners.Book
    told: referrals.Brought
    discount: Floats
    """Part of the list price that each account's lines pay."""
    calls: calls.Calls | None
    uncalled: leaving.Lives
    """The same lots in a world where nobody is called."""


def make(size: Size | None = None, seed: int = 7, knobs: Knobs | None = None, trapped: bool = False) -> World:
    """A world of that size: the same size, seed and knobs give the same frames, on any day. `trapped`
    adds what `ingest.world.trap` says, and changes nothing else.

    Raises BadInput where the size contradicts itself.
    """
    size, knobs = size or Size(), knobs or Knobs()
    clock = Clock.of(size)
    cast = play(size, seed, knobs)
    tables = standing(cast, size, clock, seed)
    tables |= happened(cast, size, clock, seed)
    tables |= _monthly(cast, size, clock, seed)
    if trapped:
        later = trap.later_ties(cast.setting.graph, cast.setting.member, cast.life.left, clock, seed)
        tables["ties"] = pd.concat([tables["ties"], later], ignore_index=True)
        tables["members"] = trap.with_degree(tables["members"], later)
    return World(size, seed, knobs, tables, truth(cast, knobs, clock))


def truth(cast: Cast, knobs: Knobs, clock: Clock) -> dict[str, pd.DataFrame]:
    """What no real source knows: every line's, the shocks, and where there are calls, what they did."""
    setting, life = cast.setting, cast.life
    found = {
        "members": leaving.truth_table(setting, life, cast.without, cast.kind, knobs),
        "shocks": shocks.shock_table(
            setting.account, setting.partner, setting.seller, setting.member, life.left, knobs, clock
        ),
    }
    if cast.calls is not None:
        found["calls"] = calls.truth_table(cast.calls, setting.member, cast.uncalled.left)
    return found


def play(size: Size, seed: int, knobs: Knobs) -> Cast:
    """The people, their ties and their leaving, without any table."""
    clock = Clock.of(size)
    account = accounts.accounts(size, clock, stream(seed, "accounts"), knobs.account_spread)
    account = shocks.bunched(account, knobs, clock, stream(seed, "bunched"))
    goods = products.catalogue(size, clock)
    member = people.members(size, account, goods, clock, stream(seed, "members"))
    contact = contacts.contacts(size, account, member, clock, stream(seed, "contacts"))
    partner = partners.partners(size, clock, stream(seed, "partners"))
    if knobs.sole_defector:
        partner = shocks.unbroken(partner)
        whole = partners.book(partner, account, member, stream(seed, "book"))
        partner = shocks.sole_defector(partner, whole, member, clock)
    book = partners.book(partner, account, member, stream(seed, "book"))
    region = account.region[member.account]
    graph = ties.graph(member, region, knobs, clock, stream(seed, "graph"))
    told = referrals.brought(member, graph, stream(seed, "referred"))
    referred = np.isin(np.arange(size.members), told.member)
    setting = leaving.Setting(member, account, contact, partner, book.member, referred, graph, goods)
    life, without, uncalled, called = _fates(setting, knobs, clock, seed)
    kind, kind_name, reason = leaving.kinds(life, member, stream(seed, "kinds"))
    pace, pull = leaving.paces(life, kind, knobs.fading, clock, stream(seed, "paces"))
    member = people.rehomed(member, account, life.closed, stream(seed, "rehomed"))
    stays_home = member.account[contact.member] == contact.account
    contact = replace(contact, member=np.where(stays_home, contact.member, -1))
    setting = replace(setting, member=member, contact=contact)
    discount = subscriptions.discounts(account, stream(seed, "discounts"))
    return Cast(
        setting, life, without, kind, kind_name, reason, pace, pull, book, told, discount, called, uncalled
    )


def _fates(
    setting: leaving.Setting, knobs: Knobs, clock: Clock, seed: int
) -> tuple[leaving.Lives, leaving.Lives, leaving.Lives, calls.Calls | None]:
    """What becomes of everybody, the same lots with the ties cut and with nobody called, and the calls."""
    alone = replace(knobs, contagion_hr=1.0)
    if not knobs.calls:
        life = leaving.lives(setting, knobs, clock, stream(seed, "leaving"))
        return life, leaving.lives(setting, alone, clock, stream(seed, "leaving")), life, None
    since, until = calls.window(clock)
    nobody = replace(setting, nudge=leaving.Nudge(since, until, np.zeros(len(setting.member.id))))
    uncalled = leaving.lives(nobody, knobs, clock, stream(seed, "leaving"))
    made = calls.design(
        setting.member, setting.account, leaving.own_hazard(setting, knobs, clock), uncalled,
        setting.graph.alive(int(clock.month(np.array([since]))[0])), clock, stream(seed, "calls"),
    )  # fmt: skip
    nudged = replace(setting, nudge=leaving.Nudge(since, until, made.effect))
    life, without = (leaving.lives(nudged, k, clock, stream(seed, "leaving")) for k in (knobs, alone))
    return life, without, uncalled, made


def standing(cast: Cast, size: Size, clock: Clock, seed: int) -> dict[str, pd.DataFrame]:
    """Nodes, and the edges that come with them."""
    account, member, contact = cast.setting.account, cast.setting.member, cast.setting.contact
    partner, goods, life = cast.setting.partner, cast.setting.goods, cast.life
    left, closed = life.left, life.closed
    deal = subscriptions.deals(cast.setting, life, cast.book, cast.discount, clock, stream(seed, "deals"))
    spend, kinds = subscriptions.spend(deal, member, account, clock.start + 30)
    class_ = accounts.classes(spend, kinds, account.tier, account.industry)
    stays = people.stays(member, account, left, closed, clock, stream(seed, "stays"))
    managed = visits.care(size, account, clock, stream(seed, "care"))
    return {
        "accounts": accounts.account_table(
            account, closed, life.closed_why, class_, clock, stream(seed, "account versions")
        ),
        "members": people.member_table(
            member, left, cast.kind_name, cast.reason, goods, stream(seed, "phones")
        ),
        "contacts": contacts.contact_table(contact, account, member, clock, stream(seed, "contact names")),
        "products": goods.table,
        "tariffs": tariffs.tariff_table(goods, clock),
        "partners": partners.partner_table(partner, clock, stream(seed, "partner names")),
        "managers": visits.manager_table(managed, clock, stream(seed, "manager names")),
        "account_parents": accounts.parent_table(account, closed),
        "memberships": people.membership_table(member, account, stays),
        "positions": contacts.position_table(contact, account, closed, clock, stream(seed, "positions")),
        "reports_to": contacts.report_table(contact, closed, stream(seed, "reports")),
        "management": visits.management_table(managed, account, closed),
        "visits": visits.visit_table(managed, contact, account, closed, clock, stream(seed, "visits")),
        "subscriptions": subscriptions.subscription_table(deal, cast.setting),
        "sales": subscriptions.sale_table(deal, cast.setting),
        "partner_chain": partners.chain_table(partner),
    }


def happened(cast: Cast, size: Size, clock: Clock, seed: int) -> dict[str, pd.DataFrame]:
    """Cases, surveys, campaigns and referrals."""
    account, member, contact = cast.setting.account, cast.setting.member, cast.setting.contact
    left, closed = cast.life.left, cast.life.closed
    case, raised = cases.case_tables(
        member, contact, account, left, closed, cast.pull, clock, stream(seed, "cases")
    )
    campaign, touches = campaigns.campaign_tables(
        size, cast.setting.goods, member, contact, left, closed, clock, stream(seed, "campaigns")
    )
    if cast.calls is not None:
        more, calls_made = calls.call_tables(
            cast.calls,
            size.campaigns + 1,
            member,
            str(cast.setting.goods.id[0]),
            stream(seed, "call touches"),
        )
        campaign = pd.concat([campaign, more], ignore_index=True)
        touches = pd.concat([touches, calls_made], ignore_index=True)
    return {
        "cases": case,
        "raised": raised,
        "campaigns": campaign,
        "touches": touches,
        "surveys": cases.survey_table(contact, account, member, left, closed, clock, stream(seed, "surveys")),
        "referrals": referrals.referral_table(
            cast.told, member, contact, account, left, closed, clock, stream(seed, "referrals")
        ),
    }


def _monthly(cast: Cast, size: Size, clock: Clock, seed: int) -> dict[str, pd.DataFrame]:
    """Every month's tables, put together."""
    habit = money.habits(cast.setting.member, stream(seed, "habits"))
    every = [month_tables(cast, habit, size, number, seed) for number in range(clock.months)]
    names = ("ties", "bills", "usage", "competitor_ties")
    return {
        name: pd.concat([month[name] for month in every if name in month], ignore_index=True)
        for name in names
    }


def month_tables(
    cast: Cast, habit: money.Habits, size: Size, number: int, seed: int
) -> dict[str, pd.DataFrame]:
    """Ties, bills, usage and contacts with rivals of one month, which needs no other month: what
    bounds the memory of a world too large to be held.
    """
    clock, member, left = Clock.of(size), cast.setting.member, cast.life.left
    month = money.month_of(number, clock, member, left, cast.pace, cast.pull)
    tie = ties.month_of_ties(
        cast.setting.graph, number, month.presence, month.pace, month.days,
        stream(seed, f"ties {number}"),
    )  # fmt: skip
    talk = np.bincount(tie[0], tie[3], size.members) / 60
    used = money.used(member, habit, month, talk, stream(seed, f"usage {number}"))
    tables = {
        "ties": ties.tie_table(member, month.first, tie),
        "bills": money.bill_table(
            member, cast.discount, cast.setting.goods, month, used, stream(seed, f"bills {number}")
        ),
        "competitor_ties": money.rival_table(
            member, cast.setting.account, habit, month, stream(seed, f"rivals {number}")
        ),
    }
    if number >= clock.months - size.usage_months:
        tables["usage"] = money.usage_table(member, month, used)
    return tables
