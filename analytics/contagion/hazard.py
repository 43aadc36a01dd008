"""Hazards by the week: complementary log-log with covariates, and the same compared within strata.

ln(−ln(1−p)) = x·β, so that e^β is a hazard ratio; each departed neighbour adds strength · e^(−weeks/τ)
to x. Newton's method with Fisher's information; errors clustered (Liang and Zeger 1986).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ROUNDS = 40
CLOSE = 1e-9
FEW = 5
"""Departures below which a level of a factor joins the reference: its own coefficient would run away."""
PERIOD = 4
"""Weeks that share a level of the baseline."""
FACTORS = (
    "period", "tenure", "degree", "in_degree", "contract", "arrears", "account_loss", "partner_loss",
    "region_loss", "prognosis",
)  # fmt: skip
"""Classes of a panel that are held; those that a panel has not are left out."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Coefficients of the doses by name, their covariance, and the log-likelihood.

    `why_not` is empty, or one sentence on why there is no answer; then the figures are NaN.
    """

    names: tuple[str, ...]
    log_hr: Floats
    covariance: Floats
    log_likelihood: float
    cases: int
    why_not: str = ""

    def error(self, name: str) -> float:
        """Standard error of one coefficient."""
        place = self.names.index(name)
        return float(np.sqrt(self.covariance[place, place]))

    def of(self, name: str) -> float:
        return float(self.log_hr[self.names.index(name)])

    def difference(self, one: str, other: str) -> tuple[float, float]:
        """One coefficient less another, and the standard error of that."""
        contrast = np.array([(name == one) - float(name == other) for name in self.names])
        return float(contrast @ self.log_hr), float(np.sqrt(contrast @ self.covariance @ contrast))


def adjusted(rows: pd.DataFrame, doses: Sequence[str], factors: Sequence[str] = FACTORS) -> Fit:
    """Hazard ratios of `doses` in a panel, as logarithms, the factors held; clustered by account."""
    return fits(rows, {"": tuple(doses)}, factors)[""]


def fits(
    rows: pd.DataFrame, kinds: Mapping[str, tuple[str, ...]], factors: Sequence[str] = FACTORS
) -> dict[str, Fit]:
    """`adjusted` for several sets of doses, by name; what they share is worked out once."""
    left, weight = rows["left"].to_numpy(bool), rows["weight"].to_numpy(float)
    cells = _cells(rows, [name for name in factors if name == "period" or name in rows], left)
    cluster = clusters(rows)
    found: dict[str, Fit] = {}
    start: Floats | None = None
    for name, doses in kinds.items():
        dose = rows[list(doses)].to_numpy(float)
        if doses and np.linalg.matrix_rank(dose - dose.mean(axis=0)) < len(doses):
            why = f"{' and '.join(doses)} do not differ from each other or at all"
            found[name] = _failed(doses, int(left.sum()), why)
            continue
        fit = cloglog(Design(dose, cells.column, cells.of_row), left, weight, cluster, start)
        start = start if fit.why_not else fit.log_hr[len(doses) :]
        some = slice(0, len(doses))
        found[name] = (
            _failed(doses, fit.cases, fit.why_not)
            if fit.why_not
            else Fit(doses, fit.log_hr[some], fit.covariance[some, some], fit.log_likelihood, fit.cases)
        )
    return found


def clusters(rows: pd.DataFrame) -> Ints:
    """A number from 0 for each account; those without one stand for themselves."""
    account = rows["account"].to_numpy(np.int64)
    alone = account < 0
    number = np.where(alone, account.max(initial=-1) + 1 + rows["member"].to_numpy(np.int64), account)
    return np.unique(number, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Cells:
    """Combinations of factors that occur: their columns (the constant first), and each row's cell."""

    column: sparse.csr_array
    of_row: Ints


def _cells(rows: pd.DataFrame, factors: Sequence[str], left: Bools) -> _Cells:
    """Constant, and a column for each level of each factor but the reference; a row per combination."""
    codes, kept = [], []
    for name in factors:
        values = (
            rows["week"].to_numpy(np.int64) // PERIOD if name == "period" else rows[name].to_numpy(np.int64)
        )
        place, count = _levels(values, left)
        codes.append(place)
        kept.append(count)
    key = np.zeros(len(rows), np.int64)
    for place, count in zip(codes, kept, strict=True):
        key = np.unique(key * (count + 1) + place + 1, return_inverse=True)[1]
    _, first, of_row = np.unique(key, return_index=True, return_inverse=True)
    parts = [sparse.csr_array(np.ones((len(first), 1)))]
    for place, count in zip(codes, kept, strict=True):
        here = np.flatnonzero(place[first] >= 0)
        ends = (here, place[first][here])
        parts.append(sparse.csr_array((np.ones(len(here)), ends), shape=(len(first), count)))
    return _Cells(sparse.csr_array(sparse.hstack(parts, format="csr")), of_row.astype(np.int64))


