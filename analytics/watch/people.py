"""Rules on the persons who matter: decision makers nobody meets, key lines gone silent, single threads."""

from __future__ import annotations

import pandas as pd

from analytics.watch.asked import HOMES, OPEN, Thresholds, asked
from graph.asof import View

NOT_MET = "not_met"
"""Outcome of a visit that met nobody, and so is none."""
REACHED_OVER = 6
"""Months over which it is counted with how many others a line was in touch."""

MEETINGS = f"SELECT target AS contact_id, date FROM visits WHERE outcome IS DISTINCT FROM '{NOT_MET}'"
POSTS = """
SELECT p.source AS contact_id, p.target AS account_id, p.since, coalesce(p.role, c.role) AS role,
  c.name, c.title, c.member_id
FROM positions p JOIN contacts c ON c.contact_id = p.source
WHERE p."until" IS NULL OR p."until" >= $day"""

UNMET = f"""
WITH met AS (SELECT contact_id, max(date) AS met_last FROM ({MEETINGS}) GROUP BY contact_id),
record AS (SELECT min(date) AS begun FROM visits),
posts AS (
  SELECT p.*, a.name AS account, met_last, coalesce(met_last, greatest(p.since, record.begun)) AS counted_from
  FROM ({POSTS}) p JOIN ({OPEN}) a USING (account_id) LEFT JOIN met USING (contact_id) CROSS JOIN record
  WHERE p.role = 'decision'),
nearest AS (
  SELECT *, count(*) OVER (PARTITION BY account_id)::INTEGER AS deciders FROM posts
  QUALIFY row_number() OVER (PARTITION BY account_id ORDER BY counted_from DESC, contact_id) = 1)
SELECT account_id AS id, account_id, (counted_from + $days::INTEGER)::DATE AS since,
  1 - $days / (2 * ($day - counted_from)) AS strength,
  coalesce(name, contact_id) AS name, coalesce(title, '') AS title, coalesce(account, account_id) AS account,
  met_last, deciders, ($day - counted_from)::INTEGER AS days_unmet
FROM nearest WHERE $day - counted_from >= $days ORDER BY id"""

SILENT = f"""
WITH lately AS (
  SELECT source, target, datediff('month', month, $last) AS age FROM ties
  WHERE source <> target AND month > ($last - to_months(($months + {REACHED_OVER})::INTEGER))),
made AS (
  SELECT source AS member_id, min(age) AS age, count(DISTINCT target) FILTER (age >= $months) AS reached
  FROM lately GROUP BY source),
heard AS (SELECT target AS member_id, min(age) AS age FROM lately GROUP BY target),
near AS (
  SELECT member_id, least(made.age, heard.age)::INTEGER AS months, coalesce(reached, 0)::INTEGER AS reached
  FROM made FULL JOIN heard USING (member_id)),
ranked AS (
  SELECT h.member_id, h.account_id, n.months, n.reached, count(*) OVER of_account AS lines,
    row_number() OVER (PARTITION BY h.account_id ORDER BY n.reached DESC NULLS LAST, h.member_id) AS place
  FROM ({HOMES}) h JOIN ({OPEN}) a USING (account_id) LEFT JOIN near n USING (member_id)
  WINDOW of_account AS (PARTITION BY h.account_id)),
heads AS (
  SELECT member_id, min(coalesce(name, contact_id)) AS name FROM ({POSTS})
  WHERE role = 'decision' AND member_id IS NOT NULL GROUP BY member_id)
SELECT r.member_id AS id, r.account_id,
  last_day(($last - to_months(r.months - $months::INTEGER))::DATE) AS since,
  1 - power(0.5, r.months) AS strength,
  coalesce(heads.name, '') AS name, r.months, r.reached, r.place::INTEGER AS place, r.lines::INTEGER AS lines,
  strftime($last - to_months(r.months), '%Y-%m') AS last_month
FROM ranked r LEFT JOIN heads USING (member_id)
WHERE r.months >= $months AND r.reached >= $least
  AND ((r.place = 1 AND r.lines >= $least_lines) OR heads.name IS NOT NULL)
  AND EXISTS (SELECT 1 FROM lately WHERE age = 0)
ORDER BY id"""

THREADS = f"""
WITH of_account AS (
  SELECT DISTINCT p.target AS account_id, v.contact_id, v.date FROM ({MEETINGS}) v
  JOIN positions p ON p.source = v.contact_id AND (p.since IS NULL OR p.since <= v.date)
    AND (p."until" IS NULL OR p."until" >= v.date)),
sole AS (
  SELECT account_id, min(contact_id) AS contact_id FROM of_account WHERE date > $day - $days::INTEGER
  GROUP BY account_id HAVING count(DISTINCT contact_id) = 1),
others AS (
  SELECT o.account_id, max(o.date) AS gone FROM of_account o JOIN sole s USING (account_id)
  WHERE o.contact_id <> s.contact_id GROUP BY o.account_id),
meetings AS (
  SELECT o.account_id, o.contact_id, o.date,
    lag(o.date, $least::INTEGER - 1) OVER one AS counted, lag(o.date, $least::INTEGER) OVER one AS before
  FROM of_account o JOIN sole s USING (account_id, contact_id)
  WINDOW one AS (PARTITION BY o.account_id ORDER BY o.date)),
begun AS (
  SELECT account_id, contact_id, count(*) FILTER (date > $day - $days::INTEGER)::INTEGER AS meetings,
    max(date) AS met_last,
    max(date) FILTER (counted > date - $days::INTEGER
      AND (before IS NULL OR before <= date - 1 - $days::INTEGER)) AS enough
  FROM meetings GROUP BY account_id, contact_id),
sizes AS (SELECT account_id, count(*)::INTEGER AS lines FROM ({HOMES}) GROUP BY account_id),
known AS (
  SELECT account_id, count(DISTINCT contact_id)::INTEGER AS contacts FROM ({POSTS}) GROUP BY account_id)
SELECT b.account_id AS id, b.account_id,
  greatest(enough, (gone + $days::INTEGER)::DATE) AS since, 1 - 1.0 / (1 + meetings) AS strength,
  coalesce(a.name, b.account_id) AS account, coalesce(c.name, b.contact_id) AS name, meetings, met_last,
  coalesce(contacts, 0) AS contacts, lines
FROM begun b JOIN ({OPEN}) a USING (account_id) JOIN sizes USING (account_id)
LEFT JOIN others USING (account_id) LEFT JOIN known USING (account_id)
LEFT JOIN contacts c ON c.contact_id = b.contact_id
WHERE meetings >= $least AND lines >= $least_lines ORDER BY id"""


def decision_maker_unmet(view: View, thresholds: Thresholds) -> pd.DataFrame:
    """Accounts none of whose decision makers was met for `days`; told is the one met last.

    One never met counts from the day of the post, at the earliest from the first visit on record.
    """
    return asked(view, UNMET, thresholds)


def key_line_silent(view: View, thresholds: Thresholds) -> pd.DataFrame:
    """Lines of decision makers, and of each account's member that calls most others, without any contact."""
    return asked(view, SILENT, thresholds)


def single_threaded(view: View, thresholds: Thresholds) -> pd.DataFrame:
    """Accounts all of whose meetings in `days` were with one contact."""
    return asked(view, THREADS, thresholds)
