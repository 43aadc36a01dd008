import numpy as np
import pytest
from scipy import sparse

from analytics.contagion.likeness import acquainted, levels, likeness, prognosis
from analytics.contagion.panel import panel
from tests.analytics.contagion.worlds import Causes, world


def test_acquaintance_goes_both_ways_and_is_not_forgotten() -> None:
    nobody = sparse.csr_array((3, 3))
    first = acquainted(sparse.csr_array(([2.0], ([0], [1])), shape=(3, 3)), nobody)
    both = acquainted(sparse.csr_array(([5.0], ([2], [1])), shape=(3, 3)), first)
    assert both.toarray().tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]


def test_likeness_by_hand() -> None:
    # 0 – 1 – 2; 2 is gone; all but 0 in account 0. A third gone in all; three stand for that mean.
    ties = sparse.csr_array(([1.0, 1.0], ([0, 1], [1, 2])), shape=(3, 3))
    known = acquainted(ties, ties)
    found = likeness(
        known, np.array([False, False, True]), np.array([-1, 0, 0]), np.array([[1.0], [3.0], [np.nan]])
    )
    assert found[:, 0].tolist() == pytest.approx([1 / 4, 2 / 5, 1 / 4])
    assert found[:, 1].tolist() == pytest.approx([1 / 2, 0, 1 / 2])
    assert found[:, 2].tolist() == pytest.approx([1 / 3, 2 / 5, 2 / 5])
    assert found[:, 3].tolist() == [-1.0, 1.0, 0.0]
    assert found[:, 4].tolist() == [1.0, -0.5, 1.0]


def test_prognosis_ranks_members_by_what_makes_them_leave() -> None:
    rows = panel(world(1002, Causes(homophily=0.8, rate=0.01), 1500, 40))
    score = prognosis(rows)
    left = rows["left"].to_numpy(bool)
    assert score[left].mean() > score[~left].mean() + 0.3


def test_prognosis_does_not_learn_from_the_exposed() -> None:
    rows = panel(world(1002, Causes(rate=0.01), 800, 20))
    exposed = rows["out"] > 0
    assert (prognosis(rows.assign(left=rows["left"] | exposed)) == prognosis(rows)).all()


def test_levels_hold_as_many_each() -> None:
    found = levels(np.array([0.3, 0.1, 0.2, 0.4]), np.ones(4), 2)
    assert found.tolist() == [1, 0, 0, 1] or found.tolist() == [1, 0, 1, 1]
