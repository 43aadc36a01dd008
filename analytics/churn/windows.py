"""Windows of time: who was active at each one's start, what was known of them, and who left by its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.calendar import look_back
from analytics.churn.features import features
from analytics.churn.labels import Views, labels
from analytics.churn.model import Labels
from analytics.csr import Floats

WINDOWS = 4
"""Windows looked back over. Eight months: enough leavers for a small feed, recent enough to hold."""
LEAST_WINDOWS = 3
ENOUGH = 30_000
"""Leavers with whom a fourth window would tell nothing more: one to train, one to tune, one to judge."""
MOST_ROWS = 300_000
"""Rows a model is fitted to; beyond them stayers are drawn, and each drawn one stands for several."""


@dataclass(frozen=True, eq=False)
class Window:
    """Members active at `day`, what was known of them, and who of them left within the horizon."""

    day: date
    frame: pd.DataFrame
    left: Labels


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows to fit to: `weight` says how many members a row stands for."""

    frame: pd.DataFrame
    left: Labels
    weight: Floats

    @property
    def clusters(self) -> pd.Series:
        """The account of each row; a member without one is its own."""
        return self.frame["account_id"].fillna(pd.Series(self.frame.index, self.frame.index))


def labelled(views: Views, as_of: date, horizon: int, most: int = WINDOWS) -> dict[date, pd.Series]:
    """Labels by the day of their features, oldest first: the newest two windows and, before them, as
    many as `most` allows while each has somebody leaving (a record begins some time) and they are not
    ENOUGH yet.
    """
    found: list[tuple[date, pd.Series]] = []
    day = as_of
    while len(found) < most:
        day = look_back(day, horizon)
        known = labels(views, day, horizon)
        if len(found) >= 2 and not known.any():
            break
        found.append((day, known))
        if len(found) >= LEAST_WINDOWS and sum(int(left.sum()) for _, left in found) >= ENOUGH:
            break
    return dict(reversed(found))


def window(views: Views, day: date, known: pd.Series) -> Window:
    """The features, as of `day`, of the members whose label is known."""
    return Window(day, features(views(day)).reindex(known.index), known.to_numpy(np.bool_))


def together(windows: Sequence[Window], most: int = MOST_ROWS, seed: int = 1) -> Rows:
    """The rows of several windows, at most about so many: all leavers, and stayers by lot."""
    frame = pd.concat([w.frame for w in windows])
    left = np.concatenate([w.left for w in windows])
    weight = np.ones(len(frame))
    if len(frame) > most:
        chance = max(most - left.sum(), 1) / max(int((~left).sum()), 1)
        kept = left | (np.random.default_rng(seed).random(len(frame)) < chance)
        weight = np.where(left, 1.0, 1 / chance)[kept]
        frame, left = frame[kept], left[kept]
    return Rows(frame, left, weight)


def described(known: Mapping[date, pd.Series], horizon: int) -> dict[str, object]:
    """What the run's notes say of the windows."""
    return {
        "horizon_days": horizon,
        "windows": [
            {
                "features_as_of": day.isoformat(),
                "labels_until": (day + timedelta(days=horizon)).isoformat(),
                "members": len(left),
                "leavers": int(left.sum()),
            }
            for day, left in known.items()
        ],
    }
