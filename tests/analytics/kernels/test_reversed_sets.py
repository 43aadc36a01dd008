import numpy as np
import pytest
from scipy import sparse

from analytics.kernels.arcs import backwards
from analytics.kernels.probabilities import weighted_cascade
from analytics.kernels.reversed_sets import compare, count_met, draw, joined
from tests.analytics.kernels.worlds import cascade_worlds, random_arcs, threshold_worlds

SAMPLES = 200_000


def upto(size: int) -> np.ndarray:
    return np.cumsum(np.ones(size))


@pytest.mark.parametrize("seed", range(8))
def test_every_node_is_met_as_often_as_it_reaches_others(seed: int) -> None:
    """All single spreads at once, over jumps (equal and unequal small chances), coins and sure arcs."""
    arcs = random_arcs(np.random.default_rng(seed), 9, 13)
    sets = draw(backwards(arcs, "ic"), upto(9), seed, 0, SAMPLES, 2)
    found = 9 * np.bincount(sets.members, minlength=9) / SAMPLES
    exact = cascade_worlds(arcs)
    assert found == pytest.approx([exact.spread([v]) for v in range(9)], abs=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_thresholds_too(seed: int) -> None:
    arcs = sparse.csr_array(weighted_cascade(random_arcs(np.random.default_rng(seed), 7, 12)) * 0.8)
    sets = draw(backwards(arcs, "lt"), upto(7), seed, 0, SAMPLES, 2)
    exact = threshold_worlds(arcs)
    found = 7 * np.bincount(sets.members, minlength=7) / SAMPLES
    assert found == pytest.approx([exact.spread([v]) for v in range(7)], abs=0.05)


def test_a_sample_is_its_number_s_whoever_draws_it() -> None:
    arcs = backwards(weighted_cascade(random_arcs(np.random.default_rng(1), 50, 200)), "ic")
    whole = draw(arcs, upto(50), 3, 0, 1000, 1)
    parts = joined(draw(arcs, upto(50), 3, 0, 377, 3), draw(arcs, upto(50), 3, 377, 1000, 2))
    assert whole.members.tolist() == parts.members.tolist()
    assert whole.offsets.tolist() == parts.offsets.tolist()
    other = draw(arcs, upto(50), 4, 0, 1000, 1)
    assert other.members.tolist() != whole.members.tolist()


def test_counting_and_comparing_see_what_is_drawn() -> None:
    arcs = backwards(weighted_cascade(random_arcs(np.random.default_rng(2), 40, 150)), "ic")
    sets = draw(arcs, upto(40), 9, 0, 3000, 2)
    each = [set(sets.members[a:b].tolist()) for a, b in zip(sets.offsets[:-1], sets.offsets[1:], strict=True)]
    plans = [np.array([5, 1, 30]), np.array([2])]
    met = compare(arcs, upto(40), plans, 9, 3000, 2)
    assert met.plans.tolist() == [sum(bool(one & set(plan.tolist())) for one in each) for plan in plans]
    assert count_met(arcs, upto(40), plans[0], 9, 3000, 2) == met.plans[0]
    assert met.gain.tolist() == [
        sum(v in one and not one & set(plans[0][:i].tolist()) for one in each)
        for i, v in enumerate(plans[0].tolist())
    ]
    assert met.alone.tolist() == [sum(one & {5, 1, 30} == {v} for one in each) for v in (5, 1, 30)]
    assert (met.alone + met.shared).tolist() == [sum(v in one for one in each) for v in (5, 1, 30)]
