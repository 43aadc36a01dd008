"""A world as plain CSV files: UTF-8, a header, commas, LF; one file a lake table."""

from __future__ import annotations

import errno
from pathlib import Path

import pandas as pd
import pyarrow as pa
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


def write(world: World, folder: Path) -> list[Path]:
    """Write `<table>.csv` into the folder for every table, and return the paths in that order.

    Dates are ISO, an empty cell is unknown, booleans are true and false. The same world gives the
    same bytes. Raises BadInput where the folder cannot be written, NoSpace where the disk is full.
    """
    return [_write(_typed(name, frame), folder / f"{name}.csv") for name, frame in _all(world)]


def write_truth(world: World, folder: Path) -> list[Path]:
    """Write what no real source knows to `truth/<table>.csv` under the folder. Raises as `write`."""
    return [
        _write(pa.Table.from_pandas(frame, preserve_index=False), folder / "truth" / f"{name}.csv")
        for name, frame in sorted(world.truth.items())
    ]


def _all(world: World) -> list[tuple[str, pd.DataFrame]]:
    """The tables in the order of the schema."""
    return [(name, world.tables[name]) for name in TABLES if name in world.tables]


def _typed(table: str, frame: pd.DataFrame) -> pa.Table:
    kinds = {field.name: field.kind for field in TABLES[table].columns}
    schema = pa.schema([(name, TYPES[kinds[name]]) for name in frame.columns])
    return pa.Table.from_pandas(frame, schema=schema, preserve_index=False)


def _write(table: pa.Table, path: Path) -> Path:
    """The header by hand: the library would quote its names. No text of ours needs quotes; one that
    did would be refused.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            out.write((",".join(table.column_names) + "\n").encode())
            csv.write_csv(table, out, csv.WriteOptions(include_header=False, quoting_style="none"))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise NoSpace(f"the disk is full while writing {path}; free some space") from error
        raise BadInput(
            f"cannot write {path}: {error.strerror}; a folder that you may write to works"
        ) from error
    return path
