"""How good past warnings were: what the rules would have said on past days, and what came after.

Each day sees what was known on it; what came after is read from a view at the end. Warned of is the loss
of the node: a member left; an account or a partner's book lost `share` of its lines, two at least; an
account was closed. Moves to another group are no loss.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.stats import binom

from analytics.calendar import last_whole_month, months_before
from analytics.partners.book import BOOK
from analytics.watch.alerts import findings
from analytics.watch.rules import Rule
from graph.asof import View
from graph.errors import BadInput
from graph.progress import Progress

Views = Callable[[date], View]

SHARE = 0.2
"""Share of an account's or a book's lines whose loss is a loss of the whole."""
LEAST_LINES = 5
"""Lines below which an account or a book is not judged: one departure would be the loss of it."""
FEWEST = 10
"""Warnings below which nothing is said of a rule."""

MEMBER_FATES = """
SELECT member_id AS id, CASE WHEN left_kind IS DISTINCT FROM 'internal_transfer' AND "left" <= $until
  THEN "left" END AS lost
FROM members WHERE (joined IS NULL OR joined <= $day) AND ("left" IS NULL OR "left" > $day)"""
UNIT_FATES = """
WITH lines AS (
  SELECT unit, CASE WHEN left_kind IS DISTINCT FROM 'internal_transfer' THEN "left" END AS gone
  FROM ({of}) JOIN members USING (member_id)
  WHERE (joined IS NULL OR joined <= $day) AND ("left" IS NULL OR "left" > $day)),
ranked AS (
  SELECT unit, gone, row_number() OVER (PARTITION BY unit ORDER BY gone NULLS LAST) AS place,
    count(*) OVER (PARTITION BY unit) AS lines FROM lines),
losses AS (
  SELECT unit, min(gone) FILTER (place = greatest(2, ceil($share * lines))) AS gone FROM ranked
  WHERE lines >= $least GROUP BY unit)
SELECT unit AS id, {lost} AS lost FROM losses {closing}"""
AT_HOME = """
SELECT source AS member_id, target AS unit FROM memberships
WHERE (since IS NULL OR since <= $day) AND ("until" IS NULL OR "until" >= $day)
QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1"""
SOLD = f"SELECT member_id, partner_id AS unit FROM ({BOOK}) WHERE sold_on IS NULL OR sold_on <= $day"
FATES = {
    "Member": MEMBER_FATES,
    "Account": UNIT_FATES.format(
        of=AT_HOME,
        lost="least(gone, closed)",  # the earlier one, where one of them is empty the other
        closing="LEFT JOIN accounts ON account_id = unit WHERE closed IS NULL OR closed > $day",
    ),
    "Partner": UNIT_FATES.format(of=SOLD, lost="gone", closing=""),
}


COLUMNS = (
    "rule", "kind", "warnings", "followed", "precision", "low", "high", "base_rate", "lift", "recall",
    "lead_days", "lead_low", "lead_high", "says",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Scorecard:
    """`frame` one row a rule; `notes` in words: what was left out, days and rules, and why.

    `warnings` counts each once, on the first of the days on which it stood; `followed` by the loss within
    the horizon; `precision` their share with its 95 % interval; `base_rate` the share of all nodes and
    days so followed; `lift` precision ÷ base rate; `recall` the share of nodes and days followed by a loss
    on which the warning stood; `lead_days` the median from warning to loss. Empty where unknown.
    """

    frame: pd.DataFrame
    notes: list[str]


def scorecard(
    views: Views,
    days: Sequence[date],
    rules: Sequence[Rule],
    horizon: int = 60,
    share: float = SHARE,
    progress: Progress | None = None,
) -> Scorecard:
    """Judge the rules on past days, each at least `horizon` days before the record's end.

    Raises BadInput where no such day is given.
    """
    usable, end, notes = _usable(views, days, horizon)
    outcome = views(end)
    kinds = sorted({rule.kind for rule in rules})
    parts, missing = [], dict[str, str]()
    for done, day in enumerate(usable):
        if progress:
            progress("scorecard", done, len(usable))
        fates = pd.concat([_fates(outcome, kind, day, horizon, share) for kind in kinds])
        found, notes_of = findings(views(day), rules)
        missing.update({name: note for name, note in notes_of.items() if isinstance(note, str)})
        stood = found[["rule", "kind", "id"]].assign(stood=True)
        for rule in rules:
            own = fates[fates["kind"] == rule.kind].assign(rule=rule.id, day=pd.Timestamp(day))
            parts.append(own.merge(stood, on=["rule", "kind", "id"], how="left"))
    every = pd.concat(parts, ignore_index=True)
    every["stood"] = every["stood"].eq(True)
    evaluated = [rule for rule in rules if rule.id not in missing]
    judged = [_judged(rule, every[every["rule"] == rule.id], len(evaluated)) for rule in evaluated]
    notes += [f"{name}: {note}" for name, note in missing.items()]
    return Scorecard(pd.DataFrame(judged, columns=list(COLUMNS)), notes)


def month_ends(until: date, horizon: int, months: int) -> list[date]:
    """The last so many month-ends that have a whole horizon after them up to a day.

    >>> month_ends(date(2001, 12, 31), 60, 2)
    [datetime.date(2001, 9, 30), datetime.date(2001, 10, 31)]
    """
    last = last_whole_month(until - timedelta(days=horizon))
    return [months_before(last, ago - 1) - timedelta(days=1) for ago in reversed(range(months))]


def wilson(hits: int, of: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % interval of a share (E. B. Wilson, JASA 1927).

    >>> [round(end, 4) for end in wilson(3, 10)]
    [0.1078, 0.6032]
    """
    middle = (hits + z * z / 2) / (of + z * z)
    wide = z / (of + z * z) * math.sqrt(hits * (of - hits) / of + z * z / 4)
    return max(0.0, middle - wide), min(1.0, middle + wide)


