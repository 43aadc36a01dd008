"""The gates: what the verdict must say of worlds whose cause of leaving is known."""

import numpy as np
import pytest

from analytics.contagion.verdict import COLUMNS, Finding, Verdict, verdict
from graph.errors import BadInput
from tests.analytics.contagion.worlds import Causes, world

NULL = Causes(rate=0.01)
ALIKE = Causes(homophily=0.8, rate=0.01)
CONTAGION = Causes(ratio=1.8, rate=0.01)
PARTNER = Causes(homophily=0.4, partner_shock=6.0, rate=0.01)
REGION = Causes(homophily=0.4, region_shock=4.0, rate=0.01)


def judged(seed: int, causes: Causes, members: int = 2000, weeks: int = 52) -> Verdict:
    return verdict(world(seed, causes, members, weeks), permutations=99)


def test_likeness_alone_is_not_contagion() -> None:
    found = [judged(seed, ALIKE, 1000, 30).finding for seed in range(6)]
    assert Finding.BEYOND not in found
    assert found.count(Finding.NOT_SHOWN) >= 5


def test_contagion_is_found_and_so_is_its_size() -> None:
    found = [judged(seed, CONTAGION) for seed in (1, 2)]
    assert [one.finding for one in found] == [Finding.BEYOND] * 2
    logs = [np.log(one.table.set_index("method").estimate["hazard"]) for one in found]
    assert np.mean(logs) == pytest.approx(np.log(1.8), abs=0.15)
    assert all(one.kernels["out 5"] > one.kernels["in 5"] for one in found)


def test_a_partners_defection_is_named() -> None:
    assert judged(1, PARTNER, 2500).finding is Finding.PARTNER


def test_a_regions_shock_is_named() -> None:
    found = judged(1, REGION)
    assert found.finding is Finding.SHARED
    assert "one region" in found.sentence
    within = found.table.set_index("method").loc["stratified by account"]
    assert within["low"] < 1 < within["high"]


def test_too_few_departures_are_not_dressed_up() -> None:
    found = judged(1, Causes(rate=0.0005), 500, 26)
    assert found.finding is Finding.TOO_FEW
    assert found.table.empty
    assert list(found.table.columns) == list(COLUMNS)
    assert "too few departures" in found.sentence
    assert "无法下结论" in found.sentence_zh


def test_the_words_claim_no_cause() -> None:
    for causes in (CONTAGION, NULL):
        found = judged(1, causes, 700, 24)
        assert "associated with" in found.sentence
        assert "相关" in found.sentence_zh or "关联" in found.sentence_zh
        assert "because" not in found.sentence
        assert "影响" not in found.sentence_zh


def test_the_same_study_gives_the_same_verdict() -> None:
    one, again = judged(4, NULL, 700, 20), judged(4, NULL, 700, 20)
    assert one.table.equals(again.table)
    assert one.sentence == again.sentence


def test_too_few_permutations_are_refused() -> None:
    with pytest.raises(BadInput, match="99 can"):
        verdict(world(1, NULL, 100, 6), permutations=50)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("causes", [NULL, ALIKE], ids=["null", "alike"])
def test_false_alarms_over_a_hundred_seeds(causes: Causes) -> None:
    found = [judged(seed, causes).finding for seed in range(100)]
    assert found.count(Finding.BEYOND) <= 5
    assert found.count(Finding.NOT_SHOWN) >= 90


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_power_over_thirty_seeds() -> None:
    found = [judged(seed, CONTAGION) for seed in range(30)]
    logs = np.log([one.table.set_index("method").estimate["hazard"] for one in found])
    assert [one.finding for one in found].count(Finding.BEYOND) >= 24
    assert logs.mean() == pytest.approx(np.log(1.8), abs=0.05)
    assert (np.abs(logs - np.log(1.8)) < 0.15).mean() >= 0.7
