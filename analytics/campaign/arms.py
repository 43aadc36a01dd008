"""Who on a list is kept back to compare: whole clusters by lot, how alike the arms are, what they can show.

Members who know each other pass an offer on, so that a lot for each alone would treat the control group too;
accounts or communities go to an arm as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analytics.csr import Floats, Ints
from graph.errors import BadInput

ALPHA, POWER = 0.05, 0.8


@dataclass(frozen=True)
class Design:
    """What the arms can show: members and clusters in each, the design effect, and the smallest difference
    in the rate that is found with a chance of 0.8 at the level 0.05.
    """

    treated: int
    control: int
    treated_clusters: int
    control_clusters: int
    base_rate: float
    intra_cluster_correlation: float
    design_effect: float
    smallest_effect: float


def assign(cluster: pd.Series, share: float, seed: int) -> pd.Series[str]:
    """The arm, treat or control, of each member, the same within a cluster.

    Clusters are ranked by how many of the list they hold and cut into blocks of 1/share; of each block one,
    by lot, is kept back (of a last, shorter one with the chance that gives each cluster 1/block). Members
    without a cluster are one each. Raises BadInput where there are fewer clusters than two blocks.
    """
    if not share:
        return pd.Series("treat", cluster.index, dtype="str")
    alone = cluster.isna()
    names = cluster.where(~alone, "alone " + cluster.index.astype(str))
    counted = names.value_counts().rename_axis("name").reset_index(name="size")
    ranked = counted.sort_values(["size", "name"], ascending=[False, True])["name"].to_numpy(object)
    block = max(2, round(1 / share))
    if len(ranked) < 2 * block:
        raise BadInput(
            f"the list lies in {len(ranked)} clusters; a control group of {share:.0%} by whole clusters needs"
            f" {2 * block}: lower [control] share to 0, or widen the audience"
        )
    rng = np.random.default_rng(seed)
    starts = np.arange(0, len(ranked), block)
    picked = starts + rng.integers(0, block, len(starts))
    kept = set(ranked[picked[picked < len(ranked)]])
    return pd.Series(np.where(names.isin(kept), "control", "treat"), cluster.index, dtype="str")


def balance(arm: pd.Series, figures: pd.DataFrame) -> pd.DataFrame:
    """How alike the arms are: `figure`, means `treat` and `control`, and their standardised difference.

    d = (mean₁ - mean₀) / √((s₁² + s₀²) / 2), after P. Austin, Statistics in Medicine 2009; beyond 0.1 it is
    worth a look. 0 where nothing varies.
    """
    treated, control = figures[arm == "treat"], figures[arm == "control"]
    spread = np.sqrt((treated.var(ddof=1) + control.var(ddof=1)) / 2)
    apart = treated.mean() - control.mean()
    standardised = (apart / spread).where(spread > 0, 0.0)
    return pd.DataFrame(
        {
            "figure": figures.columns,
            "treat": treated.mean().to_numpy(),
            "control": control.mean().to_numpy(),
            "standardised_difference": standardised.to_numpy(),
        }
    )


def design(arm: pd.Series, cluster: pd.Series, base_rate: float, correlation: float) -> Design:
    """What arms of these clusters can show of an outcome with this rate and intra-cluster correlation.

    Design effect 1 + ((cv² + 1) · m̄ - 1) · ρ for clusters of unequal size (S. Eldridge, D. Ashby, S. Kerry,
    Int. J. Epidemiology 2006); smallest effect (t₀.₉₇₅ + t₀.₈) · √(p(1 - p) · deff · (1/n₁ + 1/n₀)) with
    clusters - 2 degrees of freedom. Infinite where an arm is empty.
    """
    names = cluster.fillna("alone " + pd.Series(cluster.index.astype(str), cluster.index))
    sizes = np.asarray(names.value_counts(), np.float64)
    by_arm = [names[arm == one] for one in ("treat", "control")]
    effect = 1 + ((_variation(sizes) ** 2 + 1) * sizes.mean() - 1) * correlation if len(sizes) else 1.0
    counts, clusters = [len(one) for one in by_arm], [one.nunique() for one in by_arm]
    free = sum(clusters) - 2
    smallest = np.inf
    if min(counts) and free > 0:
        times = float(stats.t.ppf(1 - ALPHA / 2, free) + stats.t.ppf(POWER, free))
        smallest = times * np.sqrt(base_rate * (1 - base_rate) * effect * (1 / counts[0] + 1 / counts[1]))
    return Design(
        counts[0], counts[1], clusters[0], clusters[1], base_rate, correlation,
        float(effect), float(smallest),
    )  # fmt: skip


def correlation_within(outcome: Floats, cluster: Ints) -> float:
    """Intra-cluster correlation of an outcome (n, 0/1 or any number), clusters numbered from 0; 0 to 1.

    The estimator of one-way analysis of variance: (MSB - MSW) / (MSB + (n₀ - 1) · MSW) with n₀ the mean size
    corrected for unequal ones (A. Donner, Int. Statistical Review 1986). 0 where it cannot be estimated.
    """
    sizes = np.bincount(cluster).astype(float)
    sums = np.bincount(cluster, weights=outcome)[sizes > 0]
    sizes = sizes[sizes > 0]
    n, k = float(len(outcome)), len(sizes)
    if k <= 1 or n <= k:
        return 0.0
    between = float((sums**2 / sizes).sum() - outcome.sum() ** 2 / n) / (k - 1)
    within = float((outcome**2).sum() - (sums**2 / sizes).sum()) / (n - k)
    size = (n - (sizes**2).sum() / n) / (k - 1)
    total = between + (size - 1) * within
    return float(np.clip((between - within) / total, 0, 1)) if total > 0 else 0.0


def _variation(sizes: Floats) -> float:
    return float(sizes.std() / sizes.mean())
