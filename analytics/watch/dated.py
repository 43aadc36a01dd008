"""Rules on dated facts: contracts that end, bills unpaid, complaints open, partners gone."""

from __future__ import annotations

import pandas as pd

from analytics.partners.book import BOOK
from analytics.watch.asked import HOMES, MONTHS_BACK, OPEN, Thresholds, asked, by_age, month_end, run_length
from graph.asof import View

CONTRACT = f"""
SELECT account_id AS id, account_id, greatest(contract_end - $days::INTEGER, opened) AS since,
  least(1, 1 - (contract_end - $day) / ($days + 1)) AS strength,
  coalesce(name, account_id) AS account, contract_end, (contract_end - $day)::INTEGER AS days_left
FROM ({OPEN}) WHERE contract_end - $day <= $days AND $day - contract_end <= $days_past ORDER BY id"""

OWED = f"""
SELECT about AS member_id, datediff('month', month, $last) AS age, coalesce(total, 0) AS total,
  greatest(coalesce(total, 0) - coalesce(paid, total, 0), 0) AS unpaid
FROM bills WHERE month > ($last - to_months({MONTHS_BACK}))"""

MEMBER_OWES = f"""
WITH spread AS (
  SELECT member_id, sum(unpaid) AS owed, {by_age("unpaid", "u", MONTHS_BACK)}
  FROM ({OWED}) GROUP BY member_id),
held AS (SELECT *, {run_length("u{age} > 0.005")} AS months FROM spread)
SELECT member_id AS id, account_id, {month_end("months - $months")} AS since,
  1 - power(0.5, months) AS strength, months, owed
FROM held JOIN ({HOMES}) h USING (member_id) JOIN ({OPEN}) a USING (account_id)
WHERE months >= $months AND owed >= $least ORDER BY id"""

ACCOUNT_OWES = f"""
WITH spread AS (
  SELECT account_id, {by_age("unpaid", "u", MONTHS_BACK)}, {by_age("total", "t", MONTHS_BACK)},
    count(DISTINCT member_id) FILTER (unpaid > 0.005 AND age = 0)::INTEGER AS lines
  FROM ({OWED}) JOIN ({HOMES}) h USING (member_id) GROUP BY account_id),
held AS (
  SELECT *, {run_length("u{age} >= $least AND u{age} >= ($share - 1e-9) * t{age}")} AS months FROM spread)
SELECT account_id AS id, account_id, {month_end("months - 1")} AS since, u0 / t0 AS strength,
  coalesce(a.name, account_id) AS account, strftime($last, '%Y-%m') AS month,
  u0 AS unpaid, t0 AS billed, u0 / t0 AS share, lines, months
FROM held JOIN ({OPEN}) a USING (account_id) WHERE months > 0 ORDER BY id"""

COMPLAINTS = f"""
WITH homes AS ({HOMES}),
posts AS (SELECT source AS contact_id, target AS account_id FROM positions
          WHERE "until" IS NULL OR "until" >= $day),
of_account AS (
  SELECT DISTINCT coalesce(h.account_id, p.account_id, CASE WHEN source_label = 'Account' THEN source END)
    AS account_id, r.target AS case_id, r.source
  FROM raised r LEFT JOIN homes h ON source_label = 'Member' AND h.member_id = source
  LEFT JOIN posts p ON source_label = 'Contact' AND p.contact_id = source),
waiting AS (
  SELECT account_id, case_id, source, c.opened, c.severity, ($day - c.opened)::INTEGER AS age
  FROM of_account JOIN cases c USING (case_id)
  WHERE c.kind = 'complaint' AND c.closed IS NULL AND c.severity >= $severity
    AND $day - c.opened >= $days)
SELECT w.account_id AS id, w.account_id, (min(w.opened) + $days::INTEGER)::DATE AS since,
  max(w.severity / 5 * (1 - $days / (2 * greatest(w.age, 1)))) AS strength,
  min(coalesce(a.name, w.account_id)) AS account, count(DISTINCT case_id)::INTEGER AS complaints,
  min(w.opened) AS opened, max(w.age) AS age, max(w.severity)::INTEGER AS severity,
  list(DISTINCT case_id || ' (' || source || ')' ORDER BY case_id || ' (' || source || ')') AS who
FROM waiting w JOIN ({OPEN}) a USING (account_id) GROUP BY w.account_id ORDER BY id"""

PARTNER_GONE = f"""
WITH sold AS (
  SELECT partner_id, count(*)::INTEGER AS lines FROM ({BOOK}) b JOIN members m USING (member_id)
  WHERE m."left" IS NULL GROUP BY partner_id)
SELECT partner_id AS id, NULL::VARCHAR AS account_id, closed AS since,
  1 - ($day - closed) / ($days + 1) AS strength,
  coalesce(name, partner_id) AS name, closed, ($day - closed)::INTEGER AS days_gone, lines
FROM partners JOIN sold USING (partner_id)
WHERE closed IS NOT NULL AND $day - closed <= $days AND lines >= $least_lines ORDER BY id"""


def contract_ends(view: View, thresholds: Thresholds) -> pd.DataFrame:
    """Accounts whose contract ends within `days`, or ended at most `days_past` ago."""
    return asked(view, CONTRACT, thresholds)


def member_owes(view: View, thresholds: Thresholds) -> pd.DataFrame:
    """Lines with an unpaid bill in each of the last `months` whole months."""
    return asked(view, MEMBER_OWES, thresholds)


def account_owes(view: View, thresholds: Thresholds) -> pd.DataFrame:
    """Accounts with `share` of the last whole month's bills unpaid, and `least` yuan."""
    return asked(view, ACCOUNT_OWES, thresholds)


def complaint_open(view: View, thresholds: Thresholds) -> pd.DataFrame:
    """Accounts with a complaint of `severity` or more that is open since `days` or more.

    Whoever raised it: a line of the account's, a contact of its or the account itself.
    """
    return asked(view, COMPLAINTS, thresholds)


def partner_gone(view: View, thresholds: Thresholds) -> pd.DataFrame:
    """Partners whose contract ended in the last `days`, with at least so many lines of theirs still here."""
    return asked(view, PARTNER_GONE, thresholds)
