"""From the lake to the graph: every node and edge as known today, and the newest run's results.

Writing the same lake twice leaves the same graph. Nodes go before edges, constraints before both. The
graph remembers which version of each table it shows, so that only tables that changed travel, and a
publication that was cut off goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from graph import write
from graph.asof import View
from graph.connect import prepare
from graph.lake import Lake
from graph.model import Dating, EdgeType, NodeType
from graph.schema import EDGES, NODES, PUBLISHED
from graph.statement import Statement
from graph.store import GraphStore
from ingest.results import properties, publish_run

Progress = Callable[[str, int, int], None]
Row = dict[str, object]

CHUNK = 50_000
"""Rows turned into Python values at a time, so that memory stays flat for any size of table."""

SHOWN = Statement("MATCH (p:Published) RETURN p.table AS table, p.state AS state")

TIES = """
WITH newest AS (SELECT max(month) AS month FROM ties),
monthly AS (
  SELECT *, coalesce(calls, 0) + coalesce(messages, 0) AS contacts FROM ties
),
pairs AS (
  SELECT source, target, sum(calls)::BIGINT AS calls, sum(seconds)::BIGINT AS seconds,
    sum(messages)::BIGINT AS messages, sum(days_active)::BIGINT AS days_active,
    sum(contacts)::BIGINT AS contacts,
    coalesce(sum(contacts) FILTER (monthly.month > newest.month - INTERVAL 3 MONTH), 0)::BIGINT
      AS recent_contacts,
    count(DISTINCT monthly.month) AS months, min(monthly.month) AS first_month,
    max(monthly.month) AS last_month
  FROM monthly, newest GROUP BY source, target
)
SELECT p.*, coalesce(least(p.contacts, r.contacts) / nullif(greatest(p.contacts, r.contacts), 0), 0.0)
  * (r.source IS NOT NULL)::INT AS reciprocity
FROM pairs p LEFT JOIN pairs r ON p.source = r.target AND p.target = r.source
"""


@dataclass(frozen=True)
class Published:
    """What of one type was sent and, of facts, what the graph holds of it afterwards."""

    type: str
    sent: int
    in_graph: int | None = None


@dataclass(frozen=True)
class PublishReport:
    """What was published of which state of the lake."""

    number: int
    published: tuple[Published, ...]

    def rows(self) -> list[Row]:
        """One row for each type, as shown to people."""
        return [dict(one.__dict__) for one in self.published]


def publish(lake: Lake, store: GraphStore, progress: Progress | None = None) -> PublishReport:
    """Bring the graph up to date with the newest state of the lake.

    Raises Unavailable when the graph server does not answer; what was written stays, and publishing
    again completes it.
    """
    view = lake.view()
    prepare(store)
    shown = {row["table"]: row["state"] for row in store.rows(SHOWN)}
    published = []
    for kind in _kinds(view):
        state = f"{view.lake}:{view.versions[kind.table]}"
        if shown.get(kind.table) != state:
            published.append(_publish(view, store, kind, progress))
            store.bulk(write.merge_nodes(PUBLISHED), [{"id": kind.table, "props": {"state": state}}])
    published += [Published(name, sent) for name, sent in publish_run(view, store, progress)]
    return PublishReport(view.number, tuple(published))


def _kinds(view: View) -> list[NodeType | EdgeType]:
    return [kind for kind in (*NODES, *EDGES) if kind.table in view.versions and _is_fact(kind)]


def _publish(
    view: View, store: GraphStore, kind: NodeType | EdgeType, progress: Progress | None
) -> Published:
    if isinstance(kind, NodeType):
        return _publish_nodes(view, store, kind, progress)
    return _publish_edges(view, store, kind, progress)


def _publish_nodes(view: View, store: GraphStore, node: NodeType, progress: Progress | None) -> Published:
    rows = view.arrow(node)
    sent = store.bulk(
        write.merge_nodes(node),
        ({"id": row[node.id], "props": properties(row, node.properties)} for row in _rows(rows)),
        _counted(progress, node.label, rows.num_rows),
    )
    return Published(node.label, sent, _count(store, write.count_nodes(node)))


def _publish_edges(view: View, store: GraphStore, edge: EdgeType, progress: Progress | None) -> Published:
    rows = view.sql_arrow(TIES) if edge.summed else view.arrow(edge)
    report = _counted(progress, edge.name, rows.num_rows)
    sent = 0
    for source, target in edge.pairs():
        ends = ((edge.sources, "source_label", source), (edge.targets, "target_label", target))
        part = _among(rows, [(column, label) for labels, column, label in ends if len(labels) > 1])
        sent += store.bulk(write.merge_edges(edge, source, target), _edges(part, edge), report)
    return Published(edge.name, sent, _count(store, write.count_edges(edge)))


def _edges(rows: pa.Table, edge: EdgeType) -> Iterator[Row]:
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


def _count(store: GraphStore, statement: Statement) -> int:
    return int(str(store.rows(statement)[0]["n"]))


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


def _is_fact(kind: NodeType | EdgeType) -> bool:
    return kind.dating is not Dating.RUN
