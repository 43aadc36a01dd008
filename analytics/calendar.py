"""Days and months: which month is over on a day, and on which days to look back."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta


def last_whole_month(day: date) -> date:
    """The first day of the newest month that is over at the end of `day`.

    >>> last_whole_month(date(2001, 10, 31)), last_whole_month(date(2001, 10, 30))
    (datetime.date(2001, 10, 1), datetime.date(2001, 9, 1))
    """
    first = day.replace(day=1)
    return first if day.day == _days_in(day) else months_before(first, 1)


def months_before(first: date, months: int) -> date:
    """The first day of the month that lies so many months before the one starting on `first`.

    >>> months_before(date(2001, 2, 1), 3)
    datetime.date(2000, 11, 1)
    """
    count = first.year * 12 + first.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def look_back(day: date, horizon: int) -> date:
    """The latest day at least `horizon` days earlier that stands as long after a month's end as `day`.

    Ties come by the month. Were the days taken plainly, a model could be trained on contacts a month
    old and then be used on fresh ones.

    >>> look_back(date(2001, 10, 31), 60), look_back(date(2001, 10, 15), 60)
    (datetime.date(2001, 8, 31), datetime.date(2001, 8, 15))
    """
    since = (day - _end(last_whole_month(day))).days
    month = last_whole_month(day)
    found = day
    while found > day - timedelta(days=horizon):
        month = months_before(month, 1)
        found = _end(month) + timedelta(days=min(since, _days_in(_end(month) + timedelta(days=1)) - 1))
    return found


def _end(first: date) -> date:
    return first.replace(day=_days_in(first))


def _days_in(day: date) -> int:
    return monthrange(day.year, day.month)[1]
