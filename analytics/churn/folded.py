"""Out-of-fold scores, where a source is a picture of one day and nothing can be judged on a later one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from analytics.churn.boosted import grow
from analytics.churn.calibration import line
from analytics.churn.model import Labels
from analytics.csr import Floats

FOLDS = 5


@dataclass(frozen=True, eq=False)
class Folded:
    """`odds` (n,): calibrated log odds of each row by trees that saw none of its cluster.

    `weight` by column: the mean size of its contributions to those odds, as a share of all.
    """

    odds: Floats
    weight: pd.Series


def out_of_fold(
    frame: pd.DataFrame, left: Labels, columns: Sequence[str], clusters: pd.Series, seed: int = 1
) -> Folded:
    """Score each fifth by trees grown on the others, of which a fifth stops and calibrates them.

    Rows of one cluster, such as an account, stay on one side. Both outcomes must be in every fifth.
    """
    odds, sizes = np.zeros(len(frame)), []
    for seen, held in _split(left, clusters, seed):
        grown, tuned = _split(left[seen], clusters.iloc[seen], seed)[0]
        grown, tuned = seen[grown], seen[tuned]
        later = frame.iloc[tuned], left[tuned]
        trees = grow(frame.iloc[grown], left[grown], columns, later, seed=seed)
        trees = trees.calibrated(*line(trees.raw(later[0]), later[1]))
        again = grow(frame.iloc[seen], left[seen], columns, rounds=trees.rounds, seed=seed)
        scorer = again.calibrated(trees.slope, trees.intercept)
        odds[held] = scorer.odds(frame.iloc[held])
        sizes.append(scorer.contributions(frame.iloc[held]).abs().sum())
    weight = pd.concat(sizes, axis=1).sum(axis=1)
    return Folded(odds, weight / weight.sum())


def _split(left: Labels, clusters: pd.Series, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    return list(folds.split(np.zeros(len(left)), left, clusters.to_numpy()))
