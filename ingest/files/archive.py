"""An input as a stream of bytes, whatever it is packed in: plain, gzip, or one file of a zip archive.

What an archive says of itself (sizes, names, flags) is not believed: the bytes that really come out are
counted while they are read. Nothing is ever written to disk. Every failure is one BadInput sentence.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, Literal, NamedTuple, NoReturn

from graph.errors import BadInput, GuanxiError, one_of

Packing = Literal["plain", "gzip", "zip"]
Read = Callable[[int], bytes]

CEILING = 256 << 30  # bytes out of one archive; no extract of an operator comes near
RATIO = 100  # bytes out for each byte in; tables of text stay below 30
HARMLESS = 1 << 20  # so few bytes are no bomb, however well they pack
FILES = 10
DIRECTORY = 2 << 20  # bytes of a zip's list of files; ten entries of the greatest length fit
BLOCK = 1 << 18
# lzma and bzip2 inside a zip may ask for gigabytes before the first byte comes out.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
MAGIC: dict[bytes, Packing] = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"PK\x05\x06": "zip"}
FOREIGN = {
    b"\xfd7zXZ\x00": "packed with xz",
    b"BZh91AY&SY": "packed with bzip2",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!\x1a\x07\x00": "a RAR archive",
    b"Rar!\x1a\x07\x01\x00": "a RAR archive",
    b"PK\x07\x08": "a part of a split zip archive",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Excel workbook or another Office document",
    b"PAR1\x15": "a Parquet file",
}
ARCHIVES = (".zip", ".gz", ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz", ".zst", ".jar")
DAMAGE = (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile, NotImplementedError, RuntimeError)
CLUTTER = ("__MACOSX/", ".DS_Store")


class Stamp(NamedTuple):
    """What tells that a file was changed: its size in bytes, its time in nanoseconds, its place on disk."""

    size: int
    modified: int
    inode: int


def stamp(path: Path) -> Stamp:
    """The file as it is now. Raises BadInput where there is none."""
    try:
        found = path.stat()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from None
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ino)


def unchanged(path: Path, before: Stamp) -> None:
    """Raise BadInput if the file is not the one it was when `before` was taken."""
    now = stamp(path)
    if now != before:
        how = f"from {before.size:,} to {now.size:,} bytes" if now.size != before.size else "in place"
        raise BadInput(f"{path} was changed {how} while it was read; load it again when it is complete")


def sha256(path: Path) -> str:
    """The hash of the file as it is stored, packed or not: 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def packing(path: Path) -> Packing:
    """How a file is packed, by its first bytes and not by its name.

    Raises BadInput for a kind of archive or workbook that is not read here.
    """
    with path.open("rb") as file:
        head = file.read(16)
    for magic, what in FOREIGN.items():
        if head.startswith(magic):
            raise BadInput(f"{path} is {what}; give it as text, plain or packed with gzip or zip")
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), "plain")


@contextmanager
def unpacked(path: Path, member: str | None = None, ceiling: int = CEILING) -> Iterator[BinaryIO]:
    """The file's content as bytes, to be read once from its start.

    `member` names the file in a zip archive, or is a pattern (`ties_*.csv`) that one name fits; without
    it the archive must hold one file. Raises BadInput, at once or from a read: for an archive that is
    cut short, damaged, encrypted, too large unpacked (`ceiling` bytes, or 100 times its packed size), or
    that holds more than ten files, archives, links, or names that lead elsewhere.
    """
    kind = packing(path)
    if member is not None and kind != "zip":
        raise BadInput(f"{path} is no zip archive, so there is no member {member!r} in it; leave member out")
    with ExitStack() as stack:
        stored = _Counted(stack.enter_context(path.open("rb")), path)
        if kind == "plain":
            yield stack.enter_context(io.BufferedReader(stored.file.raw, BLOCK))
            return
        read = _gzip(stored, stack) if kind == "gzip" else _zip(stored, member, stack)
        raw = _Unpacked(path, read, stored, ceiling)
        yield io.BufferedReader(raw, BLOCK)


class _Counted(io.RawIOBase):
    """A stored file that knows how many of its bytes were taken, and gives no more than asked in reason."""

    def __init__(self, file: io.BufferedReader, path: Path) -> None:
        self.file = file
        self.path = path
        self.taken = 0

    def read(self, size: int | None = -1) -> bytes:
        limit = DIRECTORY if size is None or size < 0 else size
        if limit > DIRECTORY:
            raise BadInput(f"{self.path} has a list of files of {limit:,} bytes; {FILES} files are allowed")
        data = self.file.read(limit)
        self.taken += len(data)
        return data

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()


