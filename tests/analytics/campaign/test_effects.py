import numpy as np
import pytest

from analytics.campaign.effects import difference, regressed, shrunk
from graph.errors import BadInput


def test_difference_and_clustered_error_by_hand() -> None:
    """Two clusters in each arm, means 0.5 and 1, 0 and 0.5: without one of them 0.75, 0.25, 0.25, 0.75."""
    outcome = np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0])
    treat = np.array([True] * 4 + [False] * 4)
    cluster = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    found = difference(outcome, treat, cluster)
    assert found.value == pytest.approx(0.75 - 0.25)
    error = np.sqrt(3 / 4 * 4 * 0.25**2)
    assert found.high - found.value == pytest.approx(3.18244630528 * error)  # t of 3 degrees at 0.975
    assert (found.treated, found.control, found.clusters) == (4, 4, 4)


def test_against_a_jackknife_written_out() -> None:
    rng = np.random.default_rng(2)
    cluster = rng.integers(0, 40, 500)
    columns = np.column_stack([np.ones(500), rng.random(500), rng.random(500)])
    outcome = columns @ [0.1, 0.5, -0.2] + rng.standard_normal(40)[cluster] + rng.standard_normal(500)
    value, error, clusters = regressed(outcome, columns, cluster, 1)
    beta = np.linalg.lstsq(columns, outcome, rcond=None)[0][1]
    without = [
        np.linalg.lstsq(columns[cluster != one], outcome[cluster != one], rcond=None)[0][1]
        for one in range(40)
    ]
    expected = np.sqrt(39 / 40 * sum((one - beta) ** 2 for one in without))
    assert (value, error, clusters) == (pytest.approx(beta), pytest.approx(expected), 40)


def test_intervals_hold_for_clusters_of_very_unequal_size() -> None:
    rng, inside = np.random.default_rng(8), 0
    sizes = np.maximum(2, rng.lognormal(2, 1, 40).astype(int))
    cluster = np.repeat(np.arange(40), sizes)
    for _ in range(300):
        treat = (rng.permutation(40) < 20)[cluster]
        outcome = 0.1 * treat + 0.5 * rng.standard_normal(40)[cluster] + rng.standard_normal(len(cluster))
        found = difference(outcome, treat, cluster)
        inside += found.low <= 0.1 <= found.high
    assert inside / 300 >= 0.92


def test_intervals_hold_what_they_promise_under_cluster_lots() -> None:
    """Accounts alike in their outcome, drawn whole: 95 % of intervals have the true effect, 0.1."""
    rng, inside = np.random.default_rng(5), 0
    for _ in range(300):
        cluster = np.repeat(np.arange(30), 10)
        treat = (rng.permutation(30) < 15)[cluster]
        outcome = 0.1 * treat + 0.5 * rng.standard_normal(30)[cluster] + rng.standard_normal(300)
        found = difference(outcome, treat, cluster)
        inside += found.low <= 0.1 <= found.high
    assert 0.92 <= inside / 300 <= 0.99


def test_adjusting_narrows_the_interval() -> None:
    rng = np.random.default_rng(6)
    cluster = np.repeat(np.arange(60), 5)
    treat, known = (rng.permutation(60) < 30)[cluster], rng.standard_normal((300, 1))
    outcome = 0.2 * treat + 2 * known[:, 0] + 0.3 * rng.standard_normal(300)
    plain, adjusted = difference(outcome, treat, cluster), difference(outcome, treat, cluster, known)
    assert adjusted.high - adjusted.low < 0.3 * (plain.high - plain.low)
    assert adjusted.low <= 0.2 <= adjusted.high


def test_without_a_contrast_nothing_is_an_effect() -> None:
    with pytest.raises(BadInput, match="no randomised contrast"):
        difference(np.ones(4), np.ones(4, bool), np.arange(4))
    with pytest.raises(BadInput, match="2 clusters are too few"):
        difference(np.ones(4), np.array([True, False] * 2), np.array([0, 0, 1, 1]))


def test_segments_are_drawn_together_by_hand() -> None:
    value, error = shrunk(np.array([0.1, 0.1, 0.1]), np.array([0.1, 0.1, 0.1]))
    assert value == pytest.approx([0.1, 0.1, 0.1])
    assert error == pytest.approx(np.full(3, 0.1 / np.sqrt(3)))
    # Q = 2 · 0.5² / 0.1² = 50; τ² = (50 - 1) / (200 - 100) = 0.49; kept 0.49 / 0.5 of each distance.
    value, _ = shrunk(np.array([0.0, 1.0]), np.array([0.1, 0.1]))
    assert value == pytest.approx([0.5 - 0.98 * 0.5, 0.5 + 0.98 * 0.5])
