"""Who may be contacted on a day: those selected, with cost and value, and why each other one is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.campaign.asked import Asked, Exclusion, Selection
from analytics.frames import day_of
from graph.asof import View
from graph.errors import BadInput

REASONS = (
    "listed as excluded",
    "held back by a control group",
    "complaint open",
    "in arrears",
    "touched lately",
)
"""Why somebody selected is not contacted, the first that holds."""

PEOPLE = """
WITH home AS (
  SELECT source AS member_id, target AS account_id FROM memberships
  WHERE "until" IS NULL OR "until" >= $day
  QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1
), cared AS (
  SELECT target AS account_id, min(source) AS manager_id FROM management
  WHERE "until" IS NULL OR "until" >= $day GROUP BY target
), sold AS (
  SELECT target AS member_id, source AS partner_id FROM sales WHERE target_label = 'Member'
  QUALIFY row_number() OVER (PARTITION BY target ORDER BY date DESC, source) = 1
), billed AS (
  SELECT about AS member_id, avg(total) AS bill FROM (
    SELECT about, total, row_number() OVER (PARTITION BY about ORDER BY month DESC) AS nth FROM bills)
  WHERE nth <= $bills GROUP BY about
)
SELECT member_id, account_id, a.region, a.class, a.tier, manager_id, partner_id, plan_id, joined,
  a.contract_end, coalesce(bill, 0) AS bill
FROM members m LEFT JOIN home USING (member_id) LEFT JOIN accounts a USING (account_id)
  LEFT JOIN cared USING (account_id) LEFT JOIN sold USING (member_id) LEFT JOIN billed USING (member_id)
WHERE m."left" IS NULL ORDER BY member_id"""
HAVING = """
SELECT DISTINCT source AS id FROM subscriptions
WHERE list_contains($products, target) AND ("until" IS NULL OR "until" >= $day)"""
SCORED = "SELECT id, value FROM scores WHERE measure = $measure AND kind = 'Member' AND run_id = $run"
CIRCLES = "SELECT source AS id, target AS value FROM communities WHERE run_id = $run"
RUN_BEFORE = "SELECT run_id FROM runs WHERE as_of <= $day ORDER BY as_of DESC, run_id DESC LIMIT 1"
TOUCHED = """
SELECT DISTINCT target AS id FROM touches
WHERE arm IS DISTINCT FROM 'control' AND date > $day::DATE - $days::INTEGER"""
HELD = """
SELECT target AS id FROM touches JOIN campaigns ON campaign_id = source
WHERE arm = 'control' AND (ends IS NULL OR ends >= $day)
UNION
SELECT id FROM plan_members JOIN plans USING (run_id)
WHERE arm = 'control' AND as_of <= $day AND measured_until >= $day"""
COMPLAINING = """
SELECT DISTINCT source AS id FROM raised JOIN cases ON case_id = target
WHERE kind = 'complaint' AND closed IS NULL"""
OWING = """
SELECT about AS id FROM bills WHERE days_overdue > $days AND coalesce(paid, 0) < total
QUALIFY row_number() OVER (PARTITION BY about ORDER BY month DESC) = 1"""


@dataclass(frozen=True, eq=False)
class Audience:
    """The people of a campaign.

    `everybody`: all members active on the day, sorted by `member_id`, with `account_id`, `region`, `class`,
    `tier`, `manager_id`, `partner_id`, `plan_id`, `bill` (yuan a month), `value` (yuan if one more accepts),
    `acceptance` (0 to 1), `cost` (yuan to contact), `selected` and `open` (bool), and `excluded`: why one
    selected is not open, else empty. `counts`: how many of each.
    """

    everybody: pd.DataFrame
    counts: dict[str, int]

    @property
    def open(self) -> pd.DataFrame:
        """Those who may be contacted."""
        return self.everybody[self.everybody["open"]]


def audience(view: View, asked: Asked, value: pd.Series | None = None) -> Audience:
    """Who may be contacted on the view's day. `value` (yuan by member_id) takes the place of the declared.

    Raises BadInput where a score is asked for and no run by the day has it, or a named key is unknown.
    """
    people = view.sql(PEOPLE, {"day": day_of(view), "bills": asked.value.bills})
    _known(view, asked.select)
    having = _ids(view, HAVING, {"products": _products(asked), "day": day_of(view)})
    has = people["member_id"].isin(having) | people["account_id"].isin(having)
    people["value"] = _worth(people, asked, value)
    people.loc[has, "value"] = 0.0
    people["acceptance"] = _by(people["class"], asked.offer.acceptance_by_class, asked.offer.acceptance)
    people["cost"] = _by(people["tier"], asked.offer.cost_by_tier, asked.offer.cost)
    people["selected"] = _selected(view, people, asked.select) & ~has
    why = _excluded(view, people, asked.exclude)
    people["excluded"] = why.where(people["selected"], "")
    people["open"] = people["selected"] & (people["excluded"] == "")
    return Audience(people, _counts(people))


def told(found: Audience) -> str:
    """How the audience comes about, in one sentence."""
    counts = dict(found.counts)
    start = f"{counts.pop('active'):,} active members, {counts.pop('selected'):,} selected"
    open_ = counts.pop("open")
    parts = [f"{count:,} {reason}" for reason, count in counts.items() if count]
    return f"{start}; left out: {', '.join(parts) or 'nobody'}; {open_:,} may be contacted"


def scored(view: View, measure: str) -> pd.Series | None:
    """A measure of the newest run up to the view's day by member_id; None where it has none."""
    return _of_run(view, SCORED, {"measure": measure})


