"""Which state of the lake the graph says it stands for, from the marks that publishing leaves in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from graph.asof import View
from graph.lake import Lake
from graph.model import Dating, EdgeType, NodeType
from graph.schema import EDGES, NODES
from graph.statement import Statement
from graph.store import GraphStore
from ingest.publishing.publish import MARKS
from ingest.publishing.shown import tables_behind

FACTS: tuple[NodeType | EdgeType, ...] = tuple(
    kind for kind in (*NODES, *EDGES) if kind.dating is not Dating.RUN
)
RUNS_SHOWN = Statement("MATCH (r:Run) RETURN r.run_id AS run_id")
NEWEST_RUN = "SELECT run_id, as_of FROM runs ORDER BY finished DESC, run_id DESC"


@dataclass(frozen=True)
class Mark:
    """A table's mark: which lake, which commit of it, and which day (None: everything known)."""

    lake: str
    number: int
    as_of: date | None


@dataclass(frozen=True, eq=False)
class Standing:
    """What the graph stands for.

    `base` is the state it stands for as a whole, `views` the state of each table that it has a mark of.
    `run_id` is the run that it should show, if any. `faults` say in sentences what is wrong with the
    marks themselves, `notes` what is worth knowing and not wrong.
    """

    base: View
    newest: View
    views: Mapping[str, View]
    run_id: str | None
    faults: tuple[str, ...]
    notes: tuple[str, ...]

    def view(self, kind: NodeType | EdgeType) -> View:
        return self.views.get(kind.table, self.base)


def marks_in(store: GraphStore) -> dict[str, Mark]:
    """The marks in the graph, by table; one that cannot be read counts as none."""
    found = {}
    for row in store.rows(MARKS):
        lake, number, day = (*str(row["state"]).split(" "), "", "")[:3]
        if number.isdigit():
            found[str(row["table"])] = Mark(lake, int(number), date.fromisoformat(day) if day else None)
    return found


def day_of(marks: Mapping[str, Mark]) -> date | None:
    """The day of the newest mark."""
    newest = max(marks.values(), key=lambda mark: mark.number, default=None)
    return newest.as_of if newest else None


def standing(lake: Lake, store: GraphStore, marks: Mapping[str, Mark]) -> Standing:
    """What the graph stands for by its marks and its Run, compared with what this lake has."""
    newest = lake.view()
    known = {table: mark for table, mark in marks.items() if _is_here(lake, newest, mark)}
    faults = _strangers(marks, known, newest)
    number = max((mark.number for mark in known.values()), default=newest.number)
    base = lake.view(day_of(known), number) if known else newest
    opened: dict[Mark, View] = {}
    views = {
        table: opened.setdefault(mark, lake.view(mark.as_of, mark.number)) for table, mark in known.items()
    }
    faults += _cut_off(base, views)
    run_id, told = _run(newest, store)
    notes = (*_stale(base, newest), *told)
    return Standing(base, newest, views, run_id, tuple(faults), notes)


def _is_here(lake: Lake, newest: View, mark: Mark) -> bool:
    return mark.lake == newest.lake and lake.commit(mark.number).number == mark.number


def _strangers(marks: Mapping[str, Mark], known: Mapping[str, Mark], newest: View) -> list[str]:
    if not marks and any(kind.table in newest.versions for kind in FACTS):
        return ["the graph has no marks of a publication: it was never published, or emptied since"]
    others = sorted(set(marks) - set(known))
    if not others:
        return []
    states = sorted({f"state {marks[table].number} of lake {marks[table].lake[:8]}" for table in others})
    return [f"the graph shows {', '.join(states)}, which this lake ({newest.lake[:8]}) does not have"]


def _cut_off(base: View, views: Mapping[str, View]) -> list[str]:
    """The types that do not stand for the same state as the others."""
    behind = []
    for kind in FACTS:
        view = views.get(kind.table)
        if kind.table in base.versions and (view is None or not _same(view, base, kind)):
            behind.append(kind.table)
    if not behind or not views:
        return []
    day = f" as of {base.as_of}" if base.as_of else ""
    return [f"a publication of state {base.number}{day} was cut off: {', '.join(behind)} do not stand for it"]


def _same(view: View, base: View, kind: NodeType | EdgeType) -> bool:
    return view.as_of == base.as_of and _same_versions(view, base, kind)


def _same_versions(view: View, base: View, kind: NodeType | EdgeType) -> bool:
    return all(view.versions.get(table) == base.versions.get(table) for table in tables_behind(kind))


def _stale(base: View, newest: View) -> list[str]:
    if all(_same_versions(newest, base, kind) for kind in FACTS):
        return []
    return [
        f"the graph stands for state {base.number} of the lake, which is at {newest.number} now:"
        " guanxi publish brings it up to date"
    ]


def _run(newest: View, store: GraphStore) -> tuple[str | None, list[str]]:
    """The run that the graph should show: the one it says it does, or the newest where it says none."""
    known = [str(row["run_id"]) for row in newest.sql_arrow(NEWEST_RUN).to_pylist()]
    shown = {str(row["run_id"]) for row in store.rows(RUNS_SHOWN)}
    run_id = next((one for one in known if one in shown), known[0] if known else None)
    if run_id is None or run_id == known[0]:
        return run_id, []
    return run_id, [f"the lake has a newer run, {known[0]}: guanxi publish shows it"]
