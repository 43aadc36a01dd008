"""The shuffle test and the edge-reversal test (Anagnostopoulos, Kumar, Mahdian, KDD 2008).

Influence works in order of time and along arrows; likeness knows neither. So the effect of neighbours
who left should vanish when departure times are dealt out anew, and weaken when arrows are reversed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from analytics.contagion.hazard import clusters
from analytics.contagion.panel import MEMORY, NEVER, Study, weeks_since
from graph.progress import Progress

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

ROUNDS = 25
MOST = 20
"""Neighbours gone from which on more are counted as so many."""


@dataclass(frozen=True, eq=False)
class Shuffle:
    """The coefficient as observed, those after permuting, and how often one was as large.

    `p` = (1 + permuted ≥ observed) ÷ (1 + permutations).
    """

    observed: float
    permuted: Floats
    p: float
    cases: int


@dataclass(frozen=True)
class Reversal:
    """ln odds ratio by out-neighbours less that by in-neighbours, both in one model; 95 % interval."""

    outgoing: float
    incoming: float
    low: float
    high: float
    p: float
    """Share of resampled differences at or below 0, one-sided."""

    @property
    def difference(self) -> float:
        return self.outgoing - self.incoming


def shuffle(
    study: Study, within: Ints | None = None, permutations: int = 99, seed: int = 0,
    progress: Progress | None = None,
) -> Shuffle:  # fmt: skip
    """Compare the coefficient of ln(1 + neighbours gone in five weeks) with those after permuting the
    departure times among leavers there from the start; only within the groups `within` (n,), if given.
    """
    rng = np.random.default_rng(seed)
    leavers = np.flatnonzero(study.left != NEVER)
    ties = _towards(study, leavers)
    movable = leavers[study.joined[leavers] <= study.months[0].day]
    movable = movable[study.left[movable] > study.months[0].day]
    group = np.zeros(len(movable), np.int64) if within is None else within[movable]
    cells = _counted(study, ties, leavers, study.left)
    observed = _slope(cells)
    permuted = np.empty(permutations)
    for turn in range(permutations):
        left = _dealt(study.left, movable, group, rng)
        permuted[turn] = _slope(_counted(study, ties, leavers, left))
        if progress:
            progress("shuffling departure times", turn + 1, permutations)
    as_large = int((permuted >= observed).sum())
    cases = int(cells[:, 1].sum())
    return Shuffle(observed, permuted, (1 + as_large) / (1 + permutations), cases)


def _towards(study: Study, leavers: Ints) -> list[sparse.csc_array]:
    """Each month's ties, by target, towards those who ever leave: nobody else is ever counted."""
    return [sparse.csc_array(month.ties[:, leavers]) for month in study.months]


def _dealt(left: Ints, movable: Ints, group: Ints, rng: np.random.Generator) -> Ints:
    """Departure times dealt out anew within each group."""
    dealt = left.copy()
    before = movable[np.argsort(group, kind="stable")]
    after = movable[np.lexsort((rng.random(len(group)), group))]
    dealt[after] = left[before]
    return dealt


def _counted(study: Study, ties: list[sparse.csc_array], leavers: Ints, left: Ints) -> Floats:
    """(MOST + 1, 2): person-weeks at risk and departures by the number of neighbours gone.

    Looks only at those with somebody gone; the others are what is left of the whole.
    """
    cells = np.zeros((MOST + 1, 2))
    days = [month.day for month in study.months]
    joined, ended = np.sort(study.joined), np.sort(np.maximum(left, study.joined))
    for day in study.weeks:
        month = int(np.searchsorted(days, day, side="right")) - 1
        ago = weeks_since(left[leavers], int(day))
        recent = np.flatnonzero((ago > 0) & (ago <= MEMORY))
        gone = np.bincount(_callers(ties[month], recent), minlength=len(left))
        who = np.flatnonzero(gone)
        count = gone[who]
        risk = (study.joined[who] <= day) & (left[who] > day)
        who, count = who[risk], np.minimum(count[risk], MOST)
        cells[:, 0] += np.bincount(count, minlength=MOST + 1)
        cells[:, 1] += np.bincount(count[left[who] <= day + 7], minlength=MOST + 1)
        here = np.searchsorted(joined, day, side="right") - np.searchsorted(ended, day, side="right")
        goes = (study.joined[leavers] <= day) & (left[leavers] > day) & (left[leavers] <= day + 7)
        cells[0] += here - len(who), goes.sum() - (left[who] <= day + 7).sum()
    return cells


