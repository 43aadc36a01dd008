"""Who pays for what: the lines' tariffs, the accounts' services, and the partners' sales of them."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from graph.schema import INDUSTRIES
from ingest.world.accounts import Accounts
from ingest.world.leaving import Lives, Setting
from ingest.world.partners import Book
from ingest.world.people import Members
from ingest.world.products import Catalogue
from ingest.world.size import NEVER, Clock, Floats, Ints
from ingest.world.tables import at, choose, rows

MOST_SERVICES = 9
BUYERS = ("Member", "Account")


@dataclass(frozen=True)
class Deals:
    """Every subscription; `buyer` numbers members where `is_account` is 0, else accounts."""

    is_account: Ints
    buyer: Ints
    product: Ints
    fee: Floats
    seller: Ints
    """Number of the partner that sold it; -1 where none."""
    since: Ints
    until: Ints


def discounts(account: Accounts, rng: np.random.Generator) -> Floats:
    """Part of the list price that each account's lines pay: the larger, the less."""
    deal = 1 - 0.06 * np.log10(account.size) - 0.12 * rng.random(len(account.size))
    return np.asarray(np.round(deal, 2))


def deals(
    setting: Setting, life: Lives, book: Book, discount: Floats, clock: Clock,
    rng: np.random.Generator,
) -> Deals:  # fmt: skip
    """All subscriptions of a world whose lives are known."""
    parts = (_lines(setting, life, book, discount), _services(setting, life, book, clock, rng))
    joined = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Deals)
    }
    return Deals(**joined)


def _lines(setting: Setting, life: Lives, book: Book, discount: Floats) -> Deals:
    """A tariff for every line from the day it joins; where the tariff changes, two in a row."""
    member, fee = setting.member, setting.goods.fee
    count = len(member.id)
    moved = np.flatnonzero(member.plan_changed < life.left)
    who = np.concatenate([np.arange(count), moved])
    second = np.arange(len(who)) >= count
    until = life.left.copy()
    until[moved] = member.plan_changed[moved] - 1
    product = member.plan[who] + second
    return Deals(
        is_account=np.zeros(len(who), dtype=np.int64),
        buyer=who,
        product=product,
        fee=np.round(fee[product] * discount[member.account[who]], 2),
        seller=np.where(second, -1, book.member[who]),
        since=np.where(second, member.plan_changed[who], member.joined[who]),
        until=np.concatenate([until, life.left[moved]]),
    )


def _services(setting: Setting, life: Lives, book: Book, clock: Clock, rng: np.random.Generator) -> Deals:
    """What each account buys, from some day on; one in seven ends within the record."""
    account, partner, closed = setting.account, setting.partner, life.closed
    buyer, product = _wishes(account, setting.goods, rng)
    count = len(buyer)
    span = np.maximum(1, np.minimum(closed, clock.end)[buyer] - account.opened[buyer] - 20)
    since = account.opened[buyer] + (rng.random(count) * span).astype(np.int64)
    ends = since + rng.integers(180, 1500, count)
    ended = (rng.random(count) < 0.15) & (ends > clock.start) & (ends <= clock.end)
    seller = np.where(rng.random(count) < 0.5, book.account[buyer], -1)
    served = (since >= partner.opened[seller]) & (since <= partner.closed[seller])
    quantity = np.maximum(1, np.round(account.size[buyer] / 60))
    fee = setting.goods.fee[product] * quantity * np.round(rng.uniform(0.7, 1.0, count), 2)
    return Deals(
        is_account=np.ones(count, dtype=np.int64),
        buyer=buyer,
        product=product,
        fee=np.round(fee, 2),
        seller=np.where(served, seller, -1),
        since=since,
        until=np.minimum(np.where(ended, ends, NEVER), closed[buyer]),
    )


def _wishes(account: Accounts, goods: Catalogue, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Buyers and products, each pair once: the more the larger, and alike within a trade."""
    taste = rng.gumbel(size=(len(INDUSTRIES), len(goods.services)))
    wish = 1.5 * taste[account.industry] + rng.gumbel(size=(len(account.id), len(goods.services)))
    wished = np.argsort(-wish, axis=1)
    wanted = np.clip(rng.poisson(0.9 * np.log(account.size)), 1, min(MOST_SERVICES, wish.shape[1]))
    buyer = np.repeat(np.arange(len(account.id)), wanted)
    place = np.arange(len(buyer)) - np.repeat(np.cumsum(wanted) - wanted, wanted)
    return buyer, goods.services[wished[buyer, place]]


def spend(all_: Deals, member: Members, account: Accounts, day: int) -> tuple[Floats, Ints]:
    """Yuan a month of each account's subscriptions on a day, and kinds of product it holds."""
    on = (all_.since <= day) & (all_.until > day)
    home = np.where(all_.is_account == 1, all_.buyer, member.account[all_.buyer * (1 - all_.is_account)])
    yuan = np.bincount(home[on], all_.fee[on], len(account.id))
    kinds = np.unique(np.column_stack([home[on], all_.product[on]]), axis=0)[:, 0]
    return np.asarray(yuan), np.asarray(np.bincount(kinds, minlength=len(account.id)))


def _buyers(all_: Deals, where: Ints, setting: Setting) -> pd.Series[str]:
    everybody = pd.concat([setting.member.id, setting.account.id], ignore_index=True)
    return at(everybody, all_.buyer[where] + len(setting.member.id) * all_.is_account[where])


def subscription_table(all_: Deals, setting: Setting) -> pd.DataFrame:
    """`subscriptions`."""
    every = np.arange(len(all_.buyer))
    return rows(
        "subscriptions",
        {
            "source_label": choose(BUYERS, all_.is_account),
            "source": _buyers(all_, every, setting),
            "target": at(setting.goods.id, all_.product),
            "fee": all_.fee,
            "sold_by": at(setting.partner.id, all_.seller),
            "since": all_.since,
            "until": all_.until,
        },
    )


def sale_table(all_: Deals, setting: Setting) -> pd.DataFrame:
    """`sales`: the partners' books."""
    sold = np.flatnonzero(all_.seller >= 0)
    return rows(
        "sales",
        {
            "source": at(setting.partner.id, all_.seller[sold]),
            "target_label": choose(BUYERS, all_.is_account[sold]),
            "target": _buyers(all_, sold, setting),
            "date": all_.since[sold],
            "product_id": at(setting.goods.id, all_.product[sold]),
        },
    )
