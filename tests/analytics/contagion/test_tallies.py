from dataclasses import replace

import numpy as np
import pytest

from analytics.contagion.panel import NEVER, panel
from analytics.contagion.ratios import naive, strata_of, stratified
from analytics.contagion.tallies import tallies, together
from tests.analytics.contagion.worlds import Causes, world


def test_counts_are_those_of_the_whole_panel() -> None:
    study = world(1001, Causes(ratio=1.8, rate=0.01), 600, 20)
    rows = panel(study, rows=10**9)
    arms = (rows["out"].to_numpy() > 0, rows["left"].to_numpy(bool), rows["weight"].to_numpy(float))
    found = tallies(study)
    assert found.naive.low == pytest.approx(naive(*arms).low)
    by_account = stratified(strata_of(rows, ["account", "week"]), *arms)
    assert found.by_account.high == pytest.approx(by_account.high)
    by_partner = stratified(strata_of(rows, ["partner", "contract", "tenure", "week"]), *arms)
    assert found.by_partner.estimate == pytest.approx(by_partner.estimate)
    assert len(found.departures) == rows["left"].sum()
    for name in ("account", "partner", "region"):
        week = rows[rows["week"] == 7]
        assert found.time[name][:, 7].tolist() == np.bincount(week[name]).tolist()


def test_an_account_that_leaves_as_a_whole_is_told_from_members_who_leave() -> None:
    study = world(1001, Causes(), 500, 20)
    account = study.months[-1].account
    left = np.full(500, NEVER)
    whole, half = np.flatnonzero(account == 3), np.flatnonzero(account == 5)
    left[whole] = 50 + np.arange(len(whole)) % 30
    left[half[: len(half) // 3]] = 60
    found = together(replace(study, left=left))
    assert np.flatnonzero(found).tolist() == whole.tolist()


def test_leaving_one_by_one_over_months_is_not_leaving_together() -> None:
    study = world(1001, Causes(), 500, 20)
    whole = np.flatnonzero(study.months[-1].account == 3)
    left = np.full(500, NEVER)
    left[whole] = 10 + 15 * np.arange(len(whole))
    assert not together(replace(study, left=left))[whole[:-8]].any()
