"""The gates: what the verdict must say of worlds whose cause of leaving is known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from analytics.contagion.panel import NEVER, Month, Study
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


@pytest.mark.parametrize("causes", [NULL, ALIKE], ids=["null", "alike"])
def test_likeness_alone_is_not_contagion(causes: Causes) -> None:
    found = [judged(seed, causes, 600, 24).finding for seed in range(1000, 1020)]
    assert found.count(Finding.BEYOND) <= 1
    assert found.count(Finding.NOT_SHOWN) >= 19


def test_contagion_is_found_and_so_is_its_size() -> None:
    found = judged(1000, CONTAGION, 3000)
    assert found.finding is Finding.BEYOND
    hazard = found.table.set_index("method").estimate["hazard"]
    assert np.log(hazard) == pytest.approx(np.log(1.8), abs=0.15)
    assert found.kernels["out 5"] > found.kernels["in 5"] + 10
    assert found.kernels["out 5"] > found.kernels["out 2"]


def test_a_partners_defection_is_named() -> None:
    found = judged(1001, PARTNER, 2500)
    assert found.finding is Finding.PARTNER
    assert "one partner" in found.sentence


def test_a_regions_shock_is_named() -> None:
    found = judged(1001, REGION)
    assert found.finding is Finding.SHARED
    assert "one region" in found.sentence
    within = found.table.set_index("method").loc["stratified by account"]
    assert within["low"] < 1 < within["high"]


def test_an_account_that_leaves_is_no_contagion_and_no_shock() -> None:
    study = world(1002, NULL, 1200, 30)
    left = study.left.copy()
    for home in (3, 8, 13, 21):
        whole = (study.months[-1].account == home) & (left > 60)
        left[whole] = 60 + 7 * home % 100 + np.arange(int(whole.sum()))
    found = verdict(replace(study, left=left), permutations=99)
    assert found.finding is Finding.NOT_SHOWN
    assert any("were of whole accounts" in note for note in found.notes)


def test_a_network_without_accounts_partners_or_contracts_is_judged_too() -> None:
    study = world(1003, ALIKE, 1000, 30)
    nothing = np.full(1000, -1)
    bare = [
        replace(month, account=nothing, partner=nothing, region=nothing, traits=None)
        for month in study.months
    ]
    found = verdict(replace(study, months=bare), permutations=99)
    assert found.finding is Finding.NOT_SHOWN
    assert np.isfinite(found.table.set_index("method").estimate[["naive", "matched", "hazard"]]).all()


def test_a_hub_all_call_that_left_in_a_bad_month_is_no_contagion() -> None:
    rng = np.random.default_rng(5)
    n, weeks = 1500, 30
    source = np.r_[np.arange(1, n), rng.integers(0, n, 4 * n)]
    target = np.r_[np.zeros(n - 1, int), rng.integers(0, n, 4 * n)]
    apart = source != target
    ties = sparse.csr_array((np.ones(int(apart.sum())), (source[apart], target[apart])), shape=(n, n))
    rate = np.where((np.arange(weeks) >= 10) & (np.arange(weeks) < 14), 0.04, 0.004)
    gone = rng.random((n, weeks)) < rate
    left = np.where(gone.any(axis=1), 7 * gone.argmax(axis=1) + rng.integers(1, 8, n), NEVER)
    left[0] = 72
    nothing = np.full(n, -1)
    months = tuple(
        Month(day, ties, nothing, nothing, nothing, np.full(n, NEVER), np.zeros(n, bool))
        for day in range(0, 7 * weeks, 28)
    )
    found = verdict(Study(np.arange(n, dtype=np.uint64), np.full(n, -500), left, months, 7 * weeks))
    assert found.finding is Finding.NOT_SHOWN
    assert found.table.set_index("method").estimate["naive"] > 2


def test_too_few_departures_are_not_dressed_up() -> None:
    found = judged(1001, Causes(rate=0.0005), 500, 26)
    assert found.finding is Finding.TOO_FEW
    assert found.table.empty
    assert list(found.table.columns) == list(COLUMNS)
    assert "too few departures" in found.sentence
    assert "无法下结论" in found.sentence_zh


@pytest.mark.parametrize("causes", [CONTAGION, NULL], ids=["contagion", "null"])
def test_the_words_claim_no_cause(causes: Causes) -> None:
    found = judged(1001, causes, 700, 24)
    assert "associated with" in found.sentence
    assert "相关" in found.sentence_zh or "关联" in found.sentence_zh
    assert "because" not in found.sentence
    assert "影响" not in found.sentence_zh


def test_the_same_study_gives_the_same_verdict() -> None:
    one, again = judged(1004, NULL, 700, 20), judged(1004, NULL, 700, 20)
    assert one.table.equals(again.table)
    assert one.sentence == again.sentence


def test_too_few_permutations_are_refused() -> None:
    with pytest.raises(BadInput, match="99 can"):
        verdict(world(1001, NULL, 100, 6), permutations=50)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("causes", [NULL, ALIKE], ids=["null", "alike"])
def test_false_alarms_over_a_hundred_seeds(causes: Causes) -> None:
    found = [judged(seed, causes) for seed in range(2000, 2100)]
    findings = [one.finding for one in found]
    order = np.array([one.table.set_index("method").p["order of ends"] for one in found])
    assert findings.count(Finding.BEYOND) <= 5
    assert findings.count(Finding.NOT_SHOWN) >= 90
    assert np.mean(order[np.isfinite(order)] <= 0.05) <= 0.10


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_power_over_thirty_seeds() -> None:
    found = [judged(seed, CONTAGION, 3000) for seed in range(2000, 2030)]
    logs = np.log([one.table.set_index("method").estimate["hazard"] for one in found])
    assert [one.finding for one in found].count(Finding.BEYOND) >= 24
    assert logs.mean() == pytest.approx(np.log(1.8), abs=0.05)
    assert (np.abs(logs - np.log(1.8)) < 0.15).mean() >= 0.9
