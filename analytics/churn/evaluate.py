"""How good a churn score is on members and days it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
import pandas as pd
from sklearn.metrics import brier_score_loss, roc_auc_score

from analytics.churn.model import Labels, fit
from analytics.csr import Floats

TOP = 0.1


def out_of_time(
    frame: pd.DataFrame, left: Labels, later: pd.DataFrame, later_left: Labels, columns: Sequence[str]
) -> dict[str, object]:
    """Fit on one window, judge on a later one: see `figures`."""
    return figures(fit(frame, left, columns).chance(later), later_left)


def figures(chance: Floats, left: Labels) -> dict[str, object]:
    """`auc`, `lift_10`, `brier`, `base_rate`, `members`, `leavers`. Both outcomes must be present."""
    return {
        "auc": round(float(roc_auc_score(left, chance)), 4),
        "lift_10": round(lift(chance, left), 4),
        "brier": round(float(brier_score_loss(left, chance)), 5),
        "base_rate": round(float(left.mean()), 5),
        "members": len(left),
        "leavers": int(left.sum()),
    }


def lift(chance: Floats, left: Labels, top: float = TOP) -> float:
    """Share of leavers among the `top` part with the highest scores over their share among all.

    >>> lift(np.array([0.9, 0.1, 0.2, 0.3]), np.array([True, False, False, True]), top=0.25)
    2.0
    """
    first = np.argsort(-chance, kind="stable")[: ceil(top * len(chance))]
    return float(left[first].mean() / left.mean())
