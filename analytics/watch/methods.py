"""Every way to raise a warning, in one table: what it looks at, its thresholds, what it can tell.

A method is a function from a view and thresholds to a frame: `id`, `account_id` (whose concern it is;
empty for a partner), `since` (the day it began to hold without a break), `strength` (0 to 1) and the
facts as columns. Which of them run, with what thresholds and words, is configuration: see `rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from analytics.watch.asked import Thresholds
from analytics.watch.dated import account_owes, complaint_open, contract_ends, member_owes, partner_gone
from analytics.watch.leaving import account_leaves, book_leaves
from analytics.watch.people import decision_maker_unmet, key_line_silent, single_threaded
from analytics.watch.use import account_use_falls, member_use_falls, off_net_rises
from graph.asof import View

Fact = float | str | date
Span = tuple[float, float]

SHARE: Span = (0.0, 1.0)
COUNT: Span = (1, 1_000_000)
DAYS: Span = (1, 3650)
ZERO_DAYS: Span = (0, 3650)
AMOUNT: Span = (0, 1e9)
MONTHS: Span = (1, 6)
WEEKS: Span = (1, 26)

A_DAY = date(2026, 10, 31)


@dataclass(frozen=True)
class Method:
    """One way to find what to warn of.

    `thresholds` names each with the least and greatest value that makes sense, `facts` each column that
    a sentence may quote with an example of it, `needs` the tables without which nothing can be said.
    """

    kind: str
    find: Callable[[View, Thresholds], pd.DataFrame]
    needs: tuple[str, ...]
    thresholds: Mapping[str, Span]
    facts: Mapping[str, Fact]


_FALLS: Mapping[str, Fact] = {
    "month": "2026-10", "last": 12.0, "before": 60.0, "change": -0.8, "area_change": 0.02, "fell": 0.8,
    "months": 1.0,
}  # fmt: skip
_LEFT: Mapping[str, Fact] = {
    "left": 4.0, "weeks": 4.0, "expected": 0.4, "chance": 0.0007, "market": 0.1, "lines": 40.0,
    "who": "M1 (2026-10-03)",
}  # fmt: skip

METHODS: Mapping[str, Method] = {
    "member_use_falls": Method(
        "Member",
        member_use_falls,
        ("ties", "memberships"),
        {"drop": SHARE, "least": COUNT, "least_area": COUNT},
        _FALLS,
    ),
    "account_use_falls": Method(
        "Account",
        account_use_falls,
        ("ties", "memberships"),
        {"drop": SHARE, "least": COUNT, "least_area": COUNT},
        _FALLS,
    ),
    "off_net_rises": Method(
        "Member",
        off_net_rises,
        ("usage", "memberships"),
        {"rise": SHARE, "least": COUNT},
        {
            "month": "2026-10", "share": 0.6, "share_before": 0.3, "minutes": 80.0, "rose": 0.28,
            "months": 1.0,
        },
    ),
    "decision_maker_unmet": Method(
        "Account",
        decision_maker_unmet,
        ("visits", "positions"),
        {"days": DAYS},
        {"name": "C1", "title": "CEO", "account": "A1", "met_last": A_DAY, "deciders": 1.0,
         "days_unmet": 200.0},
    ),
    "key_line_silent": Method(
        "Member",
        key_line_silent,
        ("ties", "memberships"),
        {"months": MONTHS, "least": COUNT, "least_lines": COUNT},
        {"name": "C1", "months": 1.0, "reached": 9.0, "place": 1.0, "lines": 40.0, "last_month": "2026-09"},
    ),
    "single_threaded": Method(
        "Account",
        single_threaded,
        ("visits", "positions"),
        {"days": DAYS, "least": COUNT, "least_lines": COUNT},
        {"account": "A1", "name": "C1", "meetings": 4.0, "met_last": A_DAY, "contacts": 3.0, "lines": 40.0},
    ),
    "contract_ends": Method(
        "Account",
        contract_ends,
        ("accounts",),
        {"days": DAYS, "days_past": ZERO_DAYS},
        {"account": "A1", "contract_end": A_DAY, "days_left": 40.0},
    ),
    "member_owes": Method(
        "Member",
        member_owes,
        ("bills", "memberships"),
        {"months": MONTHS, "least": AMOUNT},
        {"months": 2.0, "owed": 210.5},
    ),
    "account_owes": Method(
        "Account",
        account_owes,
        ("bills", "memberships"),
        {"share": SHARE, "least": AMOUNT},
        {
            "account": "A1", "month": "2026-10", "unpaid": 900.0, "billed": 3000.0, "share": 0.3,
            "lines": 6.0, "months": 1.0,
        },
    ),
    "complaint_open": Method(
        "Account",
        complaint_open,
        ("cases", "raised"),
        {"severity": (1, 5), "days": ZERO_DAYS},
        {
            "account": "A1", "complaints": 1.0, "opened": A_DAY, "age": 20.0, "severity": 4.0,
            "who": "W1 (M1)",
        },
    ),
    "account_leaves": Method(
        "Account",
        account_leaves,
        ("memberships",),
        {"weeks": WEEKS, "least": COUNT, "chance": SHARE, "least_lines": COUNT},
        {**_LEFT, "account": "A1"},
    ),
    "book_leaves": Method(
        "Partner",
        book_leaves,
        ("sales",),
        {"weeks": WEEKS, "least": COUNT, "chance": SHARE, "least_lines": COUNT},
        {**_LEFT, "name": "D1"},
    ),
    "partner_gone": Method(
        "Partner",
        partner_gone,
        ("partners", "sales"),
        {"days": DAYS, "least_lines": COUNT},
        {"name": "D1", "closed": A_DAY, "days_gone": 12.0, "lines": 40.0},
    ),
}  # fmt: skip
