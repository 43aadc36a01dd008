"""The record: Delta tables for every dated fact and every result, written all together or not at all.

A write touches several tables; each gets a new Delta version, and then one small commit file names the
versions that belong together. Readers follow the newest commit file, so a load that is cut off at any
moment has changed nothing that anyone can see, and the next writer drops what it left behind.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from graph.asof import Commit, View
from graph.disk import disk_faults
from graph.errors import Conflict, Damaged
from graph.landing import stored_schema
from graph.model import TableType
from graph.writer import Writer


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
            with disk_faults(self.folder):
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
            with disk_faults(self.folder):
                (self.folder / "commits").mkdir(parents=True, exist_ok=True)
                held.enter_context(_alone(self.folder / "lock"))
                writer = Writer(self.folder, self.commit())
            yield writer
            with disk_faults(self.folder):
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
            return stored_schema(kind).empty_table()
        return _dataset(self.folder / kind.table, commit.tables[kind.table])


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
