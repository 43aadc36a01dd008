"""The whole world, part after part; each part has its own random stream."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ingest.world import (
    accounts,
    campaigns,
    cases,
    contacts,
    leaving,
    money,
    partners,
    people,
    products,
    referrals,
    subscriptions,
    ties,
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


def make(size: Size | None = None, seed: int = 7, knobs: Knobs | None = None) -> World:
    """A world of that size: the same size, seed and knobs give the same frames, on any day.

    Raises BadInput where the size contradicts itself.
    """
    size, knobs = size or Size(), knobs or Knobs()
    clock = Clock.of(size)
    cast = play(size, seed, knobs)
    tables = _standing(cast, size, clock, seed)
    tables |= _happened(cast, size, clock, seed)
    tables |= _monthly(cast, size, clock, seed)
    truth = leaving.truth_table(cast.setting, cast.life, cast.without, cast.kind, knobs)
    return World(size, seed, knobs, tables, {"members": truth})


def play(size: Size, seed: int, knobs: Knobs) -> Cast:
    """The people, their ties and their leaving, without any table."""
    clock = Clock.of(size)
    account = accounts.accounts(size, clock, stream(seed, "accounts"))
    goods = products.catalogue(size, clock)
    member = people.members(size, account, goods, clock, stream(seed, "members"))
    contact = contacts.contacts(size, account, member, clock, stream(seed, "contacts"))
    partner = partners.partners(size, clock, stream(seed, "partners"))
    book = partners.book(partner, account, member, stream(seed, "book"))
    region = account.region[member.account]
    graph = ties.graph(member, region, knobs, clock, stream(seed, "graph"))
    told = referrals.brought(member, graph, stream(seed, "referred"))
    referred = np.isin(np.arange(size.members), told.member)
    setting = leaving.Setting(member, account, contact, partner, book.member, referred, graph, goods)
    life = leaving.lives(setting, knobs, clock, stream(seed, "leaving"))
    alone = replace(knobs, contagion_hr=1.0)
    without = leaving.lives(setting, alone, clock, stream(seed, "leaving"))
    kind, kind_name, reason = leaving.kinds(life, member, stream(seed, "kinds"))
    pace, pull = leaving.paces(life, kind, knobs.fading, clock, stream(seed, "paces"))
    member = people.rehomed(member, account, life.closed, stream(seed, "rehomed"))
    stays_home = member.account[contact.member] == contact.account
    contact = replace(contact, member=np.where(stays_home, contact.member, -1))
    setting = replace(setting, member=member, contact=contact)
    discount = subscriptions.discounts(account, stream(seed, "discounts"))
    return Cast(setting, life, without, kind, kind_name, reason, pace, pull, book, told, discount)


def _standing(cast: Cast, size: Size, clock: Clock, seed: int) -> dict[str, pd.DataFrame]:
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


def _happened(cast: Cast, size: Size, clock: Clock, seed: int) -> dict[str, pd.DataFrame]:
    """Cases, surveys, campaigns and referrals."""
    account, member, contact = cast.setting.account, cast.setting.member, cast.setting.contact
    left, closed = cast.life.left, cast.life.closed
    case, raised = cases.case_tables(
        member, contact, account, left, closed, cast.pull, clock, stream(seed, "cases")
    )
    campaign, touches = campaigns.campaign_tables(
        size, cast.setting.goods, member, contact, left, closed, clock, stream(seed, "campaigns")
    )
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
    tables = {
        "ties": ties.tie_table(member, month.first, tie),
        "bills": money.bill_table(
            member,
            cast.discount,
            habit,
            cast.setting.goods,
            month,
            talk,
            stream(seed, f"bills {number}"),
        ),
        "competitor_ties": money.rival_table(
            member, cast.setting.account, habit, month, stream(seed, f"rivals {number}")
        ),
    }
    if number >= clock.months - size.usage_months:
        used = money.usage_table(member, habit, month, talk, stream(seed, f"usage {number}"))
        tables["usage"] = used
    return tables
