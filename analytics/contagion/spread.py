"""What else is lost if somebody leaves, and whom to keep first: the hazard's figures carried forward.

An adjusted hazard ratio overstates: instruments put it near 1.03 where the adjusted one was 1.8 (Ferreira,
Telang, de Matos, JMIS 2019; docs/methods/contagion.md). Every figure therefore has two ends: what the causal
ratio would make of it, and what the adjusted one would.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from analytics.contagion.panel import MEMORY, TAU, strengths
from analytics.contagion.ratios import Z95
from analytics.kernels.cascades import simulate
from graph.errors import BadInput

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CAUSAL = 1.03
"""Hazard ratio that instrumented estimates leave of the adjusted one."""
HORIZON = 26
"""Weeks looked ahead."""
RUNS = (1000, 10_000)
"""Least and most plays; as many as PLAYED members allow, since a few kept are little beside chance."""
PLAYED = 10_000_000


@dataclass(frozen=True, eq=False)
class Protection:
    """Whom to keep first, and what that saves: `picked` with `rank`, `place`, `gain` (expected members or
    value saved beyond those before), and rows for `simulations` with both ends.
    """

    picked: pd.DataFrame
    simulations: pd.DataFrame


def chances(ties: sparse.csr_array, hazard: Floats, ratio: float) -> sparse.csr_array:
    """(n, n): at [i, j] the chance that j leaves within five weeks of i, beyond j's own.

    Σ over weeks of hazard of j · (ratio^(strength · exp(−week/τ)) − 1), strength of the tie from j to i;
    `ties` at [j, i], `hazard` (n,) a week. Raises BadInput for a ratio under 1, a hazard outside 0 to 1.
    """
    if not ratio >= 1:
        raise BadInput(f"a hazard ratio of {ratio}; what is lost by contagion needs one of at least 1")
    if len(hazard) and (hazard.min() < 0 or hazard.max() >= 1):
        raise BadInput("a weekly hazard outside 0 to 1")
    moved = sparse.csr_array(strengths(ties).T)
    weeks = np.exp(-np.arange(1, MEMORY + 1) / TAU)
    extra = sum((ratio ** (moved.data * week) - 1 for week in weeks), start=np.zeros(moved.nnz))
    data = np.minimum(hazard[moved.indices] * extra, 1.0)
    return sparse.csr_array((data, moved.indices, moved.indptr), shape=moved.shape)


def further(arcs: sparse.csr_array, value: Floats, horizon: int = HORIZON) -> tuple[Floats, Floats]:
    """Expected value lost with each member's leaving, beside its own: in one step, and over the horizon.

    The second adds the steps that fit in, MEMORY weeks each: Σ Pᵏ·value. It counts ways, not members, so that
    it is at least the expected loss, and hardly more where chances are small.
    """
    steps = max(1, horizon // MEMORY)
    first = np.asarray(arcs @ value)
    total, wave = first.copy(), first
    for _ in range(steps - 1):
        wave = np.asarray(arcs @ wave)
        total += wave
    return first, total


def further_loss(
    ties: sparse.csr_array, keys: Ints | pd.Index, hazard: Floats, adjusted: float,
    value: Floats | None = None, horizon: int = HORIZON,
) -> pd.DataFrame:  # fmt: skip
    """Rows for `scores`: what else is expected to be lost if the member leaves, over the horizon.

    Measure `further_loss` in members and, where a `value` (n,) is given, `further_loss_value` in its
    unit. `value` and `low` are at the causal ratio, `high` at the adjusted one; `reasons` say the one-step
    part. Members whose loss is nil are left out.
    """
    ends = [chances(ties, hazard, ratio) for ratio in (CAUSAL, max(CAUSAL, adjusted))]
    parts = []
    for measure, worth in (("further_loss", np.ones(len(hazard))), ("further_loss_value", value)):
        if worth is None:
            continue
        (_, low), (first, high) = (further(arcs, worth, horizon) for arcs in ends)
        some = np.flatnonzero(high > 0)
        told = [
            json.dumps([f"directly {part:.3g} of {whole:.3g} at a hazard ratio of {adjusted:.2f}"])
            for part, whole in zip(first[some], high[some], strict=True)
        ]
        parts.append(
            pd.DataFrame(
                {"kind": "Member", "id": np.asarray(keys)[some], "measure": measure, "value": low[some],
                 "low": low[some], "high": high[some], "reasons": told}
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def protect(
    ties: sparse.csr_array, hazard: Floats, adjusted: float, budget: int, value: Floats | None = None,
    horizon: int = HORIZON, runs: int | None = None, seed: int = 0,
) -> Protection:  # fmt: skip
    """Whom to keep first, so many as the budget says: greedily by the expected loss that keeping each avoids.

    A member kept does not leave within the horizon and moves nobody. What that saves is judged apart
    from the choice, by playing departures forward (`kernels.cascades`), against doing nothing, with 95 %
    intervals of the play; at the causal and at the adjusted ratio. Raises BadInput for a budget under 1.
    """
    if budget < 1:
        raise BadInput(f"a budget of {budget} members; it takes at least 1")
    if runs is None:
        runs = int(np.clip(PLAYED // max(len(hazard), 1), *RUNS))
    worth = np.ones(len(hazard)) if value is None else value
    own = -np.expm1(horizon * np.log1p(-hazard))
    arcs = chances(ties, hazard, max(CAUSAL, adjusted))
    picked = _greedy(arcs, own, worth, min(budget, len(own)), max(1, horizon // MEMORY))
    rows = []
    for name, ratio in (("causal", CAUSAL), ("adjusted", max(CAUSAL, adjusted))):
        moved = chances(ties, hazard, ratio)
        rows += _judged(name, moved, own, worth, picked["place"].to_numpy(np.int64), runs, seed)
    scenario = f"keep {len(picked)} members over {horizon} weeks"
    columns = ["scenario", "figure", "value", "low", "high"]
    return Protection(picked, pd.DataFrame(rows).assign(scenario=scenario)[columns])


def _greedy(arcs: sparse.csr_array, own: Floats, worth: Floats, budget: int, steps: int) -> pd.DataFrame:
    """The member with most chance of leaving × (its worth + what goes with it), and again without it."""
    turned = sparse.csr_array(arcs.T)
    open_ = np.ones(len(own))
    places, gains = [], []
    for _ in range(budget):
        leaving, lost = own * open_, worth * open_
        chance, total = leaving.copy(), lost.copy()
        for _ in range(steps):
            chance = np.minimum(leaving + (turned @ chance) * open_, 1.0)
            total = lost + (arcs @ total) * open_
        gain = chance * total
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            break
        places.append(best)
        gains.append(float(gain[best]))
        open_[best] = 0.0
    return pd.DataFrame({"rank": np.arange(1, len(places) + 1), "place": places, "gain": gains})


def _judged(
    name: str, arcs: sparse.csr_array, own: Floats, worth: Floats, kept: Ints, runs: int, seed: int
) -> list[dict[str, object]]:
    """Lost without and with keeping, and the difference, by play."""
    nothing = simulate(
        _from_outside(arcs, own), np.array([len(own)]), runs, seed, value=np.append(worth, 0.0)
    )
    left = own.copy()
    left[kept] = 0.0
    open_ = np.ones(len(own))
    open_[kept] = 0.0
    barred = sparse.csr_array((arcs.data * open_[arcs.indices], arcs.indices, arcs.indptr), shape=arcs.shape)
    some = simulate(
        _from_outside(barred, left), np.array([len(own)]), runs, seed + 1, value=np.append(worth, 0.0)
    )
    saved, error = nothing.mean - some.mean, float(np.hypot(nothing.error, some.error))
    figures = (
        ("lost, doing nothing", nothing.mean, nothing.error),
        ("lost, keeping them", some.mean, some.error),
        ("saved", saved, error),
    )
    return [
        {
            "figure": f"{figure} ({name} ratio)",
            "value": mean,
            "low": mean - Z95 * err,
            "high": mean + Z95 * err,
        }
        for figure, mean, err in figures
    ]


def _from_outside(arcs: sparse.csr_array, own: Floats) -> sparse.csr_array:
    """One more node, from which each member is reached with its own chance of leaving."""
    n = len(own)
    outside = sparse.csr_array((own, (np.zeros(n, np.int64), np.arange(n))), shape=(1, n))
    whole = sparse.vstack([arcs, outside], format="csr")
    return sparse.csr_array((whole.data, whole.indices, whole.indptr), shape=(n + 1, n + 1))
