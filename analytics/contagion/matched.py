"""The dynamic matched sample (Aral, Muchnik, Sundararajan, PNAS 2009): exposed beside their likes.

In each month every exposed member is put beside the unexposed whose contract was as
near its end, who were as likely to leave, and whose chance
of being exposed, by all that is known of them, was nearly the same. What is left of the ratio is an upper
bound on influence: likeness that nobody recorded is still in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression

from analytics.contagion.hazard import PERIOD, clusters
from analytics.contagion.likeness import design, levels, prognosis
from analytics.contagion.ratios import NO_RATIO, Ratio

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

CALIPER = 0.2
"""Standard deviations of the logit (Austin 2011)."""
CLASSES = (
    "tenure",
    "degree",
    "in_degree",
    "contract",
    "arrears",
    "account_loss",
    "partner_loss",
    "region_loss",
)
COUNTS = ("out_past", "in_past")
BESIDE = 10
"""Rows that must be near an exposed one; fewer do not tell the risk of those like it."""
BANDS = 5
"""Classes of members by their prognosis, within which they are matched."""


@dataclass(frozen=True)
class Matched:
    """Risk among the matched exposed over that among those beside them; how many rows found nobody."""

    ratio: Ratio
    pairs: int
    unmatched: int


def matched(rows: pd.DataFrame, score: Floats | None = None, turns: int = 200, seed: int = 0) -> Matched:
    """Match within PERIOD weeks, contracts and bands of the prognosis on the propensity of exposure.

    Interval by resampling accounts. `score` is `likeness.prognosis` of the rows; worked out if not given.
    """
    score = prognosis(rows) if score is None else score
    exposed = rows["out"].to_numpy() > 0
    if not 0 < exposed.sum() < len(rows):
        return Matched(Ratio(*NO_RATIO, 0), 0, int(exposed.sum()))
    weight = rows["weight"].to_numpy(float)
    logit = propensity(rows, exposed, score)
    alike = rows["contract"].to_numpy(np.int64) * BANDS + levels(score, weight, BANDS)
    group = rows["week"].to_numpy(np.int64) // PERIOD * (int(alike.max()) + 1) + alike
    share = beside(group, exposed, rows["left"].to_numpy(bool), logit, weight, CALIPER * float(logit.std()))
    pairs = int((exposed & (share > 0)).sum())
    return Matched(_ratio(rows, exposed, share, turns, seed), pairs, int(exposed.sum()) - pairs)


def propensity(rows: pd.DataFrame, exposed: Bools, score: Floats) -> Floats:
    """Logit of being exposed, by classes, likeness, prognosis and neighbours gone before; shape (rows,)."""
    counts = np.log1p(rows[list(COUNTS)].to_numpy(float))
    time = rows["week"].to_numpy(np.int64) // PERIOD
    periods = (time[:, None] == np.unique(time)[1:]).astype(float)
    table = np.column_stack([design(rows, CLASSES), counts, score, periods])
    model = LogisticRegression(C=100.0, solver="newton-cholesky")
    model.fit(table, exposed, sample_weight=rows["weight"].to_numpy(float))
    return np.asarray(model.decision_function(table), dtype=np.float64)


def beside(group: Ints, exposed: Bools, left: Bools, logit: Floats, weight: Floats, caliper: float) -> Floats:
    """How much each row counts, shape (rows,), once every exposed row is put beside all unexposed rows
    of its group (four weeks, a contract class and a band) whose logit is no further than the caliper
    (radius matching, Dehejia and Wahba 2002).

    An exposed row counts its weight, or 0 where fewer than BESIDE are that near; those beside it share as
    much, in proportion to their weights. Only those who stayed are counted for that: all who left are
    among the rows, but a part of the others, so that few rows would make leaving look frequent.
    """
    share = np.zeros(len(group))
    order = np.lexsort((logit, group))
    for part in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        treated, control = part[exposed[part]], part[~exposed[part]]
        first = np.searchsorted(logit[control], logit[treated] - caliper, side="left")
        after = np.searchsorted(logit[control], logit[treated] + caliper, side="right")
        stayed = np.concatenate([[0], np.cumsum(~left[control])])
        some = stayed[after] - stayed[first] >= BESIDE
        treated, first, after = treated[some], first[some], after[some]
        share[treated] = weight[treated]
        upto = np.concatenate([[0.0], np.cumsum(weight[control])])
        each = weight[treated] / (upto[after] - upto[first])
        size = len(control) + 1
        over = np.cumsum(np.bincount(first, each, size) - np.bincount(after, each, size))[:-1]
        share[control] = weight[control] * np.where(over < 1e-12, 0.0, over)
    return share


def _ratio(rows: pd.DataFrame, exposed: Bools, share: Floats, turns: int, seed: int) -> Ratio:
    """Accounts are resampled with all their rows, a weight from Poisson(1) each."""
    rng = np.random.default_rng(seed)
    left = rows["left"].to_numpy(bool)
    group = clusters(rows)
    top = np.bincount(group, share * (left & exposed))
    bottom = np.bincount(group, share * (left & ~exposed))
    cases = int((left & (share > 0)).sum())
    if not top.sum() or not bottom.sum():
        return Ratio(*NO_RATIO, cases)
    times = rng.poisson(1.0, (turns, len(top)))
    logs = np.log((times @ top + 1e-3) / (times @ bottom + 1e-3))
    low, high = np.exp(np.quantile(logs, (0.025, 0.975)))
    return Ratio(float(top.sum() / bottom.sum()), float(low), float(high), cases)
