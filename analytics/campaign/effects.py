"""How much a randomised contact changed, with errors that know whole accounts went to an arm together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from analytics.csr import Floats, Ints
from graph.errors import BadInput

LEAST_CLUSTERS = 4


@dataclass(frozen=True)
class Effect:
    """A difference between arms with its 95 % interval, and what it rests on."""

    value: float
    low: float
    high: float
    p: float
    treated: int
    control: int
    clusters: int


def difference(
    outcome: Floats, treat: npt.NDArray[np.bool_], cluster: Ints, covariates: Floats | None = None
) -> Effect:
    """Mean outcome of the treated less that of the control group.

    With `covariates` (n × k, of before the contact) by regression on them too: what they explain of the
    outcome no longer blurs the difference (A. Deng and others, "CUPED", WSDM 2013).
    Raises BadInput where an arm is empty or there are fewer than four clusters.
    """
    if not (treat.any() and (~treat).any()):
        raise BadInput(
            "there is no randomised contrast: everybody is in one arm, so that no effect can be told"
        )
    columns = [np.ones(len(outcome)), treat.astype(float)]
    if covariates is not None and covariates.size:
        varying = covariates[:, covariates.std(axis=0) > 0]
        columns += [*((varying - varying.mean(axis=0)) / varying.std(axis=0)).T]
    value, error, clusters = regressed(outcome, np.column_stack(columns), cluster, 1)
    return effect_of(value, error, clusters, int(treat.sum()), int((~treat).sum()))


def regressed(outcome: Floats, columns: Floats, cluster: Ints, which: int) -> tuple[float, float, int]:
    """A coefficient of least squares, its standard error clustered (CR3), and the number of clusters.

    The jackknife over clusters, √((G - 1)/G · Σ (b without g - b)²), which holds where clusters differ much
    in size and the usual sandwich is too sure (J. MacKinnon, M. Nielsen, M. Webb, Journal of Econometrics
    2023).
    Raises BadInput for fewer than four clusters.
    """
    _, group = np.unique(cluster, return_inverse=True)
    count, k = int(group.max(initial=-1)) + 1, columns.shape[1]
    if count < LEAST_CLUSTERS:
        raise BadInput(f"{count} clusters are too few to tell an effect's error; {LEAST_CLUSTERS} are needed")
    pairs = [np.bincount(group, columns[:, i] * columns[:, j], count) for i in range(k) for j in range(k)]
    inner = np.stack(pairs, axis=1).reshape(count, k, k)
    outer = np.stack([np.bincount(group, column * outcome, count) for column in columns.T], axis=1)
    beta = np.linalg.pinv(inner.sum(axis=0)) @ outer.sum(axis=0)
    without = (
        np.linalg.pinv(inner.sum(axis=0) - inner, hermitian=True) @ (outer.sum(axis=0) - outer)[:, :, None]
    )
    apart = without[:, which, 0] - beta[which]
    return float(beta[which]), float(np.sqrt((count - 1) / count * (apart**2).sum())), count


def effect_of(value: float, error: float, clusters: int, treated: int, control: int) -> Effect:
    """With the interval and p of Student's t with clusters - 1 degrees of freedom."""
    times = float(stats.t.ppf(0.975, clusters - 1))
    p = float(2 * stats.t.sf(abs(value) / error, clusters - 1)) if error > 0 else float(value == 0)
    return Effect(value, value - times * error, value + times * error, p, treated, control, clusters)


def shrunk(value: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Effects of several segments drawn towards their common mean, and their standard errors then.

    Normal with normal prior; its mean and variance by R. DerSimonian, N. Laird, Controlled Clinical Trials
    1986. Where the segments differ no more than by chance all come to the common mean.
    """
    weight = 1 / error**2
    mean = float((weight * value).sum() / weight.sum())
    excess = float((weight * (value - mean) ** 2).sum()) - (len(value) - 1)
    between = (
        max(0.0, excess / float(weight.sum() - (weight**2).sum() / weight.sum())) if len(value) > 1 else 0.0
    )
    pooled = 1 / (error**2 + between)
    centre = float((pooled * value).sum() / pooled.sum())
    keep = between / (between + error**2)
    return centre + keep * (value - centre), np.sqrt(keep * error**2 + (1 - keep) ** 2 / pooled.sum())
