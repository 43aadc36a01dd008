import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analytics.campaign.arms import assign, balance, correlation_within, design
from graph.errors import BadInput


def test_clusters_go_to_an_arm_whole_and_each_with_the_same_chance() -> None:
    cluster = pd.Series(np.repeat([f"c{i:02d}" for i in range(13)], range(1, 14)))
    assert (assign(cluster, 0.25, 7).groupby(cluster).nunique() == 1).all()
    ends = cluster.drop_duplicates().index
    held = np.mean([assign(cluster, 0.25, seed)[ends] == "control" for seed in range(80)], axis=0)
    # 13 clusters in blocks of 4: one in four, the one in the last block too; standard error 0.048.
    assert held == pytest.approx(np.full(13, 0.25), abs=0.19)
    assert assign(cluster, 0.25, 7).equals(assign(cluster, 0.25, 7))


def test_no_share_keeps_nobody_back_and_too_few_clusters_are_refused() -> None:
    cluster = pd.Series(["a", "a", "b", None])
    assert assign(cluster, 0.0, 1).tolist() == ["treat"] * 4
    with pytest.raises(
        BadInput, match="lies in 3 clusters; a control group of 50% by whole clusters needs 4"
    ):
        assign(cluster, 0.5, 1)


def test_standardised_difference_by_hand() -> None:
    arm = pd.Series(["treat", "treat", "control", "control"])
    found = balance(arm, pd.DataFrame({"x": [1.0, 3.0, 2.0, 6.0], "same": [5.0] * 4}))
    # means 2 and 4, variances 2 and 8: -2 / √5
    assert found["standardised_difference"].tolist() == pytest.approx([-2 / np.sqrt(5), 0.0])


def test_smallest_effect_by_hand() -> None:
    arm = pd.Series(["treat"] * 60 + ["control"] * 20)
    cluster = pd.Series(np.repeat([f"c{i}" for i in range(8)], 10))
    found = design(arm, cluster, 0.2, 0.05)
    deff = 1 + (10 - 1) * 0.05
    times = stats.t.ppf(0.975, 6) + stats.t.ppf(0.8, 6)
    assert found.design_effect == pytest.approx(deff)
    assert found.smallest_effect == pytest.approx(times * np.sqrt(0.2 * 0.8 * deff * (1 / 60 + 1 / 20)))
    assert (found.treated, found.control, found.treated_clusters, found.control_clusters) == (60, 20, 6, 2)
    assert design(pd.Series(["treat"] * 5), cluster[:5], 0.2, 0.0).smallest_effect == np.inf


def test_intra_cluster_correlation_against_the_model_it_is_drawn_from() -> None:
    rng = np.random.default_rng(3)
    cluster = np.repeat(np.arange(3000), rng.integers(2, 8, 3000))
    outcome = np.sqrt(0.3) * rng.standard_normal(3000)[cluster] + np.sqrt(0.7) * rng.standard_normal(
        len(cluster)
    )
    assert correlation_within(outcome, cluster) == pytest.approx(0.3, abs=0.03)
    assert correlation_within(rng.standard_normal(len(cluster)), cluster) < 0.02
    assert correlation_within(np.ones(4), np.zeros(4, int)) == 0.0
