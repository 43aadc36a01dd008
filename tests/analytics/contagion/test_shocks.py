import numpy as np
import pandas as pd
import pytest

from analytics.contagion.shocks import scan


def book(seed: int, times: float) -> tuple[pd.DataFrame, np.ndarray]:
    """10 groups of 100 over 40 weeks; group 7 leaves so many times as often in weeks 20 to 25."""
    rng = np.random.default_rng(seed)
    group, week = np.repeat(np.arange(1000) % 10, 40), np.tile(np.arange(40), 1000)
    rate = np.where((group == 7) & (week >= 20) & (week < 26), 0.005 * times, 0.005)
    rate = np.where(group == 2, 3 * rate, rate)
    left = rng.random(len(rate)) < rate
    account = np.repeat(np.arange(1000) % 37, 40)
    gone = pd.DataFrame({"group": group[left], "week": week[left], "account": account[left]})
    return gone, np.full((10, 40), 100.0)


def test_finds_the_group_and_the_weeks() -> None:
    found = scan(*book(1, 8.0), "group")
    assert found is not None
    assert found.group == 7
    assert abs(found.week - 20) <= 2
    assert found.p == pytest.approx(1 / 200)
    assert found.ratio > 3


def test_a_group_that_always_leaves_more_is_no_burst() -> None:
    found = [scan(*book(seed, 1.0), "group") for seed in range(20)]
    assert sum(one is not None and one.p <= 0.05 for one in found) <= 4


def test_nothing_to_scan() -> None:
    gone, time = book(1, 1.0)
    assert scan(gone[:0], time, "group") is None
    assert scan(gone.assign(group=-1), time, "group") is None


def test_a_burst_of_one_account_is_told_from_one_of_all() -> None:
    gone, time = book(1, 8.0)
    spread = scan(gone, time, "group")
    assert spread is not None
    assert spread.apart < 0.001
    struck = (gone["group"] == 7) & (gone["week"] >= 20) & (gone["week"] < 26)
    one = scan(gone.assign(account=gone["account"].mask(struck, 99)), time, "group")
    assert one is not None
    assert one.home == 99
    assert one.apart > 0.05
