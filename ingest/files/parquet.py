"""Parquet files as rows of texts, so that a feed converts their cells as it does those of a CSV file.

A cell's text is canonical: days as `2024-03-01`, times as `2024-03-01T09:15:00` (with `+0800` where the
column has a zone; parts of a second are cut off), whole numbers plain, floats with a point and without
an exponent (`13800138000.0`), truths as `true` and `false`. A null stays null.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from graph.errors import BadInput

MAGIC = b"PAR1\x15"  # what every writer begins with: its mark, and the head of a page
ROWS = 1 << 16  # rows of a batch
GROUP = 1 << 30  # bytes of a row group, unpacked; a reader may have to hold one
TEXT = 1 << 28  # bytes of one column's texts in a batch, against a dictionary with one enormous entry
COLUMNS = 2_000


def is_parquet(path: Path) -> bool:
    """Whether the file begins as a Parquet file does, which no line of text does."""
    with path.open("rb") as file:
        return file.read(5) == MAGIC


def names(path: Path) -> list[str]:
    """The columns of a Parquet file. Raises BadInput."""
    with _file(path) as file:
        return [field.name for field in file.schema_arrow]


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The rows in order, at most 65,536 at a time; every column is `pa.string()`.

    Raises BadInput, before the first batch, for what is no Parquet file, for a column that is no plain
    value (a list, a structure, a duration), for two columns of one name, and for a row group too large
    to be held; later for a file that is damaged.
    """
    with _file(path) as file:
        for group in range(file.num_row_groups):  # one reader for all would keep what it has read
            for batch in file.iter_batches(ROWS, [group], use_threads=False):
                columns = [_text(path, name, batch.column(name)) for name in batch.schema.names]
                yield pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


@contextmanager
def _file(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        schema = pq.read_schema(path)
        texts = [field.name for field in schema if _is_text(field.type)]
        # As a dictionary, a text that stands in every row is held once and can be measured first.
        with pq.ParquetFile(path, read_dictionary=texts, pre_buffer=False) as file:
            _refuse_unfit(path, schema, file.metadata)
            yield file
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{path} cannot be read as a Parquet file: {str(error).splitlines()[0]}") from None


def _refuse_unfit(path: Path, schema: pa.Schema, about: pq.FileMetaData) -> None:
    if not 0 < len(schema) <= COLUMNS:
        raise BadInput(f"{path} has {len(schema):,} columns; 1 to {COLUMNS:,} can be read")
    for field in schema:
        if schema.names.count(field.name) > 1:
            raise BadInput(f"{path}: two columns are named {field.name!r}; rename one of them")
        if not _is_plain(field.type):
            raise BadInput(
                f"{path}: column {field.name!r} holds {field.type}, which is no plain value;"
                " write its parts as columns of their own, or leave it out"
            )
    for number in range(about.num_row_groups):
        size = about.row_group(number).total_byte_size
        if size > GROUP:
            raise BadInput(
                f"{path}: row group {number + 1} has {size:,} bytes; write row groups of less than {GROUP:,}"
            )


def _is_text(kind: pa.DataType) -> bool:
    return any(test(kind) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary))


def _is_plain(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_plain(kind.value_type)
    tests = (
        pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_boolean,
        pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_date,
        pa.types.is_timestamp, pa.types.is_time, pa.types.is_null,
    )  # fmt: skip
    return any(test(kind) for test in tests)


def _text(path: Path, name: str, column: pa.Array) -> pa.Array:
    """A column as texts in their canonical form."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _spread(path, name, column)
    if pa.types.is_timestamp(kind):
        zone = "%z" if kind.tz else ""
        whole = pc.floor_temporal(column, unit="second").cast(pa.timestamp("s", kind.tz))
        return pc.strftime(whole, format=f"%Y-%m-%dT%H:%M:%S{zone}").cast(pa.string())
    if pa.types.is_date(kind):
        return column.cast(pa.date32()).cast(pa.string())
    if pa.types.is_time(kind):
        return pc.utf8_slice_codeunits(column.cast(pa.string()), 0, 8)
    if pa.types.is_floating(kind):
        return _plain_floats(column)
    if pa.types.is_decimal(kind):
        return _without_exponent(column.cast(pa.string()), column, lambda value: f"{value:f}")
    if _is_text(kind):  # what a file calls text need not be any; this cast looks
        column = column.cast(pa.large_binary())
    return column.cast(pa.string())


def _spread(path: Path, name: str, column: pa.DictionaryArray) -> pa.Array:
    """A dictionary's texts in every row, if they are not too long to be held."""
    words = _text(path, name, column.dictionary)
    lengths = pc.binary_length(words).cast(pa.int64()).take(column.indices)
    if (pc.sum(lengths).as_py() or 0) > TEXT:
        raise BadInput(f"{path}: column {name!r} holds texts too long to be cells; leave the column out")
    return words.take(column.indices)


def _plain_floats(column: pa.Array) -> pa.Array:
    """The shortest text that reads back as the same number, always with a point."""
    text = column.cast(pa.string())
    whole = pc.match_substring_regex(text, "^-?[0-9]+$")
    text = pc.if_else(whole, pc.binary_join_element_wise(text, "0", "."), text)
    return _without_exponent(
        text, column, lambda value: str(np.format_float_positional(value, unique=True, trim="0"))
    )


def _without_exponent(text: pa.Array, column: pa.Array, write: object) -> pa.Array:
    """The texts, with those that have an exponent written anew from their values."""
    place = pc.match_substring_regex(text, "[0-9][eE]")
    if not pc.any(place).as_py():
        return text
    values = column.filter(place)
    found = values.to_numpy(zero_copy_only=False)
    again = pa.array([write(value) for value in found], pa.string())  # type: ignore[operator]
    return pc.replace_with_mask(text, pc.fill_null(place, False), again)
