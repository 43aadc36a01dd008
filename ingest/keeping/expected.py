"""Every type that the graph shows, with the rows that the lake says it should have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from graph import write
from graph.measures import MEASURES
from graph.model import EdgeType, Measure, NodeType
from graph.schema import COMMUNITY, IN_COMMUNITY, MEMBER, NODE, RUN
from graph.statement import Statement
from ingest.keeping.standing import FACTS, Standing
from ingest.keeping.walks import Walk, edge_walk, node_walk
from ingest.publishing.shown import shown

MEASURED = tuple(sorted({label for measure in MEASURES for label in measure.about}))


@dataclass(frozen=True, eq=False)
class Shown:
    """One type: its name, how many rows the lake has, its walks, and how all of it in the graph is counted.

    `count` is None for figures: they stand on nodes that are counted as such.
    """

    name: str
    rows: int
    walks: Callable[[], Iterator[Walk]]
    count: Statement | None


def types_shown(standing: Standing) -> Iterator[Shown]:
    """Each type in turn, read from the lake when its turn comes: facts, then the results of the run."""
    for kind in FACTS:
        rows = shown(standing.view(kind), kind)
        yield _nodes(kind, rows) if isinstance(kind, NodeType) else _edges(kind, rows)
    for node in (RUN, COMMUNITY):
        yield _nodes(node, _of_run(standing, node))
    yield _edges(IN_COMMUNITY, _memberships(standing))
    for label in MEASURED:
        yield _figures(standing, NODE[label])


def _nodes(node: NodeType, rows: pa.Table) -> Shown:
    rows = rows.select([node.id, *(field.name for field in node.properties)])
    figures = _figure_names(node.label)
    walk = node_walk(node, rows, lambda name: name not in figures, whole=True)
    return Shown(node.label, rows.num_rows, lambda: iter([walk]), write.count_nodes(node))


def _edges(edge: EdgeType, rows: pa.Table) -> Shown:
    def walks() -> Iterator[Walk]:
        for source, target in edge.pairs():
            part = _where(rows, "source_label", source, edge.sources)
            yield edge_walk(edge, source, target, _where(part, "target_label", target, edge.targets))

    return Shown(edge.name, rows.num_rows, walks, write.count_edges(edge))


def _where(rows: pa.Table, column: str, label: str, labels: tuple[str, ...]) -> pa.Table:
    return rows if len(labels) == 1 else rows.filter(pc.equal(rows[column], label))


def _of_run(standing: Standing, kind: NodeType | EdgeType) -> pa.Table:
    return standing.newest.sql_arrow(
        f'SELECT * FROM "{kind.table}" WHERE run_id = $run', {"run": standing.run_id}
    )


def _memberships(standing: Standing) -> pa.Table:
    """The run's memberships of members that the graph shows."""
    rows = _of_run(standing, IN_COMMUNITY)
    return rows.filter(pc.is_in(rows["source"], _keys(standing, MEMBER)))


def _figures(standing: Standing, node: NodeType) -> Shown:
    """The run's figures of the nodes of a label that the graph shows, a row for each node."""
    measures = [measure for measure in MEASURES if node.label in measure.about]
    rows = standing.newest.sql_arrow(
        f"""SELECT s.id AS "{node.id}", any_value(s.run_id) AS run_id, any_value(r.as_of) AS as_of,
                   {", ".join(_columns(measure) for measure in measures)}
            FROM scores s JOIN runs r ON r.run_id = s.run_id
            WHERE s.run_id = $run AND s.kind = $kind GROUP BY s.id""",
        {"run": standing.run_id, "kind": node.label},
    )
    rows = rows.filter(pc.is_in(rows[node.id], _keys(standing, node)))
    figures = _figure_names(node.label)
    walk = node_walk(node, rows, figures.__contains__, whole=False)
    return Shown(f"figures of {node.label}", rows.num_rows, lambda: iter([walk]), None)


def _columns(measure: Measure) -> str:
    """A measure's figure, interval and reasons as the four properties it becomes."""
    of_it = f"FILTER (WHERE s.measure = '{measure.name}')"
    return ", ".join(
        (
            f'max(s.value) {of_it} AS "{measure.name}"',
            f'max(s.low) {of_it} AS "{measure.name}_low"',
            f'max(s.high) {of_it} AS "{measure.name}_high"',
            f'max(s.reasons::JSON::VARCHAR[]) {of_it} AS "{measure.name}_reasons"',
        )
    )


def _keys(standing: Standing, node: NodeType) -> pa.Array:
    return standing.view(node).arrow(node, [node.id])[node.id].combine_chunks()


def _figure_names(label: str) -> frozenset[str]:
    return frozenset(write.measure_properties(label)) if label in MEASURED else frozenset()
