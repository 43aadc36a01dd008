"""How figures are made comparable: trends, shares, and the spans of months they are taken over."""

from __future__ import annotations

from datetime import date

import pandas as pd

from analytics.frames import start_of
from graph.asof import View

SPANS = {"year": 12, "quarter": 3, "four": 4, "last": 1}


def months(view: View, *names: str) -> dict[str, object]:
    """The months after which a year, a quarter, four months and the last whole month begin."""
    found: dict[str, date] = {name: start_of(view, SPANS[name]) for name in names or SPANS}
    return dict(found)


def trend(last: pd.Series, before: pd.Series) -> pd.Series:
    """(last - before) ÷ (last + before): -1 to 1, 0 where both are nothing, NaN where one is unknown."""
    total = last + before
    return ((last - before) / total.where(total != 0)).fillna(0.0).mask(total.isna())


def share(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Part over whole, 0 where there is nothing to share, NaN where unknown."""
    return (part / whole.where(whole != 0)).fillna(0.0).mask(whole.isna())
