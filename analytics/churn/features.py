"""What is known of a member on a day that may tell whether it will leave.

Every part reads one `View` and so cannot see past its day; months count when they are over. The frame
has the model's features and, beside them, the figures that the reasons quote.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pandas as pd

from analytics.frames import account_of, day_of, members, start_of
from graph.asof import View

RECENTLY = 90
"""Days that a departure counts as recent."""

FEATURES = (
    "tenure",
    "months_silent",
    "months_active",
    "partners_out",
    "partners_in",
    "contacts",
    "contacts_trend",
    "neighbours_left",
    "neighbours_left_share",
    "account_left_share",
    "contract_days",
    "bill_trend",
    "days_overdue",
    "off_net_trend",
    "rival_contacts",
    "rival_trend",
    "open_cases",
    "plan_fee",
)


COUNTED = (
    "months_active",
    "reached",
    "reached_by",
    "contacts_last",
    "contacts_before",
    "neighbours",
    "neighbours_gone",
    "off_net_last",
    "off_net_before",
    "rival_last",
    "rival_before",
    "open_cases",
)
"""Figures of which a source that says nothing says none."""

FIGURES = (
    "joined",
    "tenure_days",
    "plan_fee",
    "account_members",
    "account_gone",
    "contract_days",
    "last_contact",
    "bill_last",
    "bill_before",
    "days_overdue",
    *COUNTED,
)


def features(view: View) -> pd.DataFrame:
    """One row per member active on the day, indexed by member_id, sorted: FEATURES and quoted figures.

    Counts enter as log(1 + count), trends as (last month - mean of the three before) ÷ their sum, from
    -1 (fallen to nothing) to 1 (risen from nothing). Unknown is NaN; a feature without its source is
    NaN throughout.
    """
    base = members(view).set_index("member_id")
    account = account_of(view).reindex(base.index)
    parts = [_tenure(view, base), _accounts(view, account)]
    for table, read in SOURCES.items():
        if table in view.versions:
            part = read(view)
            parts.append(part.reindex(base.index).fillna(_silent(part)))
    found = pd.concat(parts, axis=1).reindex(columns=list(FIGURES))
    found["account_id"] = account
    return _derived(found).sort_index()


def _tenure(view: View, base: pd.DataFrame) -> pd.DataFrame:
    days = (pd.Timestamp(day_of(view)) - base["joined"]).dt.days.astype(float)
    fee = view.frame("products", ["product_id", "monthly_fee"]).set_index("product_id")["monthly_fee"]
    return pd.DataFrame(
        {
            "tenure_days": days,
            "joined": base["joined"],
            "plan_fee": base["plan_id"].map(fee).astype(float),
        }
    )


def _ties(view: View) -> pd.DataFrame:
    return pd.concat([_contacts(view), _neighbours(view)], axis=1)


def _contacts(view: View) -> pd.DataFrame:
    """Contacts per member over the last twelve whole months, whoever called."""
    return view.sql(
        """WITH of_member AS (
             SELECT source AS member_id, target AS other, month, true AS made,
                    coalesce(calls, 0) + coalesce(messages, 0) AS contacts FROM ties
             WHERE month > $year AND source <> target
             UNION ALL
             SELECT target, source, month, false, coalesce(calls, 0) + coalesce(messages, 0) FROM ties
             WHERE month > $year AND source <> target)
           SELECT member_id, max(month) AS last_contact,
                  count(DISTINCT month)::DOUBLE AS months_active,
                  count(DISTINCT other) FILTER (made AND month > $quarter)::DOUBLE AS reached,
                  count(DISTINCT other) FILTER (NOT made AND month > $quarter)::DOUBLE AS reached_by,
                  sum(contacts) FILTER (month > $last)::DOUBLE AS contacts_last,
                  sum(contacts) FILTER (month > $four AND month <= $last)::DOUBLE / 3 AS contacts_before
           FROM of_member GROUP BY member_id""",
        _months(view),
    ).set_index("member_id")


def _neighbours(view: View) -> pd.DataFrame:
    """How many of those a member was in touch with in a year left lately; those gone before don't count."""
    return view.sql(
        """WITH pairs AS (
             SELECT DISTINCT source AS member_id, target AS other FROM ties
             WHERE month > $year AND source <> target
             UNION
             SELECT DISTINCT target, source FROM ties WHERE month > $year AND source <> target)
           SELECT p.member_id, count(*)::DOUBLE AS neighbours,
                  count(m."left")::DOUBLE AS neighbours_gone
           FROM pairs p JOIN members m ON m.member_id = p.other
           WHERE m."left" IS NULL OR m."left" > $since GROUP BY p.member_id""",
        {"year": start_of(view, 12), "since": day_of(view) - timedelta(days=RECENTLY)},
    ).set_index("member_id")


