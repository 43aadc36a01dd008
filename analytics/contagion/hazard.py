"""Hazards by the week: complementary log-log with covariates, and the same compared within strata.

ln(−ln(1−p)) = x·β, so that e^β is a hazard ratio; each departed neighbour adds strength · e^(−weeks/τ)
to x. Newton's method with Fisher's information; errors clustered (Liang and Zeger 1986).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ROUNDS = 40
CLOSE = 1e-8
FEW = 5
"""Departures below which a level of a factor joins the reference: its own coefficient would run away."""
PERIOD = 4
"""Weeks that share a level of the baseline."""
FACTORS = (
    "period", "tenure", "degree", "in_degree", "contract", "arrears", "account_loss", "partner_loss",
    "region_loss",
)  # fmt: skip


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
    doses, factors = tuple(doses), tuple(factors)
    left = rows["left"].to_numpy(bool)
    dose = rows[list(doses)].to_numpy(float)
    if np.linalg.matrix_rank(dose - dose.mean(axis=0)) < len(doses):
        return _failed(
            doses, int(left.sum()), f"{' and '.join(doses)} do not differ from each other or at all"
        )
    design = _design(rows, dose, factors, left)
    fit = cloglog(design, left, rows["weight"].to_numpy(float), clusters(rows))
    if fit.why_not:
        return _failed(doses, fit.cases, fit.why_not)
    some = slice(1, 1 + len(doses))
    return Fit(doses, fit.log_hr[some], fit.covariance[some, some], fit.log_likelihood, fit.cases)


def clusters(rows: pd.DataFrame) -> Ints:
    """A number from 0 for each account; those without one stand for themselves."""
    account = rows["account"].to_numpy(np.int64)
    alone = account < 0
    number = np.where(alone, account.max(initial=-1) + 1 + rows["member"].to_numpy(np.int64), account)
    return np.unique(number, return_inverse=True)[1].astype(np.int64)


def _design(rows: pd.DataFrame, dose: Floats, factors: tuple[str, ...], left: Bools) -> sparse.csr_array:
    """Constant, doses, and a column for each level of each factor but the reference."""
    period = rows["week"].to_numpy(np.int64) // PERIOD
    parts = [sparse.csr_array(np.column_stack([np.ones(len(rows)), dose]))]
    for name in factors:
        values = period if name == "period" else rows[name].to_numpy(np.int64)
        parts.append(_levels(values, left))
    return sparse.csr_array(sparse.hstack(parts, format="csr"))


def _levels(values: Ints, left: Bools) -> sparse.csr_array:
    level, code = np.unique(values, return_inverse=True)
    cases = np.bincount(code, left, len(level))
    told = np.flatnonzero(cases >= FEW)
    told = told[told != (np.argmax(cases) if len(level) else -1)]
    place = np.full(len(level), -1)
    place[told] = np.arange(len(told))
    row = np.flatnonzero(place[code] >= 0)
    return sparse.csr_array((np.ones(len(row)), (row, place[code[row]])), shape=(len(values), len(told)))


def cloglog(design: sparse.csr_array, left: Bools, weight: Floats, cluster: Ints) -> Fit:
    """Fit P(left) = 1 − exp(−exp(design·β)); design (n, k), first column the constant.

    All k coefficients, named by their places; the covariance is the sandwich clustered by `cluster`.
    """
    names = tuple(str(place) for place in range(design.shape[1]))
    cases = int(left.sum())
    if not 0 < cases < len(left):
        return _failed(names, cases, "nobody left" if not cases else "everybody left")
    beta = np.zeros(len(names))
    beta[0] = np.log(-np.log1p(-(weight * left).sum() / weight.sum()))
    value = _likelihood(design @ beta, left, weight)
    for _ in range(ROUNDS):
        first, second = _residual(design @ beta, left, weight)
        # Levels of two factors may coincide; what they share is then split, and the doses are unharmed.
        step = np.linalg.pinv(_inner(design, second), hermitian=True) @ (design.T @ first)
        beta, value, gained = _climb(design, beta, step, value, left, weight)
        if gained < CLOSE:
            break
    else:
        return _failed(names, cases, f"no maximum of the likelihood within {ROUNDS} rounds")
    return Fit(names, beta, _sandwich(design, beta, left, weight, cluster), value, cases)


def _climb(
    design: sparse.csr_array, beta: Floats, step: Floats, value: float, left: Bools, weight: Floats
) -> tuple[Floats, float, float]:
    """Half the step until the likelihood does not fall; the point, its value and what was gained."""
    for half in range(30):
        tried = beta + step / 2**half
        now = _likelihood(design @ tried, left, weight)
        if now >= value:
            return tried, now, now - value
    return beta, value, 0.0


def _likelihood(eta: Floats, left: Bools, weight: Floats) -> float:
    hazard = np.exp(np.clip(eta, -40, 10))
    return float((weight * np.where(left, np.log(-np.expm1(-hazard)), -hazard)).sum())


def _residual(eta: Floats, left: Bools, weight: Floats) -> tuple[Floats, Floats]:
    """Derivative of the log-likelihood by each row's η, and the expected second one, negated."""
    hazard = np.exp(np.clip(eta, -40, 10))
    chance = -np.expm1(-hazard)
    first = weight * hazard * np.where(left, (1 - chance) / chance, -1.0)
    return first, weight * hazard**2 * (1 - chance) / chance


def _inner(design: sparse.csr_array, weight: Floats) -> Floats:
    data = design.data * np.repeat(weight, np.diff(design.indptr))
    scaled = sparse.csr_array((data, design.indices, design.indptr), shape=design.shape)
    return np.asarray((design.T @ scaled).toarray())


def _sandwich(design: sparse.csr_array, beta: Floats, left: Bools, weight: Floats, cluster: Ints) -> Floats:
    first, second = _residual(design @ beta, left, weight)
    of_cluster = sparse.csr_array((first, (cluster, np.arange(len(left)))))
    return _covariance(np.asarray((of_cluster @ design).toarray()), _inner(design, second))


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
    return {name: adjusted(rows, doses, factors) for name, doses in KERNELS.items()}