def _callers(ties: sparse.csc_array, targets: Ints) -> Ints:
    """The sources of all ties towards the targets, one after the other."""
    first, count = ties.indptr[targets], ties.indptr[targets + 1] - ties.indptr[targets]
    shift = np.repeat(first - np.cumsum(count) + count, count)
    return np.asarray(ties.indices[shift + np.arange(len(shift))], dtype=np.int64)


def _slope(cells: Floats) -> float:
    design = np.column_stack([np.ones(len(cells)), np.log1p(np.arange(len(cells)))])
    return float(logit(design, cells[:, 0], cells[:, 1])[1])


def logit(design: Floats, trials: npt.NDArray[Any], cases: npt.NDArray[Any]) -> Floats:
    """Coefficients of a logistic regression on counted cells: design (m, k), trials and cases (m,).

    A little ridge (1e-6) keeps a cell without cases from sending its coefficient away.
    """
    beta = np.zeros(design.shape[1])
    beta[0] = np.log((cases.sum() + 0.5) / (trials.sum() - cases.sum() + 0.5))
    ridge = 1e-6 * np.eye(len(beta))
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        information = (design * (trials * chance * (1 - chance))[:, None]).T @ design
        step = np.linalg.solve(information + ridge, design.T @ (cases - trials * chance) - ridge @ beta)
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return beta


def reversal(rows: pd.DataFrame, turns: int = 200, seed: int = 0) -> Reversal:
    """Neighbours gone along arrows against neighbours gone against them, resampled by account.

    Both counts enter one logistic regression: with most ties going both ways each alone would stand
    for the other. Every account's weight is drawn from Poisson(1) anew in each turn.
    """
    rng = np.random.default_rng(seed)
    cells = _cells(rows)
    design = np.column_stack([np.ones(len(cells.out)), np.log1p(cells.out), np.log1p(cells.back)])
    estimate = logit(design, cells.trials.sum(axis=0), cells.cases.sum(axis=0))
    drawn = np.empty(turns)
    for turn in range(turns):
        times = rng.poisson(1.0, cells.trials.shape[0]).astype(float)
        beta = logit(design, np.asarray(times @ cells.trials), np.asarray(times @ cells.cases))
        drawn[turn] = beta[1] - beta[2]
    low, high = np.quantile(drawn, (0.025, 0.975))
    p = float((1 + (drawn <= 0).sum()) / (1 + turns))
    return Reversal(float(estimate[1]), float(estimate[2]), float(low), float(high), p)


@dataclass(frozen=True, eq=False)
class _Cells:
    """Person-weeks and departures by account (rows) and by both counts (columns)."""

    out: Ints
    back: Ints
    trials: sparse.csr_array
    cases: sparse.csr_array


def _cells(rows: pd.DataFrame) -> _Cells:
    out = np.minimum(rows["out"].to_numpy(np.int64), MOST)
    back = np.minimum(rows["in"].to_numpy(np.int64), MOST)
    kind, code = np.unique(out * (MOST + 1) + back, return_inverse=True)
    ends = (clusters(rows), code)
    trials = sparse.csr_array((rows["weight"].to_numpy(float), ends))
    cases = sparse.csr_array((rows["left"].to_numpy(float), ends), shape=trials.shape)
    return _Cells(kind // (MOST + 1), kind % (MOST + 1), trials, cases)
