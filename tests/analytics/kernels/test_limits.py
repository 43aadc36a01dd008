from itertools import combinations

import numpy as np
import pytest

from analytics.kernels.limits import Quota, limits
from graph.errors import BadInput


@pytest.mark.parametrize("seed", range(40))
def test_no_choice_exceeds_the_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, k = 9, 4
    gains, cost = rng.integers(0, 20, size), rng.integers(0, 6, size).astype(float)
    quotas = [Quota(name, rng.integers(-1, 3, size), rng.integers(1, 3, 3)) for name in ("one", "two")]
    within = limits(size, None, excluded=np.array([0]), quotas=quotas, cost=cost, budget=7.0)

    def admitted(chosen: tuple[int, ...]) -> bool:
        fits = cost[list(chosen)].sum() <= 7 and 0 not in chosen
        for quota in quotas:
            counted = np.bincount([quota.group[i] for i in chosen if quota.group[i] >= 0], minlength=3)
            fits = fits and bool((counted <= quota.mosts()).all())
        return fits

    every = (one for count in range(1, k + 1) for one in combinations(range(size), count))
    assert within.most(gains) >= max(gains[list(one)].sum() for one in every if admitted(one))


def test_a_bound_by_hand() -> None:
    # Gains 10, 9, 8, 3: the best two are 19; of one group only one, so 10 + 8; for 5 at 4, 4, 2, 2 a unit of
    # cost brings most at 8 for 2 and then 10 · 3/4.
    gains = np.array([10, 9, 8, 3])
    assert limits(4, 2).most(gains) == 19
    assert limits(4, 2, quotas=[Quota("g", np.array([0, 0, -1, -1]), 1)]).most(gains) == 18
    for kind in (float, int):  # whole costs are costs too
        assert limits(4, None, cost=np.array([4, 4, 2, 2], kind), budget=5).most(gains) == 15.5


def test_what_is_proven_beforehand() -> None:
    group, cost = np.zeros(9, np.int64), np.ones(9)
    one, two = Quota("one", group, 3), Quota("two", group, 3)
    assert limits(9, 2).factor == pytest.approx(0.632, abs=1e-3)
    assert limits(9, 2, quotas=[one]).factor == 0.5
    assert limits(9, 2, quotas=[one, two]).factor == pytest.approx(1 / 3)
    assert limits(9, None, cost=cost, budget=3).factor == 0.405
    assert limits(9, 2, cost=cost, budget=3).factor == 0
    assert limits(9, None, quotas=[one], cost=cost, budget=3).factor == 0


GROUP = np.array([0, 0, 0, 1, -1])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"k": None}, r"say how many seeds \(k\), or give a budget"),
        ({"k": 0}, "0 seeds cannot be chosen"),
        ({"k": 6}, "6 seeds asked for and 5 of the 5 nodes may be chosen"),
        ({"k": 5, "excluded": np.array([1])}, "5 seeds asked for and 4 of the 5"),
        ({"k": 1, "excluded": np.array([5])}, "excluded has a node outside 0 to 4"),
        ({"k": 4, "quotas": [Quota("branch", GROUP, 1)]}, "quota 'branch' admits at most 3 of the 4"),
        ({"k": 1, "quotas": [Quota("branch", GROUP, -1)]}, "quota 'branch' admits -1 of a group"),
        ({"k": 1, "quotas": [Quota("branch", GROUP[:3], 1)]}, "quota 'branch' groups 3 nodes; the"),
        ({"k": 1, "quotas": [Quota("branch", GROUP, np.array([1]))]}, "has groups without a number"),
        ({"k": 1, "budget": 3.0}, "go together"),
        ({"k": None, "cost": np.ones(4), "budget": 3.0}, "4 costs for 5 nodes"),
        ({"k": None, "cost": np.array([1, 1, -1, 1, 1.0]), "budget": 3.0}, "node 2 costs -1"),
        ({"k": None, "cost": np.array([1, 1, np.nan, 1, 1.0]), "budget": 3.0}, "node 2 costs nan"),
        ({"k": None, "cost": np.ones(5), "budget": np.nan}, "the budget is nan"),
        ({"k": None, "cost": np.full(5, 7.0), "budget": 3.0}, "the budget is 3 and nobody .* less than 7"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(asked, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        limits(5, **asked)
