"""The lake's tables while they are being written: rows landed by key, results appended."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from deltalake import DeltaTable, WriterProperties, write_deltalake

from graph.asof import Commit
from graph.disk import disk_faults, make_sure_it_fits
from graph.landing import (
    Fates,
    arrow_schema,
    bytes_of,
    compare,
    in_parts,
    literal,
    present,
    same,
    stored_schema,
    streamed,
    touch,
)
from graph.model import TableType

GIVEN = "given_rows"
AT_ONCE = 2_000_000
"""Rows of one write: what it holds in memory grows with them."""
FILES = WriterProperties(max_row_group_size=131_072, compression="ZSTD")
"""Small groups, since the writer holds one of each month in memory; ZSTD, since small groups pack worse."""


@dataclass(frozen=True)
class Landed:
    """What became of rows handed to `Writer.land`.

    `status` has one of "new", "changed", "unchanged" for each row given, in the order given. A row that
    stands as it was is "changed" where others were withdrawn beside it, see `Writer.land_from`.
    """

    new: int
    changed: int
    unchanged: int
    status: pa.ChunkedArray


class Writer:
    """The tables while they are being written; got from `Lake.writing`."""

    def __init__(self, folder: Path, base: Commit) -> None:
        self.folder = folder
        self.base = base
        self.tables = dict(base.tables)

    def land(self, kind: TableType, rows: pa.Table, load_id: str, whole: pa.Table | None = None) -> Landed:
        """Land rows held in memory; see `land_from`."""
        rows = rows.select(arrow_schema(kind).names).cast(arrow_schema(kind))
        with duckdb.connect() as connection:
            numbered = rows.append_column("row_number", pa.array(np.arange(rows.num_rows)))
            connection.register(GIVEN, numbered)
            if whole is not None:
                connection.register("whole_things", whole)
            things = ("whole_things", whole.column_names) if whole is not None else None
            fates = self.land_from(connection, kind, GIVEN, load_id, things)
            status = connection.sql(
                f"SELECT f.fate FROM {GIVEN} i JOIN {fates.table} f ON {same(kind.key, 'i', 'f')}"
                " ORDER BY i.row_number"
            ).to_arrow_table()["fate"]
        return Landed(fates.new, fates.changed, fates.unchanged, status)

    def land_from(
        self,
        connection: duckdb.DuckDBPyConnection,
        kind: TableType,
        rows: str,
        load_id: str,
        whole: tuple[str, Sequence[str]] | None = None,
    ) -> Fates:
        """Add new rows, replace those whose values changed, leave the rest alone.

        `rows` is a relation of the connection with the table's columns and each key once; it may be
        larger than memory. A row is replaced whole.

        `whole` is a relation and its columns, some of the table's key, such as one of member ids, for
        which the rows are everything there is to say: what is here for them and not among the rows is
        taken out, and the rows that stay beside it count as changed. Not for tables kept by months.
        """
        with disk_faults(self.folder):
            here = self.present(connection, kind, rows)
            fates = compare(connection, kind, rows, here)
            gone = _unsaid(connection, kind, rows, here, whole) if whole and here else None
            if gone and whole:
                fates = touch(connection, fates.table, gone, whole[1])
            marked = f"SELECT i.*, {literal(load_id)} AS load_id, NULL::DATE AS withdrawn FROM {rows} i"
            told = f"{marked} JOIN {fates.table} f ON {same(kind.key, 'i', 'f')} WHERE f.fate"
            if fates.changed or gone:
                changed = f"SELECT {_listed(kind.key)} FROM {fates.table} WHERE fate = 'changed'"
                left = [changed, f"SELECT * FROM {gone}"] if gone else [changed]
                self._replace(connection, kind, f"{told} = 'changed'", left)
            if fates.new:
                only_new = not (fates.changed or fates.unchanged)
                self._append(connection, kind, marked if only_new else f"{told} = 'new'")
        return fates

    def withdraw(self, connection: duckdb.DuckDBPyConnection, kind: TableType, keys: str, day: date) -> None:
        """Note for the rows of some keys (a relation) that from a day on they no longer hold.

        They stay in the table: a question as of an earlier day sees them, and a load that states them
        again brings them back.
        """
        with disk_faults(self.folder):
            here = self.present(connection, kind, keys)
            if here is None:
                return
            again = (
                f"SELECT i.* REPLACE (CAST({literal(day.isoformat())} AS DATE) AS withdrawn) FROM ({here}) i"
                f" WHERE EXISTS (SELECT 1 FROM {keys} k WHERE {same(kind.key, 'k', 'i')})"
            )
            self._replace(connection, kind, again, [f"SELECT * FROM {keys}"])

    def overwrite(self, connection: duckdb.DuckDBPyConnection, kind: TableType, name: str, rows: str) -> None:
        """Make the rows of a relation, in the columns of a kind's files, all that the table `name` holds."""
        if not connection.sql(f"SELECT 1 FROM {rows} LIMIT 1").fetchall():
            self.tables.pop(name, None)  # the next writer removes its folder
            return
        with disk_faults(self.folder):
            path = self.settled(name)
            query = f"SELECT * FROM {rows}"
            make_sure_it_fits(self.folder, bytes_of(connection, query))
            made = streamed(connection, query, stored_schema(kind))
            write_deltalake(
                str(path),
                made,
                mode="overwrite",
                schema_mode="overwrite" if path.exists() else None,
                writer_properties=FILES,
            )
            self.tables[name] = DeltaTable(str(path)).version()

    def append(self, kind: TableType, rows: pd.DataFrame | pa.Table) -> None:
        """Add result rows; absent columns are empty."""
        table = rows if isinstance(rows, pa.Table) else pa.Table.from_pandas(rows, preserve_index=False)
        wanted = arrow_schema(kind)
        columns = [
            table[field.name].cast(field.type)
            if field.name in table.column_names
            else pa.nulls(table.num_rows, field.type)
            for field in wanted
        ]
        if not table.num_rows:
            return
        with disk_faults(self.folder):
            made = pa.table(columns, schema=wanted)
            make_sure_it_fits(self.folder, made.nbytes)
            self._write(kind.table, made.to_reader(), kind.monthly)

    def present(
        self, connection: duckdb.DuckDBPyConnection, kind: TableType, rows: str | None = None
    ) -> str | None:
        """A query for what a table has now, or None where there is no such table yet.

        With `rows` (a relation), of a table kept by months only their months.
        """
        if kind.table not in self.tables:
            return None
        months = None
        if kind.monthly and rows is not None:
            found = connection.sql(f"SELECT DISTINCT month FROM {rows}").fetchall()
            months = [str(month) for (month,) in found]
        return present(connection, kind, self.folder / kind.table, self.tables[kind.table], months)

    def finished(self, note: str) -> Commit:
        """The commit that makes everything written visible."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return Commit(self.base.number + 1, self.tables, note, at, self.base.lake or uuid4().hex)

    def _append(self, connection: duckdb.DuckDBPyConnection, kind: TableType, query: str) -> None:
        self.settled(kind.table)
        make_sure_it_fits(self.folder, bytes_of(connection, query))
        self._write(kind.table, streamed(connection, query, stored_schema(kind)), kind.monthly)

    def _replace(
        self, connection: duckdb.DuckDBPyConnection, kind: TableType, rows: str, left: Sequence[str]
    ) -> None:
        """Write rows over what is here, without the rows of the keys that the queries `left` give.

        A month at a time where the table has months. Not by Delta's merge: that writes text as a type
        in which pyarrow then cannot filter it.
        """
        keys = " UNION ALL ".join(f"SELECT {_listed(kind.key)} FROM ({query})" for query in left)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE replaced_keys AS {keys}")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE replacing_rows AS {rows}")
        schema = stored_schema(kind)
        for month in _months(connection) if kind.monthly else [None]:
            path = self.settled(kind.table)
            of_month = "" if month is None else f" WHERE month = {literal(month)}"
            here = present(connection, kind, path, self.tables[kind.table], month and [month])
            query = (
                f"SELECT {_listed(schema.names)} FROM ({here}) h WHERE NOT EXISTS"
                f" (SELECT 1 FROM replaced_keys r WHERE {same(kind.key, 'r', 'h')})"
                f" UNION ALL SELECT {_listed(schema.names)} FROM replacing_rows{of_month}"
            )
            make_sure_it_fits(self.folder, bytes_of(connection, query))
            predicate = None if month is None else f"month = {literal(month)}"
            made = streamed(connection, query, schema)
            write_deltalake(str(path), made, mode="overwrite", predicate=predicate, writer_properties=FILES)
            self.tables[kind.table] = DeltaTable(str(path)).version()

    def _write(self, table: str, rows: pa.RecordBatchReader, monthly: bool) -> None:
        path = self.settled(table)
        for some in in_parts(rows, AT_ONCE):
            write_deltalake(
                str(path),
                some,
                mode="append",
                partition_by=["month"] if monthly else None,
                schema_mode="merge" if path.exists() else None,
                writer_properties=FILES,
            )
        self.tables[table] = DeltaTable(str(path)).version()

    def settled(self, name: str) -> Path:
        """A table's folder, rid of what a write that never finished left in it."""
        path = self.folder / name
        if name not in self.tables:
            shutil.rmtree(path, ignore_errors=True)
            return path
        table = DeltaTable(str(path))
        if table.version() != self.tables[name]:
            table.restore(self.tables[name])
        return path


def _unsaid(
    connection: duckdb.DuckDBPyConnection,
    kind: TableType,
    rows: str,
    here: str,
    whole: tuple[str, Sequence[str]],
) -> str | None:
    """A relation of the keys that are here for `whole` and not among the rows; None where there are none."""
    things, names = whole
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE unsaid_keys AS SELECT {_listed(kind.key)} FROM ({here}) h
            WHERE EXISTS (SELECT 1 FROM {things} w WHERE {same(names, "w", "h")})
              AND NOT EXISTS (SELECT 1 FROM {rows} i WHERE {same(kind.key, "i", "h")})"""
    )
    found = connection.sql("SELECT 1 FROM unsaid_keys LIMIT 1").fetchall()
    return "unsaid_keys" if found else None


def _months(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """The months that hold a key to be replaced."""
    found = connection.sql("SELECT DISTINCT month FROM replaced_keys ORDER BY month").fetchall()
    return (str(month) for (month,) in found)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
