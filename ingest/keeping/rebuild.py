"""The graph made anew from the lake: emptied, published and verified.

Losing the graph loses nothing, so whatever is wrong with it is mended this way.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Literal

from graph.disk import disk_faults
from graph.errors import TimedOut
from graph.lake import Lake
from graph.progress import Progress
from graph.schema import NODE, PUBLISHED
from graph.statement import Statement
from graph.store import GraphStore, count
from graph.write import CROWDS, clear_nodes
from ingest.keeping.standing import day_of, marks_in
from ingest.keeping.verify import VerifyReport, verify
from ingest.publishing.publish import publish

AT_ONCE = 2_000
"""Nodes deleted in one transaction, with their edges; fewer where these are too many for its time."""

ALL = Statement("MATCH (n) RETURN count(n) AS n")
ANY = Statement("MATCH (n) WITH n LIMIT $k DETACH DELETE n RETURN count(*) AS n")


def rebuild(
    lake: Lake,
    store: GraphStore,
    progress: Progress | None = None,
    as_of: date | Literal["kept"] | None = "kept",
) -> VerifyReport:
    """Empty the graph, publish the lake's newest state and verify what came of it.

    The day is `as_of`, with None everything known; "kept" is the day that the graph stood for, and
    everything known where it stood for none. Everything in the database goes, whoever put it there. Cut
    off at any moment, it is completed by rebuilding again, for the same day. Raises what `publish` and
    `verify` raise.
    """
    day = _day(lake, store) if as_of == "kept" else as_of
    note = _note(lake)
    with disk_faults(lake.folder):
        lake.folder.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps({"as_of": day and day.isoformat()}), encoding="utf-8")
    empty(store, progress)
    publish(lake, store, progress, day)
    note.unlink(missing_ok=True)
    return verify(lake, store, progress)


def empty(store: GraphStore, progress: Progress | None = None) -> None:
    """Delete every node and edge, a batch at a time; the marks first, so that no mark ever lies."""
    total = count(store, ALL)
    report = _counted(progress, total)
    _delete(store, clear_nodes(PUBLISHED), report)
    for label in CROWDS:  # from many nodes to few: a hub's edges go with the nodes around it
        _delete(store, clear_nodes(NODE[label]), report)
    _delete(store, ANY, report)


def _day(lake: Lake, store: GraphStore) -> date | None:
    """The day the graph stands for or, where a rebuild was cut off before it had any marks, stood for."""
    if marks := marks_in(store):
        return day_of(marks)
    with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        return date.fromisoformat(json.loads(_note(lake).read_text(encoding="utf-8"))["as_of"])
    return None


def _note(lake: Lake) -> Path:
    return lake.folder / "rebuilding.json"


def _delete(store: GraphStore, statement: Statement, report: Callable[[int], None]) -> None:
    """Repeat a deletion of at most `$k` nodes until there are none; of fewer where the time is too short."""
    at_once = AT_ONCE
    while True:
        try:
            (row,) = store.write(Statement(statement.text, {"k": at_once}))
        except TimedOut:
            if at_once == 1:
                raise
            at_once = max(1, at_once // 4)
            continue
        gone = int(str(row["n"]))
        if not gone:
            return
        report(gone)


def _counted(progress: Progress | None, total: int) -> Callable[[int], None]:
    done = 0

    def report(gone: int) -> None:
        nonlocal done
        done += gone
        if progress:
            progress("emptying", min(done, total), total)

    return report
