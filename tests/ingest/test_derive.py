"""What no row says by itself: silence. (Sums over groups: test_run.)"""

from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.derive import silences

START = date(2024, 1, 1)


def found(events, days):
    """The versions as (who, known from, left), with days counted from the start."""
    schema = pa.schema([("who", pa.string()), ("day", pa.date32())])
    given = [{"who": who, "day": START + timedelta(days=day)} for who, day in events]
    with duckdb.connect() as connection:
        connection.register("events", pa.Table.from_pylist(given, schema=schema))
        rows = connection.sql(silences("SELECT * FROM events", days)).fetchall()
    return sorted((who, (known - START).days, gone and (gone - START).days) for who, known, gone in rows)


@pytest.mark.parametrize(
    ("events", "versions"),
    [
        # a is silent from day 0; the record goes on until day 10 or longer
        ([("a", 0), ("b", 10)], [("a", 10, 10)]),
        ([("a", 0), ("b", 9)], []),
        # nobody writes on day 10: that a is gone is known when the record goes on, on day 13
        ([("a", 0), ("b", 13)], [("a", 13, 10)]),
        # a is back on day 14
        ([("a", 0), ("b", 11), ("a", 14)], [("a", 11, 10), ("a", 14, None)]),
        # ... but was never known to be gone, if day 14 is the first that says anything
        ([("a", 0), ("b", 9), ("a", 14)], []),
        ([("a", 0), ("a", 10)], []),
        ([("a", 0), ("a", 9), ("a", 9), ("a", 18), ("b", 30)], [("a", 30, 28)]),
    ],
)
def test_who_is_gone_and_who_is_back(events, versions):
    assert found(events, 10) == versions


mail = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 60)), max_size=25)


@settings(deadline=None, max_examples=60)
@given(mail, st.integers(1, 15), st.integers(0, 60))
def test_a_record_cut_after_a_day_gives_the_same_versions_up_to_it(events, days, cut):
    known = [row for row in found(events, days) if row[1] <= cut]
    assert found([event for event in events if event[1] <= cut], days) == known


@settings(deadline=None, max_examples=60)
@given(mail, st.integers(1, 15))
def test_at_the_end_those_are_gone_who_were_silent_that_long(events, days):
    last = max((day for _, day in events), default=0)
    sent = {who: max(day for person, day in events if person == who) for who, _ in events}
    gone = {who: day + days for who, day in sent.items() if day + days <= last}
    newest = {who: left for who, _, left in found(events, days)}
    assert {who: left for who, left in newest.items() if left is not None} == gone
