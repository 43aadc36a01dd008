"""The newest run's results in the graph: figures on nodes, communities, and the run itself.

One run is shown at a time; what an earlier one left is taken away once the new one is in place. The
run's own node is written last: where it stands, all of its results do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

from graph import write
from graph.asof import View
from graph.measures import MEASURES
from graph.model import Field
from graph.progress import Progress
from graph.schema import COMMUNITY, IN_COMMUNITY, RUN
from graph.statement import Statement
from graph.store import GraphStore, sweep

Row = dict[str, object]
Sent = tuple[str, int]

NEWEST = "SELECT * FROM runs ORDER BY finished DESC, run_id DESC LIMIT 1"
FIGURES = """
SELECT id, list({measure: measure, value: value, low: low, high: high, reasons: reasons}) AS scores
FROM scores WHERE run_id = $run AND kind = $kind GROUP BY id"""
SHOWN = "MATCH (r:Run {run_id: $run_id}) RETURN r.run_id AS run_id"
LABELS = tuple(sorted({label for measure in MEASURES for label in measure.about}))


def publish_run(view: View, store: GraphStore, progress: Progress | None = None) -> list[Sent]:
    """Show the newest run in the graph; return what was sent as (type, rows).

    Nothing is done where the lake has no run yet, or the graph shows the newest one already.
    """
    runs = view.sql_arrow(NEWEST).to_pylist()
    if not runs or store.rows(Statement(SHOWN, {"run_id": runs[0]["run_id"]})):
        return []
    run = runs[0]
    steps: dict[str, Callable[[], int]] = {
        "Community": lambda: _communities(view, store, run["run_id"]),
        "IN_COMMUNITY": lambda: _memberships(view, store, run["run_id"]),
        **{f"figures of {label}": _figures(view, store, label, run) for label in LABELS},
        "Run": lambda: _run(store, run),
    }
    sent = []
    for done, (name, step) in enumerate(steps.items(), 1):
        sent.append((name, step()))
        if progress:
            progress("results", done, len(steps))
    return sent


def _communities(view: View, store: GraphStore, run_id: str) -> int:
    rows = _rows(view, "SELECT * FROM community_profiles WHERE run_id = $run", {"run": run_id})
    sent = store.bulk(
        write.merge_nodes(COMMUNITY),
        ({"id": row[COMMUNITY.id], "props": properties(row, COMMUNITY.properties)} for row in rows),
    )
    _sweep(store, write.sweep_nodes(COMMUNITY), run_id)
    return sent


def _memberships(view: View, store: GraphStore, run_id: str) -> int:
    rows = _rows(view, "SELECT * FROM communities WHERE run_id = $run", {"run": run_id})
    edges = (
        {
            "source": row["source"],
            "target": row["target"],
            "key": write.edge_key(row[name] for name in IN_COMMUNITY.parallel),
            "props": properties(row, IN_COMMUNITY.properties),
        }
        for row in rows
    )
    sent = store.bulk(write.merge_edges(IN_COMMUNITY, "Member", "Community"), edges)
    _sweep(store, write.sweep_edges(IN_COMMUNITY), run_id)
    return sent


def _figures(view: View, store: GraphStore, label: str, run: Row) -> Callable[[], int]:
    def send() -> int:
        run_id = str(run["run_id"])
        rows = _rows(view, FIGURES, {"run": run_id, "kind": label})
        known: Row = {"run_id": run_id, "as_of": run["as_of"]}
        sent = store.bulk(write.set_measures(label), (_of_node(row, known) for row in rows))
        _sweep(store, write.clear_measures(label), run_id)
        return sent

    return send


def _of_node(row: Row, known: Row) -> Row:
    """The scores of a node as its properties, one or more per measure."""
    figures = dict(known)
    for score in row["scores"]:  # type: ignore[attr-defined]
        name = str(score["measure"])
        figures[name] = score["value"]
        figures[f"{name}_low"] = score["low"]
        figures[f"{name}_high"] = score["high"]
        figures[f"{name}_reasons"] = json.loads(score["reasons"]) if score["reasons"] else None
    return {"id": row["id"], "props": figures}


def _rows(view: View, text: str, params: Row) -> Iterator[Row]:
    """The rows of a query, a batch of them in memory at a time."""
    for batch in view.sql_batches(text, params, rows=10_000):
        yield from batch.to_pylist()


def _run(store: GraphStore, run: Row) -> int:
    sent = store.bulk(write.merge_nodes(RUN), [{"id": run[RUN.id], "props": properties(run, RUN.properties)}])
    _sweep(store, write.sweep_nodes(RUN), str(run["run_id"]))
    return sent


def properties(row: Row, fields: Iterable[Field]) -> Row:
    """The part of a lake's row that becomes properties of a node or edge."""
    return {field.name: row[field.name] for field in fields}


def _sweep(store: GraphStore, statement: Statement, run_id: str) -> None:
    sweep(store, Statement(statement.text, {**statement.params, "run_id": run_id}))
