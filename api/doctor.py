"""What a person needs to know when something does not work, and when everything does."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from graph.connect import connect
from graph.errors import GuanxiError
from graph.examine import Examined, examine
from graph.lake import Lake
from graph.settings import Settings

LIBRARIES = ("guanxi", "arcadedb-embedded", "deltalake", "duckdb", "neo4j", "networkit", "graphdatascience")
ROOM = 2 * 2**30


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `state` is "good", "note" or "wrong"."""

    check: str
    state: str
    detail: str


def findings(settings: Settings) -> list[Finding]:
    """Look at everything the product needs; a check that fails is a finding, never an error."""
    checks: dict[str, Callable[[Settings], Finding]] = {
        "home": _home,
        "disk": _disk,
        "python": lambda _: Finding(
            "python", "good", f"{platform.python_version()} on {platform.platform()}"
        ),
        "lake": _lake,
        "newest run": _run,
    }
    return [
        *(_looked(name, check, settings) for name, check in checks.items()),
        *_graph(settings),
        *map(_library, LIBRARIES),
    ]


def _looked(name: str, check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return check(settings)
    except (GuanxiError, OSError) as error:
        return Finding(name, "wrong", str(error))


def _home(settings: Settings) -> Finding:
    where = f"{settings.home} (set GUANXI_HOME to keep state elsewhere)"
    if settings.home.exists():
        return Finding("home", "good", where)
    return Finding("home", "note", f"{where}; not there yet, the first load makes it")


def _disk(settings: Settings) -> Finding:
    folder = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    return Finding(
        "disk", "good" if free > ROOM else "wrong", f"{free / 2**30:.1f} GiB free at {folder}; 2 are needed"
    )


def _lake(settings: Settings) -> Finding:
    commit = Lake(settings.lake_folder).commit()
    if not commit.number:
        return Finding("lake", "note", "empty; fill it with: guanxi load FEED --data FOLDER")
    last = Lake(settings.lake_folder).view().latest_day()
    return Finding("lake", "good", f"state {commit.number}, {len(commit.tables)} tables, facts to {last}")


def _run(settings: Settings) -> Finding:
    runs = (
        Lake(settings.lake_folder)
        .view()
        .sql("SELECT run_id, as_of, finished FROM runs ORDER BY finished DESC")
    )
    if runs.empty:
        return Finding("newest run", "note", "none yet; make one with: guanxi refresh")
    newest = runs.iloc[0]
    return Finding(
        "newest run", "good", f"{newest.run_id} as of {newest.as_of:%Y-%m-%d}, finished {newest.finished}"
    )


def _graph(settings: Settings) -> list[Finding]:
    try:
        with connect(settings) as store:
            told, examined = store.describe(), examine(store)
    except (GuanxiError, OSError) as error:
        return [Finding("graph", "wrong", str(error))]
    server = ", ".join(f"{name} {value}" for name, value in told.items())
    return [
        Finding("graph", "good", server),
        Finding("graph limits", "good", _limits(settings, examined)),
        _science(examined),
        _constraints(examined),
    ]


def _limits(settings: Settings, examined: Examined) -> str:
    asked = f"a question {settings.query_seconds:g} s and {settings.query_rows:,} rows"
    if settings.graph_url == "embedded":
        return f"{asked}; memory {settings.graph_heap} (GUANXI_GRAPH_HEAP)"
    told = ", ".join(f"{name} {value}" for name, value in examined.limits.items())
    return f"{asked}; the server's own: {told or 'it does not tell this user'}"


def _science(examined: Examined) -> Finding:
    if examined.science:
        return Finding("graph science", "good", f"Graph Data Science {examined.science}")
    return Finding("graph science", "good", "no Graph Data Science; no figure needs it")


def _constraints(examined: Examined) -> Finding:
    if not examined.lacking:
        held = f"all {examined.wanted} constraints and indexes are in force"
        return Finding("graph constraints", "good", held)
    lacking = ", ".join(examined.lacking)
    return Finding(
        "graph constraints", "note", f"not in force yet: {lacking}; make them with: guanxi publish"
    )


def _library(name: str) -> Finding:
    try:
        return Finding(name, "good", version(name))
    except PackageNotFoundError:
        return Finding(name, "wrong", "not installed; run: make install")
