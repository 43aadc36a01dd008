"""Whether chances mean what they say, and how scores are made to.

Platt's scaling: log odds become a + b · score with a and b by logistic regression on rows that the score
has not seen (J. Platt, 1999). Slope and intercept of a score that already gives log odds are the measure
of calibration (D. Cox, 1958): 1 and 0 where chances mean what they say.
"""

from __future__ import annotations

import numpy as np

from analytics.churn.model import Labels
from analytics.csr import Floats

STEPS = 50
SMALLEST = 1e-9


def line(odds: Floats, left: Labels, weight: Floats | None = None) -> tuple[float, float]:
    """Slope and intercept of the logistic regression of `left` on log odds, by Newton's method.

    Both outcomes must be present. Log odds that are all the same have slope 1.
    """
    weight = np.ones(len(odds)) if weight is None else weight
    base = np.average(left, weights=weight)
    if np.ptp(odds) < SMALLEST:
        return 1.0, float(np.log(base / (1 - base)) - odds[0])
    design = np.column_stack([odds, np.ones(len(odds))])
    found = np.array([0.0, np.log(base / (1 - base))])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        heft = weight * np.maximum(chance * (1 - chance), SMALLEST)
        step = np.linalg.solve((design * heft[:, None]).T @ design, design.T @ (weight * (left - chance)))
        found = found + step
        if np.abs(step).max() < SMALLEST:
            break
    return float(found[0]), float(found[1])


def level(odds: Floats, left: Labels) -> float:
    """What to add to log odds so that as many leave as are expected to, by Newton's method."""
    added = 0.0
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(odds + added, -30, 30)))
        step = float((left - chance).sum() / np.maximum((chance * (1 - chance)).sum(), SMALLEST))
        added += float(np.clip(step, -2, 2))
        if abs(step) < SMALLEST:
            break
    return added
