"""The file that a backup is: a tar under Zstandard, its manifest first, every part hashed, all sealed.

`tar --zstd -tf FILE` lists it and `tar --zstd -xOf FILE manifest.json` prints the manifest. The manifest
names every part with its size and SHA-256, so a reader knows before it takes a byte how much is to come,
and takes nothing that is not named there.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyarrow as pa
from deltalake.exceptions import DeltaError

from graph.disk import RESERVE
from graph.errors import Conflict, Damaged, NoSpace, Unavailable
from graph.progress import Progress
from ingest.keeping.seal import Sealed, Sealing

FORMAT = 2
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 256 * 2**20
PIECE = 2**20
PLACES = ("lake", "quarantine", "records", "keys")
"""The folders of an archive. What lies in the last two is named as it lies in GUANXI_HOME."""

Take = Callable[[str, Iterator[bytes]], None]
"""Given a part's name and its bytes, piece by piece."""


@dataclass(frozen=True)
class Part:
    """A file in the archive: its name there, its size in bytes and its hash."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive holds.

    `tables` are the rows of each table of the lake's newest state. `as_of` is the day that the graph
    stood for; `asked` tells whether the graph could be asked for it. `history` tells whether earlier
    states can be read as well.
    """

    made: str
    lake: str
    commit: int
    history: bool
    as_of: str | None
    asked: bool
    tables: Mapping[str, int]
    files: Sequence[Part]
    format: int = FORMAT

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(part.size for part in self.files)


def part_of(name: str, path: Path) -> Part:
    """The file at `path` as a part of that name."""
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
        return Part(name, os.fstat(file.fileno()).st_size, digest)


