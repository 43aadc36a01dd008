"""The small world of the query tests behind the API, with a lake that has its bills and its run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa

from graph.connect import on_embedded
from graph.embedded import EmbeddedServer
from graph.lake import Lake
from graph.landing import arrow_schema
from graph.model import TableType
from graph.schema import BELONGS_TO, BILL, RUN
from graph.statement import Statement
from graph.store import GraphStore
from tests.queries import small_world
from tests.queries.small_world import AS_OF, RUN_ID, d

STARTED, FINISHED = "2026-11-02T02:00:00+00:00", "2026-11-02T03:00:00+00:00"

# m05 moved to a2 on the first of July; m03 within October, so that October counts at a2.
STAYS = [
    ("m01", "a1", d("2024-01-01"), None),
    ("m02", "a1", d("2024-06-01"), None),
    ("m03", "a1", d("2024-01-01"), d("2026-10-14")),
    ("m03", "a2", d("2026-10-15"), None),
    ("m05", "a1", d("2024-01-01"), d("2026-06-30")),
    ("m05", "a2", d("2026-07-01"), None),
]
BILLS = [
    ("m01", d("2026-09-01"), 99.0, 99.0),
    ("m01", d("2026-10-01"), 120.0, 100.0),
    ("m02", d("2026-10-01"), 80.0, 80.0),
    ("m03", d("2026-10-01"), 40.0, 40.0),
    ("m05", d("2026-06-01"), 50.0, 50.0),
    ("m05", d("2026-07-01"), 60.0, 60.0),
]


@contextmanager
def small_graph(server: EmbeddedServer) -> Iterator[GraphStore]:
    """The small world in the graph, alone."""
    with on_embedded(server) as store:
        store.write(Statement("MATCH (n) DETACH DELETE n"))
        small_world.build(store)
        yield store


def small_lake(folder: Path) -> Lake:
    """Memberships, bills and two runs; the newer is the graph's."""
    lake = Lake(folder)
    stays = [{"source": m, "target": a, "since": since, "until": until} for m, a, since, until in STAYS]
    bills = [{"about": m, "month": month, "total": total, "paid": paid} for m, month, total, paid in BILLS]
    with lake.writing("small world") as writer:
        writer.land(BELONGS_TO, _table(BELONGS_TO, stays), "load-1")
        writer.land(BILL, _table(BILL, bills), "load-1")
    with lake.writing("runs") as writer:
        writer.append(RUN, pd.DataFrame([_run("run-0", d("2026-09-30"), "2026-10-02"), _newest()]))
    return lake


def _newest() -> dict[str, object]:
    return _run(RUN_ID, AS_OF, "2026-11-02") | {"started": STARTED, "finished": FINISHED}


def _run(run_id: str, as_of: date, day: str) -> dict[str, object]:
    return {
        "run_id": run_id,
        "as_of": as_of,
        "started": f"{day}T02:00:00+00:00",
        "finished": f"{day}T02:30:00+00:00",
        "parameters": '{"horizon_days": 60}',
        "versions": '{"networkit": "11.3"}',
        "inputs": '{"ties": 3}',
        "notes": '{"churn": {"scored": 12}}',
    }


def _table(kind: TableType, rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema(kind))
