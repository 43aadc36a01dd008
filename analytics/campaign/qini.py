"""How well a score ranks people by what a contact changes, from a randomised campaign."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.csr import Floats, Ints

DRAWS = 200


@dataclass(frozen=True, eq=False)
class Curve:
    """By depth (1 to n, of the ranking): `gain`, good outcomes more among those so far, per member of the
    whole. `qini` is the mean height above the straight line to the end, `auuc` the mean height itself, each
    with its 95 % interval by resampling clusters.
    """

    depth: Ints
    gain: Floats
    qini: float
    qini_low: float
    qini_high: float
    auuc: float
    auuc_low: float
    auuc_high: float


def curve(
    score: Floats,
    good: Floats,
    treat: npt.NDArray[np.bool_],
    cluster: Ints,
    seed: int = 0,
    draws: int = DRAWS,
) -> Curve:
    """The uplift curve of a score: at depth k, (mean of the treated - mean of the control) · k / n.

    Ranks by falling score, equal ones together: within a tie the curve is a straight line. N. Radcliffe,
    "Using control groups to target on predicted lift", 2007; in the form by means of P. Gutierrez, J.-Y.
    Gérardy, 2017, which needs no arms of equal size. `good` is 1 for what is wanted, so 1 - left for
    leaving. Where one arm has nobody yet, 0.
    """
    gain = gains(score, good, treat, np.ones(len(good)))
    rng, found = np.random.default_rng(seed), []
    _, group = np.unique(cluster, return_inverse=True)
    count = int(group.max(initial=-1)) + 1
    for _ in range(draws):
        weight = np.bincount(rng.integers(0, count, count), minlength=count)[group].astype(float)
        some = gains(score, good, treat, weight)
        found.append(areas(some, weight[np.argsort(-score, kind="stable")]))
    low, high = np.percentile(found, [2.5, 97.5], axis=0)
    qini, auuc = areas(gain, np.ones(len(good)))
    return Curve(
        np.arange(1, len(good) + 1), gain, qini, float(low[0]), float(high[0]), auuc, float(low[1]),
        float(high[1]),
    )  # fmt: skip


def gains(score: Floats, good: Floats, treat: npt.NDArray[np.bool_], weight: Floats) -> Floats:
    """The curve's heights by depth; `weight` counts each row so many times."""
    order = np.argsort(-score, kind="stable")
    ranked, given, good, weight = score[order], treat[order], good[order], weight[order]
    upto = np.cumsum(weight)
    treated, control = np.cumsum(weight * given), np.cumsum(weight * ~given)
    means = [
        np.divide(np.cumsum(weight * part * good), size, out=np.zeros(len(good)), where=size > 0)
        for part, size in ((given, treated), (~given, control))
    ]
    height = np.where((treated > 0) & (control > 0), (means[0] - means[1]) * upto / max(upto[-1], 1e-12), 0.0)
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    heights: Floats = np.interp(upto, np.append(0.0, upto[last]), np.append(0.0, height[last]))
    return heights


def areas(gain: Floats, weight: Floats) -> tuple[float, float]:
    """Mean height above the straight line, and mean height, over the depth (0 to 1) by trapezes."""
    share = np.append(0.0, np.cumsum(weight) / weight.sum())
    height = np.append(0.0, gain)
    auuc = float(np.trapezoid(height, share))
    return auuc - height[-1] / 2, auuc
