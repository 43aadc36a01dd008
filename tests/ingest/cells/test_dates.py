"""Days in every form that files have them in; expected days by hand or by the standard library."""

from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import Kind
from ingest.cells.dates import written_days
from tests.ingest.rows import made_of

D = date


def days(forms, *texts):
    return written_days(
        pa.array(texts, pa.string()), [forms] if isinstance(forms, str) else forms
    ).to_pylist()


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        ("1", D(1900, 1, 1)), ("59", D(1900, 2, 28)), ("60", None), ("61", D(1900, 3, 1)),
        ("45292", D(2024, 1, 1)), ("45292.75", D(2024, 1, 1)), ("２５５６９", D(1970, 1, 1)),
        ("2958465", D(9999, 12, 31)), ("2958466", None), ("0", None), ("-1", None), ("20240131", None),
        ("4.5E+4", None), ("2024-01-01", None), ("", None),
    ],
)  # fmt: skip
def test_a_spreadsheets_number_of_a_day(serial, day):
    assert made_of(Kind.DATE, serial, dates="excel")[0] == [day]


@given(st.integers(61, 2_958_465))
def test_from_march_1900_on_it_counts_the_days_since_the_end_of_1899(serial):
    assert days("excel", str(serial)) == [D(1899, 12, 30) + timedelta(days=serial)]


def test_forms_may_be_mixed_with_a_spreadsheets_and_the_first_that_fits_counts():
    assert days(["%Y%m%d", "excel", "%Y/%m/%d"], "20240131", "45292", "2024/1/2", "1-2", None) == [
        D(2024, 1, 31), D(2024, 1, 1), D(2024, 1, 2), None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["20240230", "20231301", "20230229", "20240100", "20240431"])
def test_a_day_that_never_was_is_a_fault(text):
    assert made_of(Kind.DATE, text, dates="%Y%m%d") == ([None], {0: f"{text!r} is not a date written %Y%m%d"})


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        ("%Y-%m-%d %H:%M%z", "2024-03-01 03:30+0800", D(2024, 3, 1)),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-03-01T00:00:00+08:00", D(2024, 3, 1)),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-02-29T23:59:59-05:00", D(2024, 2, 29)),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-02-29T16:30:00Z", D(2024, 2, 29)),
        ("%Y-%m-%dT%H:%M:%S.%f%z", "2024-03-01T00:00:00.123+08:00", D(2024, 3, 1)),
        ("%z %d.%m.%Y", "+0800 01.03.2024", D(2024, 3, 1)),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-03-01T00:00:00", None),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-03-01T00:00:00+8", None),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-02-30T00:00:00+08:00", None),
        ("%Y-%m-%d %H:%M", "2024-03-01 00:30", D(2024, 3, 1)),
    ],
)
def test_the_day_is_the_one_that_is_written_whatever_its_offset(form, text, day):
    assert days(form, text) == [day]


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.integers(-14 * 60, 14 * 60))
def test_no_offset_moves_a_day(moment, minutes):
    sign, size = "-" if minutes < 0 else "+", abs(minutes)
    text = f"{moment.isoformat(timespec='seconds')}{sign}{size // 60:02}:{size % 60:02}"
    assert days("%Y-%m-%dT%H:%M:%S%z", text) == [moment.date()]


def test_sentinels_are_no_dates_where_the_feed_says_so():
    cells = ["00000000", "0000-00-00", "9999-12-31", "1900-01-00", "2024-01-31", "0", "99991231"]
    forms = ["%Y-%m-%d", "%Y%m%d"]
    values, faults = made_of(Kind.DATE, *cells, dates=forms, sentinels="usual")
    assert values == [None, None, None, None, D(2024, 1, 31), None, None]
    assert faults == {}
    values, faults = made_of(Kind.DATE, *cells, dates=forms)
    assert values == [None, None, D(9999, 12, 31), None, D(2024, 1, 31), None, D(9999, 12, 31)]
    assert sorted(faults) == [0, 1, 3, 5]


def test_a_sentinel_that_is_a_day_is_met_in_any_form():
    cells = ["31.12.2099", "２０９９－１２－３１", "2099-12-30", "n.v.", "x"]
    values, faults = made_of(
        Kind.DATE, *cells, dates=["%d.%m.%Y", "%Y-%m-%d"], sentinels=["2099-12-31", "n.v."]
    )
    assert values == [None, None, D(2099, 12, 30), None, None]
    assert sorted(faults) == [4]
    assert made_of(Kind.DATE, "9999-12-31 00:00:00", dates="%Y-%m-%d %H:%M:%S", sentinels="usual") == (
        [None],
        {},
    )


def test_full_width_dates_are_read():
    assert made_of(Kind.DATE, "２０２４－０２－２９") == ([D(2024, 2, 29)], {})
    assert made_of(Kind.DATE, "２０２４年２月９日", dates="%Y年%m月%d日") == ([D(2024, 2, 9)], {})
