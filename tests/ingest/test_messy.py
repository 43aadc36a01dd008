"""Whatever stands in a file, every row is accounted for and no load ends in a crash."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from graph.errors import BadInput
from ingest.files.archive import FOREIGN, MAGIC
from tests.ingest.small import Bench, aside

FEED = """
name = "messy"
title = "junk"
[files.f]
path = "f.csv"
QUOTE
columns = ["id", "day", "n"]
[[map]]
to = "members"
from = "f"
[map.fields]
member_id = "id"
joined = { column = "day", dates = ["%Y-%m-%d", "%Y%m%d"] }
referrals_made = "n"
[[map]]
to = "ties"
from = "f"
where = [{ column = "n", at_least = 0 }]
[map.fields]
source = "id"
target = "id"
month = { column = "day", month = true }
calls = { aggregate = "count" }
messages = { aggregate = "sum", column = "n" }
days_active = { aggregate = "days", column = "day" }
"""
junk = st.text(st.sampled_from('ab1-,"\n\r\0 \u2028\x85客é'), max_size=6)
keys = st.sampled_from(["a", "b", '"a"', " a ", "a\nb", '"a\nb"', '"a,b"', ""])
days = st.sampled_from(["2024-01-31", "20240131", "2024-02-30", "now", "0000-00-00", ""])
numbers = st.sampled_from(["1", "2.0", "-3", "1e3", "x", "9" * 15, "9" * 20, ""])
rows = st.one_of(st.tuples(keys, days, numbers).map(",".join), st.lists(junk, max_size=5).map(",".join))
ends = st.sampled_from(["\n", "\r\n", "\n\n", "\r"])
texts = st.lists(st.tuples(rows, ends).map("".join), max_size=12).map("".join)


def load_twice(content, quote):
    feed = FEED.replace("QUOTE", quote)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bench.write(f=content)
        first, second = bench.load(feed, bad=True), bench.load(feed, bad=True)
        return first, second, aside(first)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(texts, st.sampled_from(['quote = "none"', ""]))
def test_rows_in_are_landed_unchanged_or_set_aside_with_a_reason(content, quote):
    first, second, asides = load_twice(content, quote)
    for report in (first, second):
        for count in report.tables:
            assert count.rows_in == count.landed + count.unchanged + count.set_aside
            assert count.rows_in + count.left_out == report.files[0].rows
    assert (first.unchanged, second.landed) == (0, 0)
    assert first.landed == second.unchanged
    assert first.set_aside == second.set_aside
    lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for _, line, _, reason, row in asides:
        assert reason
        assert 1 <= line <= len(lines)
        if row.isalnum():
            assert row in lines[line - 1]


@settings(deadline=None, max_examples=15)
@given(st.binary(max_size=60))
def test_any_bytes_are_rows_or_one_sentence(content):
    assume(not content.startswith((*MAGIC, *FOREIGN)))  # marks that the generator finds in the code
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        with pytest.raises(BadInput, match=r"f\.csv, line \d+ \(byte \d+\): not valid utf-8"):
            load_twice(content, "")
    else:
        first, _, _ = load_twice(content, "")
        assert first.rows_in == first.landed + first.set_aside