def _accounts(view: View, account: pd.Series) -> pd.DataFrame:
    """The member's account: who left it lately, and when its contract ends."""
    found = view.sql(
        """WITH lately AS (SELECT DISTINCT source AS member_id, target AS account_id FROM memberships
                           WHERE "until" IS NULL OR "until" > $since),
                staff AS (SELECT l.account_id, count(*)::DOUBLE AS account_members,
                                 count(m."left")::DOUBLE AS account_gone
                          FROM lately l JOIN members m USING (member_id)
                          WHERE m."left" IS NULL OR m."left" > $since GROUP BY l.account_id)
           SELECT account_id, account_members, account_gone, contract_end
           FROM staff LEFT JOIN accounts USING (account_id)""",
        {"since": day_of(view) - timedelta(days=RECENTLY)},
    ).set_index("account_id")
    mine = found.reindex(account.to_numpy())
    mine.index = account.index
    mine["contract_days"] = (mine.pop("contract_end") - pd.Timestamp(day_of(view))).dt.days.astype(float)
    return mine


def _bills(view: View) -> pd.DataFrame:
    return view.sql(
        """SELECT about AS member_id,
                  sum(total) FILTER (month > $last)::DOUBLE AS bill_last,
                  avg(total) FILTER (month > $four AND month <= $last)::DOUBLE AS bill_before,
                  max(days_overdue) FILTER (month > $quarter)::DOUBLE AS days_overdue
           FROM bills WHERE month > $four GROUP BY about""",
        _months(view, "last", "four", "quarter"),
    ).set_index("member_id")


def _usage(view: View) -> pd.DataFrame:
    return _last_and_before(view, "usage", "minutes", "off_net", "zone = 'off_net'")


def _rivals(view: View) -> pd.DataFrame:
    return _last_and_before(view, "competitor_ties", "contacts", "rival", "about_label = 'Member'")


def _last_and_before(view: View, table: str, figure: str, name: str, only: str) -> pd.DataFrame:
    """A figure's sum of the last month, and its mean over the three months before."""
    return view.sql(
        f"""SELECT about AS member_id,
                   sum({figure}) FILTER (month > $last)::DOUBLE AS {name}_last,
                   sum({figure}) FILTER (month > $four AND month <= $last)::DOUBLE / 3 AS {name}_before
            FROM {table} WHERE month > $four AND {only} GROUP BY about""",
        _months(view, "last", "four"),
    ).set_index("member_id")


def _cases(view: View) -> pd.DataFrame:
    return view.sql(
        """SELECT r.source AS member_id, count(DISTINCT c.case_id)::DOUBLE AS open_cases
           FROM raised r JOIN cases c ON c.case_id = r.target
           WHERE r.source_label = 'Member' AND c.closed IS NULL GROUP BY r.source"""
    ).set_index("member_id")


def _months(view: View, *names: str) -> dict[str, object]:
    """The months after which a year, a quarter, four months and the last whole month begin."""
    spans = {"year": 12, "quarter": 3, "four": 4, "last": 1}
    return {name: start_of(view, spans[name]) for name in names or spans}


def _silent(part: pd.DataFrame) -> dict[str, float]:
    """Where the lake has a source, its silence about a member means none; of a bill it means unknown."""
    return {name: 0.0 for name in part.columns if name in COUNTED and len(part)}


def _derived(found: pd.DataFrame) -> pd.DataFrame:
    """Add the model's features that are made of the figures."""
    found["tenure"] = np.log1p(found["tenure_days"].clip(lower=0))
    found["months_silent"] = _silence(found)
    found["partners_out"] = np.log1p(found["reached"])
    found["partners_in"] = np.log1p(found["reached_by"])
    found["contacts"] = np.log1p(found["contacts_last"])
    found["contacts_trend"] = trend(found["contacts_last"], found["contacts_before"])
    found["neighbours_left"] = np.log1p(found["neighbours_gone"])
    found["neighbours_left_share"] = share(found["neighbours_gone"], found["neighbours"])
    found["account_left_share"] = share(found["account_gone"], found["account_members"])
    found["contract_days"] = found["contract_days"].clip(-365, 730)
    found["bill_trend"] = trend(found["bill_last"], found["bill_before"])
    found["off_net_trend"] = trend(found["off_net_last"], found["off_net_before"])
    found["rival_contacts"] = np.log1p(found["rival_last"])
    found["rival_trend"] = trend(found["rival_last"], found["rival_before"])
    return found


def _silence(found: pd.DataFrame) -> pd.Series:
    """Whole months since the last contact, 12 for none in a year; unknown before a first whole month."""
    last = pd.to_datetime(found["last_contact"])
    newest = last.max()
    if pd.isna(newest):
        return pd.Series(np.nan, index=found.index)
    months = (newest.year - last.dt.year) * 12 + newest.month - last.dt.month
    fresh = found["joined"] > newest + pd.offsets.MonthEnd(0)
    known: pd.Series = months.fillna(12.0).astype(float)
    return known.mask(fresh & last.isna())


def trend(last: pd.Series, before: pd.Series) -> pd.Series:
    """(last - before) ÷ (last + before): -1 to 1, 0 where both are nothing, NaN where one is unknown."""
    total = last + before
    return ((last - before) / total.where(total != 0)).fillna(0.0).mask(total.isna())


def share(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Part over whole, 0 where there is nothing to share, NaN where unknown."""
    return (part / whole.where(whole != 0)).fillna(0.0).mask(whole.isna())


SOURCES: dict[str, Callable[[View], pd.DataFrame]] = {
    "ties": _ties,
    "bills": _bills,
    "usage": _usage,
    "competitor_ties": _rivals,
    "cases": _cases,
}