def circles(view: View) -> pd.Series | None:
    """The community of each member in the newest run up to the day, by member_id; None without a run."""
    return _of_run(view, CIRCLES, {})


def _of_run(view: View, text: str, params: dict[str, object]) -> pd.Series | None:
    runs = view.sql(RUN_BEFORE, {"day": day_of(view)})["run_id"].tolist()
    found = view.sql(text, {**params, "run": runs[0]}) if runs else None
    return None if found is None or found.empty else found.drop_duplicates("id").set_index("id")["value"]


def _selected(view: View, people: pd.DataFrame, select: Selection) -> pd.Series[bool]:
    keep = pd.Series(True, people.index)
    if select.region:
        keep &= people["region"].fillna("").str.startswith(select.region)
    for column, wanted in (
        ("class", select.class_),
        ("tier", select.tier),
        ("account_id", select.account),
        ("manager_id", select.manager),
        ("plan_id", select.plan),
        ("member_id", select.member),
    ):
        if wanted:
            keep &= people[column].isin(wanted)
    if select.without_contract:
        keep &= people["contract_end"].isna() | (people["contract_end"] < pd.Timestamp(day_of(view)))
    if select.measure:
        keep &= people["member_id"].isin(_above(view, select))
    return keep


def _excluded(view: View, people: pd.DataFrame, exclude: Exclusion) -> pd.Series[str]:
    """The first of REASONS that holds for each, or an empty text."""
    day: dict[str, object] = {"day": day_of(view)}
    held = _ids(view, HELD, day) if exclude.control_groups else set()
    complaining = _ids(view, COMPLAINING, {}) if exclude.complaint_open else set()
    days = exclude.touched_within_days
    touched = _ids(view, TOUCHED, {**day, "days": days}) if days else set()
    owing = _ids(view, OWING, {"days": exclude.arrears_days}) if exclude.arrears_days else set()
    member, account = people["member_id"], people["account_id"]
    holds = [
        member.isin(exclude.member) | account.isin(exclude.account),
        member.isin(held) | account.isin(held),
        member.isin(complaining) | account.isin(complaining),
        member.isin(owing),
        member.isin(touched) | account.isin(touched),
    ]
    return pd.Series(np.select(holds, REASONS, ""), people.index, dtype="str")


def _worth(people: pd.DataFrame, asked: Asked, value: pd.Series | None) -> pd.Series[float]:
    if value is not None:
        return people["member_id"].map(value).fillna(0.0).astype(float)
    if asked.value.yuan:
        return pd.Series(asked.value.yuan, people.index)
    return people["bill"] * asked.value.margin * asked.value.months


def _by(column: pd.Series, said: object, otherwise: float) -> pd.Series[float]:
    return column.map(dict(said)).fillna(otherwise).astype(float)  # type: ignore[call-overload]


def _products(asked: Asked) -> list[str]:
    return sorted({*asked.select.has_not, *([asked.offer.product] if asked.offer.product else [])})


def _above(view: View, select: Selection) -> pd.Index:
    found = scored(view, select.measure)
    if found is None:
        raise BadInput(f"[select] measure {select.measure!r}: no run by {view.as_of} has it; guanxi refresh")
    return found.index[found > select.above]


def _known(view: View, select: Selection) -> None:
    """A key that does not exist would silently select nobody."""
    for name, table, key, wanted in (
        ("account", "accounts", "account_id", select.account),
        ("manager", "managers", "manager_id", select.manager),
        ("has_not", "products", "product_id", select.has_not),
    ):
        gone = sorted(set(wanted) - set(view.frame(table, [key])[key])) if wanted else []
        if gone:
            raise BadInput(f"[select] {name}: {gone[0]!r} is not known as of {view.as_of}")


def _ids(view: View, text: str, params: dict[str, object]) -> set[str]:
    return set(view.sql(text, params)["id"])


def _counts(people: pd.DataFrame) -> dict[str, int]:
    why = people["excluded"].value_counts()
    return {
        "active": len(people),
        "selected": int(people["selected"].sum()),
        **{reason: int(why.get(reason, 0)) for reason in REASONS},
        "open": int(people["open"].sum()),
    }
