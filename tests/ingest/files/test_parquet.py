"""Parquet as rows of texts in a form that the conversions of a feed understand."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import BadInput
from ingest.cells.kinds import numbers, whole_numbers
from ingest.files.parquet import batches, is_parquet, names


@pytest.fixture
def file(tmp_path):
    def file(table, **how):
        pq.write_table(table if isinstance(table, pa.Table) else pa.table(table), tmp_path / "f", **how)
        return tmp_path / "f"

    return file


def texts(path, column="x"):
    return [cell for batch in batches(path) for cell in batch.column(column).to_pylist()]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([1, -2, None]), ["1", "-2", None]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (
            pa.array([1.0, 13800138000.0, 1e20, 1e-7, -0.1, 123456789.125, 8986012345678901234.0, None]),
            ["1.0", "13800138000.0", "100000000000000000000.0", "0.0000001", "-0.1", "123456789.125",
             "8986012345678901000.0", None],
        ),
        (pa.array([0.1, 16777216.0], pa.float32()), ["0.1", "16777216.0"]),
        (pa.array([float("nan"), float("inf")]), ["nan", "inf"]),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array([date(2024, 2, 29), None]), ["2024-02-29", None]),
        (pa.array([date(2024, 2, 29)], pa.date64()), ["2024-02-29"]),
        (pa.array([datetime(2024, 2, 29, 9, 15, 0, 999_999)], pa.timestamp("us")), ["2024-02-29T09:15:00"]),
        (pa.array([datetime(1969, 12, 31, 23, 59, 59, 5)], pa.timestamp("ns")), ["1969-12-31T23:59:59"]),
        (
            pa.array([datetime(2024, 2, 29, 20, 0, tzinfo=UTC)], pa.timestamp("ms", "Asia/Shanghai")),
            ["2024-03-01T04:00:00+0800"],
        ),
        (pa.array([time(9, 15, 1)]), ["09:15:01"]),
        (pa.array([Decimal("0.0000001"), Decimal("12.5000000"), None]), ["0.0000001", "12.5000000", None]),
        (pa.array(["007", "", None, "a\nb", "𠮷"]), ["007", "", None, "a\nb", "𠮷"]),
        (pa.array(["a", "b", "a", None]).dictionary_encode(), ["a", "b", "a", None]),
        (pa.array(["客".encode(), None], pa.binary()), ["客", None]),
        (pa.nulls(2), [None, None]),
    ],
)  # fmt: skip
def test_each_kind_of_column_has_its_text(file, column, expected):
    path = file({"x": column})
    assert texts(path) == expected
    assert all(batch.schema.types == [pa.string()] for batch in batches(path))
    assert names(path) == ["x"]
    assert is_parquet(path)


@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_floats_come_back_to_the_bit_and_without_an_exponent(file, values):
    path = file({"x": pa.array(values, pa.float64())})
    found = pa.array(texts(path), pa.string())
    assert not [text for text in found.to_pylist() if "e" in text.lower()]
    assert numbers(found).to_pylist() == values


@given(values=st.lists(st.integers(-(10**15) + 1, 10**15 - 1)))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whole_numbers_come_back(file, values):
    assert (
        whole_numbers(pa.array(texts(file({"x": pa.array(values, pa.int64())})), pa.string())).to_pylist()
        == values
    )


def test_batches_are_bounded_and_in_order_over_row_groups(file):
    path = file({"x": list(range(200_000))}, row_group_size=90_000)
    found = list(batches(path))
    assert max(batch.num_rows for batch in found) <= 65_536
    read = [text for batch in found for text in batch.column("x").to_pylist()]
    assert read == [str(number) for number in range(200_000)]


def test_a_file_without_rows_has_its_columns(file):
    path = file({"x": pa.array([], pa.int64())})
    assert texts(path) == []
    assert names(path) == ["x"]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pa.array([[1]]), "list<"),
        (pa.array([{"a": 1}]), "struct<"),
        (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), "map<"),
        (pa.array([1], pa.duration("s")), "duration"),
        (pa.array([b"12"], pa.binary(2)), "fixed_size_binary"),
    ],
)
def test_what_is_no_plain_value_is_refused(file, column, kind):
    path = file({"id": [1], "x": column})
    with pytest.raises(BadInput, match=f"column 'x' holds {kind}.* is no plain value; write its parts"):
        next(batches(path))


def test_two_columns_of_one_name_are_refused(file):
    with pytest.raises(BadInput, match="two columns are named 'x'; rename one of them"):
        next(batches(file(pa.table([[1], [2]], names=["x", "x"]))))


def test_bytes_that_are_no_text_are_refused(file):
    with pytest.raises(BadInput, match="cannot be read as a Parquet file: Invalid UTF8"):
        texts(file({"x": pa.array([b"\xff"], pa.binary())}))


def test_a_row_group_too_large_to_be_held_is_refused(file, monkeypatch):
    monkeypatch.setattr("ingest.files.parquet.GROUP", 1_000)
    with pytest.raises(BadInput, match=r"row group 1 has [\d,]+ bytes; write row groups of less than 1,000"):
        next(batches(file({"x": list(range(1_000))})))


def test_one_enormous_text_in_every_row_is_refused_before_it_is_spread(file):
    """65,536 rows of one megabyte would be 64 GiB; the file has a few hundred kilobytes."""
    path = file({"x": pa.DictionaryArray.from_arrays(pa.array([0] * 65_536, pa.int32()), ["x" * (1 << 20)])})
    assert path.stat().st_size < 1 << 20
    with pytest.raises(BadInput, match="column 'x' holds texts too long to be cells"):
        texts(path)


@pytest.mark.parametrize("keep", [0, 4, 100, -1, -9])
def test_a_damaged_file_is_refused(file, keep):
    path = file({"x": ["a"] * 1000})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BadInput, match="cannot be read as a Parquet file"):
        texts(path)


def test_noise_in_a_file_ends_in_a_sentence_or_in_as_many_rows(file):
    path = file({"x": [str(n) for n in range(5_000)]})
    whole = bytearray(path.read_bytes())
    for at in range(4, len(whole) - 12, 499):
        spoilt = bytearray(whole)
        spoilt[at] ^= 0xFF
        path.write_bytes(spoilt)
        assert outcome(path) in (5_000, str(path))


def outcome(path):
    """The number of rows, or the file that the refusal names."""
    try:
        return len(texts(path))
    except BadInput as error:
        return str(error).split(" cannot be read")[0].split(":")[0]
