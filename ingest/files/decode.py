"""From bytes to lines of text: strictly, or not at all.

Text is decoded before it is split, since the second byte of a Chinese character may be a backslash or
a bar. A file that does not fit its declared encoding is refused with the one that would have fitted.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO

from graph.errors import BadInput
from ingest.files.archive import BLOCK, stamp, unchanged, unpacked

CHINESE = {"gb2312", "gbk", "gb18030", "hz", "cp936", "ms936"}
CANDIDATES = ("utf-8", "gb18030", "utf-16", "cp1252")
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "gb18030": b"\x84\x31\x95\x33",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}
NO_TEXT = {"unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined", "utf-7", "mbcs", "oem"}
LETTERS = re.compile(r"[^\W\d_]+")
# Letters that are neither ASCII nor Chinese, Japanese or full-width.
STRANGE = re.compile("[^\\W\\d_A-Za-z\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+")
SHARE = 0.99
LOOK, LOOKED_AT = 1 << 16, 16  # bytes of a block, and blocks whose letters are weighed


def codec(encoding: str) -> str:
    """Python's name of the codec for an encoding; a byte order mark is skipped by `opened`.

    Any GB name becomes gb18030, which reads all of them. Raises LookupError for a name that is unknown
    or means no encoding of text.
    """
    name = codecs.lookup(encoding).name
    if name.replace("_", "-") in NO_TEXT or not isinstance(_decoded_nothing(name), str):
        raise LookupError(f"{encoding} is no encoding of text")
    if name in CHINESE:
        return "gb18030"
    return "utf-8" if name == "utf-8-sig" else name


def _decoded_nothing(name: str) -> object:
    try:
        return codecs.decode(b"", name)
    except Exception:  # a codec of the library that wants more than bytes, such as zip or base64
        return None


@contextmanager
def opened(path: Path, encoding: str, member: str | None = None) -> Iterator[TextIO]:
    """The file, unpacked, as text with its line ends kept; strictly decoded, without a byte order mark.

    Lines end with CR, LF or both and with nothing else. Raises BadInput where the encoding does not fit,
    where the archive is refused (see `ingest.files.archive.unpacked`), and at the end if the file was changed
    while it was read.
    """
    name, before = codec(encoding), stamp(path)
    try:
        with unpacked(path, member) as raw:
            _skip_mark(path, raw, encoding)
            yield io.TextIOWrapper(raw, name, errors="strict", newline="")
    except UnicodeError:
        unchanged(path, before)
        raise BadInput(_misfit(path, encoding, member)) from None
    unchanged(path, before)


def _skip_mark(path: Path, raw: BinaryIO, encoding: str) -> None:
    """Pass over a mark of the declared encoding; refuse that of another one."""
    head: bytes = raw.peek(4)  # type: ignore[attr-defined]
    name = codec(encoding)
    if name.startswith(("utf-16", "utf-32")):
        own = MARKS.get(name)
        raw.read(len(own) if own and head.startswith(own) else 0)
        return
    for marked, mark in MARKS.items():
        if head.startswith(mark):
            if marked != name:
                fitting = marked[:6] if marked.startswith("utf-16") else marked
                raise BadInput(
                    f"{path} begins with the mark of {fitting.upper()}, but its feed says"
                    f' encoding = "{encoding}"; encoding = "{fitting}" would read it'
                )
            raw.read(len(mark))


def _misfit(path: Path, encoding: str, member: str | None) -> str:
    """The sentence for a file that its declared encoding cannot read."""
    where, ends = _fault(path, encoding, member)
    if ends:
        return f"{path}, {where}: ends inside a character of {encoding}; fetch it again when it is complete"
    fitting = (name for name in CANDIDATES if codec(name) != codec(encoding) and _fits(path, name, member))
    found = next(fitting, None)
    advice = f'encoding = "{found}" would read it' if found else "no encoding known here reads it"
    return f'{path}, {where}: not valid {encoding}; {advice} (key "encoding" of the file in its feed)'


def _fault(path: Path, encoding: str, member: str | None) -> tuple[str, bool]:
    """Line and byte of the first byte that is not of the encoding; whether more bytes might have helped."""
    newline = "\n".encode(_without_mark(encoding))
    decoder = codecs.getincrementaldecoder(codec(encoding))()
    done, lines = 0, 1
    with unpacked(path, member) as raw:
        block = raw.read(BLOCK)
        while True:
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final=not block)
            except UnicodeError as error:
                start = max(done - held + getattr(error, "start", 0), 0)
                lines += block.count(newline, 0, max(start - done, 0))
                return f"line {lines} (byte {start})", not block and lines > 1
            if not block:
                return "its end", False
            done += len(block)
            lines += block.count(newline)
            block = raw.read(BLOCK)


def _without_mark(encoding: str) -> str:
    name = codec(encoding)
    return f"{name}-le" if name in ("utf-16", "utf-32") else name


def _fits(path: Path, encoding: str, member: str | None) -> bool:
    """Whether an encoding reads the whole file, and as letters that one would expect here."""
    letters = strange = 0
    try:
        with unpacked(path, member) as raw:
            head: bytes = raw.peek(2)[:2]  # type: ignore[attr-defined]
            if encoding == "utf-16" and head not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                return False
            texts = codecs.iterdecode(iter(lambda: raw.read(LOOK), b""), codec(encoding))
            for text in islice(texts, LOOKED_AT):
                if "\0" in text:
                    return False
                letters += _count(LETTERS, text)
                strange += _count(STRANGE, text)
            for _ in texts:
                pass
    except UnicodeError:
        return False
    return strange <= (1 - SHARE) * letters


def _count(what: re.Pattern[str], text: str) -> int:
    """How many characters of a text are of a kind, without a list of them."""
    return len(text) - len(what.sub("", text))
