"""The plain churn score: logistic regression on standardised features, with an interval.

L2 penalty; a missing value takes the feature's median and is marked by an indicator beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression

from analytics.csr import Floats

Labels = npt.NDArray[np.bool_]

PENALTY = 1.0
EVENTS = 10
"""Leavers for each feature (P. Peduzzi et al. 1996); below it weights are held back in proportion."""
REACH = 3.0
"""Standard deviations beyond which a value counts no further. A sign that one in 200 shows lies fourteen
from the mean; uncut, the few who show it would take the top of the list on hardly any evidence."""
RESAMPLES = 30
WIDTH = 0.9
FEWEST_RESAMPLES = 10
FEWEST_OTHERS = 10
"""Rows that must differ from the commonest value: two open cases, one of a leaver, are no evidence."""


@dataclass(frozen=True, eq=False)
class Scaling:
    """How a frame becomes a matrix: columns, then indicators of the `gaps` columns, all standardised."""

    columns: tuple[str, ...]
    gaps: tuple[str, ...]
    medians: Floats
    means: Floats
    spreads: Floats

    def matrix(self, frame: pd.DataFrame) -> Floats:
        """Shape (rows, columns + gaps), float64."""
        plain = _with_gaps(frame, self.columns, self.gaps, self.medians)
        scaled: Floats = np.clip((plain - self.means) / self.spreads, -REACH, REACH)
        return scaled

    def owner(self) -> list[str]:
        """The feature that each column of the matrix belongs to."""
        return [*self.columns, *self.gaps]


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted model: `weights` (one per column of the scaling's matrix) and `intercept`, in log odds."""

    scaling: Scaling
    weights: Floats
    intercept: float
    kind: str = field(default="logistic", init=False)

    @property
    def base(self) -> float:
        """Log odds of a member with the mean of every feature; contributions add to it."""
        return self.intercept

    @property
    def columns(self) -> tuple[str, ...]:
        """The features it reads."""
        return self.scaling.columns

    def odds(self, frame: pd.DataFrame) -> Floats:
        """Log odds per row."""
        result: Floats = self.scaling.matrix(frame) @ self.weights + self.intercept
        return result

    def chance(self, frame: pd.DataFrame) -> Floats:
        """Probability per row, 0 to 1."""
        return chances(self.scaling.matrix(frame), self.weights, self.intercept)

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """What each feature adds to a row's log odds compared with the average member."""
        parts = pd.DataFrame(self.scaling.matrix(frame) * self.weights, index=frame.index)
        return parts.T.groupby(self.scaling.owner(), sort=False).sum().T


def varying(
    frame: pd.DataFrame, features: Sequence[str], fewest: int = FEWEST_OTHERS
) -> tuple[list[str], dict[str, str]]:
    """The features worth fitting, and why the others are not: without data, or hardly ever different."""
    kept, dropped = [], {}
    for feature in features:
        values = frame[feature]
        others = len(values) - int(values.value_counts(dropna=False).max())
        if values.isna().all():
            dropped[feature] = "no data"
        elif others < fewest:
            dropped[feature] = f"the same for all but {others} members" if others else "the same for all"
        else:
            kept.append(feature)
    return kept, dropped


def scaling(frame: pd.DataFrame, columns: Sequence[str]) -> Scaling:
    """Learn medians, means and spreads. `columns` must vary in `frame`; see `varying`."""
    gaps = tuple(column for column in columns if frame[column].isna().any())
    medians = frame[list(columns)].median().to_numpy(np.float64)
    plain = _with_gaps(frame, columns, gaps, medians)
    spreads = plain.std(axis=0)
    return Scaling(tuple(columns), gaps, medians, plain.mean(axis=0), np.where(spreads > 0, spreads, 1.0))


def fit(frame: pd.DataFrame, left: Labels, columns: Sequence[str], weight: Floats | None = None) -> Model:
    """Fit on rows with both labels present; `weight` counts a row so many times."""
    scale = scaling(frame, columns)
    weights, intercept = _solve(scale.matrix(frame), left, np.ones(len(frame)) if weight is None else weight)
    return Model(scale, weights, intercept)


def resampled(
    model: Model,
    frame: pd.DataFrame,
    left: Labels,
    clusters: pd.Series,
    scored: pd.DataFrame,
    seed: int = 1,
    weight: Floats | None = None,
) -> Floats:
    """Chances of `scored` under models refitted to resamples of whole clusters; shape (rows, resamples).

    Members of one account are not independent, so accounts are drawn, not members. Fewer columns come
    back where a resample had nobody who left, and none if that was the rule.
    """
    rng = np.random.default_rng(seed)
    matrix, target = model.scaling.matrix(frame), model.scaling.matrix(scored)
    number, names = pd.factorize(clusters, use_na_sentinel=False)
    counted = np.ones(len(frame)) if weight is None else weight
    found = []
    for _ in range(RESAMPLES):
        drawn = counted * np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))[number]
        if drawn[left].any() and drawn[~left].any():
            found.append(chances(target, *_solve(matrix, left, drawn)))
    if len(found) < FEWEST_RESAMPLES:
        return np.zeros((len(scored), 0))
    return np.stack(found, axis=1)


def interval(value: Floats, resamples: Floats) -> tuple[Floats, Floats]:
    """The 90 % interval of the resamples, widened where need be to hold the value; NaN without any."""
    if not resamples.shape[1]:
        return np.full(len(value), np.nan), np.full(len(value), np.nan)
    low, high = np.quantile(resamples, [(1 - WIDTH) / 2, (1 + WIDTH) / 2], axis=1)
    return np.minimum(low, value), np.maximum(high, value)


def chances(matrix: Floats, weights: Floats, intercept: float) -> Floats:
    """The logistic function of the log odds."""
    odds = np.clip(matrix @ weights + intercept, -30, 30)
    result: Floats = 1 / (1 + np.exp(-odds))
    return result


def _solve(matrix: Floats, left: Labels, weight: Floats) -> tuple[Floats, float]:
    used = weight > 0
    rare = min(float(weight[left].sum()), float(weight[~left].sum()))
    strength = PENALTY * min(1.0, rare / (EVENTS * matrix.shape[1]))
    # Few columns and many rows: a handful of Newton steps beats hundreds of short gradient ones.
    found = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=100)
    found.fit(matrix[used], left[used], sample_weight=weight[used])
    return found.coef_[0], float(found.intercept_[0])


def _with_gaps(frame: pd.DataFrame, columns: Sequence[str], gaps: Sequence[str], medians: Floats) -> Floats:
    values = frame[list(columns)].to_numpy(np.float64)
    missing = frame[list(gaps)].isna().to_numpy(np.float64)
    return np.hstack([np.where(np.isnan(values), medians, values), missing])
