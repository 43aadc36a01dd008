"""A world as plain CSV files: UTF-8, a header, commas, LF; one file a lake table."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from graph.errors import BadInput, NoSpace
from graph.model import Kind
from graph.schema import TABLES
from ingest.world.make import World

TYPES = {
    Kind.TEXT: pa.string(),
    Kind.INT: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.BOOL: pa.bool_(),
    Kind.DATE: pa.date32(),
}

ROW_GROUP = 1 << 18  # rows; a reader holds one


def write(world: World, folder: Path) -> list[Path]:
    """Write `<table>.csv` into the folder for every table, and return the paths in that order.

    Dates are ISO, an empty cell is unknown, booleans are true and false. The same world gives the
    same bytes. Raises BadInput where the folder cannot be written, NoSpace where the disk is full.
    """
    return [_write(typed(name, frame), folder / f"{name}.csv") for name, frame in _all(world)]


def write_truth(world: World, folder: Path) -> list[Path]:
    """Write what no real source knows to `truth/<table>.csv` under the folder. Raises as `write`."""
    return [
        _write(pa.Table.from_pandas(frame, preserve_index=False), folder / "truth" / f"{name}.csv")
        for name, frame in sorted(world.truth.items())
    ]


def _all(world: World) -> list[tuple[str, pd.DataFrame]]:
    """The tables in the order of the schema."""
    return [(name, world.tables[name]) for name in TABLES if name in world.tables]


def typed(table: str, frame: pd.DataFrame) -> pa.Table:
    """As the schema says; a column that it does not know (a trap's) is a whole number."""
    kinds = {field.name: field.kind for field in TABLES[table].columns}
    schema = pa.schema([(name, TYPES[kinds.get(name, Kind.INT)]) for name in frame.columns])
    return pa.Table.from_pandas(frame, schema=schema, preserve_index=False)


def _write(table: pa.Table, path: Path) -> Path:
    with Growing(path) as out:
        out.add(table)
    return path


class Growing:
    """A file that rows are added to: Parquet where the name says so, else CSV. A context manager.

    Of CSV the header is by hand: the library would quote its names. No text of ours needs quotes; one
    that did would be refused.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._out: BinaryIO | None = None
        self._parquet: pq.ParquetWriter | None = None

    def __enter__(self) -> Growing:
        return self

    def __exit__(self, *_: object) -> None:
        with _telling(self.path):
            if self._parquet is not None:
                self._parquet.close()
            if self._out is not None:
                self._out.close()

    def add(self, table: pa.Table) -> None:
        """Write the rows behind those written. Raises BadInput or NoSpace as `write`."""
        with _telling(self.path):
            if self._out is None:
                self._begin(table)
            if self._parquet is not None:
                self._parquet.write_table(table, row_group_size=ROW_GROUP)
            else:
                csv.write_csv(table, self._out, csv.WriteOptions(include_header=False, quoting_style="none"))
        self.rows += table.num_rows

    def _begin(self, table: pa.Table) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._out = self.path.open("wb")
        if self.path.suffix == ".parquet":
            self._parquet = pq.ParquetWriter(self._out, table.schema)
        else:
            self._out.write((",".join(table.column_names) + "\n").encode())


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise NoSpace(f"the disk is full while writing {path}; free some space") from error
        raise BadInput(
            f"cannot write {path}: {error.strerror}; a folder that you may write to works"
        ) from error
