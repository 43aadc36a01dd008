"""The record: Delta tables for every dated fact and every result, written all together or not at all.

A write touches several tables; each gets a new Delta version, and then one small commit file names the
versions that belong together. Readers follow the newest commit file, so a load that is cut off at any
moment has changed nothing that anyone can see, and the next writer drops what it left behind.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from graph.asof import Commit, View
from graph.errors import Conflict, Damaged, NoSpace, Unavailable
from graph.model import Kind, TableType

ARROW = {
    Kind.TEXT: pa.string(),
    Kind.INT: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.BOOL: pa.bool_(),
    Kind.DATE: pa.date32(),
}
LOAD_ID = pa.field("load_id", pa.string())
RESERVE = 2**20
"""Bytes of disk that must stay free beside what is written: for commit files and the tables' logs."""


@dataclass(frozen=True)
class Landed:
    """What became of rows handed to `Writer.land`.

    `status` has one of "new", "changed", "unchanged" for each row given, in the order given. A row that
    stands as it was is "changed" where others were withdrawn beside it, see `Writer.land`.
    """

    new: int
    changed: int
    unchanged: int
    status: pa.Array


def arrow_schema(kind: TableType) -> pa.Schema:
    """The columns a table has in the lake, without the load they came with."""
    return pa.schema([pa.field(field.name, ARROW[field.kind]) for field in kind.columns])


