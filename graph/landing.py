"""Rows against a table of the lake: what is new, what changed, what stands as it was.

Worked out by DuckDB over the table's files and whatever the rows lie in, so neither has to fit into
memory; what is written to the table goes there as a stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

from graph.model import Dating, Kind, TableType

ARROW = {
    Kind.TEXT: pa.string(),
    Kind.INT: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.BOOL: pa.bool_(),
    Kind.DATE: pa.date32(),
}
SQL = {
    Kind.TEXT: "VARCHAR",
    Kind.INT: "BIGINT",
    Kind.FLOAT: "DOUBLE",
    Kind.BOOL: "BOOLEAN",
    Kind.DATE: "DATE",
}
LOAD_ID = pa.field("load_id", pa.string())
WITHDRAWN = pa.field("withdrawn", pa.date32())
"""The day from which a row no longer holds because its source stopped stating it; null while it does."""

MEMORY = "256MB"
BATCH = 65_536
SAMPLE = 10_000


@dataclass(frozen=True)
class Fates:
    """What became of rows, counted; `table` names the connection's relation with the fate of each key."""

    table: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0


def arrow_schema(kind: TableType) -> pa.Schema:
    """The columns a table has in the lake, without the load they came with."""
    return pa.schema([pa.field(field.name, ARROW[field.kind]) for field in kind.columns])


def stored_schema(kind: TableType) -> pa.Schema:
    """The columns of a table's files: its own and, of facts, the load and the day of withdrawal."""
    own = arrow_schema(kind)
    return own if kind.dating is Dating.RUN else own.append(LOAD_ID).append(WITHDRAWN)


