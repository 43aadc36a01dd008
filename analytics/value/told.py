"""Measures of value as rows of `scores`, with their reasons in words."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

import pandas as pd

from analytics.value.lifetime import Terms
from analytics.value.rules import Rules
from analytics.value.standing import STAGES
from graph.schema import CLASSES, TIERS

COLUMNS = ["kind", "id", "measure", "value", "low", "high", "reasons"]


MEMBER = ("arpu", "clv", "arrears_risk")
ACCOUNT: Mapping[str, tuple[str, ...]] = {
    "arpa": ("{lines:,.0f} yuan a month for lines and {services:,.0f} for services of its own",),
    "arpu": ("{lines:,.0f} yuan a month over {members:,.1f} members billed",),
    "arpa_group": ("{own:,.0f} of {arpa_group:,.0f} yuan a month are its own",),
    "clv": ("a margin of {margin:.0%} over {horizon} months, {discount:.1%} discount a month",),
    "clv_group": ("{clv:,.0f} of {clv_group:,.0f} yuan are its own",),
    "value_class": (),
    "value_tier": (),
    "lifecycle": ("{stage}: {change} ({growing:+.0%} is growing, {declining:+.0%} declining)",),
    "satisfaction": ("{answers:.0f} survey answers and {settled:.0f} settled cases of a year",),
    "loyalty": (
        "{kept:.0%} of the lines of a year ago are still here",
        "its lines have been with us for {years:.1f} years on average",
        "{kinds:.0f} kinds of product",
    ),
    "arrears_risk": ("{unpaid_part:.0%} of three months' bills unpaid, up to {worst_days:.0f} days overdue",),
}
"""Reasons by measure; none stands for those of the class, which come with the account."""


def score_rows(members: pd.DataFrame, accounts: pd.DataFrame, terms: Terms, rules: Rules) -> pd.DataFrame:
    """COLUMNS; a measure that an account or member lacks has no row. Classes, tiers and stages are told by
    their place in CLASSES, TIERS and STAGES, from 1.
    """
    placed = accounts.assign(
        value_class=_place(accounts["class"], CLASSES),
        value_tier=_place(accounts["tier"], TIERS),
        lifecycle=_place(accounts["stage"], STAGES),
        own=accounts["arpa"].fillna(0.0),
        change=[_change(trend) for trend in accounts["trend"]],
        growing=rules.stage.growing,
        declining=rules.stage.declining,
        margin=terms.margin,
        horizon=terms.horizon,
        discount=terms.discount,
    ).rename(columns={"account_id": "id"})
    lines = members.rename(columns={"member_id": "id"})
    rows = [
        *(_measure("Member", lines, name, None) for name in MEMBER),
        *(_measure("Account", placed, name, words) for name, words in ACCOUNT.items()),
    ]
    return pd.concat(rows, ignore_index=True)[COLUMNS]


def _measure(kind: str, rows: pd.DataFrame, name: str, words: tuple[str, ...] | None) -> pd.DataFrame:
    there = rows[rows[name].notna()]
    none = pd.Series(float("nan"), there.index)
    return pd.DataFrame({
        "kind": kind,
        "id": there["id"],
        "measure": name,
        "value": there[name].astype(float),
        "low": there.get(f"{name}_low", none),
        "high": there.get(f"{name}_high", none),
        "reasons": pd.Series(_reasons(there, words), there.index, dtype=object),
    })  # fmt: skip


def _reasons(rows: pd.DataFrame, words: tuple[str, ...] | None) -> list[list[str] | None]:
    """None for members: a sentence for each of a million lines would say no more than its figure."""
    if words is None:
        return [None] * len(rows)
    if not words:
        return rows["why"].tolist()
    return [[text.format_map(row) for text in words] for row in rows.to_dict("records")]


def _change(trend: float) -> str:
    if isfinite(trend):
        return f"revenue {trend:+.0%} over the three months before"
    return "no revenue the three months before"


def _place(values: pd.Series, choices: tuple[str, ...]) -> pd.Series:
    return values.map({name: float(place) for place, name in enumerate(choices, 1)})
