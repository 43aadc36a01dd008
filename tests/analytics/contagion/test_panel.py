from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy import sparse

from analytics.contagion.panel import NEVER, Month, Study, panel, strengths
from graph.errors import BadInput
from tests.analytics.contagion.worlds import Causes, world


def four(left: list[int], until: int = 14, **traits: np.ndarray) -> Study:
    """Members 0 to 3; 0 calls 1 (3 times) and 2 (once), 3 calls 0."""
    ties = sparse.csr_array(([3.0, 1.0, 2.0], ([0, 0, 3], [1, 2, 0])), shape=(4, 4))
    zero = np.zeros(4, dtype=np.int64)
    month = Month(0, ties, zero, zero - 1, zero - 1, zero + NEVER, zero > 0)
    month = replace(month, **traits)
    return Study(np.arange(4, dtype=np.uint64), zero - 1000, np.array(left), (month,), until)


def row(rows: pd.DataFrame, member: int, week: int) -> pd.Series:
    return rows[(rows["member"] == member) & (rows["week"] == week)].iloc[0]


def test_strength_is_over_the_mean_of_the_own_ties_and_bounded() -> None:
    found = strengths(sparse.csr_array([[0.0, 3.0, 1.0], [5.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    assert found.toarray().tolist() == [[0.0, 1.5, 0.5], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    lopsided = strengths(sparse.csr_array([[0.0, 100.0, *[1.0] * 9]]))
    assert lopsided.max() == 3.0


def test_exposure_by_hand() -> None:
    # Member 1 left on day -6; at t = 0 the week begins on day 1, seven days later.
    rows = panel(four([NEVER, -6, NEVER, NEVER]))
    first = row(rows, 0, 0)
    assert (first["out"], first["in"]) == (1, 0)
    assert first["out_5"] == pytest.approx(1.5 * np.exp(-1 / 3))
    assert row(rows, 0, 1)["out_5"] == pytest.approx(1.5 * np.exp(-2 / 3))
    assert row(rows, 3, 0)["out"] == 0
    assert 1 not in set(rows["member"])


def test_against_the_arrows_by_hand() -> None:
    # Member 3 calls 0, so that 0 is exposed to 3 only against the arrow.
    first = row(panel(four([NEVER, NEVER, NEVER, 0])), 0, 0)
    assert (first["out"], first["in"]) == (0, 1)
    assert first["in_5"] == pytest.approx(np.exp(-1 / 7 / 3))
    assert first["out_5"] == 0


@pytest.mark.parametrize(
    ("left", "recent", "past"), [(0, 1, 0), (-34, 1, 0), (-35, 0, 1), (-181, 0, 1), (-182, 0, 0), (1, 0, 0)]
)
def test_five_weeks_up_to_the_day(left: int, recent: int, past: int) -> None:
    first = row(panel(four([NEVER, left, NEVER, NEVER])), 0, 0)
    assert (first["out"], first["out_past"]) == (recent, past)


@pytest.mark.parametrize(("left", "weeks"), [(0, []), (1, [True]), (7, [True]), (8, [False, True])])
def test_outcome_is_leaving_in_the_seven_days_after(left: int, weeks: list[bool]) -> None:
    rows = panel(four([NEVER, NEVER, left, NEVER]))
    assert rows.loc[rows["member"] == 2, "left"].tolist() == weeks


def test_others_of_the_account_count_without_neighbours() -> None:
    # All four share an account; 1 is a neighbour of 0, but not of 2 and 3.
    rows = panel(four([NEVER, 0, NEVER, NEVER]))
    assert row(rows, 0, 0)["account_loss"] == 0
    assert row(rows, 2, 0)["account_loss"] == 4


def test_contract_classes() -> None:
    ends = np.array([60, 61, -31, NEVER])
    rows = panel(four([NEVER] * 4, contract_end=ends))
    assert rows.loc[rows["week"] == 0, "contract"].tolist() == [2, 1, 1, 0]


def test_what_happens_later_changes_no_earlier_row() -> None:
    study = world(1, Causes(ratio=1.8, rate=0.02), 500, 20)
    left = study.left.copy()
    stays = np.flatnonzero(left == NEVER)[:50]
    left[stays] = 71
    later = (
        *study.months[:3],
        replace(study.months[3], ties=sparse.csr_array((500, 500))),
        *study.months[4:],
    )
    before, after = panel(study), panel(replace(study, left=left, months=later))
    assert_frame_equal(before[before["week"] < 10], after[after["week"] < 10])
    changed = before[before["week"] >= 11].reset_index(drop=True)
    assert not changed.equals(after[after["week"] >= 11].reset_index(drop=True))


def test_a_bounded_panel_keeps_the_cases_and_stands_for_the_rest() -> None:
    study = world(2, Causes(rate=0.01), 3000, 20)
    whole, part = panel(study, rows=10**9), panel(study, rows=20_000)
    assert len(part) < 25_000 < len(whole)
    assert part["left"].sum() == whole["left"].sum()
    assert part.loc[part["drawn"], "weight"].sum() == pytest.approx(len(whole), rel=0.05)
    exposed = whole["out"] > 0
    assert part.loc[part["out"] > 0, "weight"].sum() == pytest.approx(exposed.sum(), rel=0.05)
    again = panel(study, rows=20_000)
    assert_frame_equal(part, again)
    assert not panel(study, rows=20_000, seed=1)["member"].equals(part["member"])


def test_refuses_what_it_cannot_use() -> None:
    with pytest.raises(BadInput, match="no whole week"):
        panel(four([NEVER] * 4, until=3))
    with pytest.raises(BadInput, match="weight -1"):
        four([NEVER] * 4, ties=sparse.csr_array(([-1.0], ([0], [1])), shape=(4, 4)))
    with pytest.raises(BadInput, match="month at least"):
        replace(four([NEVER] * 4), months=())
