"""A consistent copy of everything that cannot be made again: the lake, what was set aside, the records.

The lake is copied at one commit: of each table the files and the log up to the version that the commit
names. These never change, so a load may run meanwhile. Records are SQLite databases, copied by SQLite
itself while others write to them, and logs such as who saw which number. The graph is left out, since it
is made anew from the lake; so are keys and passwords, so that who finds a backup cannot read what is
encrypted in it.
"""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable

from graph.asof import Commit
from graph.errors import NotFound, Unavailable
from graph.lake import Lake
from graph.progress import Progress
from ingest.keeping.archive import (
    Manifest,
    Part,
    backup_faults,
    part_of,
    refuse_overwriting,
    write_archive,
)

SUFFIX = ".tar.zst"
SQLITE = b"SQLite format 3\0"
REMADE = ("lake", "graph", "quarantine", "logs", "staging")
"""Folders of GUANXI_HOME that hold no records."""
LOG_FILE = re.compile(r"(\d{20})\.(json|checkpoint(\.\d+\.\d+)?\.parquet)")


@dataclass(frozen=True)
class BackupReport:
    """Where the backup lies and what is in it. `left_out` are files of GUANXI_HOME that are not."""

    file: Path
    bytes: int
    manifest: Manifest
    left_out: tuple[str, ...]


def backup(
    home: Path,
    target: Path,
    progress: Progress | None = None,
    *,
    graph_day: tuple[bool, date | None] = (False, None),
    history: bool = False,
    with_keys: bool = False,
) -> BackupReport:
    """Write a backup of `home` (a GUANXI_HOME) to `target`: a file's name, or a folder to put it in.

    `graph_day` tells whether the graph could be asked for the day it stands for, and that day.
    `history` adds every earlier state of the lake, which exact repeats of earlier runs need; without it
    their results are kept and not their inputs. `with_keys` adds the keys.

    Raises NotFound for an empty lake, and what `write_archive` raises.
    """
    lake = Lake(home / "lake")
    commit = lake.commit()
    if not commit.number:
        raise NotFound(
            f"the lake {lake.folder} is empty, so there is nothing to back up; guanxi load fills it"
        )
    file = _file(target, commit)
    refuse_overwriting(file)
    with (
        backup_faults(file.parent),
        tempfile.TemporaryDirectory(prefix=".guanxi-", dir=file.parent) as copies,
    ):
        paths = dict(_lake_files(lake, commit, history=history))
        paths |= _aside_and_records(home, Path(copies))
        if with_keys:
            paths |= {f"keys/{path.relative_to(home)}": path for path in _keys(home)}
        manifest = _manifest(lake, commit, graph_day, [*_hashed(paths, progress)], history=history)
        write_archive(file, manifest, paths, progress)
    return BackupReport(file, file.stat().st_size, manifest, tuple(_left_out(home, set(paths))))


def _manifest(
    lake: Lake, commit: Commit, graph_day: tuple[bool, date | None], parts: list[Part], *, history: bool
) -> Manifest:
    asked, day = graph_day
    return Manifest(
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        lake=commit.lake,
        commit=commit.number,
        history=history,
        as_of=day.isoformat() if day else None,
        asked=asked,
        tables=rows_of_tables(lake, commit),
        files=parts,
    )


def rows_of_tables(lake: Lake, commit: Commit) -> dict[str, int]:
    """How many rows each table has at a commit, those shown to nobody among them."""
    return {
        name: int(DeltaTable(str(lake.folder / name), version=version).count())
        for name, version in sorted(commit.tables.items())
    }


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(SQLITE)) == SQLITE


def _file(target: Path, commit: Commit) -> Path:
    """The file to write: `target`, or one in that folder named for the lake's state and the time."""
    if not target.is_dir():
        if not target.parent.is_dir():
            raise Unavailable(f"there is no folder {target.parent} to put the backup in; make it first")
        return target.absolute()
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return target.absolute() / f"guanxi-{now}-{commit.lake[:8]}-{commit.number:08d}{SUFFIX}"


