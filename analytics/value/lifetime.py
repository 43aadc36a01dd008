"""Customer lifetime value: the margin expected of a line over a horizon, discounted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.csr import Floats, Ints
from analytics.value.survival import DAYS
from graph.errors import BadInput


@dataclass(frozen=True)
class Terms:
    """What is declared, not measured; yuan a month are the record's."""

    margin: float = 0.5
    """Part of revenue that is left after what serving costs."""
    discount: float = 0.01
    """A month."""
    horizon: int = 36
    """Months counted; what may come later is left out."""

    def __post_init__(self) -> None:
        if not 0 <= self.discount < 1 or not 1 <= self.horizon <= 600 or not 0 <= self.margin <= 1:
            raise BadInput(
                f"lifetime value: margin {self.margin}, discount {self.discount}, horizon {self.horizon}; "
                "a margin of 0 to 1, a discount from 0 to below 1 and 1 to 600 months work"
            )


def lifetimes(row: Ints, tenure: Ints, hazard: Floats, terms: Terms, own: Floats, months: int) -> Floats:
    """Discounted months that each line is expected to stay: Σ over t = 0 … horizon − 1 of S(t) ÷ (1 + r)^t
    with S(t) = Π over u < t of (1 − h(u)).

    h(u) is the line's `own` monthly hazard in the first `months` months, where that is no NaN, and then
    that of its `row` of `hazard` (classes × months since joining, the last for all later ones). For one
    constant hazard and no end it is (1 + r) ÷ (1 + r − s), s = 1 − h (S. Gupta and D. Lehmann, Managing
    Customers as Investments, 2005). Times a monthly margin it is the value.
    """
    last = hazard.shape[1] - 1
    alive, total = np.ones(len(row)), np.zeros(len(row))
    for month in range(terms.horizon):
        total += alive / (1 + terms.discount) ** month
        then = hazard[row, np.minimum(tenure + month, last)]
        if month < months:
            then = np.where(np.isnan(own), then, own)
        alive = alive * (1 - then)
    return total


def monthly(chance: Floats, horizon_days: int) -> Floats:
    """The constant hazard of a month that makes this chance of leaving over so many days."""
    return np.asarray(1 - (1 - np.clip(chance, 0, 1 - 1e-12)) ** (DAYS / horizon_days))


def annuity(hazard: float, terms: Terms) -> float:
    """`lifetimes` for one constant hazard, in closed form."""
    q = (1 - hazard) / (1 + terms.discount)
    return float(terms.horizon if q == 1 else (1 - q**terms.horizon) / (1 - q))
