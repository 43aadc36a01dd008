"""Ratios of risks: plain, and within strata. Rows are person-weeks; weights say for how many each stands.

Cases are never sampled, so their number is exact and carries the variance; weights move only the
numbers at risk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Ratio:
    """A ratio with its 95 % interval; NaN throughout where it cannot be formed.

    `cases` is the departures that it rests on.
    """

    estimate: float
    low: float
    high: float
    cases: int

    @classmethod
    def of_log(cls, log: float, error: float, cases: int) -> Ratio:
        """From the logarithm and its standard error."""
        return cls(
            float(np.exp(log)), float(np.exp(log - Z95 * error)), float(np.exp(log + Z95 * error)), cases
        )


NO_RATIO = (float("nan"), float("nan"), float("nan"))


def naive(exposed: Bools, left: Bools, weight: Floats) -> Ratio:
    """Risk among the exposed over risk among the others; interval by the log method (Katz et al. 1978):
    var ln RR = 1/a − 1/n₁ + 1/b − 1/n₀.
    """
    return stratified(np.zeros(len(left), np.int64), exposed, left, weight)


def stratified(strata: npt.NDArray[np.integer], exposed: Bools, left: Bools, weight: Floats) -> Ratio:
    """Mantel–Haenszel ratio of risks over strata (numbers from 0, shape (n,)):

        RR = Σ aₖn₀ₖ/Nₖ ÷ Σ bₖn₁ₖ/Nₖ,

    a and b the exposed and unexposed who left, n₁ and n₀ those at risk. Variance of ln RR by Greenland
    and Robins, Biometrics 1985: Σ[(a+b)n₁n₀ − abN]/N² ÷ (R·S). For one stratum both are the plain ones.
    """
    return sums(strata, exposed, left, weight).ratio()


@dataclass(frozen=True)
class Sums:
    """What a ratio of risks over strata is made of; those of different strata add up."""

    above: float = 0.0
    below: float = 0.0
    spread: float = 0.0
    cases: int = 0

    def __add__(self, other: Sums) -> Sums:
        above, below = self.above + other.above, self.below + other.below
        return Sums(above, below, self.spread + other.spread, self.cases + other.cases)

    def ratio(self) -> Ratio:
        """The Mantel–Haenszel ratio with its interval."""
        if self.above <= 0 or self.below <= 0:
            return Ratio(*NO_RATIO, self.cases)
        log = float(np.log(self.above / self.below))
        return Ratio.of_log(log, float(np.sqrt(self.spread / (self.above * self.below))), self.cases)


def sums(strata: npt.NDArray[np.integer], exposed: Bools, left: Bools, weight: Floats | None = None) -> Sums:
    """The sums of `stratified` for these rows, all of weight 1 if none are given."""
    size = int(strata.max(initial=-1)) + 1
    a = np.bincount(strata, left & exposed, size)
    b = np.bincount(strata, left & ~exposed, size)
    n1 = np.bincount(strata, exposed if weight is None else weight * exposed, size)
    n0 = np.bincount(strata, ~exposed if weight is None else weight * ~exposed, size)
    return counted(*(np.asarray(count, np.float64) for count in (a, b, n1, n0)))


def counted(a: Floats, b: Floats, n1: Floats, n0: Floats) -> Sums:
    """The same from counts by stratum: exposed and unexposed who left, and who were at risk."""
    both = (n1 > 0) & (n0 > 0)
    a, b, n1, n0 = a[both], b[both], n1[both], n0[both]
    total = n1 + n0
    spread = float((((a + b) * n1 * n0 - a * b * total) / total**2).sum())
    return Sums(float((a * n0 / total).sum()), float((b * n1 / total).sum()), spread, int(a.sum() + b.sum()))


def strata_of(rows: pd.DataFrame, columns: Sequence[str]) -> npt.NDArray[np.int64]:
    """A number from 0 for each combination of the columns' values."""
    return np.asarray(rows.groupby(list(columns), sort=False).ngroup(), dtype=np.int64)
