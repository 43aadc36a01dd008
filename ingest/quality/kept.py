"""Loads and the reports on their data, as the lake remembers them."""

from __future__ import annotations

import json
from typing import Any

from graph.errors import NotFound, one_of
from graph.lake import Lake
from ingest.quality.report import FORMAT, Report, from_text

COLUMNS = (
    "load_id",
    "feed",
    "finished",
    "rows_in",
    "landed",
    "unchanged",
    "set_aside",
    "waiting",
    "alarms",
    "warnings",
    "files",
)
"""Of a load; `alarms` and `warnings` are None where no report was made, `files` has rows by path."""

NEWEST_FIRST = """
SELECT l.load_id, l.feed, l.finished, l.rows_in, l.landed, l.unchanged, l.set_aside, l.waiting,
       q.alarms, q.warnings, l.files
FROM loads l LEFT JOIN quality q USING (load_id) ORDER BY l.finished DESC, l.load_id DESC"""

HISTORY = """
SELECT report FROM quality WHERE feed = $feed AND NOT part AND finished <= $finished
AND CAST(json_extract(report, '$.format') AS INT) = $format
ORDER BY finished DESC, load_id DESC LIMIT $most"""

ONE = """
SELECT report FROM quality WHERE ($load_id IS NULL OR load_id = $load_id)
AND CAST(json_extract(report, '$.format') AS INT) = $format
ORDER BY finished DESC, load_id DESC LIMIT 1"""

KNOWN = 12


def loads(lake: Lake) -> list[dict[str, Any]]:
    """Every load, the newest first: `COLUMNS`."""
    rows: list[dict[str, Any]] = lake.view().sql_arrow(NEWEST_FIRST).to_pylist()
    return [row | {"files": _rows_of(row["files"])} for row in rows]


def report_of(lake: Lake, load_id: str | None = None) -> Report:
    """The report on a load, or on the newest that has one.

    Raises NotFound for an unknown load, and for one that was made before reports were.
    """
    every = loads(lake)
    if not every:
        raise NotFound("nothing has been loaded yet; guanxi load brings a feed's files in")
    if load_id is not None and load_id not in [row["load_id"] for row in every]:
        raise NotFound(one_of("load", load_id, [row["load_id"] for row in every][:KNOWN]))
    rows = lake.view().sql_arrow(ONE, {"load_id": load_id, "format": FORMAT})
    if not rows.num_rows:
        raise NotFound(
            f"no report on the data of {load_id or 'any load'}; one is made by each load from now on"
        )
    return from_text(rows["report"][0].as_py())


def history(lake: Lake, report: Report, most: int = 12) -> list[Report]:
    """The reports on whole loads of the same feed up to and with this one, the oldest first."""
    finished = lake.view().sql_arrow(
        "SELECT finished FROM quality WHERE load_id = $load_id", {"load_id": report.load_id}
    )["finished"][0]
    found = lake.view().sql_arrow(
        HISTORY, {"feed": report.feed, "finished": finished.as_py(), "format": FORMAT, "most": most}
    )
    return [from_text(text) for text in reversed(found["report"].to_pylist())]


def _rows_of(files: str | None) -> dict[str, int]:
    return {path: int(told["rows"]) for path, told in json.loads(files or "{}").items()}
