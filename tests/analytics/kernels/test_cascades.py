import numpy as np
import pytest
from scipy import sparse

from analytics.kernels.cascades import simulate
from analytics.kernels.probabilities import weighted_cascade
from graph.errors import BadInput
from tests.analytics.kernels.worlds import (
    arcs_of,
    cascade_worlds,
    chain,
    random_arcs,
    star,
    threshold_worlds,
    tree,
)

RUNS = 40_000


@pytest.mark.parametrize(
    ("arcs", "expected"),
    [
        (chain(50, 0.1), (1 - 0.1**50) / (1 - 0.1)),
        (star(40, 0.1), 1 + 40 * 0.1),
        (tree(5, 5, 0.2), 6.0),
    ],
)
def test_closed_forms(arcs, expected: float) -> None:
    found = simulate(arcs, np.array([0]), RUNS)
    assert found.mean == pytest.approx(expected, abs=4.5 * found.error)
    assert found.error < 0.05


@pytest.mark.parametrize("seed", range(5))
def test_cascades_agree_with_every_world(seed: int) -> None:
    rng = np.random.default_rng(seed)
    arcs = random_arcs(rng, 8, 12)
    value = rng.integers(0, 10, 8).astype(float)
    seeds = rng.choice(8, 2, replace=False)
    found = simulate(arcs, seeds, RUNS, seed, value=value)
    assert found.mean == pytest.approx(
        cascade_worlds(arcs, value).spread(seeds), abs=4.5 * found.error + 1e-9
    )


@pytest.mark.parametrize("seed", range(5))
def test_thresholds_agree_with_every_world(seed: int) -> None:
    rng = np.random.default_rng(seed)
    arcs = weighted_cascade(random_arcs(rng, 7, 12)) * 0.9
    seeds = rng.choice(7, 2, replace=False)
    found = simulate(sparse.csr_array(arcs), seeds, RUNS, seed, "lt")
    assert found.mean == pytest.approx(threshold_worlds(arcs).spread(seeds), abs=4.5 * found.error + 1e-9)


def test_no_seeds_reach_nobody() -> None:
    assert simulate(chain(5, 0.5), np.zeros(0, np.int64), 10).mean == 0


def test_bad_input_is_refused() -> None:
    with pytest.raises(BadInput, match="a seed outside 0 to 4"):
        simulate(chain(5, 0.5), np.array([5]), 10)
    with pytest.raises(BadInput, match="0 runs; at least 1"):
        simulate(chain(5, 0.5), np.array([0]), 0)
    with pytest.raises(BadInput, match=r"the weights into 2 add up to 1\.4"):
        simulate(arcs_of(3, (0, 2, 0.7), (1, 2, 0.7)), np.array([0]), 10, model="lt")
