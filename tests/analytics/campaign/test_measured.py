"""Results of campaigns with known arms: what is counted, and that planted effects are found again."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.campaign.effects import Effect
from analytics.campaign.learners import uplift
from analytics.campaign.measured import (
    Units,
    average_effects,
    effects_by_class,
    spillover,
    total_effect,
    units,
    with_friends,
)
from analytics.campaign.results import COLUMNS, results
from analytics.csr import lake_graph
from graph.errors import BadInput, NotFound
from graph.lake import Lake
from tests.analytics.campaign.worlds import account, bill, touch
from tests.analytics.worlds import belongs, lake_of, member, tie

STARTS, SEEN = date(2001, 1, 1), date(2001, 12, 31)
FIRST, BORN, NOVEMBER = date(2001, 1, 2), date(1999, 1, 1), date(2000, 11, 1)
ACCOUNTS, LINES = 240, 12
RATE, OWN, FRIENDS = 0.6, 0.2, 0.12
"""Leaving uncontacted; points less by a contact; points less for the others where friends are contacted."""


def trial(folder: Path, seed: int = 1) -> Lake:
    """Accounts by lot: a third nobody, a third lines 0 to 3 called (K1), a third also lines 4 to 7 (K2).

    A call takes twice OWN points away from the one called, where its bill is high, and nothing elsewhere;
    where friends are called everybody in the account leaves FRIENDS points less. Ties: a ring inside the
    account. K3 has no control group.
    """
    rng = np.random.default_rng(seed)
    arm = rng.permutation(np.arange(ACCOUNTS) % 3)
    places = [(a, i, f"m{a:03d}{i:02d}") for a in range(ACCOUNTS) for i in range(LINES)]
    called = {key: (i < 4 and arm[a] > 0) or (4 <= i < 8 and arm[a] == 2) for a, i, key in places}
    dear = {key: rng.random() < 0.5 for _, _, key in places}
    chance = {
        key: RATE - 2 * OWN * (called[key] and dear[key]) - FRIENDS * (arm[a] == 2) for a, _, key in places
    }
    arms = {key: "treat" if called[key] else "control" for key in called}
    days = {key: STARTS + timedelta(days=int(rng.integers(5, 170))) for key in called}
    gone = [
        member(key, days[key], joined=BORN, left=days[key]) for key in called if rng.random() < chance[key]
    ]
    return lake_of(
        folder,
        accounts=[account(f"a{a:03d}") for a in range(ACCOUNTS)],
        members=[*(member(key, joined=BORN) for key in called), *gone],
        memberships=[belongs(key, f"a{a:03d}") for a, _, key in places],
        bills=[bill(key, rng.uniform(20, 60) + 120 * dear[key], NOVEMBER) for key in called],
        ties=[tie(key, f"m{a:03d}{(i + 1) % LINES:02d}", NOVEMBER, 3) for a, i, key in places],
        touches=[
            *(touch("K1", key, arms[key], FIRST, cost=3.0) for _, i, key in places if i < 4),
            *(touch("K2", key, arms[key], FIRST, cost=3.0) for _, i, key in places if 4 <= i < 8),
            *(touch("K3", key, "treat", STARTS) for a, i, key in places if i == 11 and a < 9),
        ],
        campaigns=[
            {"campaign_id": key, "known_from": STARTS, "starts": STARTS} for key in ("K1", "K2", "K3")
        ],
    )


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return trial(tmp_path_factory.mktemp("trial"))


@pytest.fixture(scope="module")
def both(lake: Lake) -> tuple[Units, Units]:
    return units(lake.view, "K1", SEEN), units(lake.view, "K2", SEEN)


def test_units_are_those_whose_horizon_is_over(lake: Lake, both: tuple[Units, Units]) -> None:
    found = both[0]
    assert len(found.frame) == 4 * ACCOUNTS
    assert found.waiting == 0
    assert found.frame["lines"].unique().tolist() == [LINES]
    assert found.frame["ties"].unique().tolist() == [2]
    assert found.frame["tenure"].unique().tolist() == [(STARTS - BORN).days - 1]
    with pytest.raises(BadInput, match="of its 960 members nobody's 180 days are over on 2001-03-01"):
        units(lake.view, "K1", date(2001, 3, 1))
    with pytest.raises(NotFound, match="no campaign named 'K9'; known: K1, K2, K3"):
        units(lake.view, "K9", SEEN)


def near(found: Effect | pd.Series, truth: float) -> bool:
    """Within four standard errors; that 95 % of intervals hold the truth is shown in test_effects."""
    return bool(abs(found.value - truth) <= 4 * (found.high - found.low) / 3.9)


def test_planted_effects_are_found(both: tuple[Units, Units]) -> None:
    found = average_effects(both[0]).set_index(["outcome", "estimate"])
    # Half of those treated are in accounts whose friends were called too.
    for estimate in ("plain", "adjusted"):
        row = found.loc[("left", estimate)]
        assert near(row, -(OWN + FRIENDS / 2))
        assert row["high"] < 0
    assert "joined" not in found.index.get_level_values("outcome")  # nobody took a product


def test_friends_too_beats_alone(both: tuple[Units, Units]) -> None:
    found = with_friends(*both).set_index("figure")
    assert near(found.loc["contacted less neither"], -OWN)
    assert near(found.loc["contacted, friends too less contacted"], -FRIENDS)
    assert found.loc["contacted, friends too less contacted", "high"] < 0
    assert near(found.loc["contacted, friends too less neither"], -OWN - FRIENDS)
    assert found.loc["neither", "value"] == pytest.approx(RATE, abs=4 * 0.027)


def test_whole_accounts_have_the_total(lake: Lake, both: tuple[Units, Units]) -> None:
    found = total_effect(both[1], lake.view(SEEN))
    # K2 treats a third: everybody FRIENDS less, 8 of 12 called; against nobody and 4 of 12 in half of them.
    assert near(found, -(FRIENDS + OWN * 8 / 12 - OWN * 4 / 12 / 2))
    assert found.high < 0
    assert found.treated + found.control == ACCOUNTS * LINES


def test_others_move_with_the_treated_share_of_their_neighbours(
    lake: Lake, both: tuple[Units, Units]
) -> None:
    graph = lake_graph(lake.view(STARTS - timedelta(days=1)))
    found = spillover(both, lake.view(SEEN), graph)
    # In no arm: lines 8 to 11. Line 8 knows line 7 of K2, treated where friends are; line 11 knows line 0 of
    # K1, treated in twice as many accounts, half of which have called friends: (1 + 2 / 2) / 3.
    assert near(found, -FRIENDS * 2 / 3)
    assert found.treated + found.control == 2 * ACCOUNTS


def test_classes_are_drawn_together(both: tuple[Units, Units]) -> None:
    """By lot of the account: what differs between the classes is chance, so all come near the whole."""
    number = both[0].frame["account_id"].str[1:].astype(int)
    frame = both[0].frame.assign(
        **{"class": np.select([number < 5, number % 2 == 0], ["few", "even"], "odd")}
    )
    found = effects_by_class(replace(both[0], frame=frame)).set_index("class")
    assert set(found.index) == {"even", "odd"}
    alone = {
        name: average_effects(replace(both[0], frame=frame[frame["class"] == name]))["value"][0]
        for name in found.index
    }
    apart = abs(alone["even"] - alone["odd"])
    assert abs(found["value"].diff().iloc[1]) < apart
    assert found["value"].between(min(alone.values()), max(alone.values())).all()


def test_uplift_ranks_whom_a_contact_moves_above_whom_is_at_risk(both: tuple[Units, Units]) -> None:
    found = uplift(both[0])
    assert found.frame["uplift_t"].corr(found.frame["value"]) > 0.4
    assert found.curves["uplift (T)"].qini_low > 0
    assert found.curves["uplift (X)"].qini > found.curves["risk"].qini
    assert found.frame["risk"].between(0, 1).all()


def test_all_of_it_together_and_what_cannot_be_told(lake: Lake) -> None:
    found = results(lake.view, lake_graph, "K1", SEEN, friends="K2")
    assert list(found.figures.columns) == COLUMNS
    assert "Qini of uplift (X) × value" in set(found.figures["figure"])
    assert found.notes == ("campaign K1: no two classes of accounts have 4 in each arm",)
    assert found.sentence.startswith("contacting changed leaving within 180 days: -")
    assert found.sentence_zh.startswith("联系改变了180天内的流失率")
    with pytest.raises(BadInput, match="K3 has no randomised contrast: all 9 members are in one arm"):
        results(lake.view, lake_graph, "K3", SEEN)
