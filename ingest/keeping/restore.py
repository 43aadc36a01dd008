"""A home from a backup: read beside its place, checked, and only then put there."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from graph.disk import disk_faults
from graph.errors import Conflict, Damaged
from graph.lake import Lake
from graph.progress import Progress
from ingest.keeping.archive import Manifest, make_sure_it_fits, manifest_of, read_archive
from ingest.keeping.backup import rows_of_tables

DRAFT = ".restoring"
HOMES = ("records", "keys")
"""Folders of an archive whose files go where they lay in the home."""
LOCKS = ("lock", "publishing.lock")
"""What an empty lake's folder may have in it."""
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database: of no use beside another one, and harmful."""


@dataclass(frozen=True)
class RestoreReport:
    """What was restored. `replaced` is the folder that holds what was in its place, if anything was."""

    manifest: Manifest
    replaced: Path | None

    @property
    def as_of(self) -> date | None:
        """The day that the graph stood for, which it is to be rebuilt for."""
        return date.fromisoformat(self.manifest.as_of) if self.manifest.as_of else None


def restore(
    home: Path, archive: Path, progress: Progress | None = None, *, replace: bool = False
) -> RestoreReport:
    """Put what a backup holds into `home`; the graph is then to be rebuilt.

    Everything is read, hashed and counted in a folder of its own before anything is put in place. What
    stands in the way is refused, or with `replace` moved into a folder of the home. The lake comes last,
    so an interrupted restore leaves none, and may be repeated.

    Raises Conflict where something stands in the way or the lake is being written to, Damaged for a
    backup that is not as it was written, NoSpace and Unavailable.
    """
    manifest = manifest_of(archive)
    with disk_faults(home):
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _to_ourselves(home):
            places = _places(manifest)
            taken = [place for place in places if _holds_something(home / place)]
            if taken and not replace:
                raise Conflict(
                    f"{home} already has {', '.join(taken)}; --replace moves that aside, or set GUANXI_HOME"
                    " to an empty folder"
                )
            draft = home / DRAFT
            try:
                _extract(archive, manifest, draft, progress)
                _check_lake(archive, manifest, Lake(draft / "lake"))
                replaced = _put_in_place(home, draft, places, taken)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
    return RestoreReport(manifest, replaced)


@contextmanager
def _to_ourselves(home: Path) -> Iterator[None]:
    """Hold the lake's write lock, so that no load writes into what is moved, and no other restore runs."""
    (home / "lake").mkdir(exist_ok=True)
    with (home / "lake" / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(f"another process is writing to the lake in {home}; wait for it to end") from None
        yield


def _places(manifest: Manifest) -> dict[str, str]:
    """The places of the home that the backup fills and their names in it, the lake last."""
    own = {
        name.partition("/")[2]: name
        for name in (part.name for part in manifest.files)
        if name.partition("/")[0] in HOMES
    }
    if wrong := sorted(
        name for name in own if name.partition("/")[0] in ("lake", "graph", "quarantine", DRAFT)
    ):
        raise Damaged(f"the backup has a record named {wrong[0]!r}, where none can lie")
    folders = {part.name.partition("/")[0] for part in manifest.files} - set(HOMES)
    return own | {folder: folder for folder in (*sorted(folders - {"lake"}), "lake")}


def _holds_something(place: Path) -> bool:
    if place.is_dir():
        return any(one.name not in LOCKS for one in place.iterdir())
    return place.exists() or place.is_symlink()


def _extract(archive: Path, manifest: Manifest, draft: Path, progress: Progress | None) -> None:
    shutil.rmtree(draft, ignore_errors=True)  # of a restore that was cut off
    draft.mkdir(mode=0o700)
    make_sure_it_fits(draft, manifest.size)

    def take(name: str, pieces: Iterator[bytes]) -> None:
        path = draft / name
        for folder in reversed(path.relative_to(draft).parents):
            (draft / folder).mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())

    if read_archive(archive, take, progress) != manifest:
        raise Conflict(f"{archive} changed while it was read; restore it again")


def _check_lake(archive: Path, manifest: Manifest, lake: Lake) -> None:
    """Whether the lake's own account of itself is the manifest's."""
    commit = lake.commit()
    found = (commit.lake, commit.number, rows_of_tables(lake, commit))
    if found != (manifest.lake, manifest.commit, dict(manifest.tables)):
        raise Damaged(f"the lake in {archive} has other rows than its manifest says; nothing was restored")


def _put_in_place(home: Path, draft: Path, places: dict[str, str], taken: list[str]) -> Path | None:
    replaced = home / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    for place in reversed(taken):
        for name in (place, *(place + end for end in BESIDE)):
            if (home / name).exists():
                (replaced / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                (home / name).rename(replaced / name)
    for place, name in places.items():
        target = home / place
        if target.is_dir():
            shutil.rmtree(target)  # holds nothing, or a lock only
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (draft / name).rename(target)
    return replaced if taken else None
