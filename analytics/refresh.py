"""The monthly run: every measure in order, as of one day, under one run_id.

The only module of analytics that touches the lake; the measures see views as of a day and no more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from platform import python_version

import networkit as nk
import pandas as pd

from analytics.frames import active
from analytics.kernels.compiled import watched
from analytics.measures import MEASURES, RESULTS, THREADS, Parameters, Part, Sight
from graph.asof import View
from graph.errors import BadInput
from graph.lake import Lake
from graph.model import TableType
from graph.progress import Progress
from graph.schema import IN_COMMUNITY, RUN, SCORES, SEEDS

CACHE = "csr"
"""Folder within the lake's where ties are kept as arrays; it may be removed at any time."""
LIBRARIES = (
    "networkit", "numba", "lightgbm", "empulse", "scikit-learn", "scipy", "numpy", "pandas", "duckdb",
    "deltalake",
)  # fmt: skip
STEPS = (*MEASURES, "writing")


@dataclass(frozen=True)
class RunReport:
    """What a refresh concluded: counts per result and the notes kept with the run."""

    run_id: str
    as_of: date
    figures: dict[str, object]


def refresh(
    lake: Lake,
    as_of: date | None = None,
    progress: Progress | None = None,
    parameters: Parameters | None = None,
) -> RunReport:
    """Compute every measure as of a day (by default the last day with a fact) and keep them as one run.

    Raises BadInput for a day outside the data's days or one without a member, and what `Lake.writing`
    raises.
    """
    started = _now()
    tell = _steps(progress)
    settings = parameters or Parameters()
    base = lake.view()
    day = _day_within(base, as_of)
    sight = Sight(lambda seen: lake.view(seen, base.number), day, settings, lake.folder / CACHE, progress)
    with watched(progress):
        found = _found(sight, tell)
    notes = {name: note for part in found.values() for name, note in part.notes.items()}
    tell("writing")
    with lake.writing(f"refresh as of {day}") as writer:
        run_id = _run_id(lake.view(), day)
        writer.append(RUN, _run(run_id, day, started, settings, base.versions, notes))
        for kind in RESULTS:
            rows = _rows_of(kind, found)
            if rows is not None:
                writer.append(kind, rows.assign(run_id=run_id))
    tell("done")
    return RunReport(run_id, day, {**_counts(found), **notes})


def _found(sight: Sight, tell: Callable[[str], None]) -> dict[str, Part]:
    nk.setNumberOfThreads(THREADS)
    if not len(active(sight.view)):
        raise BadInput(f"the lake has no active member as of {sight.day}; {_span(sight.view)}")
    for step, measure in MEASURES.items():
        tell(step)
        sight.found[step] = measure(sight)
    return sight.found


def _rows_of(kind: TableType, found: Mapping[str, Part]) -> pd.DataFrame | None:
    parts = [part.tables[kind] for part in found.values() if kind in part.tables]
    if len(parts) <= 1:
        return parts[0] if parts else None
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _run(
    run_id: str,
    day: date,
    started: str,
    settings: Parameters,
    inputs: Mapping[str, int],
    notes: Mapping[str, object],
) -> pd.DataFrame:
    texts = {
        "parameters": asdict(settings),
        "versions": {"python": python_version(), **{name: version(name) for name in LIBRARIES}},
        "inputs": dict(inputs),
        "notes": dict(notes),
    }
    row = {name: json.dumps(value, ensure_ascii=False) for name, value in texts.items()}
    return pd.DataFrame([{"run_id": run_id, "as_of": day, "started": started, "finished": _now(), **row}])


def _run_id(view: View, day: date) -> str:
    """Such as 2001-10-31-0003, the third run as of that day: sorts by day, then by order of making."""
    before = view.sql("SELECT count(*) AS runs FROM runs WHERE as_of = $day", {"day": day})["runs"][0]
    return f"{day.isoformat()}-{int(before) + 1:04d}"


def _counts(found: Mapping[str, Part]) -> dict[str, object]:
    counted = {"scores": SCORES, "seeds": SEEDS, "in_communities": IN_COMMUNITY}
    rows = {name: _rows_of(kind, found) for name, kind in counted.items()}
    return {name: 0 if frame is None else len(frame) for name, frame in rows.items()}


def _day_within(view: View, as_of: date | None) -> date:
    """The day asked for, by default the last one with a fact. A run outside the data would be empty, and
    take the place of the good one; where no fact has a date, every day is as good.
    """
    first, last = view.first_day(), view.latest_day()
    if last is None:
        raise BadInput("the lake is empty; load a feed first, such as: guanxi load FEED --data FOLDER")
    if as_of and first and not first <= as_of <= last:
        raise BadInput(
            f"{as_of} is outside the data: the first dated fact is of {first}, the last fact is of {last};"
            f" use a day {'up to it' if as_of > last else 'between them'}"
        )
    return as_of or last


def _span(view: View) -> str:
    """What is known by then, for the sentence that says it was too early."""
    last = view.latest_day()
    return f"the last fact known by then is of {last}" if last else "no fact is known by then"


def _steps(progress: Progress | None) -> Callable[[str], None]:
    """Count the steps as they begin."""

    def tell(step: str) -> None:
        if progress:
            done = STEPS.index(step) if step in STEPS else len(STEPS)
            progress(step, done, len(STEPS))

    return tell


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