def _lake_files(lake: Lake, newest: Commit, *, history: bool) -> Iterator[tuple[str, Path]]:
    numbers = sorted(int(path.stem) for path in (lake.folder / "commits").glob("*.json"))
    commits = [lake.commit(number) for number in numbers if number < newest.number] if history else []
    for commit in (*commits, newest):
        name = f"commits/{commit.number:08d}.json"
        yield f"lake/{name}", lake.folder / name
        for table, version in commit.tables.items():
            for path in _table_files(lake.folder / table, version):
                yield f"lake/{path.relative_to(lake.folder)}", path


def _table_files(folder: Path, version: int) -> Iterator[Path]:
    """The files that a version of a Delta table is made of, and the log that leads to it."""
    for path in sorted((folder / "_delta_log").iterdir()):
        found = LOG_FILE.fullmatch(path.name)
        if found and int(found[1]) <= version:
            yield path
    pointer = folder / "_delta_log" / "_last_checkpoint"
    with suppress(FileNotFoundError):
        if json.loads(pointer.read_text())["version"] <= version:
            yield pointer
    actions = pa.table(DeltaTable(str(folder), version=version).get_add_actions(flatten=True))
    for path in actions["path"].to_pylist():
        yield folder / unquote(path)


def _aside_and_records(home: Path, copies: Path) -> Iterator[tuple[str, Path]]:
    """What was set aside, as it lies, and the records, as they stand: copies, which nobody changes."""
    for path in sorted((home / "quarantine").rglob("*")):
        name = f"quarantine/{path.relative_to(home / 'quarantine')}"
        with suppress(FileNotFoundError):  # of a load that failed at this moment
            if path.is_file() and not path.is_symlink():
                yield name, _copied(path, copies / name)
    for path in _others(home):
        name = f"records/{path.relative_to(home)}"
        if path.suffix == ".log":
            yield name, _log_copied(path, copies / name)
        elif _is_database(path):
            yield name, _database_copied(path, copies / name)


def _database_copied(path: Path, copy: Path) -> Path:
    copy.parent.mkdir(parents=True, exist_ok=True)
    with (
        closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as made,
    ):
        source.backup(made)
    return copy


def _log_copied(path: Path, copy: Path) -> Path:
    """A log that others append to, whole to its last line: they hold the file while they write."""
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        return _copied(path, copy)


def _copied(path: Path, copy: Path) -> Path:
    copy.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(path, copy))


def _keys(home: Path) -> list[Path]:
    return [path for path in _others(home) if is_key(path.relative_to(home))]


def is_key(name: Path) -> bool:
    """Whether a file of the home, by its name there, holds keys."""
    return name.suffix in (".key", ".keys") or name.parts[0] == "keys"


def _others(home: Path) -> Iterator[Path]:
    """The plain files of a home outside the folders that are dealt with as such.

    Hidden ones are left out, among them what a backup into the home is being made of, and backups.
    """
    for path in sorted(home.iterdir()):
        if path.name in REMADE or path.name.startswith("replaced-") or path.is_symlink():
            continue
        for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
            hidden = any(part.startswith(".") for part in one.relative_to(home).parts)
            if one.is_file() and not (hidden or one.is_symlink() or one.name.endswith(SUFFIX)):
                yield one


def _left_out(home: Path, names: set[str]) -> Iterator[str]:
    for path in _others(home):
        name = str(path.relative_to(home))
        if not names & {f"records/{name}", f"keys/{name}"} and not name.endswith(
            ("-wal", "-shm", "-journal")
        ):
            yield name


def _hashed(paths: dict[str, Path], progress: Progress | None) -> Iterator[Part]:
    for done, (name, path) in enumerate(paths.items(), 1):
        yield part_of(name, path)
        if progress:
            progress("hashing", done, len(paths))
