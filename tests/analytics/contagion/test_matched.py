import numpy as np
import pandas as pd
import pytest

from analytics.contagion.matched import beside, matched
from analytics.contagion.panel import panel
from tests.analytics.contagion.worlds import Causes, world


def test_everybody_near_in_the_same_week_stands_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    #                 exposed  near  near  far   other week
    week = np.array([0, 0, 0, 0, 1])
    exposed = np.array([True, False, False, False, False])
    logit = np.array([0.0, 0.1, -0.1, 0.5, 0.0])
    monkeypatch.setattr("analytics.contagion.matched.BESIDE", 1)
    share = beside(week, exposed, np.zeros(5, bool), logit, np.full(5, 2.0), caliper=0.2)
    assert share.tolist() == pytest.approx([2.0, 1.0, 1.0, 0.0, 0.0])


def test_few_near_are_left_out() -> None:
    logit = np.array([0.0, *[0.1] * 9, 1.0])
    share = beside(np.zeros(11, int), np.arange(11) == 0, np.zeros(11, bool), logit, np.ones(11), caliper=0.2)
    assert share.tolist() == [0.0] * 11
    share = beside(
        np.zeros(11, int), np.arange(11) == 0, np.zeros(11, bool), 0 * logit, np.ones(11), caliper=0.2
    )
    assert share.tolist() == pytest.approx([1.0, *[0.1] * 10])


def test_rows_beside_count_by_their_weights() -> None:
    # 8 who stayed stand for 3 each and 2 for 1, beside one who left: 27 in all.
    weight = np.array([1.0, *[3.0] * 8, 1.0, 1.0, 1.0])
    left = np.arange(12) == 11
    share = beside(np.zeros(12, int), np.arange(12) == 0, left, np.zeros(12), weight, caliper=0.2)
    assert share[0] == 1
    assert share[[1, 9, 11]] == pytest.approx([3 / 27, 1 / 27, 1 / 27])


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
        member=np.arange(n), week=np.arange(n) % 4, like_0=0.0,
        account=np.arange(n) % 200, arrears=late.astype(int),
        out=exposed.astype(int), left=left, weight=1.0, drawn=True,
    )  # fmt: skip
    naive = left[exposed].mean() / left[~exposed].mean()
    found = matched(rows)
    assert naive == pytest.approx(1.84, abs=0.2)
    assert found.ratio.low < 1 < found.ratio.high
    assert found.ratio.estimate == pytest.approx(1.0, abs=0.2)
    assert found.unmatched == 0


def test_a_sampled_panel_says_the_same_as_the_whole() -> None:
    study = world(1006, Causes(ratio=1.8, rate=0.01), 1500, 30)
    whole, part = matched(panel(study, rows=10**9)), matched(panel(study, rows=20_000))
    assert part.ratio.estimate == pytest.approx(whole.ratio.estimate, rel=0.2)


def test_nobody_exposed_has_no_ratio() -> None:
    rows = panel(world(1, Causes(), 300, 8)).assign(out=0)
    found = matched(rows)
    assert np.isnan(found.ratio.estimate)
    assert found.pairs == 0
