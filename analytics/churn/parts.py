"""A score taken apart: how much of it is due to the line itself, its network, contract and service.

In log odds: score = base + Σ parts, exactly; a part is the sum of its features' contributions. In
chances, with p = σ(score), p₀ = σ(base) and L = score - base: a part's points are part · (p - p₀) / L,
so that p = p₀ + Σ points, exactly; where L is 0, (p - p₀) / L is its limit p₀ · (1 - p₀).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.churn.catalogue import PART, PartOf
from analytics.csr import Floats

PARTS = tuple(part.value for part in PartOf)
SMALL = 1e-9


def log_odds(contributions: pd.DataFrame) -> pd.DataFrame:
    """Per row the sum of each part's contributions, in log odds; columns PARTS."""
    found = {
        part: contributions[[name for name in contributions.columns if PART[str(name)] == part]].sum(axis=1)
        for part in PARTS
    }
    return pd.DataFrame(found, index=contributions.index)


def points(parts: pd.DataFrame, base: float) -> pd.DataFrame:
    """The parts in chances, 0 to 1, and `base`: each row adds up to σ(base + Σ parts)."""
    total = parts.sum(axis=1).to_numpy(np.float64)
    least = _chance(np.array([base]))[0]
    steep = np.where(
        np.abs(total) < SMALL,
        least * (1 - least),
        (_chance(base + total) - least) / np.where(np.abs(total) < SMALL, 1.0, total),
    )
    return (parts.mul(steep, axis=0)).assign(base=least)


def sentences(found: pd.DataFrame) -> list[str]:
    """Such as: 57.0 % = 4.0 base + 20.0 own + 25.0 network + 5.0 contract + 3.0 service.

    Tenths of a point that rounding leaves over go to the largest part, so that what is printed adds up.
    """
    tenths = np.rint(found[list(PARTS)].to_numpy(np.float64) * 1000).astype(np.int64)
    base = np.rint(found["base"].to_numpy(np.float64) * 1000).astype(np.int64)
    whole = np.rint(found[[*PARTS, "base"]].sum(axis=1).to_numpy(np.float64) * 1000).astype(np.int64)
    rows = np.arange(len(found))
    tenths[rows, np.argmax(np.abs(tenths), axis=1)] += whole - base - tenths.sum(axis=1)
    return [
        f"{total / 10:.1f} % = {low / 10:.1f} base"
        + "".join(
            f" {'-' if part < 0 else '+'} {abs(part) / 10:.1f} {name}"
            for name, part in zip(PARTS, row, strict=True)
        )
        for total, low, row in zip(whole.tolist(), base.tolist(), tenths.tolist(), strict=True)
    ]


def _chance(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))))
