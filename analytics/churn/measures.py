"""How good a churn score is on members and days it has not seen: each measure with its interval.

Members of one account are not independent, so intervals draw whole accounts with replacement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from empulse.metrics import empb_score, empc_score
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from analytics.churn.calibration import line
from analytics.churn.model import Labels
from analytics.csr import Floats

DRAWS = 200
WIDTH = 0.9
TOPS = (0.01, 0.05, 0.10)
ACCEPTED = 0.30
"""γ: share of true leavers who take the offer and stay (6/20, Janssens et al.)."""
OFFER = 0.05
"""δ: the offer's cost as a share of the line's value."""
CONTACT = 15.0
"""f: cost of contacting one line, in the unit of values."""
VALUE_MONTHS = 24
"""Months of the present bill that a line is worth, where nobody says better."""


@dataclass(frozen=True, eq=False)
class Judged:
    """Rows a model is judged on: its log odds, who left, each one's account and value (all shape (n,))."""

    odds: Floats
    left: Labels
    account: pd.Series
    value: Floats

    @property
    def chance(self) -> Floats:
        """Probability per row, 0 to 1."""
        result: Floats = 1 / (1 + np.exp(-np.clip(self.odds, -30, 30)))
        return result


def measured(rows: Judged, draws: int = DRAWS, seed: int = 1) -> dict[str, float]:
    """Every measure by name, and `<name>_low`, `<name>_high` of those with a 90 % interval.

    Both outcomes must be present. `empc_share` and `empb_share` are the shares to contact.
    """
    found = _plain(rows)
    for name, drawn in drawn_measures(rows, draws, seed).items():
        low, high = np.quantile(drawn, [(1 - WIDTH) / 2, (1 + WIDTH) / 2])
        found[f"{name}_low"], found[f"{name}_high"] = float(low), float(high)
    return found


def _plain(rows: Judged) -> dict[str, float]:
    left, chance = rows.left, rows.chance
    slope, intercept = line(rows.odds, left)
    told: dict[str, Any] = {"clv": rows.value, "incentive_fraction": OFFER, "contact_cost": CONTACT}
    numbers = left.astype(int)
    return {
        "auc": float(roc_auc_score(left, chance)),
        "auprc": float(average_precision_score(left, chance)),
        "base_rate": float(left.mean()),
        "brier": float(brier_score_loss(left, chance)),
        "slope": slope,
        "intercept": intercept,
        **{f"lift_{round(100 * top)}": lift(chance, left, top) for top in TOPS},
        "empc": float(empc_score(numbers, chance)),
        "empc_share": float(empc_score.optimal_rate(numbers, chance)),
        "empb": float(empb_score(numbers, chance, **told)),
        "empb_share": float(empb_score.optimal_rate(numbers, chance, **told)),
        "members": len(left),
        "leavers": int(left.sum()),
    }


def drawn_measures(rows: Judged, draws: int = DRAWS, seed: int = 1) -> dict[str, Floats]:
    """AUC, lifts and EMPB under accounts drawn with replacement: the same draws for the same seed."""
    account = rows.account.fillna(pd.Series(rows.account.index.astype(str), rows.account.index))
    number, names = pd.factorize(account)
    rng = np.random.default_rng(seed)
    ranked = _Ranked(rows, number)
    found: dict[str, list[float]] = {name: [] for name in ranked.figures}
    for _ in range(draws):
        counts = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))
        weight = counts[ranked.number].astype(np.float64)
        if (weight * ranked.left).sum() and (weight * ~ranked.left).sum():
            for name, figure in ranked.figures.items():
                found[name].append(figure(weight))
    return {name: np.array(values) for name, values in found.items()}


class _Ranked:
    """Rows in the order of their scores, so that a draw needs no sorting."""

    def __init__(self, rows: Judged, number: np.ndarray) -> None:
        order = np.argsort(-rows.odds, kind="stable")
        self.left = rows.left[order]
        self.number = number[order]
        self.tie = np.unique(-rows.odds[order], return_inverse=True)[1]
        self.gain = gains(rows.left, rows.value)[order]
        self.figures: dict[str, Callable[[Floats], float]] = {
            "auc": self.auc,
            **{f"lift_{round(100 * top)}": partial(self.lift, top=top) for top in TOPS},
            "empb": self.empb,
        }

    def auc(self, weight: Floats) -> float:
        """Chance that a leaver stands above a stayer, ties counting half (Mann and Whitney 1947)."""
        left = np.bincount(self.tie, weight * self.left)
        stay = np.bincount(self.tie, weight * ~self.left)
        below = stay.sum() - np.cumsum(stay) + stay / 2
        return float((left * below).sum() / (left.sum() * stay.sum()))

    def lift(self, weight: Floats, top: float) -> float:
        """As `lift`, rows counted by weight."""
        whole = weight.sum()
        inside = np.clip(ceil(top * whole) - np.cumsum(weight) + weight, 0, weight)
        return float((inside * self.left).sum() / inside.sum() / ((weight * self.left).sum() / whole))

    def empb(self, weight: Floats) -> float:
        """As `empb_score`, rows counted by weight."""
        return float(max(0.0, np.cumsum(weight * self.gain).max()) / weight.sum())


def gains(left: Labels, value: Floats) -> Floats:
    """What contacting each one brings: γ(1-δ)V - f for a leaver, -(δV + f) for one who stays.

    The contact is charged for everybody contacted, as empulse does since 0.13.
    """
    return np.where(left, ACCEPTED * (1 - OFFER) * value - CONTACT, -OFFER * value - CONTACT)


def lift(chance: Floats, left: Labels, top: float = 0.1) -> float:
    """Share of leavers among the `top` part with the highest scores over their share among all.

    >>> lift(np.array([0.9, 0.1, 0.2, 0.3]), np.array([True, False, False, True]), top=0.25)
    2.0
    """
    first = np.argsort(-chance, kind="stable")[: ceil(top * len(chance))]
    return float(left[first].mean() / left.mean())


def figures(chance: Floats, left: Labels) -> dict[str, object]:
    """What a run's notes say: `auc`, `lift_10`, `brier`, `slope`, `base_rate`, `members`, `leavers`.

    Both outcomes must be present.
    """
    odds = np.log(np.clip(chance, 1e-12, 1 - 1e-12) / np.clip(1 - chance, 1e-12, 1))
    return {
        "auc": round(float(roc_auc_score(left, chance)), 4),
        "lift_10": round(lift(chance, left), 4),
        "brier": round(float(brier_score_loss(left, chance)), 5),
        "slope": round(line(odds, left)[0], 3),
        "base_rate": round(float(left.mean()), 5),
        "members": len(left),
        "leavers": int(left.sum()),
    }


def worth(frame: pd.DataFrame) -> Floats:
    """What each line is worth: VALUE_MONTHS of its last bill, else of its plan's fee, else of the median."""
    bill = frame["bill_last"].fillna(frame["plan_fee"])
    typical = bill.median()
    return (
        VALUE_MONTHS
        * bill.fillna(typical if pd.notna(typical) else 200 / VALUE_MONTHS).clip(lower=0).to_numpy()
    )
