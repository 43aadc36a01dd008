"""What is known of a member by itself: its line, plan, bills, use, contract and cases, as of a day.

Each function gives figures by member_id. Where the lake has a source, `SILENT` figures of a member that
it says nothing about are 0; all others are unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pandas as pd

from analytics.churn.ratios import months, share, trend
from analytics.frames import day_of
from graph.asof import View

SILENT = frozenset(
    {
        "months_active", "contacts_last", "contacts_before", "minutes_last", "minutes_before", "off_net_last",
        "off_net_before", "rival_last", "rival_before", "open_cases", "recent_cases", "unhappy_cases",
        "products", "decides", "referred", "referrals_listed",
    }
)  # fmt: skip
NEAR = (-30, 90)
"""Days around a contract's end in which it is up for renewal."""


def own(view: View, base: pd.DataFrame, account: pd.Series) -> pd.DataFrame:
    """Figures and features of `base`: the members to describe, by member_id; `account` as `account_of`."""
    parts = [_line(view, base)]
    for table, read in SOURCES.items():
        if table in view.versions:
            part = read(view)
            silence = {name: 0.0 for name in part.columns if name in SILENT and len(part)}
            parts.append(part.reindex(base.index).fillna(silence))
    parts += [_contract(view, account), _account_cases(view, account)]
    found = pd.concat(parts, axis=1).reindex(columns=list(FIGURES))
    return _derived(found, base)


def _line(view: View, base: pd.DataFrame) -> pd.DataFrame:
    plans = view.frame("products", ["product_id", "monthly_fee", "term_months"]).set_index("product_id")
    return pd.DataFrame(
        {
            "joined": base["joined"],
            "tenure_days": (pd.Timestamp(day_of(view)) - base["joined"]).dt.days.astype(float),
            "plan_fee": base["plan_id"].map(plans["monthly_fee"]).astype(float),
            "plan_term": base["plan_id"].map(plans["term_months"]).astype(float),
            "credit": base["credit_level"].map(_rated),
            "referrals_said": base["referrals_made"].astype(float),
        }
    )


def _rated(level: object) -> float:
    """A rating as a number, best lowest: A before B, and AAA before AA before A.

    >>> [_rated(level) for level in ("AAA", "A", "D")]
    [-2.0, 0.0, 9.0]
    """
    if not isinstance(level, str) or not level[:1].isalpha():
        return float("nan")
    return 3.0 * (ord(level[0].upper()) - ord("A")) - len(level) + 1


def _contacts(view: View) -> pd.DataFrame:
    """Contacts over the last twelve whole months, whoever called."""
    return view.sql(
        """WITH monthly AS (
             SELECT member_id, month, sum(contacts) AS contacts FROM (
               SELECT source AS member_id, month, coalesce(calls, 0) + coalesce(messages, 0) AS contacts
               FROM ties WHERE month > $year AND source <> target
               UNION ALL
               SELECT target, month, coalesce(calls, 0) + coalesce(messages, 0) FROM ties
               WHERE month > $year AND source <> target) GROUP BY member_id, month)
           SELECT member_id, max(month) AS last_contact, count(*)::DOUBLE AS months_active,
                  sum(contacts) FILTER (month > $last)::DOUBLE AS contacts_last,
                  sum(contacts) FILTER (month > $four AND month <= $last)::DOUBLE / 3 AS contacts_before
           FROM monthly GROUP BY member_id""",
        months(view, "year", "four", "last"),
    ).set_index("member_id")


def _bills(view: View) -> pd.DataFrame:
    return view.sql(
        """SELECT about AS member_id,
                  sum(total) FILTER (month > $last)::DOUBLE AS bill_last,
                  sum(paid) FILTER (month > $last)::DOUBLE AS paid_last,
                  avg(total) FILTER (month > $four AND month <= $last)::DOUBLE AS bill_before,
                  max(days_overdue) FILTER (month > $quarter)::DOUBLE AS days_overdue
           FROM bills WHERE month > $four GROUP BY about""",
        months(view, "last", "four", "quarter"),
    ).set_index("member_id")


def _usage(view: View) -> pd.DataFrame:
    return view.sql(
        """SELECT about AS member_id,
                  sum(minutes) FILTER (month > $last)::DOUBLE AS minutes_last,
                  sum(minutes) FILTER (month > $four AND month <= $last)::DOUBLE / 3 AS minutes_before,
                  coalesce(sum(minutes) FILTER (zone = 'off_net' AND month > $last), 0)::DOUBLE
                    AS off_net_last,
                  coalesce(sum(minutes) FILTER (zone = 'off_net' AND month > $four AND month <= $last), 0)
                    ::DOUBLE / 3 AS off_net_before
           FROM usage WHERE month > $four GROUP BY about""",
        months(view, "last", "four"),
    ).set_index("member_id")


def _rivals(view: View) -> pd.DataFrame:
    return view.sql(
        """SELECT about AS member_id, sum(contacts) FILTER (month > $last)::DOUBLE AS rival_last,
                  sum(contacts) FILTER (month > $four AND month <= $last)::DOUBLE / 3 AS rival_before
           FROM competitor_ties WHERE month > $four AND about_label = 'Member' GROUP BY about""",
        months(view, "last", "four"),
    ).set_index("member_id")


def _cases(view: View) -> pd.DataFrame:
    day = day_of(view)
    return view.sql(
        """SELECT r.source AS member_id,
                  count(DISTINCT c.case_id) FILTER (c.closed IS NULL)::DOUBLE AS open_cases,
                  count(DISTINCT c.case_id) FILTER (r.date > $quarter)::DOUBLE AS recent_cases,
                  count(DISTINCT c.case_id) FILTER (r.date > $half AND NOT c.satisfied)::DOUBLE
                    AS unhappy_cases
           FROM raised r JOIN cases c ON c.case_id = r.target
           WHERE r.source_label = 'Member' GROUP BY r.source""",
        {"quarter": day - timedelta(days=90), "half": day - timedelta(days=180)},
    ).set_index("member_id")


