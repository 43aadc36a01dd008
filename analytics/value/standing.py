"""How accounts stand: stage of life, satisfaction, loyalty, and what they owe."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from analytics.frames import account_of, day_of
from analytics.value.revenue import MONTHS, window
from analytics.value.rules import Rules
from graph.asof import View

STAGES = ("new", "growing", "steady", "declining", "ending", "dormant", "closed")
YEAR = 365
HALF_LIFE = 180.0
"""Days after which an answer to a survey weighs half."""
SURVEYS = 0.7
"""Weight of surveys in satisfaction; cases have the rest."""
KINDS = 5
"""Kinds of product from which an account counts as held by all of them."""
LATE = 30.0
"""Days overdue from which a bill counts as late in full."""


def stages(view: View, by_month: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """By `account_id`: `stage`, one of STAGES by the first rule that holds, and `trend`, the change of
    revenue over the three months before (none where there was none then).

    closed; dormant (no revenue in the last month); new; ending (contract ends within `ending_days`);
    growing; declining; steady.
    """
    day, rule = day_of(view), rules.stage
    accounts = view.sql("SELECT account_id, opened, closed, contract_end FROM accounts").set_index(
        "account_id"
    )
    _, last = window(view)
    recent, _ = window(view, MONTHS)
    total = by_month.assign(yuan=by_month["lines"] + by_month["services"])
    now = _yuan(total[total["month"] >= pd.Timestamp(recent)], accounts.index)
    before = _yuan(total[total["month"] < pd.Timestamp(recent)], accounts.index)
    trend = (now / before - 1).where(before > 0).round(9)  # 90 of 100 is a tenth less, not nearly
    opened, ends = pd.to_datetime(accounts["opened"]), pd.to_datetime(accounts["contract_end"])
    age = (pd.Timestamp(day) - opened).dt.days / 30.4375
    left = (ends - pd.Timestamp(day)).dt.days
    stage = np.select(
        [
            accounts["closed"].notna(),
            _yuan(total[total["month"] == pd.Timestamp(last)], accounts.index) <= 0,
            age < rule.new_months,
            (left >= 0) & (left <= rule.ending_days),
            trend >= rule.growing,
            trend <= rule.declining,
        ],
        ["closed", "dormant", "new", "ending", "growing", "declining"],
        "steady",
    )
    return pd.DataFrame({"stage": stage, "trend": trend}, index=accounts.index)


def _yuan(rows: pd.DataFrame, accounts: pd.Index) -> pd.Series:
    return rows.groupby("account_id")["yuan"].sum().reindex(accounts).fillna(0.0)


def satisfaction(view: View) -> pd.DataFrame:
    """By `account_id`, of accounts with an answer or a settled case in the last year: `satisfaction`, 0 to
    100, `answers`, `settled`.

    100 · (0.7 · S + 0.3 · C): S the mean answer ÷ 10, each weighted by ½ per HALF_LIFE days; C the share
    of settled cases that left the person satisfied; where one is missing the other stands alone. Answers of
    an account and of its contacts, cases of an account, its contacts and its members.
    """
    day = day_of(view)
    found = view.sql(_FELT, {"day": day, "start": day - timedelta(days=YEAR)}).set_index("account_id")
    asked, settled = found["mean"].notna() * SURVEYS, (found["settled"] > 0) * (1 - SURVEYS)
    happy = found["happy"].fillna(0.0) / found["settled"].where(found["settled"] > 0, 1)
    index = 100 * (asked * found["mean"].fillna(0.0) / 10 + settled * happy) / (asked + settled)
    return pd.DataFrame({
        "satisfaction": index, "answers": found["answers"].fillna(0), "settled": found["settled"].fillna(0)
    }).dropna(subset="satisfaction")  # fmt: skip


_FELT = f"""
WITH homes AS (
  SELECT 'Member' AS label, source AS id, target AS account_id FROM memberships
  WHERE "until" IS NULL OR "until" >= $day
  UNION SELECT 'Contact', source, target FROM positions WHERE "until" IS NULL OR "until" >= $day
  UNION SELECT 'Account', account_id, account_id FROM accounts),
answers AS (
  SELECT account_id, count(*) AS answers, sum(w * score) / sum(w) AS mean FROM (
    SELECT h.account_id, score, 2 ** (-datediff('day', date, $day) / {HALF_LIFE}) AS w
    FROM surveys s JOIN homes h ON h.label = s.about_label AND h.id = s.about
    WHERE date > $start AND score IS NOT NULL) GROUP BY account_id),
settled AS (
  SELECT h.account_id, count(*) AS settled, count(*) FILTER (c.satisfied) AS happy
  FROM raised r JOIN cases c ON c.case_id = r.target
  JOIN homes h ON h.label = r.source_label AND h.id = r.source
  WHERE c.closed > $start AND c.satisfied IS NOT NULL GROUP BY h.account_id)
SELECT account_id, answers, mean, coalesce(settled, 0) AS settled, happy
FROM answers FULL JOIN settled USING (account_id)"""


def loyalty(view: View, kinds: pd.Series) -> pd.DataFrame:
    """By `account_id`, of accounts with a line a year ago: `loyalty`, 0 to 100, `kept` (part of the lines of
    a year ago that are still here), `years` (mean years its lines have been with us).

    100 · (0.5 · kept + 0.3 · (1 − e^(−years ÷ 3)) + 0.2 · min(1, kinds of product ÷ KINDS)): a convention.
    """
    day = day_of(view)
    found = view.sql(
        """SELECT account_id, count(*) FILTER (old) AS before,
                  count(*) FILTER (old AND "left" IS NULL) AS kept,
                  avg(datediff('day', joined, $day)) FILTER ("left" IS NULL) / 365.25 AS years
           FROM (SELECT s.target AS account_id, "left", coalesce(joined, known_from) AS joined,
                        coalesce(joined, known_from) <= $start AND ("left" IS NULL OR "left" > $start) AS old
                 FROM members JOIN (
                   SELECT source, target FROM memberships
                   QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1
                 ) s ON s.source = member_id)
           GROUP BY account_id HAVING before > 0""",
        {"day": day, "start": day - timedelta(days=YEAR)},
    ).set_index("account_id")
    kept, years = found["kept"] / found["before"], found["years"].fillna(0.0)
    held = np.minimum(1, kinds.reindex(found.index).fillna(0.0) / KINDS)
    index = 100 * (0.5 * kept + 0.3 * (1 - np.exp(-years / 3)) + 0.2 * held)
    return pd.DataFrame({"loyalty": index, "kept": kept, "years": years})


def arrears(owed: pd.DataFrame) -> pd.DataFrame:
    """`arrears_risk`, 0 to 1, and what it is made of, for rows with `billed`, `unpaid`, `worst_days`.

    ½ · unpaid ÷ billed + ½ · min(1, most days overdue ÷ LATE): a convention to rank by, no chance.
    """
    part = (owed["unpaid"] / owed["billed"].where(owed["billed"] > 0)).fillna(0.0).clip(0, 1)
    late = np.minimum(1, owed["worst_days"] / LATE)
    return owed.assign(unpaid_part=part, arrears_risk=0.5 * part + 0.5 * late)


def account_debts(view: View, members: pd.DataFrame) -> pd.DataFrame:
    """By account, `billed` and `unpaid` summed and `worst_days` of its lines, from `member_revenue`."""
    home = account_of(view).reindex(members.index)
    how = {"billed": "sum", "unpaid": "sum", "worst_days": "max"}
    return members[list(how)].groupby(home.to_numpy()).agg(how).rename_axis("account_id")
