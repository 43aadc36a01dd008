"""What a person needs to know when something does not work, and when everything does."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from graph.connect import connect
from graph.errors import GuanxiError
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
        "graph": _graph,
    }
    return [_looked(name, check, settings) for name, check in checks.items()] + [
        _library(n) for n in LIBRARIES
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


def _graph(settings: Settings) -> Finding:
    with connect(settings) as store:
        told = store.describe()
    return Finding("graph", "good", ", ".join(f"{name} {value}" for name, value in told.items()))


def _library(name: str) -> Finding:
    try:
        return Finding(name, "good", version(name))
    except PackageNotFoundError:
        return Finding(name, "wrong", "not installed; run: make install")