def _levels(values: Ints, left: Bools) -> tuple[Ints, int]:
    """Each row's column among those of the factor, -1 for the reference; how many columns."""
    level, code = np.unique(values, return_inverse=True)
    cases = np.bincount(code, left, len(level))
    told = np.flatnonzero(cases >= FEW)
    told = told[told != (np.argmax(cases) if len(level) else -1)]
    place = np.full(len(level), -1)
    place[told] = np.arange(len(told))
    return place[code], len(told)


@dataclass(frozen=True, eq=False)
class Design:
    """Doses (n, d) beside columns that are the same for all rows of a cell: `shared` (cells, k), and each
    row's cell. A million rows have some thousand cells, and all sums over columns are over those.
    """

    dose: Floats
    shared: sparse.csr_array
    cell: Ints

    @classmethod
    def plain(cls, dose: Floats) -> Design:
        """With a constant as the only shared column."""
        return cls(dose, sparse.csr_array(np.ones((1, 1))), np.zeros(len(dose), np.int64))

    @property
    def width(self) -> int:
        return int(self.dose.shape[1] + self.shared.shape[1])

    def eta(self, beta: Floats) -> Floats:
        """(n,) the rows' sums."""
        own = self.dose.shape[1]
        return np.asarray(self.dose @ beta[:own] + (self.shared @ beta[own:])[self.cell])

    def total(self, row: Floats) -> Floats:
        """(width,) columns times a figure of each row, summed."""
        return np.concatenate([self.dose.T @ row, self.shared.T @ self._summed(row)])

    def inner(self, weight: Floats) -> Floats:
        """(width, width) sums of products of columns, weighted by row."""
        weighted = self.dose * weight[:, None]
        mixed = (
            np.column_stack([self.shared.T @ self._summed(column) for column in weighted.T])
            if (self.dose.shape[1])
            else np.empty((self.shared.shape[1], 0))
        )
        by_cell = self.shared.multiply(self._summed(weight)[:, None])
        own = np.asarray((self.shared.T @ sparse.csr_array(by_cell)).toarray())
        return np.block([[self.dose.T @ weighted, mixed.T], [mixed, own]])

    def by_cluster(self, row: Floats, cluster: Ints) -> Floats:
        """(clusters, width) columns times a figure of each row, summed by cluster."""
        size = int(cluster.max(initial=-1)) + 1
        of_dose = np.column_stack(
            [np.empty((size, 0)), *(np.bincount(cluster, row * column, size) for column in self.dose.T)]
        )
        ends = (cluster, self.cell)
        met = sparse.csr_array((row, ends), shape=(size, self.shared.shape[0]))
        return np.column_stack([of_dose, np.asarray((met @ self.shared).toarray())])

    def _summed(self, row: Floats) -> Floats:
        return np.asarray(np.bincount(self.cell, row, self.shared.shape[0]), np.float64)


def cloglog(design: Design, left: Bools, weight: Floats, cluster: Ints, start: Floats | None = None) -> Fit:
    """Fit P(left) = 1 − exp(−exp(design·β)); the first shared column is the constant.

    All coefficients, the doses' first, named by their places; the covariance is the sandwich clustered by
    `cluster`. `start` is where the shared columns' coefficients are looked for first.
    """
    names = tuple(str(place) for place in range(design.width))
    cases = int(left.sum())
    if not 0 < cases < len(left):
        return _failed(names, cases, "nobody left" if not cases else "everybody left")
    beta = np.zeros(len(names))
    own = design.dose.shape[1]
    beta[own] = np.log(-np.log1p(-(weight * left).sum() / weight.sum()))
    if start is not None:
        beta[own:] = start
    value = _likelihood(design.eta(beta), left, weight)
    for _ in range(ROUNDS):
        first, second = _residual(design.eta(beta), left, weight)
        # Levels of two factors may coincide; what they share is then split, and the doses are unharmed.
        step = np.linalg.pinv(design.inner(second), hermitian=True) @ design.total(first)
        beta, value, gained = _climb(design, beta, step, value, left, weight)
        if gained < CLOSE * max(1.0, abs(value)):
            break
    else:
        return _failed(names, cases, f"no maximum of the likelihood within {ROUNDS} rounds")
    first, second = _residual(design.eta(beta), left, weight)
    errors = _covariance(design.by_cluster(first, cluster), design.inner(second))
    return Fit(names, beta, errors, value, cases)


def _climb(
    design: Design, beta: Floats, step: Floats, value: float, left: Bools, weight: Floats
) -> tuple[Floats, float, float]:
    """Half the step until the likelihood does not fall; the point, its value and what was gained."""
    for half in range(30):
        tried = beta + step / 2**half
        now = _likelihood(design.eta(tried), left, weight)
        if now >= value:
            return tried, now, now - value
    return beta, value, 0.0


