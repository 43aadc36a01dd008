import numpy as np
import pytest
from scipy import sparse

from analytics.contagion.panel import NEVER, Month, Study, panel
from analytics.contagion.shuffle import logit, reversal, shuffle
from tests.analytics.contagion.worlds import Causes, world


def test_logit_on_cells_by_hand() -> None:
    # Odds 10/90 and 20/80: the slope is ln(0.25 / 0.1111).
    design = np.array([[1.0, 0.0], [1.0, 1.0]])
    beta = logit(design, np.array([100.0, 100.0]), np.array([10.0, 20.0]))
    assert beta == pytest.approx([np.log(10 / 90), np.log(20 / 80 / (10 / 90))], abs=1e-5)


def test_chains_in_order_are_told_from_chance() -> None:
    # Pairs i → j where j leaves a week after i: dealing times anew tears them apart.
    rng = np.random.default_rng(1)
    pairs, n = 60, 400
    source, target = np.arange(pairs), np.arange(pairs) + pairs
    left = np.full(n, NEVER)
    left[target] = rng.integers(10, 300, pairs)
    left[source] = left[target] + 7
    ties = sparse.csr_array((np.ones(pairs), (source, target)), shape=(n, n))
    zero = np.zeros(n, int)
    month = Month(0, ties, zero, zero, zero, np.full(n, NEVER), zero > 0)
    study = Study(np.arange(n, dtype=np.uint64), np.full(n, -100), left, (month,), 364)
    found = shuffle(study, permutations=99)
    assert found.p == 0.01
    assert found.observed > found.permuted.max() + 1
    # Dealt out within groups of one nothing moves, so nothing can be told.
    assert shuffle(study, np.arange(n), permutations=19).p == 1.0


def test_shuffle_of_a_world_without_contagion_is_uniform_enough() -> None:
    found = [shuffle(world(seed, Causes(rate=0.01), 600, 30), permutations=19).p for seed in range(20)]
    assert 0.3 < np.mean(found) < 0.7
    assert sum(p <= 0.05 for p in found) <= 3


def test_shuffle_within_accounts_still_sees_contagion() -> None:
    study = world(3, Causes(ratio=1.8, rate=0.01), 2000, 40)
    assert shuffle(study, study.months[0].account, permutations=99).p <= 0.02


def test_reversal_tells_direction() -> None:
    moved = reversal(panel(world(0, Causes(ratio=2.5, rate=0.01), 2000, 40)))
    alike = reversal(panel(world(0, Causes(homophily=0.8, rate=0.01), 2000, 40)))
    assert moved.low > 0
    assert alike.low < 0 < alike.high
    assert moved.difference == pytest.approx(moved.outgoing - moved.incoming)


def test_reversal_of_the_reversed_is_the_negative() -> None:
    rows = panel(world(0, Causes(ratio=1.8, rate=0.01), 1000, 30))
    turned = rows.rename(columns={"out": "in", "in": "out"})
    assert reversal(turned).difference == pytest.approx(-reversal(rows).difference, abs=1e-4)
