"""The dynamic matched sample (Aral, Muchnik, Sundararajan, PNAS 2009): exposed beside their likes.

In each week every exposed member is put beside the unexposed whose chance of being exposed, by all that is
known of them, was nearly the same. What is left of the ratio is an upper bound on influence: likeness
that nobody recorded is still in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression

from analytics.contagion.hazard import clusters
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


@dataclass(frozen=True)
class Matched:
    """Risk among the matched exposed over that among those beside them; how many found nobody."""

    ratio: Ratio
    pairs: int
    unmatched: int


def matched(rows: pd.DataFrame, turns: int = 200, seed: int = 0) -> Matched:
    """Match within weeks on the propensity of exposure; interval by resampling accounts.

    Takes the panel's `drawn` rows only: those kept because they are cases would make leaving more
    frequent among the unexposed. An unexposed row may stand beside several exposed ones.
    """
    drawn = rows[rows["drawn"].to_numpy(bool)]
    exposed = drawn["out"].to_numpy() > 0
    if not 0 < exposed.sum() < len(drawn):
        return Matched(Ratio(*NO_RATIO, 0), 0, int(exposed.sum()))
    logit = propensity(drawn, exposed)
    weight = _chance_weight(drawn)
    week = drawn["week"].to_numpy(np.int64)
    share = beside(week, exposed, logit, weight, CALIPER * float(logit.std()))
    pairs = int((exposed & (share > 0)).sum())
    return Matched(_ratio(drawn, exposed, share, turns, seed), pairs, int(exposed.sum()) - pairs)


def propensity(rows: pd.DataFrame, exposed: Bools) -> Floats:
    """Logit of being exposed, by classes and by neighbours gone long before; shape (rows,)."""
    levels = pd.get_dummies(rows[list(CLASSES)].astype("category"), dtype=float)
    counts = np.log1p(rows[list(COUNTS)].to_numpy(float))
    time = pd.get_dummies(rows["week"].to_numpy(np.int64) // 4, dtype=float).to_numpy()
    design = np.column_stack([levels.to_numpy(), counts, time])
    model = LogisticRegression(C=100.0, solver="newton-cholesky")
    model.fit(design, exposed, sample_weight=_chance_weight(rows))
    return np.asarray(model.decision_function(design), dtype=np.float64)


def _chance_weight(rows: pd.DataFrame) -> Floats:
    """The sampling weight of a drawn row, also where it is a case: its week's and exposure's largest."""
    kind = [rows["week"], rows["out"] > 0]
    return rows["weight"].groupby(kind).transform("max").to_numpy(float)


def beside(week: Ints, exposed: Bools, logit: Floats, weight: Floats, caliper: float) -> Floats:
    """How much each row counts, shape (rows,), once every exposed row is put beside all unexposed rows
    of its week whose logit is no further than the caliper (radius matching, Dehejia and Wahba 2002).

    An exposed row counts its weight, or 0 where nobody is that near; those beside it share as much.
    """
    share = np.zeros(len(week))
    order = np.lexsort((logit, week))
    for part in np.split(order, np.flatnonzero(np.diff(week[order])) + 1):
        treated, control = part[exposed[part]], part[~exposed[part]]
        first = np.searchsorted(logit[control], logit[treated] - caliper, side="left")
        after = np.searchsorted(logit[control], logit[treated] + caliper, side="right")
        some = after > first
        treated, first, after = treated[some], first[some], after[some]
        share[treated] = weight[treated]
        each = weight[treated] / (after - first)
        size = len(control) + 1
        share[control] = np.cumsum(np.bincount(first, each, size) - np.bincount(after, each, size))[:-1]
    # Differences of sums leave dust where nothing is meant.
    return np.where(share < 1e-9, 0.0, share)


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