@contextmanager
def on_disk(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that keeps what does not fit into `MEMORY` in a database file in the folder."""
    with duckdb.connect(str(folder / "work.duckdb")) as connection:
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        connection.execute("SET preserve_insertion_order = false")  # else sorted copies pile up in memory
        connection.execute(f"SET temp_directory = {literal(str(folder / 'spill'))}")
        yield connection


def literal(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def present(
    connection: duckdb.DuckDBPyConnection,
    kind: TableType,
    path: Path,
    version: int,
    months: Sequence[str] | None = None,
) -> str:
    """A query for the rows in a version of a table, of some months only if these are given.

    It has the columns of `stored_schema`. Months are texts such as "2026-01-01".
    """
    schema = stored_schema(kind)
    types = {field.name: SQL[field.kind] for field in kind.columns}
    types |= {LOAD_ID.name: "VARCHAR", WITHDRAWN.name: "DATE"}
    files = _files(path, version, months)
    if not files:
        nothing = ", ".join(f'CAST(NULL AS {types[name]}) AS "{name}"' for name in schema.names)
        return f"SELECT {nothing} WHERE false"
    partitioned = any("/month=" in file for file in files)
    partitions = "true, hive_types = {'month': DATE}" if partitioned else "false"
    listed = ", ".join(literal(file) for file in files)
    source = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = {partitions})"
    known = connection.sql(f"SELECT * FROM {source} LIMIT 0").columns
    values = (f'"{name}"' if name in known else "NULL" for name in schema.names)
    columns = (f'CAST({v} AS {types[n]}) AS "{n}"' for v, n in zip(values, schema.names, strict=True))
    return f"SELECT {', '.join(columns)} FROM {source}"


def compare(connection: duckdb.DuckDBPyConnection, kind: TableType, rows: str, here: str | None) -> Fates:
    """Tell the fate of each of `rows` (a relation with each key once) beside the query `here`.

    A row that had been withdrawn and is stated again counts as changed.
    """
    table = f"fates_{kind.table}"
    keys = ", ".join(f'i."{name}"' for name in kind.key)
    connection.execute(f'DROP VIEW IF EXISTS "{table}"')
    if here is None:
        connection.execute(f"CREATE VIEW \"{table}\" AS SELECT {keys}, 'new' AS fate FROM {rows} i")
        return Fates(table, new=_number(connection, f"SELECT count(*) FROM {rows}"))
    others = [field.name for field in kind.columns if field.name not in kind.key]
    differs = " OR ".join(f'i."{n}" IS DISTINCT FROM h."{n}"' for n in others) or "false"
    connection.execute(
        f"""CREATE OR REPLACE TABLE "{table}" AS
            SELECT {keys}, CASE WHEN h.here IS NULL THEN 'new'
                                WHEN h.withdrawn IS NOT NULL OR {differs} THEN 'changed'
                                ELSE 'unchanged' END AS fate
            FROM {rows} i LEFT JOIN (SELECT *, true AS here FROM ({here})) h ON {same(kind.key, "i", "h")}"""
    )
    return counted(connection, table)


def counted(connection: duckdb.DuckDBPyConnection, table: str) -> Fates:
    """The fates in a relation that `compare` made."""
    found = dict(connection.sql(f'SELECT fate, count(*) FROM "{table}" GROUP BY fate').fetchall())
    return Fates(table, **found)


def same(names: Sequence[str], left: str, right: str) -> str:
    """The condition that two rows have the same values, an empty one being the same as an empty one."""
    return " AND ".join(f'{left}."{name}" IS NOT DISTINCT FROM {right}."{name}"' for name in names)


def touch(connection: duckdb.DuckDBPyConnection, table: str, gone: str, things: Sequence[str]) -> Fates:
    """Call rows changed that stand as they were beside others, of the same thing, that are withdrawn."""
    connection.execute(
        f"""UPDATE "{table}" AS f SET fate = 'changed' WHERE fate = 'unchanged'
            AND EXISTS (SELECT 1 FROM {gone} g WHERE {same(things, "f", "g")})"""
    )
    return counted(connection, table)


def bytes_of(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    """About how large the result of a query is in memory, from its count and its first rows."""
    found = connection.sql(f"SELECT * FROM ({query}) LIMIT {SAMPLE}").to_arrow_table()
    if found.num_rows < SAMPLE:
        return int(found.nbytes)
    return int(found.nbytes / found.num_rows * _number(connection, f"SELECT count(*) FROM ({query})"))


def streamed(connection: duckdb.DuckDBPyConnection, query: str, schema: pa.Schema) -> pa.RecordBatchReader:
    """The result of a query, a batch at a time, in exactly these columns and types."""
    names = ", ".join(f'"{name}"' for name in schema.names)
    reader = connection.sql(f"SELECT {names} FROM ({query})").to_arrow_reader(BATCH)
    return pa.RecordBatchReader.from_batches(schema, (batch.cast(schema) for batch in reader))


def in_parts(rows: pa.RecordBatchReader, most: int) -> Iterator[pa.RecordBatchReader]:
    """The same batches as several readers of about so many rows; each is to be read before the next.

    >>> batches = [pa.record_batch({"n": [i, i]}) for i in range(3)]
    >>> rows = pa.RecordBatchReader.from_batches(batches[0].schema, batches)
    >>> [part.read_all()["n"].to_pylist() for part in in_parts(rows, 3)]
    [[0, 0, 1, 1], [2, 2]]
    """
    batches = iter(rows)
    for first in batches:
        part = _up_to(most, chain([first], batches))
        yield pa.RecordBatchReader.from_batches(rows.schema, part)


def _up_to(most: int, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    taken = 0
    while taken < most and (batch := next(batches, None)) is not None:
        taken += batch.num_rows
        yield batch


def _files(path: Path, version: int, months: Sequence[str] | None) -> list[str]:
    """The Parquet files of a version, of some months only if these are given."""
    actions = pa.table(DeltaTable(str(path), version=version).get_add_actions(flatten=True))
    found = zip(actions["path"].to_pylist(), _months(actions), strict=True)
    wanted = None if months is None else set(months)
    return [str(path / unquote(file)) for file, month in found if wanted is None or month in wanted]


def _months(actions: pa.Table) -> list[str | None]:
    if "partition.month" not in actions.column_names:
        return [None] * actions.num_rows
    return [None if month is None else str(month) for month in actions["partition.month"].to_pylist()]


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.sql(query).fetchall()[0][0])
