"""From the lake to the graph: every node and edge as known on a day, and the newest run's results.

Publishing the same state twice leaves the same graph. The graph remembers, table by table, which state of
the lake it shows; only what differs from that travels, what is no longer shown is taken away, and a
publication that was cut off goes on where it stopped.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from threading import Lock

from graph import write
from graph.asof import View
from graph.connect import prepare
from graph.lake import Lake
from graph.model import Dating, EdgeType, NodeType
from graph.progress import Progress
from graph.schema import EDGES, NODES, PUBLISHED
from graph.statement import Statement
from graph.store import GraphStore, count
from ingest.publishing.changes import changes
from ingest.publishing.results import publish_run
from ingest.publishing.sending import BULK, clear, send_gone, send_new, send_written
from ingest.publishing.shown import tables_behind

Row = dict[str, object]

LOADING = "loading"
"""How the mark of a type begins that is being created: cut off, there may be any part of it, even twice."""

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
    lake: Lake,
    store: GraphStore,
    progress: Progress | None = None,
    as_of: date | None = None,
    *,
    bulk: int = BULK,
) -> PublishReport:
    """Bring the graph to the newest state of the lake, as known on a day or, with None, today.

    A type of at least `bulk` rows goes in the server's fastest way. Raises Unavailable when the graph
    server does not answer; what was written stays, and publishing again completes it.
    """
    with _alone(lake):
        view = lake.view(as_of)
        prepare(store)
        marks = {str(row["table"]): str(row["state"]) for row in store.rows(MARKS)}
        published = []
        for kind in kinds_of(view):
            mark = marks.get(kind.table)
            if mark is not None and mark.startswith(LOADING):
                clear(store, kind)
                mark = None
            before = _view_of(lake, mark, view.lake)
            if before is not None and _same(before, view, kind):
                continue
            published.append(_publish(before, view, store, kind, progress, bulk))
            _mark(store, kind, state_of(view))
        published = [one for one in published if one.sent or one.removed]
        published += [Published(name, sent) for name, sent in publish_run(view, store, progress)]
        return PublishReport(view.number, tuple(published))


def kinds_of(view: View) -> list[NodeType | EdgeType]:
    """The types of node and edge whose facts the view has, nodes first."""
    facts = [kind for kind in (*NODES, *EDGES) if kind.dating is not Dating.RUN]
    return [kind for kind in facts if kind.table in view.versions]


def state_of(view: View) -> str:
    """What the mark of a table says that shows this view."""
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
    bulk: int,
) -> Published:
    name = kind.label if isinstance(kind, NodeType) else kind.name
    with changes(before, view, kind) as change:
        report = _counted(progress, name, change.written + change.gone)
        removed = send_gone(store, change, report)
        if before is None and change.written >= bulk and not _count(store, kind):
            _mark(store, kind, f"{LOADING} {state_of(view)}")
            sent = send_new(store, change, report)
        else:
            sent = send_written(store, change, report, bulk)
    return Published(name, sent, removed, _count(store, kind))


def _mark(store: GraphStore, kind: NodeType | EdgeType, state: str) -> None:
    store.bulk(write.merge_nodes(PUBLISHED), [{"id": kind.table, "props": {"state": state}}])


def _count(store: GraphStore, kind: NodeType | EdgeType) -> int:
    return count(store, write.count_nodes(kind) if isinstance(kind, NodeType) else write.count_edges(kind))


@contextmanager
def _alone(lake: Lake) -> Iterator[None]:
    """Wait until no other process publishes this lake: two that find a type empty would both create it."""
    with ExitStack() as held:
        with suppress(OSError):  # a lake that may only be read; its graph is written from elsewhere
            lock = held.enter_context(open(lake.folder / "publishing.lock", "a"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _counted(progress: Progress | None, step: str, total: int) -> Callable[[int], None] | None:
    """The store's progress (rows just written) as ours (rows so far of all), from any thread."""
    if progress is None:
        return None
    done = 0
    one_at_a_time = Lock()

    def report(written: int) -> None:
        nonlocal done
        with one_at_a_time:
            done += written
            progress(step, done, total)

    return report
