"""Lifetime value against the closed form and sums by hand; the life table by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from analytics.value.lifetime import Terms, annuity, lifetimes, monthly
from analytics.value.survival import TENURES, life_table
from graph.errors import BadInput
from tests.analytics.worlds import START, belongs, lake_of, member

ONE = np.zeros(1, dtype=np.int64)
UNKNOWN = np.array([np.nan])
DAY = date(2002, 12, 31)


def constant(hazard: float) -> np.ndarray:
    return np.full((1, TENURES + 1), hazard)


@pytest.mark.parametrize(("hazard", "discount"), [(0.02, 0.01), (0.3, 0.0), (0.001, 0.05)])
def test_without_an_end_it_is_the_closed_form(hazard, discount):
    terms = Terms(margin=1, discount=discount, horizon=600)
    found = lifetimes(ONE, ONE, constant(hazard), terms, UNKNOWN, 0)[0]
    stays = 1 - hazard
    endless = (1 + discount) / (1 + discount - stays)
    beyond = (stays / (1 + discount)) ** 600 * endless
    assert found == pytest.approx(endless - beyond)
    assert annuity(hazard, terms) == pytest.approx(found)


def test_nobody_leaves_and_nothing_is_discounted():
    terms = Terms(discount=0.0, horizon=24)
    assert lifetimes(ONE, ONE, constant(0.0), terms, UNKNOWN, 0)[0] == annuity(0.0, terms) == 24


def test_own_hazard_first_then_the_table():
    """Half leave in each of two months, then a tenth: 1 + 0.5 + 0.25 + 0.225."""
    terms = Terms(discount=0.0, horizon=4)
    assert lifetimes(ONE, ONE, constant(0.1), terms, np.array([0.5]), 2)[0] == pytest.approx(1.975)


def test_the_table_goes_on_with_tenure():
    """Two months old: hazards of months 2, 3 and 4 count; 1 + 0.8 + 0.8 x 0.5."""
    table = constant(0.0)
    table[0, 2:4] = (0.2, 0.5)
    terms = Terms(discount=0.0, horizon=3)
    assert lifetimes(ONE, ONE + 2, table, terms, UNKNOWN, 0)[0] == pytest.approx(2.2)


def test_a_chance_over_two_months_is_the_same_hazard_twice():
    assert monthly(np.array([0.19]), 60)[0] == pytest.approx(1 - 0.81 ** (30.4375 / 60))
    assert monthly(np.array([0.19]), 61)[0] == pytest.approx(0.1, abs=2e-3)


def test_terms_that_make_no_sense_are_refused():
    with pytest.raises(BadInput, match="a discount from 0 to below 1 and 1 to 600 months work"):
        Terms(horizon=0)


@pytest.fixture
def table(tmp_path):
    """Three lines of a large account: 100 days old; left after 50 of 200 days; 400 days old, so seen from its
    35th day on.
    """
    ago = {name: DAY - timedelta(days=days) for name, days in (("a", 100), ("b", 200), ("c", 400))}
    gone = {"b": ago["b"] + timedelta(days=50)}
    lake = lake_of(
        tmp_path,
        accounts=[{"account_id": "x", "known_from": START, "class": "large"}],
        members=[member(name, joined=day, left=gone.get(name)) for name, day in ago.items()],
        memberships=[belongs(name, "x") for name in ago],
    )
    return life_table(lake.view(DAY))


def test_lines_at_risk_by_hand(table):
    expected = np.zeros(TENURES + 1)
    expected[:14] = [2, 2.5, 2, 1.5, *[1] * 9, 0.5]
    assert table.classes == ("", "large")
    assert table.at_risk[1].tolist() == expected.tolist() == table.at_risk[0].tolist()
    assert np.flatnonzero(table.left[1]).tolist() == [1]


def test_a_cell_borrows_fifty_member_months_from_all_lines(table):
    level = 1 / 17.5
    overall = (1 + 50 * level) / (2.5 + 50)
    assert table.hazard[0, 1] == pytest.approx(overall)
    assert table.hazard[1, 1] == pytest.approx((1 + 50 * overall) / (2.5 + 50))
    assert table.survival("")[1] == pytest.approx((1 - 50 * level / 52) * (1 - overall))
    assert (table.hazard[0, 14:] == pytest.approx(level)) is True


def test_a_line_that_left_before_it_joined_left_in_its_first_month(tmp_path):
    left = DAY - timedelta(days=60)
    lake = lake_of(tmp_path, members=[member("m", joined=left + timedelta(days=10), left=left)])
    found = life_table(lake.view(DAY))
    assert found.left[0].tolist() == [1.0] + [0.0] * TENURES
