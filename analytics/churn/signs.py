"""The signs that a score's reasons are told by: which features tell of one thing, and the words for it.

Each kind of sentence has its Chinese pattern in `api/pages/reasons.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Row = Mapping[Hashable, Any]
Words = Callable[[Row, Row], str]
"""Takes a member's figures and the typical ones (medians over the members scored)."""


@dataclass(frozen=True)
class Sign:
    """Features that tell of one thing, and the words for it.

    `worrying` says for which members a person, too, would take it for a warning.
    """

    features: tuple[str, ...]
    words: Words
    worrying: Callable[[pd.DataFrame], pd.Series]
    quoted: tuple[str, ...] = ()
    """The figures that the words read."""


def _positive(column: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda found: found[column] > 0


def _below(column: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda found: found[column] < found[column].median()


def _above(column: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda found: found[column] > found[column].median()


def _changed(last: str, before: str, sign: int) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda found: sign * (found[last].round() - found[before].round()) > 0


def _tenure(row: Row, typical: Row) -> str:
    if np.isnan(row["tenure_days"]):
        return "the day it joined is not known"
    return (
        f"a member for {_plural(row['tenure_days'], 'day')}, where half are for {typical['tenure_days']:,.0f}"
    )


def _silence(row: Row, _: Row) -> str:
    months = row["months_silent"]
    if np.isnan(months):
        return "joined too lately for a whole month of contacts"
    if months >= 12:
        return "no contact in the last 12 months"
    return f"no contact for {_plural(months, 'month')}" if months else "in touch with others last month"


def _active(row: Row, typical: Row) -> str:
    return (
        f"in touch with others in {row['months_active']:.0f} of the last 12 months,"
        f" where half are in {typical['months_active']:.0f} or more"
    )


def _partners(row: Row, typical: Row) -> str:
    return (
        f"called or wrote to {_plural(row['reached'], 'member')} and heard from {row['reached_by']:.0f} in"
        f" 3 months, where half reach {typical['reached']:.0f} and hear from {typical['reached_by']:.0f}"
        " or more"
    )


def _contacts(row: Row, typical: Row) -> str:
    return (
        f"{_plural(row['contacts_last'], 'contact')} last month,"
        f" where half have {typical['contacts_last']:,.0f} or more"
    )


def _neighbours(row: Row, _: Row) -> str:
    who = row.get("departed")
    return (
        f"{row['neighbours_gone']:.0f} of {_plural(row['neighbours'], 'neighbour')} left in the last 90 days"
    ) + (f": {who}" if isinstance(who, str) else "")


def _account(row: Row, _: Row) -> str:
    if np.isnan(row["account_members"]):
        return "the account it belongs to is not known"
    return (
        f"{row['account_gone']:.0f} of {_plural(row['account_members'], 'member')} of its account"
        " left in the last 90 days"
    )


def _contract(row: Row, _: Row) -> str:
    days = row["contract_days"]
    if np.isnan(days):
        return "the end of its account's contract is not known"
    if days < 0:
        return f"its account's contract ended {_plural(-days, 'day')} ago"
    return f"its account's contract ends in {_plural(days, 'day')}"


def _overdue(row: Row, _: Row) -> str:
    if np.isnan(row["days_overdue"]):
        return "how punctually it pays is not known"
    return f"paid up to {_plural(row['days_overdue'], 'day')} late in the last 3 months"


def _cases(row: Row, _: Row) -> str:
    if row.get("recent_cases", 0) > row["open_cases"]:
        return (
            f"{_plural(row['recent_cases'], 'case')} of its own in the last 90 days,"
            f" {row['open_cases']:.0f} still open"
        )
    return f"{_plural(row['open_cases'], 'case')} of its own still open"


def _unhappy(row: Row, _: Row) -> str:
    return f"{_plural(row['unhappy_cases'], 'case')} of the last 180 days settled without satisfying it"


def _account_cases(row: Row, _: Row) -> str:
    return f"{_plural(row['account_raised'], 'case')} of its account open or of the last 90 days"


def _bill(row: Row, typical: Row) -> str:
    if np.isnan(row["bill_last"]):
        return "its last bill is not known"
    return (
        f"a bill of {row['bill_last']:,.0f} yuan last month,"
        f" where half have {typical['bill_last']:,.0f} or more"
    )


def _minutes(row: Row, typical: Row) -> str:
    return (
        f"{_plural(row['minutes_last'], 'minute')} of calls last month,"
        f" where half have {typical['minutes_last']:,.0f} or more"
    )


def _off_net(row: Row, _: Row) -> str:
    if np.isnan(row["off_net_share"]):
        return "how much it calls other networks is not known"
    return f"{100 * row['off_net_share']:.0f} % of its minutes go to other networks"


def _products(row: Row, _: Row) -> str:
    return f"{_plural(row['products'], 'subscription')} running"


def _credit(row: Row, _: Row) -> str:
    if np.isnan(row["credit"]):
        return "its credit rating is not known"
    return "its credit rating is below the best" if row["credit"] > 0 else "its credit rating is the best"


def _decides(row: Row, _: Row) -> str:
    return f"{'the' if row['decides'] > 0 else 'not the'} line of one who decides at its account"


def _term(row: Row, _: Row) -> str:
    if np.isnan(row["plan_term"]):
        return "how long its plan binds is not known"
    return f"its plan binds for {_plural(row['plan_term'], 'month')}"


def _reciprocity(row: Row, _: Row) -> str:
    if np.isnan(row["reciprocity"]):
        return "who calls it back is not known"
    return f"{100 * row['reciprocity']:.0f} % of its ties go both ways"


def _standing(row: Row, typical: Row) -> str:
    if np.isnan(row["core"]):
        return "how well connected those around it are is not known"
    return (
        f"those around it keep at least {_ties(row['core'])}, where half keep {typical['core']:,.0f} or more"
    )


def _ties(number: float) -> str:
    return _plural(number, "tie")


def _around(row: Row, _: Row) -> str:
    change = row["neighbours_trend"]
    if np.isnan(change):
        return "how its neighbours' contacts changed is not known"
    if round(100 * change) == 0:
        return "its neighbours' contacts stayed as they were"
    verb = "fell" if change < 0 else "rose"
    return f"its neighbours' contacts {verb} ({100 * abs(change):.0f} % of last month and before together)"


def _referral(row: Row, _: Row) -> str:
    if np.isnan(row["referrals"]):
        return "whether it brought anybody is not known"
    return f"it brought {_plural(row['referrals'], 'other')}"


def _brought(row: Row, _: Row) -> str:
    return "somebody brought it" if row["referred"] > 0 else "nobody brought it"


def _shape(row: Row, typical: Row) -> str:
    if np.isnan(row["account_members"]):
        return "the account it belongs to is not known"
    return (
        f"its account has {_plural(row['account_members'], 'member')},"
        f" where half are in one of {typical['account_members']:,.0f} or more"
    )


def _outside(row: Row, _: Row) -> str:
    if np.isnan(row["own_outside"]):
        return "how many of its contacts are outside its account is not known"
    return f"{100 * row['own_outside']:.0f} % of its contacts are outside its account"


def _head(what: str, column: str) -> Words:
    def words(row: Row, _: Row) -> str:
        if np.isnan(row[column]):
            return f"whether {what} left is not known"
        return f"{what} {'left' if row[column] > 0 else 'did not leave'} in the last 90 days"

    return words


def _part_lost(whose: str, column: str) -> Words:
    def words(row: Row, _: Row) -> str:
        if np.isnan(row[column]):
            return f"what {whose} lost is not known"
        return f"{whose} lost {100 * row[column]:.0f} % of its members in the last 90 days"

    return words


def _book(row: Row, typical: Row) -> str:
    if np.isnan(row["book_members"]):
        return "who sold it its line is not known"
    return (
        f"its seller has {_plural(row['book_members'], 'member')},"
        f" where half are with one of {typical['book_members']:,.0f} or more"
    )


def _closed(row: Row, _: Row) -> str:
    if np.isnan(row["seller_closed"]):
        return "who sold it its line is not known"
    return f"its seller's contract {'has ended' if row['seller_closed'] > 0 else 'is in force'}"


def _plan(row: Row, typical: Row) -> str:
    if np.isnan(row["plan_fee"]):
        return "the fee of its plan is not known"
    return f"a plan of {row['plan_fee']:,.0f} yuan a month, where half pay {typical['plan_fee']:,.0f} or more"


def _change(what: str, last: str, before: str, unit: str = "") -> Words:
    """Words such as: contacts fell from 42 to 11 a month."""

    def words(row: Row, _: Row) -> str:
        now, then = row[last], row[before]
        if np.isnan(now) or np.isnan(then):
            return f"how {what} changed is not known"
        if round(now) == round(then):
            return f"{what} stayed at {now:,.0f}{unit} a month"
        verb = "fell" if now < then else "rose"
        return f"{what} {verb} from {then:,.0f} to {now:,.0f}{unit} a month"

    return words


def _plural(number: float, word: str) -> str:
    return f"{number:,.0f} {word}" + ("" if round(number) == 1 else "s")


def _never(found: pd.DataFrame) -> pd.Series:
    return pd.Series(False, index=found.index)


SIGNS = (
    Sign(("tenure",), _tenure, _below("tenure_days"), ("tenure_days",)),
    Sign(("months_silent",), _silence, _positive("months_silent"), ("months_silent",)),
    Sign(("months_active",), _active, _below("months_active"), ("months_active",)),
    Sign(("partners_out", "partners_in"), _partners, _below("reached"), ("reached", "reached_by")),
    Sign(("reciprocity",), _reciprocity, _below("reciprocity"), ("reciprocity",)),
    Sign(("pagerank", "core"), _standing, _below("core"), ("core",)),
    Sign(("contacts",), _contacts, _below("contacts_last"), ("contacts_last",)),
    Sign(
        ("contacts_trend",),
        _change("contacts", "contacts_last", "contacts_before"),
        _changed("contacts_last", "contacts_before", -1),
        ("contacts_last", "contacts_before"),
    ),
    Sign(
        (
            "neighbours_left",
            "neighbours_left_share",
            "left_share_1w",
            "left_share_2w",
            "left_share_4w",
            "left_share_8w",
            "left_share_12w",
            "left_dose",
            "weeks_since_left",
            "walk",
        ),
        _neighbours,
        _positive("neighbours_gone"),
        ("neighbours_gone", "neighbours", "departed"),
    ),
    Sign(("neighbours_trend",), _around, lambda f: f["neighbours_trend"] < 0, ("neighbours_trend",)),
    Sign(
        ("account_left_share", "account_left_5w"),
        _account,
        _positive("account_gone"),
        ("account_members", "account_gone"),
    ),
    Sign(("account_size", "account_density"), _shape, _never, ("account_members",)),
    Sign(("own_outside", "account_outside"), _outside, _never, ("own_outside",)),
    Sign(
        ("leader_gone",),
        _head("the best-connected line of its account", "leader_gone"),
        _positive("leader_gone"),
        ("leader_gone",),
    ),
    Sign(
        ("decider_gone",),
        _head("a line of those who decide at its account", "decider_gone"),
        _positive("decider_gone"),
        ("decider_gone",),
    ),
    Sign(
        ("region_left_share",),
        _part_lost("its region", "region_left_share"),
        _above("region_left_share"),
        ("region_left_share",),
    ),
    Sign(
        ("book_left_share", "book_left_5w"),
        _part_lost("its seller", "book_left_share"),
        _above("book_left_share"),
        ("book_left_share",),
    ),
    Sign(("book_size", "book_concentration"), _book, _never, ("book_members",)),
    Sign(("seller_closed",), _closed, _positive("seller_closed"), ("seller_closed",)),
    Sign(("contract_days", "contract_near"), _contract, _below("contract_days"), ("contract_days",)),
    Sign(("plan_term",), _term, _below("plan_term"), ("plan_term",)),
    Sign(
        ("bill_trend",),
        _change("its bill", "bill_last", "bill_before", " yuan"),
        _changed("bill_last", "bill_before", -1),
        ("bill_last", "bill_before"),
    ),
    Sign(("bill",), _bill, _never, ("bill_last",)),
    Sign(("days_overdue", "owed_share"), _overdue, _positive("days_overdue"), ("days_overdue",)),
    Sign(
        ("off_net_trend",),
        _change("minutes to other networks", "off_net_last", "off_net_before"),
        _changed("off_net_last", "off_net_before", 1),
        ("off_net_last", "off_net_before"),
    ),
    Sign(("off_net_share",), _off_net, _above("off_net_share"), ("off_net_share",)),
    Sign(
        ("minutes_trend",),
        _change("minutes", "minutes_last", "minutes_before"),
        _changed("minutes_last", "minutes_before", -1),
        ("minutes_last", "minutes_before"),
    ),
    Sign(("minutes",), _minutes, _below("minutes_last"), ("minutes_last",)),
    Sign(
        ("rival_contacts", "rival_trend"),
        _change("contacts at rivals", "rival_last", "rival_before"),
        _positive("rival_last"),
        ("rival_last", "rival_before"),
    ),
    Sign(("open_cases", "recent_cases"), _cases, _positive("recent_cases"), ("open_cases", "recent_cases")),
    Sign(("unhappy_cases",), _unhappy, _positive("unhappy_cases"), ("unhappy_cases",)),
    Sign(("account_cases",), _account_cases, _above("account_cases"), ("account_raised",)),
    Sign(("products",), _products, _below("products"), ("products",)),
    Sign(("credit",), _credit, _positive("credit"), ("credit",)),
    Sign(("decides",), _decides, _never, ("decides",)),
    Sign(("referred",), _brought, _never, ("referred",)),
    Sign(("referrals_made",), _referral, _never, ("referrals",)),
    Sign(("plan_fee",), _plan, _above("plan_fee"), ("plan_fee",)),
)
