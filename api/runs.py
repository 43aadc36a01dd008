"""Refreshes as the lake remembers them: when, from what, with which parameters and libraries."""

from __future__ import annotations

import json
from typing import Any

from graph.lake import Lake

DECODED = ("parameters", "versions", "inputs", "notes")
COLUMNS = ("run_id", "as_of", "started", "finished", *DECODED)
NEWEST_FIRST = (
    "SELECT * FROM runs WHERE $run_id IS NULL OR run_id = $run_id ORDER BY finished DESC, run_id DESC"
)

Run = dict[str, Any]


def runs(lake: Lake, run_id: str | None = None) -> list[Run]:
    """Every run (or the one named), the newest first: `COLUMNS`, those of JSON text decoded."""
    rows = lake.view().sql_arrow(NEWEST_FIRST, {"run_id": run_id}).to_pylist()
    return [{name: _decoded(name, row[name]) for name in COLUMNS} for row in rows]


def newest_run(lake: Lake) -> Run | None:
    """The run that finished last, or None before the first."""
    return next(iter(runs(lake)), None)


def horizon_of(lake: Lake, run_id: str | None) -> int | None:
    """How many days ahead a run looked for leavers; None where there is no run or it does not say."""
    found = runs(lake, run_id) if run_id else []
    parameters = (found[0]["parameters"] if found else None) or {}
    days = parameters.get("horizon_days")
    return int(days) if days else None


def _decoded(name: str, value: Any) -> Any:
    return json.loads(value) if name in DECODED and value else value
