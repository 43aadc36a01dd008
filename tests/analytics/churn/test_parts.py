import re

import numpy as np
import pandas as pd
import pytest

from analytics.churn.catalogue import CATALOGUE, FEATURES, PART, STEPS, up_to
from analytics.churn.parts import PARTS, log_odds, points, sentences
from analytics.churn.signs import SIGNS


def contributions(rows: int = 300) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(1).normal(0, 0.4, (rows, len(FEATURES))), columns=FEATURES)


def test_every_feature_has_one_part_one_step_and_words() -> None:
    assert len(set(FEATURES)) == len(FEATURES)
    assert {feature.step for feature in CATALOGUE} == set(STEPS)
    assert set(up_to("rest")) == set(FEATURES)
    told = [name for sign in SIGNS for name in sign.features]
    assert sorted(told) == sorted(FEATURES)


def test_parts_add_up_in_log_odds_and_in_points() -> None:
    given, base = contributions(), -3.0
    parts = log_odds(given)
    assert parts.sum(axis=1).to_numpy() == pytest.approx(given.sum(axis=1).to_numpy())
    own = [name for name in FEATURES if PART[name] == "own"]
    assert parts["own"].to_numpy() == pytest.approx(given[own].sum(axis=1).to_numpy())
    found = points(parts, base)
    chance = 1 / (1 + np.exp(-(base + given.sum(axis=1).to_numpy())))
    assert found.sum(axis=1).to_numpy() == pytest.approx(chance)
    assert (np.sign(found[list(PARTS)]) == np.sign(parts)).all(axis=None)


def test_parts_that_cancel_out_have_the_points_of_the_slope() -> None:
    parts = pd.DataFrame({"own": [1.0], "network": [-1.0], "contract": [0.0], "service": [0.0]})
    found = points(parts, 0.0).iloc[0]
    assert found.tolist() == pytest.approx([0.25, -0.25, 0, 0, 0.5])


def test_what_is_printed_adds_up_to_the_tenth() -> None:
    found = points(log_odds(contributions()), -2.0)
    for text, row in zip(sentences(found), found.to_dict("records"), strict=True):
        whole, base, *_ = (float(number) for number in re.findall(r"\d+\.\d", text))
        parts = {name: float(sign + n) for sign, n, name in re.findall(r"([+-]) (\d+\.\d) (\w+)", text)}
        assert base + sum(parts.values()) == pytest.approx(whole)
        assert whole == pytest.approx(100 * sum(row.values()), abs=0.051)
        assert {name: parts[name] for name in PARTS} == pytest.approx(
            {name: 100 * row[name] for name in PARTS}, abs=0.26
        )
