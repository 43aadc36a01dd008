"""What leads from what the graph shows of a type to what it is to show, kept on disk while it is sent.

A table of ties may be larger than the memory of the machine, so rows go from the lake into a scratch
database, are compared there, and are read from it a batch at a time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from graph.asof import View
from graph.model import EdgeType, Kind, NodeType
from ingest.publishing.shown import identity, labels, shown_sql

MEMORY = "1GB"
"""What the scratch database may hold in memory at a time."""

ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, eq=False)
class Changes:
    """The tables `written` (rows, new or changed) and `gone` (their keys are enough) of one type.

    Rows of edges have besides their columns a text `key`, which is `graph.write.edge_key` of what tells
    parallel edges apart.
    """

    kind: NodeType | EdgeType
    written: int
    gone: int
    scratch: duckdb.DuckDBPyConnection

    def batches(self, text: str) -> Iterator[pa.RecordBatch]:
        """The result of a query of the scratch database, on a connection of its own."""
        with self.scratch.cursor() as cursor:
            yield from cursor.sql(text).to_arrow_reader(ROWS_AT_ONCE)

    def where(self, source: str, target: str) -> str:
        """The SQL condition that an edge joins these labels."""
        if isinstance(self.kind, NodeType):
            raise ValueError(f"{self.kind.label} joins nothing")
        ends = (("source", source), ("target", target))
        tests = [f"{end}_label = '{label}'" for end, label in ends if len(labels(self.kind, end)) > 1]
        return " AND ".join(tests or ["true"])


@contextmanager
def changes(before: View | None, now: View, kind: NodeType | EdgeType) -> Iterator[Changes]:
    """What leads from one view to the other; without a `before`, all that is there now."""
    with (
        tempfile.TemporaryDirectory(prefix="guanxi-") as folder,
        duckdb.connect(str(Path(folder) / "rows.duckdb")) as scratch,
    ):
        scratch.execute(f"SET memory_limit = '{MEMORY}'; SET preserve_insertion_order = false")
        _keep(scratch, "written" if before is None else "now", now, kind)
        if before is None:
            scratch.execute("CREATE TABLE gone AS FROM written LIMIT 0")
        else:
            _keep(scratch, "before", before, kind)
            _compare(scratch, identity(kind))
        yield Changes(kind, _count(scratch, "written"), _count(scratch, "gone"), scratch)


def key_sql(edge: EdgeType) -> str:
    """`graph.write.edge_key` of an edge's row as a SQL expression."""
    if not edge.parallel:
        return "''"
    texts = [f"""coalesce({_as_text(edge, name)}, '')""" for name in edge.parallel]
    return "concat_ws(',', " + ", ".join(f"length({text}) || ':' || {text}" for text in texts) + ")"


def _as_text(edge: EdgeType, name: str) -> str:
    if edge.field(name).kind not in (Kind.TEXT, Kind.DATE, Kind.INT):
        raise ValueError(f"{edge.name}: {name} has no text that is the same everywhere, so no key of edges")
    return f'"{name}"::VARCHAR'


def _keep(scratch: duckdb.DuckDBPyConnection, table: str, view: View, kind: NodeType | EdgeType) -> None:
    key = f""", {key_sql(kind)} AS "key" """ if isinstance(kind, EdgeType) else ""
    scratch.register("rows", view.sql_batches(shown_sql(kind)))
    scratch.execute(f"CREATE TABLE {table} AS SELECT *{key} FROM rows")
    scratch.unregister("rows")


def _compare(scratch: duckdb.DuckDBPyConnection, key: Sequence[str]) -> None:
    same = " AND ".join(f'n."{name}" IS NOT DISTINCT FROM b."{name}"' for name in key)
    scratch.execute("CREATE TABLE written AS SELECT * FROM now EXCEPT SELECT * FROM before")
    scratch.execute(f"CREATE TABLE gone AS FROM before b WHERE NOT EXISTS (SELECT 1 FROM now n WHERE {same})")
    scratch.execute("DROP TABLE now; DROP TABLE before")


def _count(scratch: duckdb.DuckDBPyConnection, table: str) -> int:
    found = scratch.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found[0]) if found else 0
