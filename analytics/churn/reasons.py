"""Why a member has its churn score, in words that quote what is known of it.

Features that tell of one thing are one sign, and what they add to the log odds is added up. A level is
quoted beside the typical one, since "5 contacts" alone says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

MOST = 3

Row = Mapping[Hashable, float]
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


def reasons(contributions: pd.DataFrame, found: pd.DataFrame) -> list[list[str]]:
    """Up to three sentences per member, strongest first: what raises its risk, else what keeps it low.

    `contributions` as from `Model.contributions`, `found` as from `features`, row by row. Signs that
    read as a warning come first; what raises the risk without reading so is told only alone.
    """
    used = [sign for sign in SIGNS if any(f in contributions.columns for f in sign.features)]
    weight = np.column_stack([_weight(sign, contributions) for sign in used])
    worrying = np.column_stack([sign.worrying(found).to_numpy(bool) for sign in used])
    warned = (worrying & (weight > 0)).any(axis=1, keepdims=True)
    chosen = _strongest(np.where(worrying | ~warned, weight, 0.0))
    lowest = np.argmin(weight, axis=1)
    typical: Row = found.median(numeric_only=True).to_dict()
    return [
        [used[s].words(row, typical) for s in chosen[i]]
        or [f"nothing known raises the risk; what keeps it low: {used[lowest[i]].words(row, typical)}"]
        for i, row in enumerate(found.to_dict("records"))
    ]


def _strongest(weight: npt.NDArray[np.float64]) -> list[list[int]]:
    order = np.argsort(-weight, axis=1, kind="stable")[:, :MOST]
    raises = np.take_along_axis(weight, order, axis=1) > 0
    return [[int(s) for s in row[some]] for row, some in zip(order, raises, strict=True)]


def _weight(sign: Sign, contributions: pd.DataFrame) -> pd.Series:
    return contributions[[f for f in sign.features if f in contributions.columns]].sum(axis=1)


def _positive(column: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda found: found[column] > 0


def _below(column: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda found: found[column] < found[column].median()


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
    return (
        f"{row['neighbours_gone']:.0f} of {_plural(row['neighbours'], 'neighbour')} left in the last 90 days"
    )


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
    return f"{_plural(row['open_cases'], 'case')} of its own still open"


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


SIGNS = (
    Sign(("tenure",), _tenure, _below("tenure_days")),
    Sign(("months_silent",), _silence, _positive("months_silent")),
    Sign(("months_active",), _active, _below("months_active")),
    Sign(("partners_out", "partners_in"), _partners, _below("reached")),
    Sign(("contacts",), _contacts, _below("contacts_last")),
    Sign(
        ("contacts_trend",),
        _change("contacts", "contacts_last", "contacts_before"),
        _changed("contacts_last", "contacts_before", -1),
    ),
    Sign(("neighbours_left", "neighbours_left_share"), _neighbours, _positive("neighbours_gone")),
    Sign(("account_left_share",), _account, _positive("account_gone")),
    Sign(("contract_days",), _contract, _below("contract_days")),
    Sign(
        ("bill_trend",),
        _change("its bill", "bill_last", "bill_before", " yuan"),
        _changed("bill_last", "bill_before", -1),
    ),
    Sign(("days_overdue",), _overdue, _positive("days_overdue")),
    Sign(
        ("off_net_trend",),
        _change("minutes to other networks", "off_net_last", "off_net_before"),
        _changed("off_net_last", "off_net_before", 1),
    ),
    Sign(
        ("rival_contacts", "rival_trend"),
        _change("contacts at rivals", "rival_last", "rival_before"),
        _positive("rival_last"),
    ),
    Sign(("open_cases",), _cases, _positive("open_cases")),
    Sign(("plan_fee",), _plan, lambda found: found["plan_fee"] > found["plan_fee"].median()),
)
