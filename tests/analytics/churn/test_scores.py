import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.churn.catalogue import FEATURES
from analytics.churn.labels import labels
from analytics.churn.measures import figures
from analytics.churn.model import fit, varying
from analytics.churn.reasons import undone_words
from analytics.churn.scores import ChurnScores, churn_scores, expected
from analytics.churn.windows import window
from analytics.frames import departed
from graph.lake import Lake
from tests.analytics.worlds import lake_of, member, random_world

AS_OF = date(2001, 2, 28)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    return random_world(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="module")
def scores(world: Lake) -> ChurnScores:
    return churn_scores(world.view, AS_OF)


def test_a_planted_signal_is_found_out_of_time(scores: ChurnScores) -> None:
    judged = scores.notes["out_of_time"]
    assert isinstance(judged, dict)
    assert judged["auc"] > 0.65
    assert judged["lift_10"] > 1.5
    assert judged["leavers"] >= 20


def test_scrambled_labels_cannot_be_told(world: Lake) -> None:
    days = (date(2000, 10, 31), date(2000, 12, 31))
    older, newer = (window(world.view, day, labels(world.view, day, 60)) for day in days)
    columns, _ = varying(older.frame, FEATURES)
    found = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        left, later = rng.permutation(older.left), rng.permutation(newer.left)
        found.append(figures(fit(older.frame, left, columns).chance(newer.frame), later)["auc"])
    assert np.mean(found) == pytest.approx(0.5, abs=0.05)


def test_every_active_member_has_a_score_in_its_interval_and_a_reason(
    world: Lake, scores: ChurnScores
) -> None:
    active = world.view(AS_OF).sql('SELECT count(*) AS n FROM members WHERE "left" IS NULL')["n"][0]
    found = scores.members
    assert len(found) == active
    assert found["value"].between(0, 1).all()
    assert (found["low"] <= found["value"]).all()
    assert (found["value"] <= found["high"]).all()
    assert found["reasons"].map(len).between(2, 5).all()
    worst = found.nlargest(20, "value")["reasons"].explode()
    assert worst.str.contains("contact").any()


def test_accounts_expect_the_sum_of_their_members(world: Lake, scores: ChurnScores) -> None:
    assert scores.accounts["value"].sum() == pytest.approx(scores.members["value"].sum())
    assert (scores.accounts["low"] <= scores.accounts["value"]).all()
    assert (scores.accounts["value"] <= scores.accounts["high"]).all()
    spread = scores.accounts["high"] - scores.accounts["low"]
    assert spread.sum() < (scores.members["high"] - scores.members["low"]).sum()


def test_account_sum_by_hand() -> None:
    members = pd.DataFrame(
        {"id": ["a", "b", "c"], "value": [0.2, 0.5, 0.1], "reasons": [["why a"], ["why b"], ["why c"]]}
    )
    draws = np.array([[0.1, 0.3], [0.4, 0.7], [0.1, 0.1]])
    found = expected(members, draws, pd.Series(["x", "x", None]), 60)
    assert found["id"].tolist() == ["x"]
    assert found["value"].tolist() == pytest.approx([0.7])
    assert found["low"][0] == pytest.approx(0.5 + 0.05 * 0.5)
    assert found["reasons"][0] == [
        "0.7 of 2 members expected to leave within 60 days",
        "most at risk: b (50 %): why b",
    ]


def test_labels_are_as_known_at_the_end_of_the_window(tmp_path: Path) -> None:
    day = date(2000, 6, 30)
    lake = lake_of(
        tmp_path,
        members=[
            member("stays"),
            member("leaves"),
            member("leaves", date(2000, 7, 20), left=date(2000, 7, 20)),
            member("returns"),
            member("returns", date(2000, 7, 10), left=date(2000, 7, 10)),
            member("returns", date(2000, 8, 10)),
            member("later"),
            member("later", date(2000, 9, 20), left=date(2000, 9, 20)),
            member("told_late"),
            member("told_late", date(2000, 7, 5), left=date(2000, 6, 25)),
        ],
    )
    assert labels(lake.view, day, 60).to_dict() == {
        "stays": False,
        "leaves": True,
        "returns": False,
        "later": False,
    }


