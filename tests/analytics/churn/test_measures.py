"""Measures against sklearn, empulse, brute force and closed forms."""

from math import ceil

import numpy as np
import pandas as pd
import pytest
from empulse.metrics import empb_score
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from analytics.churn.calibration import level, line
from analytics.churn.measures import Judged, _Ranked, drawn_measures, gains, lift, measured, worth


def judged(rows: int = 1500, seed: int = 3, accounts: int = 60) -> Judged:
    """Scores with ties, whose chances are right."""
    rng = np.random.default_rng(seed)
    odds = np.round(rng.normal(-2.5, 1.2, rows), 1)
    left = rng.random(rows) < 1 / (1 + np.exp(-odds))
    account = pd.Series(rng.integers(0, accounts, rows).astype(str))
    return Judged(odds, left, account, rng.lognormal(7, 0.5, rows))


def test_figures_against_sklearn_and_empulse() -> None:
    rows = judged()
    found = measured(rows, draws=20)
    assert found["auc"] == pytest.approx(roc_auc_score(rows.left, rows.odds))
    assert found["auprc"] == pytest.approx(average_precision_score(rows.left, rows.odds))
    assert found["base_rate"] == rows.left.mean()
    assert found["brier"] == pytest.approx(np.mean((rows.chance - rows.left) ** 2))
    assert found["lift_10"] == lift(rows.odds, rows.left)
    assert found["slope"] == pytest.approx(1, abs=0.2)
    for name in ("auc", "lift_10", "empb"):
        assert found[f"{name}_low"] <= found[name] <= found[f"{name}_high"]


def test_expected_profit_by_brute_force_over_every_depth() -> None:
    rows = judged(rows=300)
    rows = Judged(rows.odds + np.linspace(0, 1e-6, 300), rows.left, rows.account, rows.value)
    order = np.argsort(-rows.odds)
    profits = [
        sum(
            0.3 * 0.95 * rows.value[i] - 15 if rows.left[i] else -0.05 * rows.value[i] - 15
            for i in order[:depth]
        )
        / 300
        for depth in range(301)
    ]
    found = measured(rows, draws=20)
    assert max(profits) > 0
    assert found["empb"] == pytest.approx(max(profits))
    assert found["empb_share"] == int(np.argmax(profits)) / 300
    told = {"clv": rows.value, "incentive_fraction": 0.05, "contact_cost": 15}
    assert found["empb"] == pytest.approx(empb_score(rows.left.astype(int), rows.odds, **told))


def test_a_contact_is_charged_for_everybody_contacted() -> None:
    assert gains(np.array([True, False]), np.array([200.0, 200.0])).tolist() == pytest.approx(
        [0.3 * 0.95 * 200 - 15, -0.05 * 200 - 15]
    )


def test_figures_of_a_draw_are_those_of_the_rows_written_out() -> None:
    rows = judged(rows=200)
    apart = Judged(rows.odds + np.linspace(0, 1e-6, 200), rows.left, rows.account, rows.value)
    counts = np.random.default_rng(1).integers(0, 4, 200)
    ranked = _Ranked(apart, np.arange(200))
    weight = counts[ranked.number].astype(float)
    many = np.repeat(np.arange(200), counts)
    odds, left = apart.odds[many], apart.left[many]
    assert ranked.auc(weight) == pytest.approx(roc_auc_score(left, odds))
    top = left[np.argsort(-odds, kind="stable")][: ceil(0.1 * len(many))]
    assert ranked.lift(weight, 0.1) == pytest.approx(top.mean() / left.mean())
    told = {"clv": apart.value[many], "incentive_fraction": 0.05, "contact_cost": 15}
    assert ranked.empb(weight) == pytest.approx(empb_score(left.astype(int), odds, **told))


def test_the_same_seed_draws_the_same_accounts_for_every_model() -> None:
    rows = judged()
    again = drawn_measures(rows, 30)
    assert all(np.array_equal(values, again[name]) for name, values in drawn_measures(rows, 30).items())
    better = Judged(rows.odds + 3 * rows.left, rows.left, rows.account, rows.value)
    assert (drawn_measures(better, 30)["auc"] > again["auc"]).all()


def test_calibration_is_that_of_a_logistic_regression() -> None:
    rows = judged()
    slope, intercept = line(3 * rows.odds + 1, rows.left)
    plain = LogisticRegression(C=1e9, tol=1e-10, max_iter=1000).fit((3 * rows.odds + 1)[:, None], rows.left)
    assert (slope, intercept) == pytest.approx((plain.coef_[0, 0], plain.intercept_[0]), rel=1e-3)
    odds = rows.odds + level(rows.odds + 2, rows.left) + 2
    assert (1 / (1 + np.exp(-odds))).sum() == pytest.approx(rows.left.sum())


def test_a_line_is_worth_two_years_of_its_bill() -> None:
    frame = pd.DataFrame({"bill_last": [100.0, np.nan, np.nan], "plan_fee": [1.0, 50.0, np.nan]})
    assert worth(frame).tolist() == [2400, 1200, 24 * 75]
