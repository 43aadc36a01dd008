"""How changes travel to the graph: in batches of statements or, for many rows, in the server's fastest way.

What may be in the graph already is merged, row by row. A type of which the graph has nothing, proved by
counting, is created, which no server does half: see `docs/decisions/0006-bulk-publishing.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pyarrow as pa

from graph import arcade_batch, lines, write
from graph.arcade_http import Address
from graph.dialect import NEO4J
from graph.model import EdgeType, NodeType
from graph.schema import NODE
from graph.side_by_side import blocks, in_rounds
from graph.statement import Statement
from graph.store import GraphStore, count, sweep
from ingest.publishing.changes import Changes

BULK = 5_000
"""Rows of a type from which on the server's fastest way is taken; before, it costs more than it saves."""

WRITERS = 2
"""Sessions that write to Neo4j side by side."""

LINES_AT_ONCE = 10_000
RIDS_AT_ONCE = 100_000

Row = dict[str, object]
Report = Callable[[int], None]


def send_gone(store: GraphStore, changes: Changes, report: Report | None) -> int:
    """Take away what is no longer shown; return how many rows were sent."""
    if not changes.gone:
        return 0
    kind = changes.kind
    if isinstance(kind, NodeType):
        rows = _rows(changes.batches(f'SELECT "{kind.id}" AS id FROM gone'))
        return store.bulk(write.delete_nodes(kind), rows, report)
    sent = 0
    for source, target in kind.pairs():
        text = f'SELECT source, target, "key" FROM gone WHERE {changes.where(source, target)}'
        sent += store.bulk(write.delete_edges(kind, source, target), _rows(changes.batches(text)), report)
    return sent


def send_written(store: GraphStore, changes: Changes, report: Report | None, bulk: int = BULK) -> int:
    """Create or update what is shown now, from `bulk` rows on side by side; return how many were sent."""
    if changes.written < bulk or store.dialect != NEO4J.name or not _may_be_lines(changes):
        return _in_batches(store, changes, report)
    return _side_by_side(store, changes, report, new=False)


def send_new(store: GraphStore, changes: Changes, report: Report | None) -> int:
    """Create a type of which the graph has nothing, the server's fastest way; return how many rows were sent.

    Cut off, it leaves any part of it; what `clear` takes away then.
    """
    if store.batch_endpoint is not None:
        return _by_endpoint(store.batch_endpoint, changes, report)
    if store.dialect == NEO4J.name and _may_be_lines(changes):
        return _side_by_side(store, changes, report, new=True)
    return _in_batches(store, changes, report)


def clear(store: GraphStore, kind: NodeType | EdgeType) -> None:
    """Take away whatever a creation that was cut off left of a type."""
    endpoint = store.batch_endpoint
    if isinstance(kind, NodeType):
        sweep(store, write.clear_nodes(kind))
        return
    if endpoint is not None:
        arcade_batch.mend(endpoint)
    sweep(store, write.clear_edges(kind))
    if endpoint is not None:
        arcade_batch.forget_edges(endpoint, kind)


# --- in batches of statements ---------------------------------------------------------------------


def _in_batches(store: GraphStore, changes: Changes, report: Report | None) -> int:
    kind = changes.kind
    if isinstance(kind, NodeType):
        rows = _as_given(_rows(changes.batches("FROM written")), ["id"], kind)
        return store.bulk(write.merge_nodes(kind), rows, report)
    sent = 0
    for source, target in kind.pairs():
        found = changes.batches(f"FROM written WHERE {changes.where(source, target)}")
        rows = _as_given(_rows(found), ["source", "target", "key"], kind)
        sent += store.bulk(write.merge_edges(kind, source, target), rows, report)
    return sent


def _as_given(rows: Iterable[Row], keys: list[str], kind: NodeType | EdgeType) -> Iterator[Row]:
    """Rows of the lake as `graph.write` wants them."""
    names = [field.name for field in kind.properties]
    own = kind.id if isinstance(kind, NodeType) else ""
    for row in rows:
        given: Row = {key: row[own if key == "id" else key] for key in keys}
        given["props"] = {name: row[name] for name in names}
        yield given


def _rows(batches: Iterable[object]) -> Iterator[Row]:
    for batch in batches:
        yield from batch.to_pylist()  # type: ignore[attr-defined]


# --- by the embedded server's batch endpoint ------------------------------------------------------


def _by_endpoint(address: Address, changes: Changes, report: Report | None) -> int:
    kind = changes.kind
    arcade_batch.declare(address, kind)
    if isinstance(kind, NodeType):
        text = f'SELECT {arcade_batch.node_line(kind)} FROM written WHERE "{kind.id}" IS NOT NULL'
        return arcade_batch.load(address, changes.batches(text), report)
    for label in {*kind.sources, *kind.targets}:
        _keep_rids(changes, NODE[label], arcade_batch.ids(address, NODE[label]))
    line = arcade_batch.edge_line(kind, "a.rid", "b.rid", 'e."key"')
    sent = 0
    for source, target in kind.pairs():
        text = (
            f"SELECT {line} FROM (FROM written WHERE {changes.where(source, target)}) e"
            f" {_ends_joined(source, target)}"
        )
        sent += arcade_batch.load(address, changes.batches(text), report)
    return sent