def _likelihood(eta: Floats, left: Bools, weight: Floats) -> float:
    hazard = np.exp(np.clip(eta, -40, 10))
    return float(np.log(-np.expm1(-hazard[left])) @ weight[left] - hazard[~left] @ weight[~left])


def _residual(eta: Floats, left: Bools, weight: Floats) -> tuple[Floats, Floats]:
    """Derivative of the log-likelihood by each row's η, and the expected second one, negated."""
    hazard = np.exp(np.clip(eta, -40, 10))
    chance = -np.expm1(-hazard)
    first = weight * hazard * np.where(left, (1 - chance) / chance, -1.0)
    return first, weight * hazard**2 * (1 - chance) / chance


def _covariance(scores: Floats, information: Floats) -> Floats:
    bread = np.linalg.pinv(information)
    groups = len(scores)
    return bread @ (scores.T @ scores) @ bread * groups / max(1, groups - 1)


def within(rows: pd.DataFrame, doses: Sequence[str], strata: Ints) -> Fit:
    """Hazard ratios of `doses` as logarithms, each case compared only with those at risk in its stratum.

    Cox's partial likelihood with Breslow's ties, stratified as in Haenlein, IJRM 2013, so that whatever
    a stratum shares (an account's week, say) falls out. `strata` (n,) numbers from 0, none larger than
    an account; errors clustered by account.
    """
    doses = tuple(doses)
    left = rows["left"].to_numpy(bool)
    told = _telling(strata, left, rows[list(doses)].to_numpy(float))
    cases = int(left[told].sum())
    if not cases:
        return _failed(doses, 0, "no stratum has both somebody who left and a difference in exposure")
    order = told[np.argsort(strata[told], kind="stable")]
    starts = np.flatnonzero(np.diff(strata[order], prepend=-1))
    return _partial(rows.iloc[order], doses, starts, clusters(rows)[order])


def _telling(strata: Ints, left: Bools, dose: Floats) -> Ints:
    """Rows of strata with a case; the others say nothing in a partial likelihood."""
    size = int(strata.max(initial=-1)) + 1
    case = np.bincount(strata, left, size) > 0
    exposed = np.bincount(strata, (dose != 0).any(axis=1), size) > 0
    return np.flatnonzero((case & exposed)[strata])


def _partial(rows: pd.DataFrame, doses: tuple[str, ...], starts: Ints, cluster: Ints) -> Fit:
    x = rows[list(doses)].to_numpy(float)
    left, weight = rows["left"].to_numpy(bool), rows["weight"].to_numpy(float)
    total = np.add.reduceat(x * left[:, None], starts)
    cases = np.add.reduceat(left.astype(float), starts)
    beta = np.zeros(len(doses))
    for _ in range(ROUNDS):
        risk = weight * np.exp(np.clip(x @ beta, -50, 50))
        whole = np.add.reduceat(risk, starts)
        mean = np.add.reduceat(x * risk[:, None], starts) / whole[:, None]
        centred = x - np.repeat(mean, np.diff(starts, append=len(x)), axis=0)
        share = risk * np.repeat(cases / whole, np.diff(starts, append=len(x)))
        information = (centred * share[:, None]).T @ centred
        scores = total - cases[:, None] * mean
        if np.linalg.matrix_rank(information) < len(doses):
            return _failed(doses, int(cases.sum()), "exposure does not differ within the strata")
        step = np.clip(np.linalg.solve(information, scores.sum(axis=0)), -1, 1)
        beta = beta + step
        if np.abs(step).max() < CLOSE:
            break
    else:
        return _failed(doses, int(cases.sum()), f"no maximum of the likelihood within {ROUNDS} rounds")
    value = float((total @ beta).sum() - (cases * np.log(whole)).sum())
    by_cluster = _summed(scores, cluster[starts])
    return Fit(doses, beta, _covariance(by_cluster, information), value, int(cases.sum()))


def _summed(scores: Floats, cluster: Ints) -> Floats:
    code = np.unique(cluster, return_inverse=True)[1]
    return np.column_stack([np.bincount(code, column) for column in scores.T])


def _failed(names: tuple[str, ...], cases: int, why: str) -> Fit:
    nothing = np.full(len(names), np.nan)
    return Fit(names, nothing, np.full((len(names), len(names)), np.nan), float("nan"), cases, why)


KERNELS: dict[str, tuple[str, ...]] = {
    "none": (),
    "out 5": ("out_5",),
    "in 5": ("in_5",),
    "both 5": ("out_5", "in_5"),
    "out 2": ("out_2",),
    "out 10": ("out_10",),
}


def kernels(rows: pd.DataFrame, factors: Sequence[str] = FACTORS) -> dict[str, Fit]:
    """The fit with each of KERNELS, by name: the higher its likelihood, the better it tells who leaves."""
    return fits(rows, KERNELS, factors)
