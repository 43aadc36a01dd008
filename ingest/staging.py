"""Where a load keeps what does not fit into memory: Parquet files and one DuckDB database in a folder.

The folder is gone when the load ends. What a killed load left behind is removed by the next one: a lock
on the folder tells whether its process still lives.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from graph.disk import disk_faults, full_disk
from graph.landing import literal, on_disk

GROUP = 65_536  # rows of a row group, and so of what is held before it is written


class Sink:
    """Rows on their way into one Parquet file; they can be read once the sink is closed."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.schema = schema
        self.rows = 0
        self._writer = pq.ParquetWriter(
            path, schema, compression="lz4", use_dictionary=False, write_statistics=False
        )
        self._held: list[pa.Table] = []

    def write(self, rows: pa.Table) -> None:
        self.rows += rows.num_rows
        self._held.append(rows)
        if sum(held.num_rows for held in self._held) >= GROUP:
            self._flush()

    def add(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Write a few rows given as tuples."""
        if rows:
            columns = zip(self.schema, zip(*rows, strict=True), strict=True)
            self.write(pa.table([pa.array(c, field.type) for field, c in columns], schema=self.schema))

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._held:
            self._writer.write_table(pa.concat_tables(self._held))
            self._held = []


@dataclass(frozen=True)
class Staging:
    """The folder of one load, and the connection whose database lies in it."""

    folder: Path
    connection: duckdb.DuckDBPyConnection

    @contextmanager
    def sink(self, name: str, schema: pa.Schema) -> Iterator[Sink]:
        """Write `name`; at the end of the block it can be asked for under that name."""
        sink = Sink(self.folder / f"{name}.parquet", schema)
        try:
            yield sink
        finally:
            sink.close()
        self.show(name)

    def show(self, name: str) -> None:
        """Make the file of that name a view of the connection."""
        path = literal(str(self.folder / f"{name}.parquet"))
        self.connection.execute(f'CREATE OR REPLACE VIEW "{name}" AS SELECT * FROM read_parquet({path})')

    def count(self, query: str) -> int:
        return int(self.connection.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0])

    def some(self, query: str) -> bool:
        """Whether a query has any row."""
        return bool(self.connection.execute(f"SELECT 1 FROM ({query}) LIMIT 1").fetchall())

    def keep(self, name: str, query: str) -> None:
        """Work out a query and keep its rows under a name."""
        self.connection.execute(f'CREATE OR REPLACE TABLE "{name}" AS {query}')


@contextmanager
def staging(home: Path, load_id: str) -> Iterator[Staging]:
    """A folder below `home` for one load, readable by its owner only.

    Raises NoSpace and Unavailable where it cannot be written, and NoSpace if the disk fills in the block.
    """
    folder = home / load_id
    with ExitStack() as held:
        with disk_faults(home):
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            _sweep(home)
            folder.mkdir(mode=0o700)
            held.callback(_remove, folder)
            held.enter_context(_locked(folder))
            connection = held.enter_context(on_disk(folder))
        held.enter_context(full_disk(home.parent))
        yield Staging(folder, connection)


def _sweep(home: Path) -> None:
    """Remove the folders of loads whose processes are gone."""
    for folder in home.iterdir():
        try:
            with _locked(folder):
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # held by a load that is running, or removed at this moment


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder itself; the lock falls with the process, however that ends."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with_nothing = folder.parent
    try:
        with_nothing.rmdir()
    except OSError:
        return  # another load is at work there
