"""What no row says by itself: sums over groups, silence."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.derive import gathered, silences


def test_a_fact_for_each_combination_of_the_fields_that_are_not_summed_up():
    rows = pa.table(
        {
            "who": ["a", "b", "a", "a", None],
            "calls": pa.nulls(5, pa.int64()),
            "seconds": pa.array([1, 2, 3, None, None], pa.int64()),
            "days": pa.array([date(2024, 1, d) for d in (1, 1, 1, 2, 3)]),
            "last": pa.array([date(2024, 1, d) for d in (1, 1, 1, 2, 3)]),
            "first": pa.array([date(2024, 1, d) for d in (1, 1, 1, 2, 3)]),
        }
    )
    how = {"calls": "count", "seconds": "sum", "days": "days", "last": "last", "first": "first"}
    facts = gathered(rows, np.array([10, 11, 12, 13, 14]), how)
    assert facts.table.column_names == rows.column_names
    assert [tuple(fact.values()) for fact in facts.table.to_pylist()] == [
        ("a", 3, 4, 2, date(2024, 1, 2), date(2024, 1, 1)),
        ("b", 1, 2, 1, date(2024, 1, 1), date(2024, 1, 1)),
        (None, 1, None, 1, date(2024, 1, 3), date(2024, 1, 3)),
    ]
    assert sorted(zip(facts.row.tolist(), facts.fact.tolist(), strict=True)) == [
        (10, 0), (11, 1), (12, 0), (13, 0), (14, 2),
    ]  # fmt: skip


def test_rows_that_say_the_same_are_one_fact():
    rows = pa.table({"a": ["x", "y", "x"], "n": [1, 1, 1]})
    facts = gathered(rows, np.arange(3), {})
    assert facts.table.num_rows == 2
    assert facts.fact.tolist() == [0, 0, 1]
    assert facts.row.tolist() == [0, 2, 1]


START = date(2024, 1, 1)


def found(events, days):
    """The versions as (who, known from, left), with days counted from the start."""
    when = np.array([START + timedelta(days=day) for _, day in events], "datetime64[D]")
    rows = silences([who for who, _ in events], when, days)
    known = [(day.date() - START).days for day in rows["known_from"]]
    left = [None if pd.isna(day) else (day.date() - START).days for day in rows["left"]]
    return sorted(zip(rows["who"], known, left, strict=True))


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
