"""From the lake to the graph: every node and edge as known on a day, and the newest run's results.

Publishing the same state twice leaves the same graph. The graph remembers, table by table, which state of
the lake it shows; only what differs from that travels, what is no longer shown is taken away, and a
publication that was cut off goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from graph import write
from graph.asof import View
from graph.connect import prepare
from graph.lake import Lake
from graph.model import Dating, EdgeType, NodeType
from graph.progress import Progress
from graph.schema import EDGES, NODES, PUBLISHED
from graph.statement import Statement
from graph.store import GraphStore
from ingest.results import properties, publish_run
from ingest.shown import difference, identity, shown, tables_behind

Row = dict[str, object]

CHUNK = 50_000
"""Rows turned into Python values at a time, so that memory stays flat for any size of table."""

MARKS = Statement("MATCH (p:Published) RETURN p.table AS table, p.state AS state")


@dataclass(frozen=True)
class Published:
    """What of one type was written and taken away and, of facts, what the graph holds of it now."""

    type: str
    sent: int
    removed: int = 0
    in_graph: int | None = None


@dataclass(frozen=True)
class PublishReport:
    """What was published of which state of the lake; types that did not differ are left out."""

    number: int
    published: tuple[Published, ...]

    def rows(self) -> list[Row]:
        """One row for each type, as shown to people."""
        return [dict(one.__dict__) for one in self.published]


def publish(
    lake: Lake, store: GraphStore, progress: Progress | None = None, as_of: date | None = None
) -> PublishReport:
    """Bring the graph to the newest state of the lake, as known on a day or, with None, today.

    Raises Unavailable when the graph server does not answer; what was written stays, and publishing
    again completes it.
    """
    view = lake.view(as_of)
    prepare(store)
    marks = {str(row["table"]): str(row["state"]) for row in store.rows(MARKS)}
    published = []
    for kind in _kinds(view):
        before = _view_of(lake, marks.get(kind.table), view.lake)
        if before is not None and _same(before, view, kind):
            continue
        published.append(_publish(before, view, store, kind, progress))
        mark = {"id": kind.table, "props": {"state": _state(view)}}
        store.bulk(write.merge_nodes(PUBLISHED), [mark])
    published = [one for one in published if one.sent or one.removed]
    published += [Published(name, sent) for name, sent in publish_run(view, store, progress)]
    return PublishReport(view.number, tuple(published))


def _kinds(view: View) -> list[NodeType | EdgeType]:
    facts = [kind for kind in (*NODES, *EDGES) if kind.dating is not Dating.RUN]
    return [kind for kind in facts if kind.table in view.versions]


def _state(view: View) -> str:
    return f"{view.lake} {view.number} {view.as_of or ''}"


def _view_of(lake: Lake, state: str | None, ours: str) -> View | None:
    """The view that a mark in the graph stands for, if it is one of this lake."""
    if state is None:
        return None
    owner, number, day = state.split(" ")
    view = lake.view(date.fromisoformat(day) if day else None, int(number))
    return view if owner == ours and view.number == int(number) else None


def _same(before: View, view: View, kind: NodeType | EdgeType) -> bool:
    behind = tables_behind(kind)
    return before.as_of == view.as_of and all(
        before.versions.get(table) == view.versions.get(table) for table in behind
    )


def _publish(
    before: View | None,
    view: View,
    store: GraphStore,
    kind: NodeType | EdgeType,
    progress: Progress | None,
) -> Published:
    change = difference(before and shown(before, kind), shown(view, kind), identity(kind))
    name = kind.label if isinstance(kind, NodeType) else kind.name
    report = _counted(progress, name, change.written.num_rows + change.gone.num_rows)
    send = _nodes if isinstance(kind, NodeType) else _edges
    removed = send(store, kind, change.gone, report, gone=True)  # type: ignore[arg-type]
    sent = send(store, kind, change.written, report, gone=False)  # type: ignore[arg-type]
    return Published(name, sent, removed, _count(store, kind))


def _nodes(
    store: GraphStore, node: NodeType, rows: pa.Table, report: Callable[[int], None] | None, *, gone: bool
) -> int:
    statement = write.delete_nodes(node) if gone else write.merge_nodes(node)
    given = ({"id": row[node.id], "props": properties(row, node.properties)} for row in _rows(rows))
    return store.bulk(statement, given, report)


def _edges(
    store: GraphStore, edge: EdgeType, rows: pa.Table, report: Callable[[int], None] | None, *, gone: bool
) -> int:
    sent = 0
    statement = write.delete_edges if gone else write.merge_edges
    for source, target in edge.pairs():
        ends = ((edge.sources, "source_label", source), (edge.targets, "target_label", target))
        part = _among(rows, [(column, label) for labels, column, label in ends if len(labels) > 1])
        sent += store.bulk(statement(edge, source, target), _edge_rows(part, edge), report)
    return sent


def _edge_rows(rows: pa.Table, edge: EdgeType) -> Iterator[Row]:
    for row in _rows(rows):
        key = write.edge_key(row[name] for name in edge.parallel)
        props = properties(row, edge.properties)
        yield {"source": row["source"], "target": row["target"], "key": key, "props": props}


def _among(rows: pa.Table, wanted: Iterable[tuple[str, str]]) -> pa.Table:
    for column, label in wanted:
        rows = rows.filter(pc.equal(rows[column], label))
    return rows


def _rows(rows: pa.Table) -> Iterator[Row]:
    for batch in rows.to_batches(max_chunksize=CHUNK):
        yield from batch.to_pylist()


def _count(store: GraphStore, kind: NodeType | EdgeType) -> int:
    count = write.count_nodes(kind) if isinstance(kind, NodeType) else write.count_edges(kind)
    return int(str(store.rows(count)[0]["n"]))


def _counted(progress: Progress | None, step: str, total: int) -> Callable[[int], None] | None:
    """The store's progress (rows just written) as ours (rows so far of all)."""
    if progress is None:
        return None
    done = 0

    def report(written: int) -> None:
        nonlocal done
        done += written
        progress(step, done, total)

    return report