def _keep_rids(changes: Changes, node: NodeType, found: Iterable[pa.Table]) -> None:
    """The table `rids_<label>` of the server's own ids, by which edges name their ends."""
    changes.scratch.execute(f"CREATE TABLE rids_{node.label} (id VARCHAR, rid VARCHAR)")
    for some in found:
        changes.scratch.register("found", some)
        changes.scratch.execute(f"INSERT INTO rids_{node.label} SELECT id, rid FROM found")


def _ends_joined(source: str, target: str) -> str:
    """Joins the edges `e` to their ends' ids `a.rid` and `b.rid`; an edge without an end falls out."""
    return f"JOIN rids_{source} a ON a.id = e.source JOIN rids_{target} b ON b.id = e.target"


# --- side by side, as lines -----------------------------------------------------------------------


def _may_be_lines(changes: Changes) -> bool:
    columns = [changes.kind.id] if isinstance(changes.kind, NodeType) else ["source", "target", "key"]
    text = f"SELECT 1 FROM written WHERE {lines.unfit(changes.kind, columns)} LIMIT 1"
    return changes.scratch.execute(text).fetchone() is None


def _side_by_side(
    store: GraphStore, changes: Changes, report: Report | None, *, new: bool, writers: int = WRITERS
) -> int:
    kind = changes.kind
    if isinstance(kind, NodeType):
        line, group = lines.node_line(kind), f"""hash("{kind.id}") % {writers}"""
        changes.scratch.execute(f"CREATE TABLE lines AS SELECT {line} AS line, {group} AS part FROM written")
        statement = lines.nodes_of_lines(kind, new=new)
        tasks = [_task(store, changes, statement, f"part = {one}", report) for one in range(writers)]
        return in_rounds([tasks])
    by_rid = new and _worth_rids(store, kind, changes.written)
    for label in {*kind.sources, *kind.targets} if by_rid else ():
        _keep_rids(changes, NODE[label], _rids(store, NODE[label]))
    sent = 0
    groups = 2 * writers
    for source, target in kind.pairs():
        _make_lines(changes, kind, (source, target), groups, by_rid=by_rid)
        statement = lines.edges_of_lines(kind, source, target, new=new, by_rid=by_rid)
        rounds: dict[int, list[Callable[[], int]]] = {}
        for number, _, pairs in blocks(groups):
            where = f"part IN ({', '.join(str(low * groups + high) for low, high in pairs)})"
            rounds.setdefault(number, []).append(_task(store, changes, statement, where, report))
        sent += in_rounds(list(rounds.values()))
    return sent


def _make_lines(
    changes: Changes, kind: EdgeType, joined: tuple[str, str], groups: int, *, by_rid: bool
) -> None:
    """The table `lines` of the edges that join two labels, and the `part` of them that each falls into."""
    parts = [f"hash({end}) % {groups}" for end in ("e.source", "e.target")]
    ends = ("a.rid", "b.rid") if by_rid else ("e.source", "e.target")
    changes.scratch.execute(
        f"""CREATE OR REPLACE TABLE lines AS SELECT {lines.edge_line(kind, *ends, 'e."key"')} AS line,
            least({", ".join(parts)}) * {groups} + greatest({", ".join(parts)}) AS part
            FROM (FROM written WHERE {changes.where(*joined)}) e {_ends_joined(*joined) if by_rid else ""}
            ORDER BY part, e.source"""
    )


def _worth_rids(store: GraphStore, kind: EdgeType, edges: int) -> bool:
    """To ask for the ids of all nodes takes longer than it saves where edges are fewer."""
    return all(edges >= count(store, write.count_nodes(NODE[one])) for one in {*kind.sources, *kind.targets})


def _rids(store: GraphStore, node: NodeType) -> Iterator[pa.Table]:
    after = -1
    while found := store.rows(lines.rids(node, after, RIDS_AT_ONCE)):
        after = int(str(found[-1]["rid"]))
        yield pa.table({"id": [str(row["id"]) for row in found], "rid": [str(row["rid"]) for row in found]})


def _task(
    store: GraphStore, changes: Changes, statement: Statement, where: str, report: Report | None
) -> Callable[[], int]:
    return partial(_write_lines, store, changes, statement, where, report)


def _write_lines(
    store: GraphStore, changes: Changes, statement: Statement, where: str, report: Report | None
) -> int:
    sent = 0
    for batch in changes.batches(f"SELECT line FROM lines WHERE {where}"):
        for start in range(0, batch.num_rows, LINES_AT_ONCE):
            written = store.write_lines(statement, batch.column(0).slice(start, LINES_AT_ONCE).to_pylist())
            sent += written
            if report is not None:
                report(written)
    return sent