class _Unpacked(io.RawIOBase):
    """What comes out of an archive, held against what went in."""

    def __init__(self, path: Path, read: Read, stored: _Counted, ceiling: int) -> None:
        self.path = path
        self.unpack = read
        self.stored = stored
        self.before = stored.taken
        self.ceiling = ceiling
        self.size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            data = self.unpack(len(buffer))
        except DAMAGE as error:
            _damaged(self.path, error)
        self.size += len(data)
        if self.size > self.ceiling:
            raise BadInput(f"{self.path} unpacks to more than {self.ceiling:,} bytes; split it")
        taken = self.stored.taken - self.before
        if self.size > max(HARMLESS, RATIO * taken):
            raise BadInput(
                f"{self.path} unpacks to more than {RATIO} times its size, as no table of text does;"
                " give it unpacked if it is meant so"
            )
        buffer[: len(data)] = data
        return len(data)


def _damaged(path: Path, error: Exception) -> NoReturn:
    what = "is cut short" if isinstance(error, EOFError) else f"is damaged ({error})"
    raise BadInput(f"{path} {what}; fetch it again, or pack it again") from None


def _gzip(stored: _Counted, stack: ExitStack) -> Read:
    return stack.enter_context(gzip.GzipFile(fileobj=stored, mode="rb")).read


def _zip(stored: _Counted, member: str | None, stack: ExitStack) -> Read:
    path = stored.path
    try:
        archive = stack.enter_context(zipfile.ZipFile(stored))
        entries = archive.infolist()
        _refuse_strange(path, entries)
        entry = _chosen(path, entries, member)
        file = stack.enter_context(archive.open(entry))
    except GuanxiError:
        raise
    except Exception as error:  # zipfile answers noise with errors of any kind
        _damaged(path, error)
    return _Whole(path, file, entry.file_size).read


class _Whole:
    """A member of a zip, which must be as long as the archive says, and no archive itself."""

    def __init__(self, path: Path, file: IO[bytes], size: int) -> None:
        self.path = path
        self.file = file
        self.size = size
        self.given = 0

    def read(self, size: int) -> bytes:
        data = self.file.read(size)
        if self.given == 0 and any(data.startswith(magic) for magic in (*MAGIC, *FOREIGN)):
            raise BadInput(f"{self.path} holds an archive in an archive; unpack the outer one")
        self.given += len(data)
        if not data and self.given != self.size:
            raise BadInput(
                f"{self.path} is damaged (it declares {self.size:,} bytes and holds {self.given:,});"
                " pack it again"
            )
        return data


def _refuse_strange(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    files = [entry for entry in entries if not _is_folder(entry)]
    if any(entry.filename == "[Content_Types].xml" for entry in files):
        raise BadInput(f"{path} is an Excel workbook or another Office document; save the sheet as CSV")
    if len(files) > FILES:
        raise BadInput(f"{path} holds {len(files):,} files; an archive may hold {FILES}")
    names = [entry.filename for entry in entries]
    for entry in entries:
        if fault := _fault(entry, names):
            raise BadInput(f"{path}: its member {entry.filename[:80]!r} {fault}")


def _fault(entry: zipfile.ZipInfo, names: list[str]) -> str | None:
    """Why an archive with this member is refused, or None."""
    name = entry.orig_filename
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if not name or name.startswith(("/", "\\")) or name[1:2] == ":" or "\0" in name or "\\" in name:
        return "has a name that is no plain path; pack it again from inside its folder"
    if ".." in PurePosixPath(name).parts:
        return "leads out of the archive; pack it again from inside its folder"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a device; pack the file itself"
    if entry.flag_bits & 0x41:
        return "is encrypted; give the archive without a password"
    if not _is_folder(entry) and entry.compress_type not in METHODS:
        return "is packed by a method other than deflate; pack it again with plain zip"
    if PurePosixPath(name).suffix.lower() in ARCHIVES:
        return "is an archive in the archive; unpack the outer one"
    return "stands in it twice; pack it again" if names.count(entry.filename) > 1 else None


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.endswith("/")


def _chosen(path: Path, entries: list[zipfile.ZipInfo], member: str | None) -> zipfile.ZipInfo:
    files = {
        entry.filename: entry
        for entry in entries
        if not _is_folder(entry)
        and not entry.filename.startswith(CLUTTER)
        and CLUTTER[1] not in entry.filename
    }
    if not files:
        raise BadInput(f"{path} holds no file; an archive must hold the one to read")
    if member is None:
        if len(files) == 1:
            return next(iter(files.values()))
        raise BadInput(f'{path} holds {", ".join(sorted(files))}; say which with member = "…"')
    fitting = [name for name in files if name == member] or [n for n in files if fnmatchcase(n, member)]
    if len(fitting) > 1:
        raise BadInput(f"{path}: member {member!r} fits {', '.join(sorted(fitting))}; name one of them")
    if not fitting:
        raise BadInput(f"{path}: {one_of('member', member, files)}")
    return files[fitting[0]]
