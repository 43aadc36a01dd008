"""Which model a run scores with: trees where they foretell the tuning window better, else logistic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss

from analytics.churn.boosted import SETTINGS, Boosted, grow
from analytics.churn.calibration import line
from analytics.churn.model import Labels, Model, fit, resampled
from analytics.churn.windows import Rows, Window, together
from analytics.csr import Floats

Scorer = Model | Boosted

FEWEST_FOR_TREES = 300
"""Leavers in the training windows below which trees are not tried."""
FEWEST_TO_TUNE = 50
"""Leavers in the tuning window below which two models cannot be told apart."""
TREE_RESAMPLES = 12
RESAMPLED_ROWS = 50_000
HASTE = 4
"""How many times fewer and larger steps the trees of a resample take; they only tell how far scores vary."""


@dataclass(frozen=True)
class Choice:
    """`kind` of model, its rounds and calibration where it is trees, and the words for why."""

    kind: str
    why: str
    rounds: int = 0
    slope: float = 1.0
    intercept: float = 0.0


def chosen(windows: Sequence[Window], columns: Sequence[str]) -> tuple[Choice, Scorer | None]:
    """Fit both kinds to all windows but the last, compare them on the last by log loss.

    Also gives the winner as fitted to the earlier windows, for judging; None where nothing was compared.
    """
    if len(windows) < 2:
        return Choice("logistic", "too few windows to tune trees"), None
    earlier, tuning = together(windows[:-1]), windows[-1]
    counts = int(earlier.left.sum()), int(tuning.left.sum())
    if counts[0] < FEWEST_FOR_TREES or counts[1] < FEWEST_TO_TUNE:
        words = (
            f"{counts[0]} leavers to train and {counts[1]} to tune trees;"
            f" {FEWEST_FOR_TREES} and {FEWEST_TO_TUNE} are needed"
        )
        return Choice("logistic", words), None
    plain = fit(earlier.frame, earlier.left, columns, earlier.weight)
    trees = grow(earlier.frame, earlier.left, columns, (tuning.frame, tuning.left), weight=earlier.weight)
    trees = trees.calibrated(*line(trees.raw(tuning.frame), tuning.left))
    losses = _loss(plain.odds(tuning.frame), tuning.left), _loss(trees.odds(tuning.frame), tuning.left)
    words = f"log loss on the window from {tuning.day}: logistic {losses[0]:.5f}, trees {losses[1]:.5f}"
    if losses[1] < losses[0]:
        return Choice("boosted", words, trees.rounds, trees.slope, trees.intercept), trees
    return Choice("logistic", words), plain


def _loss(odds: Floats, left: Labels) -> float:
    """Log loss after the calibration that both kinds are given."""
    slope, intercept = line(odds, left)
    return float(log_loss(left, 1 / (1 + np.exp(-np.clip(slope * odds + intercept, -30, 30)))))


def fitted(choice: Choice, rows: Rows, columns: Sequence[str]) -> Scorer:
    """The chosen kind of model, fitted to rows."""
    if choice.kind == "logistic":
        return fit(rows.frame, rows.left, columns, rows.weight)
    trees = grow(rows.frame, rows.left, columns, rounds=choice.rounds, weight=rows.weight)
    return trees.calibrated(choice.slope, choice.intercept)


def spread(scorer: Scorer, windows: Sequence[Window], rows: Rows, scored: pd.DataFrame) -> Floats:
    """Chances of the scored rows under models refitted to accounts drawn with replacement.

    Shape (rows, resamples); no columns where too few resamples had anybody who left.
    """
    if isinstance(scorer, Model):
        return resampled(scorer, rows.frame, rows.left, rows.clusters, scored, weight=rows.weight)
    few = together(windows, RESAMPLED_ROWS)
    number, names = np.unique(few.clusters.astype(str), return_inverse=True)[::-1]
    rng = np.random.default_rng(1)
    drawn = []
    for draw in range(TREE_RESAMPLES):
        counts = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))[number]
        kept = counts > 0
        rounds = max(1, scorer.rounds // HASTE)
        again = grow(
            few.frame[kept], few.left[kept], scorer.columns, rounds=rounds,
            weight=(few.weight * counts)[kept], seed=draw + 1, pace=HASTE * SETTINGS["learning_rate"],
        )  # fmt: skip
        drawn.append(scorer.chance_of(again.raw(scored)))
    found = np.stack(drawn, axis=1)
    # Hasty trees tell how far chances vary, not where they lie.
    centred = found * (scorer.chance(scored) / found.mean(axis=1))[:, None]
    return np.asarray(np.minimum(centred, 1.0))
