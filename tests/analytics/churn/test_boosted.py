import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from analytics.churn.boosted import Boosted, grow
from analytics.churn.calibration import line


def sample(seed: int, rows: int = 1500) -> tuple[pd.DataFrame, np.ndarray]:
    """x and y matter only together, which no straight line sees; z is noise with gaps."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(rows, 3)), columns=list("xyz"))
    left = rng.random(rows) < np.where(frame["x"] * frame["y"] > 0, 0.4, 0.05)
    return frame.mask(rng.random((rows, 3)) < [0, 0, 0.2]), left


@pytest.fixture(scope="module")
def trees() -> Boosted:
    frame, left = sample(1)
    later, later_left = sample(2)
    found = grow(frame, left, list("xyz"), (later, later_left))
    return found.calibrated(*line(found.raw(later), later_left))


def test_what_no_line_sees_is_found_and_chances_mean_what_they_say(trees: Boosted) -> None:
    frame, left = sample(3, 4000)
    assert roc_auc_score(left, trees.chance(frame)) > 0.7
    assert line(trees.odds(frame), left)[0] == pytest.approx(1, abs=0.15)
    assert trees.chance(frame).mean() == pytest.approx(left.mean(), abs=0.02)


def test_contributions_and_the_base_add_up_to_the_odds(trees: Boosted) -> None:
    frame, _ = sample(4, 200)
    total = trees.base + trees.contributions(frame).sum(axis=1).to_numpy()
    assert total == pytest.approx(trees.odds(frame), abs=1e-9)
    assert 1 / (1 + np.exp(-total)) == pytest.approx(trees.chance(frame))


def test_the_same_rows_give_the_same_trees_and_their_text_says_all(trees: Boosted) -> None:
    frame, left = sample(1)
    one, two = (grow(frame, left, list("xyz"), rounds=20) for _ in range(2))
    assert one.text == two.text
    again = Boosted(trees.columns, trees.text, trees.rounds, trees.slope, trees.intercept)
    assert np.array_equal(again.odds(frame), trees.odds(frame))


def test_a_weight_counts_a_row_as_often() -> None:
    frame, left = sample(1)
    kept = np.arange(len(frame)) % 2 == 0
    some = grow(frame, left, ["x", "y"], rounds=5, weight=kept.astype(float))
    assert some.chance(frame).mean() == pytest.approx(left[kept].mean(), abs=0.03)


def test_a_split_adds_what_its_side_has_over_its_own_mean() -> None:
    frame = pd.DataFrame({"x": [0.0] * 300 + [1.0] * 100, "y": np.tile([0.0, 1.0], 200)})
    left = np.r_[np.arange(300) % 10 % 5 == 0, np.arange(100) % 4 < 2]
    found = grow(frame, left, ["x", "y"], rounds=30)
    told = found.contributions(frame)
    for value in (0.0, 1.0):
        rows = (frame["x"] == value).to_numpy()
        gap = found.odds(frame)[rows] - found.base
        assert told["x"].to_numpy()[rows] + told["y"].to_numpy()[rows] == pytest.approx(gap)
        assert np.abs(told["x"].to_numpy()[rows]).min() > 3 * np.abs(told["y"].to_numpy()[rows]).max()
    assert told["x"].to_numpy()[0] < 0 < told["x"].to_numpy()[-1]


def test_a_part_is_near_that_of_treeshap_where_features_add_up() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(3000, 2)), columns=["x", "y"])
    left = rng.random(3000) < 1 / (1 + np.exp(2 - frame["x"] - frame["y"] / 2))
    found = grow(frame, left.to_numpy(), ["x", "y"], rounds=60)
    exact = lgb.Booster(model_str=found.text).predict(frame.to_numpy(), pred_contrib=True)
    for place, name in enumerate(("x", "y")):
        assert np.corrcoef(exact[:, place], found.contributions(frame)[name])[0, 1] > 0.95
