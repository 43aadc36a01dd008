"""From bytes to lines of text: strictly, or not at all.

Text is decoded before it is split, since the second byte of a Chinese character may be a backslash or
a bar. A file that does not fit its declared encoding is refused with the one that would have fitted.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from graph.errors import BadInput

CHINESE = {"gb2312", "gbk", "gb18030", "hz", "cp936", "ms936"}
CANDIDATES = ("utf-8", "gb18030", "utf-16", "cp1252")
UTF_8_MARK = codecs.BOM_UTF8
NEWLINE = b"\n"


def codec(encoding: str) -> str:
    """Python's name of the codec for an encoding; "utf-8" skips a byte order mark.

    Any GB name becomes gb18030, which reads all of them. Raises LookupError for an unknown name.
    """
    name = codecs.lookup(encoding).name
    if name in CHINESE:
        return "gb18030"
    return "utf-8-sig" if name == "utf-8" else name


@contextmanager
def opened(path: Path, encoding: str) -> Iterator[TextIO]:
    """The file as text with its line ends kept. Raises BadInput where the encoding does not fit."""
    try:
        _refuse_mark(path, encoding)
        with path.open(encoding=codec(encoding), newline="") as file:
            yield file
    except UnicodeError:
        raise BadInput(_misfit(path, encoding)) from None


def _refuse_mark(path: Path, encoding: str) -> None:
    with path.open("rb") as file:
        marked = file.read(3) == UTF_8_MARK
    if marked and codec(encoding) != "utf-8-sig":
        raise BadInput(
            f'{path} begins with the mark of UTF-8, but its feed says encoding = "{encoding}";'
            ' encoding = "utf-8" would read it'
        )


def _misfit(path: Path, encoding: str) -> str:
    """The sentence for a file that its declared encoding cannot read."""
    data = path.read_bytes()
    try:
        data.decode(codec(encoding))
        where = "its end"
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        where = f"line {data.count(NEWLINE, 0, start) + 1} (byte {start})"
    fitting = [name for name in CANDIDATES if codec(name) != codec(encoding) and _fits(data, name)]
    advice = f'encoding = "{fitting[0]}" would read it' if fitting else "no encoding known here reads it"
    return f'{path}, {where}: not valid {encoding}; {advice} (key "encoding" of the file in its feed)'


def _fits(data: bytes, encoding: str) -> bool:
    if encoding == "utf-16" and data[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return False
    try:
        data.decode(codec(encoding))
    except UnicodeError:
        return False
    return True
