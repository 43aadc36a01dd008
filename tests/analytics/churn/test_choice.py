"""Trees or the plain model: which is chosen, and how far the chosen one's chances vary."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.churn.boosted import Boosted
from analytics.churn.choice import Scorer, chosen, fitted, spread
from analytics.churn.kinds import OTHER, kind_chances
from analytics.churn.model import Model, interval
from analytics.churn.windows import Window, together

COLUMNS = ["x", "y"]


def window(seed: int, bent: bool, rows: int = 1500) -> Window:
    """Leaving goes up with x, or (bent) is likely where x and y have one sign."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(rows, 2)), columns=COLUMNS)
    odds = 2.0 * np.sign(frame["x"] * frame["y"]) - 2 if bent else frame["x"] - 2
    frame["account_id"] = [f"a{i // 10}" for i in range(rows)]
    frame.index = [f"m{i}" for i in range(rows)]
    left = rng.random(rows) < 1 / (1 + np.exp(-odds))
    return Window(date(2000, 1, 31) + timedelta(days=60 * seed), frame, np.asarray(left))


def made(bent: bool) -> tuple[Scorer, list[Window]]:
    windows = [window(seed, bent) for seed in range(4)]
    choice, early = chosen(windows[:-1], COLUMNS)
    assert early is not None
    assert choice.kind == early.kind
    assert choice.why.startswith("log loss on the window from 2000-05-30: logistic 0.")
    return fitted(choice, together(windows), COLUMNS), windows


def test_the_one_that_foretells_the_tuning_window_better_is_chosen() -> None:
    assert isinstance(made(bent=True)[0], Boosted)
    assert isinstance(made(bent=False)[0], Model)


def test_trees_vary_about_their_chance() -> None:
    scorer, windows = made(bent=True)
    scored = windows[-1].frame
    value = scorer.chance(scored)
    draws = spread(scorer, windows, together(windows), scored)
    assert draws.shape == (len(scored), 12)
    assert draws.mean(axis=1) == pytest.approx(value, abs=0.05)
    low, high = interval(value, draws)
    assert 0.005 < (high - low).mean() < 0.3
    assert np.array_equal(draws, spread(scorer, windows, together(windows), scored))


def test_kinds_share_out_the_chance_by_what_past_leavers_did() -> None:
    rng = np.random.default_rng(1)
    leavers = pd.DataFrame({"x": rng.normal(size=600), "y": rng.normal(size=600)})
    names = np.where(leavers["x"] > 0, "active_rival", "passive_arrears").astype(object)
    names[:5] = "passive_fraud"
    scored = pd.DataFrame({"x": [2.0, -2.0], "y": [0.0, 0.0]}, index=["a", "b"])
    found = kind_chances(leavers, pd.Series(names), COLUMNS, scored, np.array([0.4, 0.2]))
    assert list(found.columns) == ["active_rival", OTHER, "passive_arrears"]
    assert found.sum(axis=1).tolist() == pytest.approx([0.4, 0.2])
    assert found.loc["a", "active_rival"] > 0.35
    assert found.loc["b", "passive_arrears"] > 0.17
