"""Gradient-boosted trees (LightGBM), repeatable, with a calibration fitted on days they have not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from scipy import sparse

from analytics.churn.model import Labels
from analytics.csr import Floats, Ints

SETTINGS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.06,
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    "lambda_l2": 5.0,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": 1,
    "verbose": -1,
}
ROUNDS = 300
PATIENCE = 30
"""Rounds without a better log loss on the tuning days after which growing stops."""
FEWEST_PER_LEAF = 5
ROWS = 50_000
"""Rows whose leaves are looked at together, which bounds the memory."""


@dataclass(frozen=True, eq=False)
class Boosted:
    """Trees as text, so that they can be kept with the run, and how their sum becomes log odds.

    Log odds are `intercept + slope · raw`, where raw is the sum of the trees.
    """

    columns: tuple[str, ...]
    text: str
    rounds: int
    slope: float = 1.0
    intercept: float = 0.0
    kind: str = field(default="boosted", init=False)

    @cached_property
    def _trees(self) -> lgb.Booster:
        return lgb.Booster(model_str=self.text)

    @cached_property
    def _paths(self) -> Paths:
        return paths(self._trees, len(self.columns))

    @property
    def base(self) -> float:
        """Log odds of the mean of the rows that the trees were grown on; contributions add to it."""
        return self.intercept + self.slope * self._paths.root

    def raw(self, frame: pd.DataFrame) -> Floats:
        """The sum of the trees per row."""
        return np.asarray(self._trees.predict(_matrix(frame, self.columns), raw_score=True))

    def odds(self, frame: pd.DataFrame) -> Floats:
        """Calibrated log odds per row."""
        return self.intercept + self.slope * self.raw(frame)

    def chance(self, frame: pd.DataFrame) -> Floats:
        """Probability per row, 0 to 1."""
        return self.chance_of(self.raw(frame))

    def chance_of(self, raw: Floats) -> Floats:
        """Probability that goes with a sum of trees."""
        result: Floats = 1 / (1 + np.exp(-np.clip(self.intercept + self.slope * raw, -30, 30)))
        return result

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """What each feature adds to a row's log odds, beside `base`; see `paths`."""
        found = np.zeros((len(frame), len(self.columns)))
        for start in range(0, len(frame), ROWS):
            leaf = np.asarray(
                self._trees.predict(_matrix(frame.iloc[start : start + ROWS], self.columns), pred_leaf=True)
            )
            reached = (leaf.reshape(len(leaf), -1) + self._paths.first).astype(np.int32)
            ends = np.arange(0, reached.size + 1, reached.shape[1])
            shape = (len(leaf), len(self._paths.added))
            hit = sparse.csr_array((np.ones(reached.size), reached.ravel(), ends), shape=shape)
            found[start : start + ROWS] = np.asarray(hit @ self._paths.added)
        return pd.DataFrame(self.slope * found, frame.index, list(self.columns))

    def calibrated(self, slope: float, intercept: float) -> Boosted:
        """The same trees with another calibration."""
        return replace(self, slope=slope, intercept=intercept)


@dataclass(frozen=True, eq=False)
class Paths:
    """`added[l, f]`: what the splits on feature f on the way to leaf l add; leaves of all trees, those of
    tree t from `first[t]` on. `root` is the sum of the trees' means.
    """

    added: Floats
    first: Ints
    root: float


def paths(trees: lgb.Booster, features: int) -> Paths:
    """What each split adds: the mean of its child less its own mean, over the rows the trees were grown on
    (A. Saabas, 2014). Along a path this adds up to the leaf less the root, exactly; TreeSHAP, which weighs
    every order of the features, does so too at ten times the cost.
    """
    nodes = trees.trees_to_dataframe().sort_values(["tree_index", "node_depth"], ascending=[True, False])
    up = dict(zip(nodes["node_index"], nodes["parent_index"], strict=True))
    split = dict(zip(nodes["node_index"], nodes["split_feature"], strict=True))
    value = dict(zip(nodes["node_index"], nodes["value"], strict=True))
    count = dict(zip(nodes["node_index"], nodes["count"], strict=True))
    total: dict[str, float] = {}
    for node, parent in up.items():  # the deepest first, so that a node's leaves are summed up already
        whole = total.setdefault(node, value[node] * count[node])
        if isinstance(parent, str):
            total[parent] = total.get(parent, 0.0) + whole
    mean = {node: total[node] / count[node] if split[node] is not None else value[node] for node in up}
    leaves = [node for node in up if "L" in node]
    number = pd.Series([int(node.split("-L")[1]) for node in leaves])
    tree = pd.Series([int(node.split("-")[0]) for node in leaves])
    many = tree.value_counts().sort_index().to_numpy()
    first = np.concatenate([[0], np.cumsum(many)[:-1]]).astype(np.int64)
    added = np.zeros((len(leaves), features))
    for place, leaf in zip(first[tree] + number, leaves, strict=True):
        node = leaf
        while isinstance(parent := up[node], str):
            added[place, int(str(split[parent]).removeprefix("Column_"))] += mean[node] - mean[parent]
            node = parent
    root = sum(mean[node] for node, parent in up.items() if not isinstance(parent, str))
    return Paths(added, first, float(root))


def grow(
    frame: pd.DataFrame,
    left: Labels,
    columns: Sequence[str],
    later: tuple[pd.DataFrame, Labels] | None = None,
    rounds: int = ROUNDS,
    weight: Floats | None = None,
    seed: int = 1,
    pace: float = SETTINGS["learning_rate"],
) -> Boosted:
    """Grow trees on rows with both labels present; with `later` rows, until they are foretold no better.

    `weight` counts a row so many times. The same rows, columns and seed give the same trees.
    """
    leaf = min(SETTINGS["min_data_in_leaf"], max(FEWEST_PER_LEAF, len(frame) // 100))
    told = {**SETTINGS, "seed": seed, "min_data_in_leaf": leaf, "learning_rate": pace}
    data = lgb.Dataset(_matrix(frame, columns), left.astype(np.float64), weight=weight, free_raw_data=True)
    calls: list[Callable[..., Any]] = []
    valid: list[lgb.Dataset] = []
    if later is not None:
        valid = [lgb.Dataset(_matrix(later[0], columns), later[1].astype(np.float64), reference=data)]
        calls = [lgb.early_stopping(PATIENCE, verbose=False)]
    trees = lgb.train(told, data, rounds, valid_sets=valid, callbacks=calls)
    best = trees.best_iteration if trees.best_iteration > 0 else rounds
    return Boosted(tuple(columns), trees.model_to_string(num_iteration=best), best)


def _matrix(frame: pd.DataFrame, columns: Sequence[str]) -> Floats:
    return frame[list(columns)].to_numpy(np.float64)