class Lake:
    """The tables under one folder. Opening it neither creates nor locks anything."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def view(self, as_of: date | None = None, number: int | None = None) -> View:
        """The newest state (or that of commit `number`) as known at the end of `as_of`."""
        commit = self.commit(number)
        return View(lambda kind: self._rows(kind, commit), commit, as_of)

    def commit(self, number: int | None = None) -> Commit:
        """The newest commit, or the one of that number. Commit 0 is the empty lake."""
        names = sorted((self.folder / "commits").glob("*.json"))
        if number is not None:
            names = [name for name in names if int(name.stem) == number]
        if not names:
            return Commit(0, {})
        try:
            with _disk_faults(self.folder):
                text = names[-1].read_text(encoding="utf-8")
            return Commit(**json.loads(text))
        except (ValueError, TypeError) as error:
            raise Damaged(f"the lake's commit {names[-1]} cannot be read: {error}") from error

    @contextmanager
    def writing(self, note: str) -> Iterator[Writer]:
        """Write to several tables at once; they appear together when the block ends without an error.

        Raises Conflict while another process writes, NoSpace when the disk is full and Unavailable
        when the folder cannot be written. What goes wrong in the block itself comes out as it is: the
        lake answers for its own files only.
        """
        with ExitStack() as held:
            with _disk_faults(self.folder):
                (self.folder / "commits").mkdir(parents=True, exist_ok=True)
                held.enter_context(_alone(self.folder / "lock"))
                writer = Writer(self.folder, self.commit())
            yield writer
            with _disk_faults(self.folder):
                self._record(writer.finished(note))

    def _record(self, commit: Commit) -> None:
        path = self.folder / "commits" / f"{commit.number:08d}.json"
        draft = path.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(commit.__dict__, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    def _rows(self, kind: TableType, commit: Commit) -> ds.Dataset | pa.Table:
        if kind.table not in commit.tables:
            return arrow_schema(kind).empty_table()
        return _dataset(self.folder / kind.table, commit.tables[kind.table])


class Writer:
    """The tables while they are being written; got from `Lake.writing`."""

    def __init__(self, folder: Path, base: Commit) -> None:
        self.folder = folder
        self.base = base
        self.tables = dict(base.tables)

    def land(self, kind: TableType, rows: pa.Table, load_id: str, whole: pa.Table | None = None) -> Landed:
        """Add new rows, replace those whose values changed, leave the rest alone.

        `rows` has the table's columns and types, and each key once. A row is replaced whole.

        `whole` has values of some key columns, such as one column of member ids, for which the rows
        are everything there is to say: what is here for them and not among the rows is withdrawn, and
        the rows that stay beside it count as changed. Not for tables kept by months.
        """
        with _disk_faults(self.folder):
            rows = rows.select(arrow_schema(kind).names).cast(arrow_schema(kind))
            status = self._compare(kind, rows)
            gone = self._unsaid(kind, rows, whole)
            if gone is not None and whole is not None:
                status = _touched(status, rows, gone.select(whole.column_names))
            marked = rows.append_column(LOAD_ID, pa.array([load_id] * rows.num_rows, pa.string()))
            self._replace(kind, marked.filter(pc.equal(status, "changed")), gone)
            self._append(kind, marked.filter(pc.equal(status, "new")))
        counts = {entry["values"]: entry["counts"] for entry in pc.value_counts(status).to_pylist()}
        return Landed(counts.get("new", 0), counts.get("changed", 0), counts.get("unchanged", 0), status)

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
        with _disk_faults(self.folder):
            self._append(kind, pa.table(columns, schema=wanted))

    def finished(self, note: str) -> Commit:
        """The commit that makes everything written visible."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return Commit(self.base.number + 1, self.tables, note, at, self.base.lake or uuid4().hex)

    def _compare(self, kind: TableType, rows: pa.Table) -> pa.ChunkedArray:
        if kind.table not in self.tables or not rows.num_rows:
            return pa.chunked_array([pa.array(["new"] * rows.num_rows, pa.string())])
        here = self._same_months(kind, rows)
        same_key = " AND ".join(f'i."{k}" IS NOT DISTINCT FROM h."{k}"' for k in kind.key)
        others = [f.name for f in kind.columns if f.name not in kind.key]
        differs = " OR ".join(f'i."{n}" IS DISTINCT FROM h."{n}"' for n in others) or "false"
        with duckdb.connect() as connection:
            numbered = rows.append_column("row_number", pa.array(np.arange(rows.num_rows)))
            connection.register("incoming", numbered)
            connection.register("present", here)
            return connection.sql(
                f"""SELECT CASE WHEN h.here IS NULL THEN 'new' WHEN {differs} THEN 'changed'
                           ELSE 'unchanged' END AS status
                    FROM incoming i LEFT JOIN (SELECT *, true AS here FROM present) h ON {same_key}
                    ORDER BY i.row_number"""
            ).to_arrow_table()["status"]

    def _unsaid(self, kind: TableType, rows: pa.Table, whole: pa.Table | None) -> pa.Table | None:
        """The keys of rows that are here for the values of `whole` and not among `rows`; None for none."""
        if whole is None or kind.table not in self.tables:
            return None
        same_key = " AND ".join(f'i."{k}" IS NOT DISTINCT FROM h."{k}"' for k in kind.key)
        same_thing = " AND ".join(f'w."{k}" IS NOT DISTINCT FROM h."{k}"' for k in whole.column_names)
        keys = ", ".join(f'"{name}"' for name in kind.key)
        with duckdb.connect() as connection:
            connection.register("incoming", rows)
            connection.register("whole", whole)
            connection.register("present", _dataset(self.folder / kind.table, self.tables[kind.table]))
            found = connection.sql(
                f"""SELECT {keys} FROM present h
                    WHERE EXISTS (SELECT 1 FROM whole w WHERE {same_thing})
                      AND NOT EXISTS (SELECT 1 FROM incoming i WHERE {same_key})"""
            ).to_arrow_table()
        return found if found.num_rows else None

    def _same_months(self, kind: TableType, rows: pa.Table) -> ds.Dataset | ds.Scanner:
        """What is here already that could equal the rows: of a monthly table only their months."""
        present = _dataset(self.folder / kind.table, self.tables[kind.table])
        if not kind.monthly:
            return present
        return present.scanner(filter=ds.field("month").isin(pc.unique(rows["month"])))

    def _append(self, kind: TableType, rows: pa.Table) -> None:
        if not rows.num_rows:
            return
        path = self._settled(kind)
        self._make_sure_it_fits(rows)
        write_deltalake(
            str(path),
            rows,
            mode="append",
            partition_by=["month"] if kind.monthly else None,
            schema_mode="merge" if path.exists() else None,
        )
        self.tables[kind.table] = DeltaTable(str(path)).version()

    def _replace(self, kind: TableType, rows: pa.Table, gone: pa.Table | None = None) -> None:
        """Write rows over those of the same key, a month at a time where the table has months.

        Rows of the keys `gone` go as well. Not by Delta's merge: that writes text as a type in which
        pyarrow then cannot filter it.
        """
        if not rows.num_rows and gone is None:
            return
        parts: dict[str | None, pa.Table] = {None: rows}
        if kind.monthly:
            months = pc.unique(rows["month"])
            parts = {f"month = '{month}'": rows.filter(pc.equal(rows["month"], month)) for month in months}
        for predicate, part in parts.items():
            path = self._settled(kind)
            kept = self._without(kind, part, gone)
            self._make_sure_it_fits(kept)
            write_deltalake(str(path), kept, mode="overwrite", predicate=predicate)
            self.tables[kind.table] = DeltaTable(str(path)).version()

    def _without(self, kind: TableType, rows: pa.Table, gone: pa.Table | None) -> pa.Table:
        """What is here (in the rows' months), with the rows for those of their keys and without `gone`."""
        replaced = rows.select(list(kind.key))
        if gone is not None:
            replaced = pa.concat_tables([replaced, gone.cast(replaced.schema)])
        same_key = " AND ".join(f'r."{k}" IS NOT DISTINCT FROM h."{k}"' for k in kind.key)
        columns = ", ".join(f'"{name}"' for name in rows.column_names)
        with duckdb.connect() as connection:
            connection.register("replaced", replaced)
            connection.register("present", self._same_months(kind, rows))
            kept = connection.sql(
                f"SELECT {columns} FROM present h"
                f" WHERE NOT EXISTS (SELECT 1 FROM replaced r WHERE {same_key})"
            ).to_arrow_table()
        return pa.concat_tables([kept.cast(rows.schema), rows])

    def _make_sure_it_fits(self, rows: pa.Table) -> None:
        """Raise NoSpace before the disk is full: delta-rs fails on a full one with a panic on the terminal.

        Twice the rows' size in memory is more than their compressed file takes, with its copy in flight.
        """
        if shutil.disk_usage(self.folder).free < 2 * rows.nbytes + RESERVE:
            raise _full(self.folder)

    def _settled(self, kind: TableType) -> Path:
        """The table's folder, rid of what a write that never finished left in it."""
        path = self.folder / kind.table
        if kind.table not in self.tables:
            shutil.rmtree(path, ignore_errors=True)
            return path
        table = DeltaTable(str(path))
        if table.version() != self.tables[kind.table]:
            table.restore(self.tables[kind.table])
        return path


