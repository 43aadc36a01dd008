import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from analytics.churn.measures import lift
from analytics.churn.model import fit, interval, resampled, varying


def sample(seed: int, rows: int = 600) -> tuple[pd.DataFrame, np.ndarray]:
    """x raises the odds, y is noise, z is missing more often for those who leave."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    left = rng.random(rows) < 1 / (1 + np.exp(2 - 1.5 * x))
    z = np.where(rng.random(rows) < np.where(left, 0.6, 0.1), np.nan, rng.normal(size=rows))
    return pd.DataFrame({"x": x, "y": rng.normal(size=rows), "z": z}), left


def test_a_signal_is_found_and_a_gap_is_a_signal_too() -> None:
    frame, left = sample(1)
    model = fit(frame, left, ["x", "y", "z"])
    later, later_left = sample(2)
    assert roc_auc_score(later_left, model.chance(later)) > 0.85
    assert model.scaling.owner() == ["x", "y", "z", "z"]
    assert model.weights[0] > 1
    assert abs(model.weights[1]) < 0.3
    assert model.weights[3] > 0.5


def test_contributions_add_up_to_the_odds() -> None:
    frame, left = sample(1)
    model = fit(frame, left, ["x", "y", "z"])
    odds = model.contributions(frame).sum(axis=1) + model.intercept
    assert 1 / (1 + np.exp(-odds.to_numpy())) == pytest.approx(model.chance(frame))


def test_chances_are_calibrated_in_the_large() -> None:
    frame, left = sample(3)
    assert fit(frame, left, ["x", "y", "z"]).chance(frame).mean() == pytest.approx(left.mean(), abs=0.01)


def test_what_does_not_vary_is_left_out_by_name() -> None:
    frame = pd.DataFrame(
        {
            "a": np.arange(40.0),
            "b": np.nan,
            "c": 3.0,
            "d": [1.0] * 20 + [np.nan] * 20,
            "e": [0.0] * 31 + [1.0] * 9,
        }
    )
    assert varying(frame, list("abcde")) == (
        ["a", "d"],
        {"b": "no data", "c": "the same for all", "e": "the same for all but 9 members"},
    )


def test_the_interval_holds_the_value_and_repeats() -> None:
    frame, left = sample(1)
    model = fit(frame, left, ["x", "z"])
    clusters = pd.Series(np.arange(len(frame)) // 10)
    draws = resampled(model, frame, left, clusters, frame)
    assert draws.shape == (len(frame), 30)
    assert np.array_equal(draws, resampled(model, frame, left, clusters, frame))
    low, high = interval(model.chance(frame), draws)
    assert (low <= model.chance(frame)).all()
    assert (high >= model.chance(frame)).all()
    assert (high - low).mean() > 0.01


def test_no_interval_where_everyone_who_left_was_of_one_account() -> None:
    frame, _ = sample(1, 100)
    left = np.arange(100) < 5
    clusters = pd.Series(np.where(left, "one", "x").tolist()).where(
        left, pd.Series(np.arange(100).astype(str))
    )
    draws = resampled(fit(frame, left, ["x"]), frame, left, clusters, frame)
    low, high = interval(np.zeros(100), np.zeros((100, 0)))
    assert draws.shape[1] in range(10, 31)  # about two in three resamples hold the account
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_lift_compares_the_top_with_all() -> None:
    chance, left = np.linspace(1, 0, 20), np.zeros(20, bool)
    left[[0, 1, 5, 10]] = True
    assert lift(chance, left) == pytest.approx((2 / 2) / (4 / 20))
