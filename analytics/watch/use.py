"""Rules on use: calls and messages that fall against what was usual, and minutes that move to other networks.

Each month is compared with the three before it, and that with how all lines of the province moved: a fall
that all share is none.
"""

from __future__ import annotations

import pandas as pd

from analytics.watch.asked import (
    HOMES,
    MONTHS_BACK,
    OPEN,
    Thresholds,
    asked,
    by_age,
    mean_before,
    month_end,
    run_length,
)
from graph.asof import View

AGES = MONTHS_BACK + 3
PROVINCE = 2
"""Digits of a region's code that are compared: members of one province."""

CONTACTS = f"""
SELECT source AS member_id, datediff('month', month, $last) AS age,
  sum(coalesce(calls, 0) + coalesce(messages, 0)) AS contacts
FROM ties WHERE source <> target AND month > ($last - to_months({AGES}))
GROUP BY source, month"""
"""Contacts that each line made: what it uses, whoever else calls it."""

OF_MEMBERS = f"""
used AS (SELECT member_id AS id, {by_age("contacts", "n", AGES)} FROM ({CONTACTS}) GROUP BY member_id),
looked_at AS (
  SELECT h.member_id AS id, h.account_id, substr(a.region, 1, {PROVINCE}) AS area, m.joined AS begun
  FROM ({HOMES}) h JOIN members m USING (member_id) JOIN ({OPEN}) a USING (account_id))"""

OF_ACCOUNTS = f"""
used AS (
  SELECT b.target AS id, {by_age("contacts", "n", AGES)}
  FROM ({CONTACTS}) c JOIN memberships b ON b.source = c.member_id
    AND (b.since IS NULL OR b.since <= last_day(($last - to_months(age::INTEGER))::DATE))
    AND (b."until" IS NULL OR b."until" >= ($last - to_months(age::INTEGER)))
  GROUP BY b.target),
looked_at AS (
  SELECT account_id AS id, account_id, substr(region, 1, {PROVINCE}) AS area, opened AS begun
  FROM ({OPEN}))"""


def member_use_falls(view: View, thresholds: Thresholds) -> pd.DataFrame:
    """Lines whose calls and messages fell by `drop` or more, by themselves and against the province."""
    return asked(view, _falls(OF_MEMBERS), thresholds)


def account_use_falls(view: View, thresholds: Thresholds) -> pd.DataFrame:
    """Accounts whose lines' contacts, those that left included, fell likewise."""
    return asked(view, _falls(OF_ACCOUNTS), thresholds)


def _falls(units: str) -> str:
    """1 − (last ÷ mean of three before) ÷ (the same of its province, at most 1).

    So it has fallen against itself, and against the others where they fell too. A province with too few
    units is compared with all.
    """
    sums = ", ".join(f"sum(n{age}) AS n{age}" for age in range(AGES))
    ages = range(MONTHS_BACK)
    moved = ", ".join(
        f"coalesce(p.n{age} / nullif({mean_before('p.n', age)}, 0),"
        f" w.n{age} / nullif({mean_before('w.n', age)}, 0)) AS moved{age}"
        for age in ages
    )
    fell = ", ".join(
        f"CASE WHEN {mean_before('n', age)} >= $least AND moved{age} > 0"
        f" AND (begun IS NULL OR begun <= $last - to_months({age + 3}))"
        f" THEN 1 - n{age} / {mean_before('n', age)} / least(moved{age}, 1) END AS fell{age}"
        for age in ages
    )
    return f"""
    WITH {units},
    rows_of AS (SELECT * FROM looked_at JOIN used USING (id)),
    areas AS (SELECT area, {sums} FROM rows_of GROUP BY area HAVING count(*) >= $least_area),
    whole AS (SELECT {sums} FROM rows_of),
    moving AS (SELECT r.*, {moved} FROM rows_of r LEFT JOIN areas p USING (area) CROSS JOIN whole w),
    falling AS (SELECT *, {fell} FROM moving),
    held AS (SELECT *, {run_length("fell{age} >= $drop - 1e-9")} AS months FROM falling)
    SELECT id, account_id, {month_end("months - 1")} AS since, least(fell0, 1) AS strength,
      strftime($last, '%Y-%m') AS month, n0 AS last, {mean_before("n", 0)} AS before,
      n0 / {mean_before("n", 0)} - 1 AS change, moved0 - 1 AS area_change, fell0 AS fell, months
    FROM held WHERE months > 0 ORDER BY id"""


def off_net_rises(view: View, thresholds: Thresholds) -> pd.DataFrame:
    """Lines whose share of minutes to other networks rose by `rise` or more beyond everybody's rise."""
    return asked(view, OFF_NET, thresholds)


def _share(of: str, age: int) -> str:
    """The rise of the off-net share in the month of that age over the three before it."""
    off, minutes = (" + ".join(f"{of}{name}{age + back}" for back in (1, 2, 3)) for name in ("o", "m"))
    return f"{of}o{age} / nullif({of}m{age}, 0) - ({off}) / nullif({minutes}, 0)"


_ROSE = ", ".join(
    f"CASE WHEN i.m{age} >= $least AND {mean_before('i.m', age)} >= $least"
    f" THEN {_share('i.', age)} - coalesce({_share('w.', age)}, 0) END AS rose{age}"
    for age in range(MONTHS_BACK)
)
OFF_NET = f"""
WITH monthly AS (
  SELECT about AS member_id, datediff('month', month, $last) AS age, minutes, zone FROM usage
  WHERE month > ($last - to_months({AGES}))),
spread AS (
  SELECT member_id, {by_age("minutes", "m", AGES)}, {by_age("minutes", "o", AGES, "zone = 'off_net'")}
  FROM monthly GROUP BY member_id),
whole AS (
  SELECT {", ".join(f"sum({name}{age}) AS {name}{age}" for name in "mo" for age in range(AGES))} FROM spread),
rising AS (
  SELECT i.*, h.account_id, {_ROSE}
  FROM spread i JOIN ({HOMES}) h USING (member_id) JOIN ({OPEN}) a USING (account_id) CROSS JOIN whole w),
held AS (SELECT *, {run_length("rose{age} >= $rise - 1e-9")} AS months FROM rising)
SELECT member_id AS id, account_id, {month_end("months - 1")} AS since, least(rose0, 1) AS strength,
  strftime($last, '%Y-%m') AS month, o0 / m0 AS share,
  (o1 + o2 + o3) / (m1 + m2 + m3) AS share_before, o0 AS minutes, rose0 AS rose, months
FROM held WHERE months > 0 ORDER BY id"""