def _dataset(path: Path, version: int) -> ds.Dataset:
    try:
        return DeltaTable(str(path), version=version).to_pyarrow_dataset()
    except DeltaError as error:
        raise Damaged(f"version {version} of the lake's table {path} cannot be read: {error}") from error


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lake's write lock; it falls with the process, however that ends."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"another process is writing to the lake in {path.parent}; wait for it to end"
            ) from None
        yield


@contextmanager
def _disk_faults(folder: Path) -> Iterator[None]:
    """Say in one sentence that the disk is full or that the folder cannot be used, and why."""
    try:
        yield
    except (OSError, DeltaError) as error:
        number = _errno(error)
        if number in (errno.ENOSPC, errno.EDQUOT):
            raise _full(folder) from error
        if number is None and isinstance(error, DeltaError):
            raise
        why = os.strerror(number) if number else str(error).partition("\n")[0]
        raise Unavailable(
            f"the lake {folder} cannot be used ({why}); set GUANXI_HOME to a folder that can be written"
        ) from error


def _errno(error: Exception) -> int | None:
    """The system's number for what went wrong; Delta and Arrow have it in their text only."""
    if isinstance(error, OSError) and error.errno:
        return error.errno
    found = re.search(r"os error (\d+)|errno (\d+)", str(error))
    return int(found[1] or found[2]) if found else None


def _full(folder: Path) -> NoSpace:
    return NoSpace(
        f"the disk of the lake {folder} is too full for what was to be written; nothing of it was kept."
        " Free some space or set GUANXI_HOME to a larger disk, and try again"
    )


def _touched(status: pa.ChunkedArray, rows: pa.Table, things: pa.Table) -> pa.ChunkedArray:
    """The status with "changed" for rows that stand as they were beside others that are withdrawn."""
    same = " AND ".join(f't."{k}" IS NOT DISTINCT FROM i."{k}"' for k in things.column_names)
    numbered = rows.append_column("status", status)
    numbered = numbered.append_column("row_number", pa.array(range(rows.num_rows), pa.int64()))
    with duckdb.connect() as connection:
        connection.register("incoming", numbered)
        connection.register("things", things)
        return connection.sql(
            f"""SELECT CASE WHEN status = 'unchanged' AND EXISTS (SELECT 1 FROM things t WHERE {same})
                       THEN 'changed' ELSE status END AS status
                FROM incoming i ORDER BY row_number"""
        ).to_arrow_table()["status"]
