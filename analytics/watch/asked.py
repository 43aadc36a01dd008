"""What the rules' questions share: the day and its months as parameters, and which lines belong to whom."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from analytics.calendar import last_whole_month
from analytics.frames import day_of
from graph.asof import View

Thresholds = Mapping[str, float]

MONTHS_BACK = 6
"""How many months back a condition is followed to find since when it holds."""

HOMES = """
SELECT b.source AS member_id, b.target AS account_id
FROM memberships b JOIN members m ON m.member_id = b.source
WHERE m."left" IS NULL AND (b."until" IS NULL OR b."until" >= $day)
QUALIFY row_number() OVER (PARTITION BY b.source ORDER BY b.since DESC NULLS LAST, b.target) = 1"""
"""Each line active on the day and its account: the one joined last, as `analytics.frames.account_of`."""

OPEN = "SELECT account_id, name, region, opened, contract_end FROM accounts WHERE closed IS NULL"


def asked(view: View, text: str, thresholds: Thresholds) -> pd.DataFrame:
    """Answer a question in which `$day`, `$last` (the last whole month) and thresholds stand by name."""
    day = day_of(view)
    known: dict[str, object] = {"day": day, "last": last_whole_month(day), **thresholds}
    return view.sql(text, {name: known[name] for name in set(re.findall(r"\$(\w+)", text))})


def by_age(value: str, name: str, ages: int, only: str = "true") -> str:
    """Columns `<name>0`, `<name>1` … : the sum of a figure in the last whole month, the one before …"""
    return ", ".join(
        f"coalesce(sum({value}) FILTER (age = {age} AND {only}), 0)::DOUBLE AS {name}{age}"
        for age in range(ages)
    )


def mean_before(name: str, age: int) -> str:
    """The mean of a figure over the three months before the one of that age."""
    return f"(({name}{age + 1} + {name}{age + 2} + {name}{age + 3}) / 3)"


def run_length(holds: str, ages: int = MONTHS_BACK) -> str:
    """How many months in a row, back from the last whole one, a condition on `{age}` has held."""
    steps = " ".join(
        f"WHEN ({holds.replace('{age}', str(age))}) IS NOT TRUE THEN {age}" for age in range(ages)
    )
    return f"CASE {steps} ELSE {ages} END"


def month_end(months_ago: str) -> str:
    """The last day of the month so many months before the last whole one."""
    return f"last_day(($last - to_months(({months_ago})::INTEGER))::DATE)"
