"""Facts whose ends are not known yet: they wait in the lake beside their table, and every load tries them.

They are kept under `<table>.waiting`, in the columns of the table, and shown to nobody. Nothing is made
up for a missing end.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb

from graph.lake import Lake
from graph.landing import literal, present, same
from graph.model import EdgeType, FactType, TableType
from graph.schema import LOADS, NODE, TABLES
from graph.writer import Writer
from ingest.staging import Staging

DAYS = 90
"""How long a fact waits for its ends, in days."""


def name_of(kind: TableType) -> str:
    return f"{kind.table}.waiting"


def ends(kind: TableType) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The columns of a table that hold keys of nodes, with the labels that may stand there."""
    if isinstance(kind, EdgeType):
        yield "source", kind.sources
        yield "target", kind.targets
    if isinstance(kind, FactType):
        yield "about", kind.about


def waiting_rows(writer: Writer, staging: Staging, kind: TableType) -> str | None:
    """A view of the facts that wait for their ends, as the staging knows it; None where there are none."""
    version = writer.tables.get(name_of(kind))
    if version is None:
        return None
    view = f"waiting_{kind.table}"
    query = present(staging.connection, kind, writer.folder / name_of(kind), version)
    staging.connection.execute(f'CREATE OR REPLACE VIEW "{view}" AS {query}')
    return view


def keep_waiting(
    writer: Writer, staging: Staging, kind: TableType, more: str | None, load_id: str, today: date
) -> tuple[int, int]:
    """Write down who waits after this load: those of before that still do, and `more` (a relation).

    Those that were stated anew or released are in the staging's `stated_<table>` and `released_<table>`.
    Returns how many wait now, and how many waited for longer than `DAYS` and were given up.
    """
    before = waiting_rows(writer, staging, kind)
    if not (before or more):
        return 0, 0
    parts, expired = [], 0
    if before:
        still = _still(kind, before)
        late = f"load_id IN ({_old_loads(writer, staging, today)})"
        expired = staging.count(f"SELECT * FROM ({still}) WHERE {late}")
        parts.append(f"SELECT * FROM ({still}) WHERE NOT ({late})")
    if more:
        parts.append(f'SELECT *, {literal(load_id)} AS load_id, NULL::DATE AS withdrawn FROM "{more}"')
    name = f"waits_now_{kind.table}"
    staging.keep(name, " UNION ALL BY NAME ".join(parts))
    writer.overwrite(staging.connection, kind, name_of(kind), name)
    return staging.count(f'SELECT * FROM "{name}"'), expired


def _still(kind: TableType, before: str) -> str:
    """Those of before that were neither stated anew by this load nor released."""
    gone = [f"stated_{kind.table}", f"released_{kind.table}"]
    tests = [f'NOT EXISTS (SELECT 1 FROM "{name}" g WHERE {same(kind.key, "g", "w")})' for name in gone]
    return f'SELECT w.* FROM "{before}" w WHERE {" AND ".join(tests)}'


def _old_loads(writer: Writer, staging: Staging, today: date) -> str:
    """A query for the ids of loads that ended more than `DAYS` before today."""
    loads = writer.present(staging.connection, LOADS)
    if loads is None:
        return "SELECT CAST(NULL AS VARCHAR) WHERE false"
    before = literal((today - timedelta(days=DAYS)).isoformat())
    return f"SELECT load_id FROM ({loads}) WHERE finished < {before}"


def wanted(lake: Lake, most: int = 1_000) -> list[dict[str, object]]:
    """The nodes that facts wait for, as rows of table, label, id and number of facts, most wanted first."""
    commit, view = lake.commit(), lake.view().as_landed()
    found: list[tuple[str, str, str, int]] = []
    with duckdb.connect() as connection:
        for kind in TABLES.values():
            version = commit.tables.get(name_of(kind))
            if version is None:
                continue
            rows = present(connection, kind, lake.folder / name_of(kind), version)
            for label in sorted({label for _, labels in ends(kind) for label in labels}):
                connection.register("known", view.arrow(NODE[label], [NODE[label].id]))
                query = _unknown(kind, rows, label)
                found += connection.sql(f"{query} ORDER BY facts DESC, id LIMIT {most}").fetchall()
    names = ("table", "label", "id", "facts")
    ordered = sorted(found, key=lambda row: (-row[3], row[:3]))
    return [dict(zip(names, row, strict=True)) for row in ordered[:most]]


def _unknown(kind: TableType, rows: str, label: str) -> str:
    """A query for the nodes of a label that rows name and nobody knows, and how many rows name each."""
    named = []
    for column, labels in ends(kind):
        if label in labels:
            where = f" WHERE \"{column}_label\" = '{label}'" if len(labels) > 1 else ""
            named.append(f'SELECT "{column}" AS id FROM ({rows}){where}')
    return (
        f"SELECT '{kind.table}', '{label}', id, count(*) AS facts FROM ({' UNION ALL '.join(named)})"
        f' WHERE id NOT IN (SELECT "{NODE[label].id}" FROM known) GROUP BY id'
    )
