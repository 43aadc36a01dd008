import numpy as np
import pytest
from scipy import sparse

from analytics.contagion.panel import NEVER, Month, Study
from analytics.contagion.shuffle import Order, order, seasons, shuffle
from tests.analytics.contagion.worlds import Causes, world


def chains(rng: np.random.Generator, wait: np.ndarray, both: bool = False) -> Study:
    """Pairs i → j, of which i leaves `wait` days after j; `both`: the arrow back is as strong."""
    pairs, n = len(wait), 4 * len(wait)
    source, target = np.arange(pairs), np.arange(pairs) + pairs
    left = np.full(n, NEVER)
    left[target] = rng.integers(60, 300, pairs)
    left[source] = left[target] + wait
    ends = (np.r_[source, target], np.r_[target, source]) if both else (source, target)
    ties = sparse.csr_array((np.ones(len(ends[0])), ends), shape=(n, n))
    zero = np.zeros(n, int)
    month = Month(0, ties, zero, zero, zero, np.full(n, NEVER), zero > 0)
    return Study(np.arange(n, dtype=np.uint64), np.full(n, -100), left, (month,), 364)


def alone(study: Study) -> Order:
    return order(study, np.full(len(study.left), -1))


def test_chains_in_order_are_told_from_chance() -> None:
    # j leaves a week before i: dealing times anew tears them apart. 60 doses of exp(-1/3) are seen.
    study = chains(np.random.default_rng(1), np.full(60, 7))
    found = shuffle(study, permutations=99)
    assert found.p == 0.01
    assert found.observed == pytest.approx(60 * np.exp(-1 / 3))
    assert found.observed > 2 * found.permuted.max()
    assert found.ratio[0] == pytest.approx(found.observed / found.permuted.mean())
    # Dealt out within groups of one nothing moves, so nothing can be told.
    assert shuffle(study, np.arange(len(study.left)), permutations=19).p == 1.0


def test_shuffle_of_worlds_without_contagion_is_uniform_enough() -> None:
    found = [
        shuffle(world(seed, Causes(rate=0.01), 600, 30), permutations=19).p for seed in range(1000, 1020)
    ]
    assert 0.3 < np.mean(found) < 0.7
    assert sum(p <= 0.05 for p in found) <= 3


def test_shuffle_within_accounts_and_seasons_still_sees_contagion() -> None:
    study = world(1003, Causes(ratio=1.8, rate=0.01), 2000, 40)
    assert shuffle(study, study.months[0].account, permutations=99).p <= 0.02
    assert shuffle(study, seasons(study), permutations=99).p <= 0.02


def test_order_by_hand() -> None:
    # Of 40 pairs a week apart the caller is the later in 30: odds 3 = ratio^exp(-1/3).
    found = alone(chains(np.random.default_rng(2), np.where(np.arange(40) < 30, 7, -7)))
    assert found.dyads == 40
    assert found.ratio == pytest.approx(np.exp(np.log(3) / np.exp(-1 / 3)), rel=1e-6)
    # 30 of 40 by lot: (30 - 10) ÷ √40 = 3.16 standard errors.
    assert found.p == pytest.approx(0.00079, abs=2e-5)
    assert found.low > 1


def test_ties_that_go_both_ways_alike_have_no_order() -> None:
    found = alone(chains(np.random.default_rng(2), np.full(40, 7), both=True))
    assert np.isnan(found.p)
    assert found.dyads == 0


def test_a_hub_that_left_early_is_one_piece_of_evidence() -> None:
    # 60 left within five weeks of a hub that all called, and 3 before it: by lot that is nothing odd.
    n, hub = 400, 0
    left = np.full(n, NEVER)
    left[hub] = 100
    left[1:61] = 101 + np.arange(60) % 34
    left[61:64] = 95
    source = np.arange(1, 64)
    ties = sparse.csr_array((np.ones(63), (source, np.zeros(63, int))), shape=(n, n))
    zero = np.zeros(n, int)
    month = Month(0, ties, zero, zero, zero, np.full(n, NEVER), zero > 0)
    found = alone(Study(np.arange(n, dtype=np.uint64), np.full(n, -100), left, (month,), 364))
    assert found.dyads == 63
    assert found.p > 0.1
    assert found.low < 1


def test_order_is_uniform_enough_where_only_likeness_is_at_work() -> None:
    found = [alone(world(seed, Causes(homophily=0.8, rate=0.01), 800, 40)).p for seed in range(1000, 1030)]
    assert np.isfinite(found).all()
    assert sum(p <= 0.05 for p in found) <= 4
    assert 0.35 < np.mean(found) < 0.65


def test_order_finds_the_planted_ratio() -> None:
    found = [alone(world(seed, Causes(ratio=1.8, rate=0.01), 3000, 40)) for seed in range(1000, 1003)]
    assert np.mean(np.log([one.ratio for one in found])) == pytest.approx(np.log(1.8), abs=0.25)
    assert all(one.low < 1.8 < one.high for one in found)