def test_too_few_leavers_is_said_in_words(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        members=[member(f"m{i}", left=date(2000, 11, 20) if i < 3 else None) for i in range(50)],
    )
    found = churn_scores(lake.view, date(2000, 12, 31))
    assert found.members.empty
    assert found.accounts.empty
    assert found.notes["refused"] == "the feed has 3 leavers between 2000-08-31 and 2000-12-31; 20 are needed"


def test_parts_add_up_to_every_score_and_its_words_say_so(scores: ChurnScores) -> None:
    members = scores.members.set_index("id")
    assert scores.parts.sum(axis=1).to_numpy() == pytest.approx(members["value"].to_numpy())
    assert scores.parts["base"].nunique() == 1
    for key, why in members["reasons"].items():
        total, base, *_ = (float(n) for n in re.findall(r"\d+\.\d", why[-1]))
        parts = [float(sign + n) for sign, n in re.findall(r"([+-]) (\d+\.\d)", why[-1])]
        assert total == pytest.approx(base + sum(parts))
        assert total == pytest.approx(100 * members.loc[key, "value"], abs=0.051)


def test_every_neighbour_and_date_that_a_reason_names_is_in_the_lake_as_of_the_day(
    world: Lake, scores: ChurnScores
) -> None:
    left = departed(world.view(AS_OF))
    told = scores.members["reasons"].explode()
    named = told[told.str.contains("left in the last 90 days: ")]
    assert len(named) > 20
    pairs = {pair for words in named for pair in re.findall(r"(m\d+) on (\d{4}-\d\d-\d\d)", words)}
    assert len(pairs) > 20
    assert all(left[key].date().isoformat() == day for key, day in pairs)


def test_without_departures_the_score_is_another(scores: ChurnScores) -> None:
    value = scores.members.set_index("id")["value"]
    told = scores.members.set_index("id")["reasons"].explode()
    undone = told[told.str.startswith("without ")]
    assert len(undone) > 5
    for key, words in undone.items():
        found = re.fullmatch(r"without the departures? of (m\d+ on .+): (\d+) → (\d+) %", words)
        assert found
        assert int(found[2]) == pytest.approx(100 * value[key], abs=0.51)


def test_words_of_departures_undone_by_hand() -> None:
    who = ["m1 on 2000-05-01", "m1 on 2000-05-01, m2 on 2000-05-02 and 2 more", "m1 on 2000-05-01"]
    assert undone_words(who, np.array([0.57, 0.4, 0.1]), np.array([0.42, 0.5, 0.095])) == [
        ["without the departure of m1 on 2000-05-01: 57 → 42 %"],
        ["without the departures of m1 on 2000-05-01, m2 on 2000-05-02 and 2 more: 40 → 50 %"],
        [],
    ]


def test_kinds_add_up_to_the_chance(scores: ChurnScores) -> None:
    value = scores.members["value"].to_numpy()
    assert scores.kinds.sum(axis=1).to_numpy() == pytest.approx(value)
    assert scores.notes["kinds"] == {"unknown": pytest.approx(value.sum(), abs=0.01)}


def test_members_of_circles_have_a_group_first_score(scores: ChurnScores) -> None:
    assert set(scores.groups["id"]) <= set(scores.members["id"])
    assert len(scores.groups) > 0.9 * len(scores.members)
    assert scores.groups["value"].between(0, 1).all()


def test_few_leavers_get_the_plain_model_and_the_reason_why(scores: ChurnScores) -> None:
    model = scores.notes["model"]
    assert model["kind"] == "logistic"
    assert "to tune trees; 300 and 50 are needed" in model["why"]
