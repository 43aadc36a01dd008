import numpy as np
import pytest
from numpy.typing import NDArray

from analytics.campaign.qini import areas, curve, gains


def brute(score: NDArray[np.float64], good: NDArray[np.float64], treat: NDArray[np.bool_]) -> list[float]:
    """The definition, depth by depth, for scores that all differ."""
    order, n, found = np.argsort(-score), len(score), []
    for depth in range(1, n + 1):
        some = order[:depth]
        arms = [good[some][treat[some]], good[some][~treat[some]]]
        both = len(arms[0]) and len(arms[1])
        found.append((arms[0].mean() - arms[1].mean()) * depth / n if both else 0.0)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_the_curve_is_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    score, good, treat = rng.random(50), rng.integers(0, 2, 50).astype(float), rng.random(50) < 0.4
    assert gains(score, good, treat, np.ones(50)) == pytest.approx(brute(score, good, treat))


def test_a_row_counted_twice_is_two_rows() -> None:
    rng = np.random.default_rng(9)
    score, good, treat = rng.random(30), rng.integers(0, 2, 30).astype(float), rng.random(30) < 0.5
    twice = np.concatenate([np.arange(30), np.arange(0, 30, 3)])
    weight = np.ones(30)
    weight[::3] = 2
    once = areas(gains(score, good, treat, weight), weight[np.argsort(-score, kind="stable")])
    again = areas(gains(score[twice], good[twice], treat[twice], np.ones(40)), np.ones(40))
    assert once == pytest.approx(again)


def test_by_hand_with_a_tie() -> None:
    """Best two tied: one treated who stayed, one of the control who left; then two without any effect."""
    score = np.array([2.0, 2.0, 1.0, 0.0])
    good, treat = np.array([1.0, 0.0, 0.0, 0.0]), np.array([True, False, True, False])
    found = gains(score, good, treat, np.ones(4))
    # Depth 2: (1 - 0) · 2/4; 3: (1/2 - 0) · 3/4; 4: (1/2 - 0) · 1; a straight line through the tie.
    assert found == pytest.approx([0.25, 0.5, 0.375, 0.5])
    auuc = 0.25 * (0 / 2 + 0.25 + 0.5 + 0.375 + 0.5 / 2)
    assert areas(found, np.ones(4)) == pytest.approx((auuc - 0.25, auuc))


def test_a_score_that_knows_beats_one_that_does_not() -> None:
    rng = np.random.default_rng(1)
    effect, treat = rng.random(4000) * 0.6, rng.random(4000) < 0.5
    good = (rng.random(4000) < 0.2 + effect * treat).astype(float)
    cluster = np.arange(4000) // 4
    known = curve(effect, good, treat, cluster, draws=60)
    lots = curve(rng.random(4000), good, treat, cluster, draws=60)
    flat = curve(np.ones(4000), good, treat, cluster, draws=5)
    assert known.qini_low > 0
    assert lots.qini_low < 0 < lots.qini_high
    assert flat.qini == pytest.approx(0.0, abs=1e-12)
    # Depth φ has the mean effect 0.6 - 0.3 φ: ∫ φ (0.6 - 0.3 φ) - 0.3 φ = 0.05.
    assert known.qini == pytest.approx(0.05, abs=0.02)
    assert known.gain[-1] == lots.gain[-1] == pytest.approx(good[treat].mean() - good[~treat].mean())
