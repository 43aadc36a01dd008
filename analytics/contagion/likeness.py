"""How alike a member is to those who leave, by what was known before: own traits, the neighbours', and how
many of them were gone long before.

Alike members know each other, so what is known of neighbours tells what is not known of oneself.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from sklearn.linear_model import LogisticRegression

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FAR = 3.0
"""Standard deviations beyond which a trait counts no further."""
DOUBT = 3.0
"""Neighbours that stand for the mean of all, beside the member's own."""
CLASSES = ("tenure", "degree", "in_degree", "contract", "arrears")
LEVELS = 8
"""Classes of members by their prognosis."""


def acquainted(ties: sparse.csr_array, known: sparse.csr_array) -> sparse.csr_array:
    """Whoever was in touch, either way, now or by `known`: entries of 1, shape (n, n)."""
    both = sparse.csr_array(ties + known)
    both = sparse.csr_array(both + both.T)
    both.data = np.ones(both.nnz, np.float32)
    return both


def likeness(
    known: sparse.csr_array, gone: Bools, account: Ints, traits: Floats | None
) -> npt.NDArray[np.float32]:
    """(n, 3 + 4f): the share gone among neighbours, among their neighbours and in the account, drawn to
    the mean where there are few; then every trait, its mean over neighbours, over theirs and over the
    account, in standard deviations.

    `known` and `gone` must tell nothing later than what the rows beside them may know.
    """
    n = len(gone)
    degree = np.maximum(np.diff(known.indptr), 1).astype(np.float32)
    left = gone.astype(np.float32)
    mean = float(left.mean())
    first = known @ left
    parts = [(first + DOUBT * mean) / (degree + DOUBT), (known @ first) / np.maximum(known @ degree, 1)]
    parts.append(_of_account(account, left, mean))
    for trait in (np.empty((n, 0)) if traits is None else traits).T:
        own = _standard(trait)
        near = (known @ own) / degree
        parts += [own, near, (known @ near) / degree, _of_account(account, own, 0.0)]
    return np.column_stack(parts).astype(np.float32)


def _standard(trait: Floats) -> npt.NDArray[np.float32]:
    """Less its mean, over its deviation; 0 where unknown."""
    known = np.isfinite(trait)
    if not known.any():
        return np.zeros(len(trait), np.float32)
    spread = float(trait[known].std())
    scaled = (trait - trait[known].mean()) / (spread or 1.0)
    return np.where(known, np.clip(scaled, -FAR, FAR), 0.0).astype(np.float32)


def _of_account(account: Ints, value: npt.NDArray[np.float32], mean: float) -> Floats:
    """The mean over the account, itself counted, drawn to the mean of all; that where it has none."""
    at = account >= 0
    size = int(account.max(initial=-1)) + 1
    if not size:
        return np.full(len(account), mean)
    total = np.bincount(account[at], value[at], size) + DOUBT * mean
    share = total / (np.bincount(account[at], minlength=size) + DOUBT)
    return np.where(at, share[account], mean)


def columns(rows: pd.DataFrame) -> list[str]:
    """The names of a panel's columns of likeness."""
    return [name for name in rows.columns if str(name).startswith("like_")]


def design(rows: pd.DataFrame, classes: tuple[str, ...] = CLASSES) -> Floats:
    """(rows, k): a column per level of each class but its first, and likeness in standard deviations."""
    parts = []
    for name in classes:
        values = rows[name].to_numpy(np.int64)
        parts += [(values == level).astype(float) for level in np.unique(values)[1:]]
    for name in columns(rows):
        values = rows[name].to_numpy(float)
        parts.append((values - values.mean()) / (float(values.std()) or 1.0))
    return np.column_stack(parts) if parts else np.zeros((len(rows), 1))


def prognosis(rows: pd.DataFrame) -> Floats:
    """(rows,): log odds of leaving in a week for somebody like that with no neighbour gone lately.

    The prognostic score of Hansen, Biometrika 2008: fitted to the unexposed alone, so that no part of an
    association with exposure is taken for likeness.
    """
    apart = rows["out"].to_numpy() == 0
    left = rows["left"].to_numpy(bool)
    if len(np.unique(left[apart])) < 2:
        return np.zeros(len(rows))
    table = design(rows)
    model = LogisticRegression(C=1.0, solver="newton-cholesky", max_iter=50)
    model.fit(table[apart], left[apart], sample_weight=rows["weight"].to_numpy(float)[apart])
    return np.asarray(model.decision_function(table), dtype=np.float64)


def levels(score: Floats, weight: Floats, count: int = LEVELS) -> npt.NDArray[np.int64]:
    """Classes from 0 of nearly as many rows each, by the score."""
    order = np.argsort(score, kind="stable")
    share = np.cumsum(weight[order]) / weight.sum()
    placed = np.empty(len(score), np.int64)
    placed[order] = np.minimum((share * count).astype(np.int64), count - 1)
    return placed