def _products(view: View) -> pd.DataFrame:
    return view.sql(
        """SELECT source AS member_id, count(DISTINCT target)::DOUBLE AS products FROM subscriptions
           WHERE source_label = 'Member' AND ("until" IS NULL OR "until" >= $day) GROUP BY source""",
        {"day": day_of(view)},
    ).set_index("member_id")


def _decides(view: View) -> pd.DataFrame:
    return view.sql(
        """SELECT member_id, 1.0 AS decides FROM contacts
           WHERE role = 'decision' AND member_id IS NOT NULL GROUP BY member_id"""
    ).set_index("member_id")


def _referrals(view: View) -> pd.DataFrame:
    return view.sql(
        """SELECT member_id, max(referred)::DOUBLE AS referred, sum(made)::DOUBLE AS referrals_listed
           FROM (SELECT source AS member_id, 0 AS referred, 1 AS made FROM referrals
                 WHERE source_label = 'Member'
                 UNION ALL SELECT target, 1, 0 FROM referrals WHERE target_label = 'Member')
           GROUP BY member_id"""
    ).set_index("member_id")


def _contract(view: View, account: pd.Series) -> pd.DataFrame:
    ends = view.sql("SELECT account_id, contract_end FROM accounts").set_index("account_id")["contract_end"]
    mine = pd.to_datetime(ends.reindex(account.to_numpy())).set_axis(account.index)
    return pd.DataFrame({"contract_days": (mine - pd.Timestamp(day_of(view))).dt.days.astype(float)})


def _account_cases(view: View, account: pd.Series) -> pd.DataFrame:
    """Cases of the account, raised by it or by people who work there, open or of the last 90 days."""
    if "cases" not in view.versions:
        return pd.DataFrame({"account_raised": pd.Series(np.nan, index=account.index)})
    found = view.sql(
        """WITH raiser AS (SELECT 'Account' AS label, account_id AS id, account_id FROM accounts
                           UNION SELECT 'Contact', source, target FROM positions
                           WHERE "until" IS NULL OR "until" >= $day)
           SELECT a.account_id, count(DISTINCT c.case_id)::DOUBLE AS cases
           FROM raised r JOIN raiser a ON a.label = r.source_label AND a.id = r.source
           JOIN cases c ON c.case_id = r.target WHERE c.closed IS NULL OR r.date > $quarter
           GROUP BY a.account_id""",
        {"day": day_of(view), "quarter": day_of(view) - timedelta(days=90)},
    ).set_index("account_id")["cases"]
    return pd.DataFrame(
        {"account_raised": found.reindex(account.to_numpy()).fillna(0.0).set_axis(account.index)}
    )


def _derived(found: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """Add the features that are made of the figures."""
    found["tenure"] = np.log1p(found["tenure_days"].clip(lower=0))
    found["bill"] = np.log1p(found["bill_last"].clip(lower=0))
    found["bill_trend"] = trend(found["bill_last"], found["bill_before"])
    found["owed_share"] = share(found["bill_last"] - found["paid_last"], found["bill_last"]).clip(0, 1)
    found["minutes"] = np.log1p(found["minutes_last"])
    found["minutes_trend"] = trend(found["minutes_last"], found["minutes_before"])
    found["off_net_share"] = share(found["off_net_last"], found["minutes_last"])
    found["off_net_trend"] = trend(found["off_net_last"], found["off_net_before"])
    found["rival_contacts"] = np.log1p(found["rival_last"])
    found["rival_trend"] = trend(found["rival_last"], found["rival_before"])
    found["contacts"] = np.log1p(found["contacts_last"])
    found["contacts_trend"] = trend(found["contacts_last"], found["contacts_before"])
    found["months_silent"] = _silence(found)
    days = found["contract_days"]
    found["contract_near"] = days.between(*NEAR).astype(float).mask(days.isna())
    found["contract_days"] = days.clip(-365, 730)
    found["account_cases"] = np.log1p(found["account_raised"])
    made = found["referrals_listed"].fillna(found["referrals_said"])
    found["referrals"] = np.maximum(made, found["referrals_said"].fillna(0.0))
    found["referrals_made"] = np.log1p(found["referrals"])
    return found.reindex(base.index)


def _silence(found: pd.DataFrame) -> pd.Series:
    """Whole months since the last contact, 12 for none in a year; unknown before a first whole month."""
    last = pd.to_datetime(found["last_contact"])
    newest = last.max()
    if pd.isna(newest):
        return pd.Series(np.nan, index=found.index)
    gone = (newest.year - last.dt.year) * 12 + newest.month - last.dt.month
    fresh = found["joined"] > newest + pd.offsets.MonthEnd(0)
    known: pd.Series = gone.fillna(12.0).astype(float)
    return known.mask(fresh & last.isna())


SOURCES: dict[str, Callable[[View], pd.DataFrame]] = {
    "ties": _contacts,
    "bills": _bills,
    "usage": _usage,
    "competitor_ties": _rivals,
    "cases": _cases,
    "subscriptions": _products,
    "contacts": _decides,
    "referrals": _referrals,
}
FIGURES = (
    "joined", "tenure_days", "plan_fee", "plan_term", "credit", "referrals_said", "last_contact",
    "bill_last", "paid_last", "bill_before", "days_overdue", "contract_days", "account_raised",
    "referrals", *sorted(SILENT),
)  # fmt: skip
