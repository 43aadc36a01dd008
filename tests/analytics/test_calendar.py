from datetime import date, timedelta

import pytest

from analytics.calendar import last_whole_month, look_back, months_before


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2001, 10, 31), date(2001, 10, 1)),
        (date(2001, 10, 30), date(2001, 9, 1)),
        (date(2001, 1, 15), date(2000, 12, 1)),
        (date(2000, 2, 29), date(2000, 2, 1)),
        (date(2000, 2, 28), date(2000, 1, 1)),
    ],
)
def test_a_month_counts_once_it_is_over(day: date, month: date) -> None:
    assert last_whole_month(day) == month


def test_months_are_counted_over_the_turn_of_the_year() -> None:
    assert months_before(date(2001, 1, 1), 1) == date(2000, 12, 1)
    assert months_before(date(2001, 1, 1), 13) == date(1999, 12, 1)


@pytest.mark.parametrize(
    ("day", "back"),
    [
        (date(2001, 10, 31), date(2001, 8, 31)),
        (date(2001, 3, 31), date(2000, 12, 31)),
        (date(2001, 10, 15), date(2001, 8, 15)),
        (date(2001, 3, 30), date(2000, 12, 30)),
    ],
)
def test_looking_back_keeps_the_distance_to_the_month_end(day: date, back: date) -> None:
    assert look_back(day, 60) == back


def test_looking_back_goes_at_least_as_far_as_the_horizon_and_never_much_further() -> None:
    for offset in range(800):
        day = date(2000, 1, 1) + timedelta(days=offset)
        for horizon in (1, 30, 60, 90):
            gap = (day - look_back(day, horizon)).days
            assert horizon <= gap <= horizon + 35
