"""How long lines stay: a life table by class of account and months since joining."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from analytics.csr import Floats, Ints
from analytics.frames import day_of
from graph.asof import View

TENURES = 60
"""Months since joining told apart; all later ones are one."""
LONGEST = 600
"""Months since joining that are counted one by one before they are put together; beyond, as of the last."""
DAYS = 30.4375
YEAR = 365
PRIOR = 50.0
"""Member-months of the wider group that a cell borrows, so that one with few lines says little alone."""


@dataclass(frozen=True, eq=False)
class LifeTable:
    """Chance of leaving within the month, by class and month since joining."""

    classes: tuple[str, ...]
    hazard: Floats
    """(classes, TENURES + 1)"""
    at_risk: Floats
    left: Floats

    def rows(self, classes: pd.Series) -> Ints:
        """The row of each class; an unknown one has that of "", over all."""
        place = {name: number for number, name in enumerate(self.classes)}
        return np.asarray(classes.map(place).fillna(place[""]), dtype=np.int64)

    def survival(self, class_: str) -> Floats:
        """Kaplan and Meier's product: the part still here at the end of each month since joining."""
        return np.asarray(np.cumprod(1 - self.hazard[self.classes.index(class_)]))


def life_table(view: View, days: int = YEAR) -> LifeTable:
    """From the lines seen in the `days` before the view's day, each from its tenure at their start on.

    Actuarial estimate with delayed entry (E. Kaplan and P. Meier, JASA 1958, section 2; J. Klein and
    M. Moeschberger, Survival Analysis, 2003, ch. 4 and 5): hazard = departures ÷ lines at risk, of which
    those that enter or are lost to view within the month count half; drawn towards the wider group's by
    PRIOR member-months. The class "" is all lines together. A line said to have left before it joined, as
    sources do say, left within its first month.
    """
    found = view.sql(_SPELLS, {"day": day_of(view), "start": day_of(view) - timedelta(days=days)})
    classes = ("", *sorted(set(found["class"]) - {""}))
    of_class = [found if name == "" else found[found["class"] == name] for name in classes]
    n = np.stack([_at_risk(rows) for rows in of_class])
    d = np.stack([_left(rows) for rows in of_class])
    level = d[0].sum() / max(n[0].sum(), 1e-9)
    overall = (d[0] + PRIOR * level) / (n[0] + PRIOR)
    hazard = (d + PRIOR * overall) / (n + PRIOR)
    hazard[0] = overall
    return LifeTable(classes, np.clip(hazard, 0, 1), n, d)


_SPELLS = f"""
WITH homes AS (
  SELECT s.source, coalesce(a.class, '') AS class
  FROM memberships s JOIN accounts a ON a.account_id = s.target
  QUALIFY row_number() OVER (PARTITION BY s.source ORDER BY s.since DESC NULLS LAST, s.target) = 1),
spells AS (
  SELECT coalesce(h.class, '') AS class, coalesce(joined, known_from) AS joined, "left",
         least(coalesce("left", $day), $day) AS over
  FROM members LEFT JOIN homes h ON h.source = member_id
  WHERE coalesce("left", $day) >= $start AND coalesce(joined, known_from) <= $day)
SELECT class, least({LONGEST}, greatest(0, floor(datediff('day', joined, over) / {DAYS})))::INTEGER AS ended,
       least({LONGEST}, greatest(-1, floor(datediff('day', joined, $start) / {DAYS})))::INTEGER AS entered,
       "left" IS NOT NULL AS gone, count(*) AS lines
FROM spells GROUP BY ALL ORDER BY ALL"""


def _left(rows: pd.DataFrame) -> Floats:
    gone = rows[rows["gone"].astype(bool)]
    return _folded(_counted(gone["ended"], gone["lines"]))


def _at_risk(rows: pd.DataFrame) -> Floats:
    """Lines × months, by month since joining."""
    entered, ended, lines = rows["entered"], rows["ended"], rows["lines"]
    there = np.cumsum(_counted(entered.clip(lower=0), lines) - _counted(ended + 1, lines))
    late, lost = entered >= 0, ~rows["gone"].astype(bool)
    halves = _counted(entered[late], lines[late]) + _counted(ended[lost], lines[lost])
    return _folded(np.maximum(there - 0.5 * halves, 0.0))


def _counted(month: pd.Series, lines: pd.Series) -> Floats:
    counts = np.bincount(month.to_numpy(np.int64), lines.to_numpy(float), LONGEST + 2)
    return np.asarray(counts, dtype=np.float64)


def _folded(by_month: Floats) -> Floats:
    return np.append(by_month[:TENURES], by_month[TENURES:].sum())
