"""What customers are worth and how they stand: every measure of value as of the view's day.

Formulas, sources and limits: docs/methods/value.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from analytics.csr import Floats
from analytics.frames import account_of, day_of
from analytics.value.classes import classed
from analytics.value.lifetime import Terms, annuity, lifetimes, monthly
from analytics.value.revenue import account_months, account_revenue, member_revenue, window
from analytics.value.rollup import Tree, tree
from analytics.value.rules import Rules, read_rules
from analytics.value.standing import YEAR, account_debts, arrears, loyalty, satisfaction, stages
from analytics.value.survival import DAYS, LifeTable, life_table
from analytics.value.told import score_rows
from graph.asof import View

IN_YUAN = (
    "arpu", "arpa", "arpa_group", "clv", "clv_group", "value_class", "lifecycle", "arrears_risk",
)  # fmt: skip
"""Measures that mean nothing where nobody is billed."""


@dataclass(frozen=True, eq=False)
class Value:
    """By key, with everything that `scores` and the reasons are made from; yuan a month but for `clv`."""

    members: pd.DataFrame
    """Active members with a bill: `member_id`, `account_id`, `arpu`, `clv`, `clv_low`, `clv_high`,
    `arrears_risk`."""
    accounts: pd.DataFrame
    """Accounts that are open: `account_id`, `arpa`, `arpu`, `clv`, each also `_group` (with subsidiaries),
    `class`, `tier`, both also `recorded_`, `stage`, `trend`, `satisfaction`, `loyalty`, `arrears_risk`,
    and what they are made of; `why`, lists of sentences about the class."""
    scores: pd.DataFrame
    """`kind`, `id`, `measure`, `value`, `low`, `high`, `reasons` (lists; none for members)."""
    notes: dict[str, object]


def value(
    view: View,
    rules: Rules | None = None,
    churn: pd.DataFrame | None = None,
    churn_days: int = 60,
    terms: Terms | None = None,
) -> Value:
    """Measure the active members and open accounts of the view.

    `churn` holds `member_id` and `value` (and may hold `low`, `high`), the chance of leaving within
    `churn_days`; without it, or for a member it lacks, the life table of the account's class stands alone.
    """
    rules, terms = rules or read_rules(), terms or Terms()
    table, above, by_month = life_table(view), tree(view), account_months(view)
    members = _members(view, table, churn, churn_days, terms)
    accounts = _accounts(view, above, by_month, members, rules, terms)
    first, last = window(view)
    notes: dict[str, object] = {
        "months": [first.isoformat(), last.isoformat()],
        "margin": terms.margin,
        "discount_a_month": terms.discount,
        "horizon_months": terms.horizon,
        "hazard": "churn scores, then life table by class" if churn is not None else "life table by class",
        "members": len(members),
        "accounts": len(accounts),
        "class_differs": int((accounts["class"] != accounts["recorded_class"]).sum()),
        "parents_cut": list(above.cut),
    }
    rows = score_rows(members, accounts, terms, rules)
    if not {"bills", "subscriptions"} & set(view.versions):
        notes["refused"] = "no figure in yuan: the lake has no bills and no subscriptions"
        rows = rows[~rows["measure"].isin(IN_YUAN)].reset_index(drop=True)
    return Value(members, accounts, rows, notes)


def _members(
    view: View, table: LifeTable, churn: pd.DataFrame | None, days: int, terms: Terms
) -> pd.DataFrame:
    found = view.sql(
        """SELECT member_id,
                  floor(datediff('day', coalesce(joined, known_from), $day) / $days)::BIGINT AS tenure
           FROM members WHERE "left" IS NULL ORDER BY member_id""",
        {"day": day_of(view), "days": DAYS},
    )
    found = found.merge(arrears(member_revenue(view)), left_on="member_id", right_index=True)
    home = found["member_id"].map(account_of(view))
    of_account = view.frame("accounts", ["account_id", "class"]).set_index("account_id")["class"]
    row = table.rows(home.map(of_account).fillna(""))
    tenure = np.maximum(found["tenure"].to_numpy(np.int64), 0)
    margin = terms.margin * found["arpu"].to_numpy(float)
    months = round(days / DAYS)
    worth = {
        name: margin * lifetimes(row, tenure, table.hazard, terms, own, months)
        for name, own in _own_hazards(found["member_id"], churn, days).items()
    }
    bounded = churn is not None and {"low", "high"} <= set(churn)
    return found.assign(
        account_id=home,
        clv=worth["value"],
        # A high chance of leaving is the low end of the value.
        clv_low=worth["high"] if bounded else np.nan,
        clv_high=worth["low"] if bounded else np.nan,
    )


def _own_hazards(members: pd.Series, churn: pd.DataFrame | None, days: int) -> dict[str, Floats]:
    if churn is None:
        return {"value": np.full(len(members), np.nan)}
    known = churn.set_index("member_id").reindex(members)
    columns = [name for name in ("value", "low", "high") if name in known]
    return {name: monthly(known[name].to_numpy(float), days) for name in columns}


def _accounts(
    view: View, above: Tree, by_month: pd.DataFrame, members: pd.DataFrame, rules: Rules, terms: Terms
) -> pd.DataFrame:
    earned = account_revenue(by_month, window(view)[0])
    standing = stages(view, by_month, rules)
    found = classed(view, above, earned["arpa"], rules).join(earned).join(standing)
    lines = members.groupby("account_id")[["clv", "clv_low", "clv_high"]].sum(min_count=1)
    found = found.join(lines.reindex(found.index))
    kept = terms.margin * annuity(_service_hazard(view), terms)
    services = kept * found["services"].fillna(0.0)
    found["clv"] = found["clv"].fillna(0.0)  # of lines: none is nothing, while no interval is none
    for name in ("clv", "clv_low", "clv_high"):
        found[name] += services
    own = found[["arpa", "lines", "clv", "members"]].fillna(0.0)
    group = above.summed(own).reindex(found.index).fillna(0.0).add_suffix("_group")
    found = found.join(group)
    found["arpu_group"] = (found["lines_group"] / found["members_group"]).where(found["members_group"] > 0)
    found = found.join(satisfaction(view)).join(loyalty(view, found["kinds"]))
    owed = arrears(account_debts(view, member_revenue(view)))
    found = found.join(owed[["unpaid", "unpaid_part", "worst_days", "arrears_risk"]])
    return found[found["stage"] != "closed"].rename_axis("account_id").reset_index()


def _service_hazard(view: View) -> float:
    """Chance that an account's own subscription ends within a month, over the last year."""
    day = day_of(view)
    found = view.sql_arrow(
        """SELECT count(*) FILTER ("until" < $day) AS ended,
                  sum(datediff('day', greatest(coalesce(since, $start), $start),
                               least(coalesce("until", $day), $day))) AS days
           FROM subscriptions WHERE source_label = 'Account' AND ("until" IS NULL OR "until" > $start)""",
        {"day": day, "start": day - timedelta(days=YEAR)},
    ).to_pylist()[0]
    months = float(found["days"] or 0) / DAYS
    return min(1.0, float(found["ended"]) / months) if months else 0.0
