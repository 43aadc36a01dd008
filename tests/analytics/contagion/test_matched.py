import numpy as np
import pandas as pd
import pytest

from analytics.contagion.matched import beside, matched
from analytics.contagion.panel import panel
from tests.analytics.contagion.worlds import Causes, world


def test_everybody_near_in_the_same_week_stands_beside() -> None:
    #                 exposed  near  near  far   other week
    week = np.array([0, 0, 0, 0, 1])
    exposed = np.array([True, False, False, False, False])
    logit = np.array([0.0, 0.1, -0.1, 0.5, 0.0])
    share = beside(week, exposed, logit, np.full(5, 2.0), caliper=0.2)
    assert share.tolist() == pytest.approx([2.0, 1.0, 1.0, 0.0, 0.0])


def test_nobody_near_is_left_out() -> None:
    share = beside(np.zeros(2, int), np.array([True, False]), np.array([0.0, 1.0]), np.ones(2), caliper=0.2)
    assert share.tolist() == [0.0, 0.0]


def test_shared_by_several_counts_for_each() -> None:
    exposed = np.array([True, True, False])
    share = beside(np.zeros(3, int), exposed, np.array([0.0, 0.1, 0.05]), np.ones(3), caliper=0.2)
    assert share.tolist() == pytest.approx([1.0, 1.0, 2.0])


def test_a_recorded_confounder_is_matched_away() -> None:
    # Leaving and exposure both depend on `arrears` alone:
    # (0.8·0.10 + 0.2·0.02) ÷ (0.32·0.10 + 0.68·0.02) = 1.84.
    rng = np.random.default_rng(4)
    n = 20_000
    late = rng.random(n) < 0.5
    exposed = rng.random(n) < np.where(late, 0.6, 0.15)
    left = rng.random(n) < np.where(late, 0.10, 0.02)
    rows = pd.DataFrame(
        {name: np.zeros(n, int) for name in ("tenure", "degree", "in_degree", "contract", "account_loss",
                                             "partner_loss", "region_loss", "out_past", "in_past")}
    )  # fmt: skip
    rows = rows.assign(
        member=np.arange(n), week=np.arange(n) % 4, account=np.arange(n) % 200, arrears=late.astype(int),
        out=exposed.astype(int), left=left, weight=1.0, drawn=True,
    )  # fmt: skip
    naive = left[exposed].mean() / left[~exposed].mean()
    found = matched(rows)
    assert naive == pytest.approx(1.84, abs=0.2)
    assert found.ratio.low < 1 < found.ratio.high
    assert found.ratio.estimate == pytest.approx(1.0, abs=0.2)
    assert found.unmatched == 0


def test_a_sampled_panel_says_the_same_as_the_whole() -> None:
    study = world(6, Causes(ratio=1.8, rate=0.01), 3000, 30)
    whole, part = matched(panel(study)), matched(panel(study, rows=40_000))
    assert part.ratio.estimate == pytest.approx(whole.ratio.estimate, rel=0.2)


def test_nobody_exposed_has_no_ratio() -> None:
    rows = panel(world(1, Causes(), 300, 8)).assign(out=0)
    found = matched(rows)
    assert np.isnan(found.ratio.estimate)
    assert found.pairs == 0
