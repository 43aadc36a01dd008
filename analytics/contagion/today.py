"""Members and ties on one day, as the study sees the eve of a month: what losses are carried forward on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from scipy import sparse

from analytics.contagion.spread import CAUSAL
from analytics.contagion.study import Reader
from analytics.contagion.verdict import Verdict
from analytics.frames import active, day_of
from graph.asof import View

Floats = npt.NDArray[np.float64]

LATELY = 182
"""Days over which the plain rate of leaving is taken."""
BOUNDS = ("hazard, reversed ties held", "hazard within account")


@dataclass(frozen=True, eq=False)
class Today:
    """The members active on the day (`keys`), their ties (n × n, from caller to called) and the weekly rate
    at which members left lately.
    """

    keys: pd.Index
    ties: sparse.csr_array
    rate: float


def today(view: View) -> Today:
    """As of the view's day; ties of the last whole months, as `study` reads them."""
    here = active(view).cast(pa.string())
    month = Reader(here).month(view)
    found = view.sql(
        """SELECT count(*) FILTER ("left" > $since) AS gone,
                  sum(datediff('day', greatest(joined, $since::DATE), least(coalesce("left", $day), $day)))
                    FILTER ("left" IS NULL OR "left" > $since) AS days
           FROM members WHERE joined IS NOT NULL""",
        {"since": day_of(view) - timedelta(days=LATELY), "day": day_of(view)},
    ).iloc[0]
    days = 0.0 if pd.isna(found["days"]) else float(found["days"])
    rate = 7 * float(found["gone"]) / days if days > 0 else 0.0
    return Today(pd.Index(here.to_pylist()), month.ties, min(rate, 0.5))


def weekly(chance: Floats, days: int) -> Floats:
    """The weekly hazard that gives the chance of leaving within so many days."""
    return np.asarray(-np.expm1(np.log1p(-np.clip(chance, 0.0, 0.999)) * 7 / days))


def bound(found: Verdict) -> float:
    """The smallest of a verdict's adjusted hazard ratios, and no less than the causal one."""
    if found.table.empty:
        return CAUSAL
    told = found.table.set_index("method")["estimate"].reindex(list(BOUNDS)).astype(float)
    return max(CAUSAL, float(told.min())) if told.notna().any() else CAUSAL