def median_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """The 95 % interval of a median, by order statistics; None for fewer than six values.

    >>> median_interval([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    (2.0, 9.0)
    """
    if len(values) < 6:
        return None
    ranked = np.sort(np.asarray(values, dtype=float))
    place = int(binom.ppf(0.025, len(ranked), 0.5)) - 1
    return float(ranked[place]), float(ranked[-1 - place])


def _usable(views: Views, days: Sequence[date], horizon: int) -> tuple[list[date], date, list[str]]:
    """The days with a whole horizon after them in the record, the last one's end, and what was left out."""
    ahead = timedelta(days=horizon)
    asked = sorted(days)
    last = views(date.max).latest_day() if asked else None
    usable = [day for day in asked if last is not None and day + ahead <= last]
    if last is None or not usable:
        raise BadInput(
            f"no day to judge warnings on: each needs {horizon} days after it, and the last fact is of"
            f" {last}; earlier days or a shorter horizon work"
        )
    notes = [
        f"left out {day}: the record ends on {last}, before {day + ahead}" for day in asked[len(usable) :]
    ]
    return usable, usable[-1] + ahead, notes


def _fates(outcome: View, kind: str, day: date, horizon: int, share: float) -> pd.DataFrame:
    """Each node of a kind that is judged on a day: `id`, and `lost` where that was within the horizon."""
    until = day + timedelta(days=horizon)
    known = {"day": day, "until": until, "share": share, "least": LEAST_LINES}
    text = FATES[kind]
    found = outcome.sql(text, {name: value for name, value in known.items() if f"${name}" in text})
    lost = pd.to_datetime(found["lost"])
    return found.assign(kind=kind, lost=lost.where(lost <= pd.Timestamp(until)))


def _judged(rule: Rule, rows: pd.DataFrame, rules: int) -> dict[str, object]:
    """The rule's row of the scorecard, from its nodes on all days."""
    rows = rows.sort_values(["id", "day"], kind="stable")
    days = sorted(rows["day"].unique())
    number = rows["day"].map({day: place for place, day in enumerate(days)})
    again = (rows["stood"].groupby(rows["id"]).shift(fill_value=False)) & (
        number.groupby(rows["id"]).diff() == 1
    )
    first = rows[rows["stood"] & ~again]
    lost = rows["lost"].notna()
    told, followed = len(first), int(first["lost"].notna().sum())
    base = float(lost.mean()) if len(rows) else float("nan")
    found: dict[str, object] = {
        "rule": rule.id, "kind": rule.kind, "warnings": told, "followed": followed, "precision": None,
        "low": None, "high": None, "base_rate": base, "lift": None, "recall": None, "lead_days": None,
        "lead_low": None, "lead_high": None, "says": f"unknown: {told} warnings, {FEWEST} are needed",
    }  # fmt: skip
    return found if told < FEWEST else {**found, **_figures(first, rows, followed, base, rules)}


def _figures(
    first: pd.DataFrame, rows: pd.DataFrame, followed: int, base: float, rules: int
) -> dict[str, object]:
    low, high = wilson(followed, len(first))
    precision = followed / len(first)
    lost = rows["lost"].notna()
    leads = (first["lost"] - first["day"]).dt.days.dropna().to_list()
    ends = median_interval(leads)
    return {
        "precision": precision,
        "low": low,
        "high": high,
        "lift": precision / base if base > 0 else None,
        "recall": float((rows["stood"] & lost).sum() / lost.sum()) if lost.any() else None,
        "lead_days": float(np.median(leads)) if leads else None,
        "lead_low": ends[0] if ends else None,
        "lead_high": ends[1] if ends else None,
        "says": _says(followed, len(first), base, rules),
    }


def _says(followed: int, told: int, base: float, rules: int) -> str:
    """Two one-sided binomial tests at 2.5 % ÷ rules judged: of many rules one looks good by luck."""
    level = 0.025 / rules
    if binom.sf(followed - 1, told, base) <= level:
        return "better than chance"
    return "worse than chance" if binom.cdf(followed, told, base) <= level else "not told from chance"