def write_archive(
    target: Path, manifest: Manifest, paths: Mapping[str, Path], progress: Progress | None = None
) -> None:
    """Write the archive beside `target` and put it there when it is whole and on the disk.

    `paths` has the file for each part's name. Raises Conflict where there is a file already or a part
    has changed since its hash was taken, NoSpace where the disk is too small, and Unavailable where the
    folder cannot be written; the draft is removed then.
    """
    refuse_overwriting(target)
    draft = target.with_name(f".{target.name}.draft")
    try:
        with backup_faults(target.parent):
            make_sure_it_fits(target.parent, manifest.size + 2048 * len(manifest.files))
            draft.unlink(missing_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(handle, "wb", closefd=False) as file:
                    sealing = Sealing(file)
                    _write(sealing, manifest, paths, progress)
                    sealing.seal()
                os.fsync(handle)
            finally:
                os.close(handle)
            refuse_overwriting(target)
            draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def backup_faults(folder: Path) -> Iterator[None]:
    """Say in one sentence what keeps a backup from being written to `folder`."""
    try:
        yield
    except (OSError, DeltaError, sqlite3.Error) as error:
        number = error.errno if isinstance(error, OSError) else None
        if number in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace(
                f"the disk of {folder} is too full for the backup; nothing of it was kept"
            ) from error
        where = f": {error.filename}" if isinstance(error, OSError) and error.filename else ""
        why = os.strerror(number) if number else str(error).partition("\n")[0]
        raise Unavailable(
            f"the backup in {folder} cannot be made ({why}{where}); nothing was kept"
        ) from error


def refuse_overwriting(target: Path) -> None:
    if target.exists():
        raise Conflict(f"{target} exists and is not overwritten; name another file, or a folder")


def read_archive(path: Path, take: Take | None = None, progress: Progress | None = None) -> Manifest:
    """Check every part of an archive against its manifest, handing each to `take` while it is read.

    What `take` made of the parts may be used only when this has returned. Raises Damaged for whatever
    is not as it was written, and Unavailable where there is no such file.
    """
    with _opened(path) as (archive, sealed):
        manifest = _manifest(archive, path)
        awaited = {part.name: part for part in manifest.files}
        done = 0
        while (member := archive.next()) is not None:
            part = awaited.pop(member.name, None)
            if part is None or not _plain(member) or member.size != part.size:
                raise Damaged(f"{path} holds {member.name!r}, which is not as its manifest says")
            _read(archive, member, part, take, path)
            done += part.size
            if progress:
                progress("reading", done, manifest.size)
        if awaited:
            raise Damaged(f"{path} is cut off: {len(awaited)} of its files are missing, {min(awaited)} first")
        if not sealed.intact():
            raise Damaged(f"{path} is cut off or damaged: its bytes are not those that were sealed")
    return manifest


def manifest_of(path: Path) -> Manifest:
    """Only the manifest, without a look at what follows it. Raises as `read_archive`."""
    with _opened(path) as (archive, _):
        return _manifest(archive, path)


def _write(file: Sealing, manifest: Manifest, paths: Mapping[str, Path], progress: Progress | None) -> None:
    done = 0
    with (
        pa.CompressedOutputStream(pa.PythonFile(file, "w"), "zstd") as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
        archive.addfile(_member(MANIFEST, len(text)), BytesIO(text))
        for part in manifest.files:
            with paths[part.name].open("rb") as source:
                hashed = _Hashed(source)
                archive.addfile(_member(part.name, part.size), hashed)
            if hashed.sha256() != part.sha256:
                raise Conflict(f"{paths[part.name]} changed while it was backed up; back up again")
            done += part.size
            if progress:
                progress("writing", done, manifest.size)


class _Hashed:
    """A file that hashes what is read of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._sum = file, sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self._sum.update(piece)
        return piece

    def sha256(self) -> str:
        return self._sum.hexdigest()


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


@contextmanager
def _opened(path: Path) -> Iterator[tuple[tarfile.TarFile, Sealed]]:
    """The archive, to be read once from its start, and its bytes; what goes wrong with these is Damaged."""
    try:
        with path.open("rb") as file:
            sealed = Sealed(file)
            packed = pa.CompressedInputStream(pa.PythonFile(sealed, "r"), "zstd")
            with tarfile.open(fileobj=packed, mode="r|") as archive:
                yield archive, sealed
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise Unavailable(f"the backup {path} cannot be read ({error.strerror})") from None
    except (tarfile.TarError, EOFError, pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise  # of the disk that is written to
        raise Damaged(f"{path} is no backup of Guanxi, or is cut off or damaged: {error}") from error


def _manifest(archive: tarfile.TarFile, path: Path) -> Manifest:
    member = archive.next()
    if member is None or member.name != MANIFEST or not _plain(member) or member.size > LARGEST_MANIFEST:
        raise Damaged(f"{path} is no backup of Guanxi: it does not begin with a manifest")
    file = archive.extractfile(member)
    try:
        said: dict[str, Any] = json.loads(file.read() if file else b"")
        if said["format"] != FORMAT:
            raise Damaged(
                f"{path} is a backup of format {said['format']!r}, and this Guanxi reads format {FORMAT};"
                " restore it with the Guanxi that made it"
            )
        said["files"] = [
            Part(str(one["name"]), int(one["size"]), str(one["sha256"])) for one in said["files"]
        ]
        manifest = Manifest(**said)
    except (ValueError, TypeError, KeyError) as error:
        raise Damaged(f"the manifest of {path} cannot be read: {error!r}") from error
    _refuse_odd_names(manifest, path)
    return manifest


def _refuse_odd_names(manifest: Manifest, path: Path) -> None:
    """Only plain names below the archive's own folders, each once, none a folder of another."""
    names = [part.name for part in manifest.files]
    folders = {str(parent) for name in names for parent in PurePosixPath(name).parents}
    for name in names:
        parts = PurePosixPath(name).parts
        sound = len(parts) > 1 and parts[0] in PLACES and "/".join(parts) == name
        if not sound or ".." in parts or "\0" in name or "\\" in name or name in folders:
            raise Damaged(f"{path} holds a file named {name!r}, which leads out of its place")
    if len(set(names)) != len(names) or any(part.size < 0 for part in manifest.files):
        raise Damaged(f"the manifest of {path} names a file twice, or one of less than no bytes")


def _plain(member: tarfile.TarInfo) -> bool:
    return member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.sparse


def _read(
    archive: tarfile.TarFile, member: tarfile.TarInfo, part: Part, take: Take | None, path: Path
) -> None:
    file = archive.extractfile(member)
    hashed = _Hashed(file)  # type: ignore[arg-type]
    pieces = iter(lambda: hashed.read(PIECE), b"")
    if take:
        take(part.name, pieces)
    for _ in pieces:
        pass
    if hashed.sha256() != part.sha256:
        raise Damaged(f"{path}: {part.name} is not as it was written; its hash differs from the manifest's")


def make_sure_it_fits(folder: Path, size: int) -> None:
    """Raise NoSpace where the disk has no room. Parquet hardly shrinks, so this is about what is written."""
    if (free := shutil.disk_usage(folder).free) < size + RESERVE:
        raise NoSpace(
            f"the disk of {folder} has {free / 2**20:,.0f} MiB free, and {size / 2**20:,.0f} MiB are to be"
            " written; nothing was"
        )
