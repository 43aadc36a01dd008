"""Lines cut into cells where the delimiter is longer than one character, such as `|@|`.

Python's csv module cuts by one character only. `Cutter` stands in for its reader: it takes lines of
decoded text and gives lists of cells, by the same rules (strict), and raises the same `csv.Error`, after
which it may be asked for the next record.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
import pyarrow.csv as pc

LIMIT = 1 << 20  # characters of a cell; a longer one is no data


class Dialect(Protocol):
    """How a file is cut: `FileRule` is one."""

    @property
    def delimiter(self) -> str:
        """What stands between cells, one character or more."""

    @property
    def quote(self) -> str:
        """The character that quotes a cell, or "none"."""


@dataclass(frozen=True)
class Cut:
    """A record: the line on which it began, its cells, its text; or `fault`, why it could not be cut."""

    line: int
    cells: list[str]
    text: str
    fault: str | None = None


def reader(lines: Iterable[str], rule: Dialect) -> Iterator[list[str]]:
    """The cells of each record of the lines, a blank line as no cells; raises csv.Error and goes on.

    For a delimiter of one character this is csv.reader itself.
    """
    quote = None if rule.quote == "none" else rule.quote
    if len(rule.delimiter) > 1:
        return Cutter(lines, rule.delimiter, quote)
    return csv.reader(
        lines,
        delimiter=rule.delimiter,
        quotechar=quote,
        quoting=csv.QUOTE_NONE if quote is None else csv.QUOTE_MINIMAL,
        strict=True,
    )


def split(block: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    """Lines without any quote, cut at full speed; a blank line as no cells."""
    for line in block:
        bare = line.rstrip("\r\n")
        yield bare.split(delimiter) if bare else []


def at_once(text: str, lines: int, rule: Dialect, columns: int) -> list[pa.Array] | None:
    """The cells of so many lines without quotes, column by column; None where not every line has them all.

    By Arrow's own reader, which takes a twentieth of the time of the csv module; it cuts decoded text.
    """
    if len(rule.delimiter) > 1 or not rule.delimiter.isascii():
        return None
    names = [str(place) for place in range(columns)]
    try:
        found = pc.read_csv(
            pa.BufferReader(text.encode()),
            read_options=pc.ReadOptions(column_names=names, block_size=len(text) * 4 + 1, use_threads=False),
            parse_options=pc.ParseOptions(delimiter=rule.delimiter, quote_char=False),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    if found.num_rows != lines:  # a blank line among them
        return None
    return [column.combine_chunks() for column in found.columns]


def written(cells: Sequence[str], rule: Dialect) -> str:
    """One record as a line that `reader` cuts into the same cells, without a line end.

    A cell is quoted if any character of the delimiter is in it, since a part of one may become a whole
    one beside it.
    """
    special = {*rule.delimiter, rule.quote, "\n", "\r"}
    if rule.quote == "none":
        return rule.delimiter.join(cells)
    quoted = (
        f"{rule.quote}{cell.replace(rule.quote, rule.quote * 2)}{rule.quote}"
        if not special.isdisjoint(cell)
        else cell
        for cell in cells
    )
    return rule.delimiter.join(quoted) or (rule.quote * 2 if cells else "")


class Cutter:
    """csv.reader for a delimiter of several characters; `quote` None: quotes are ordinary text."""

    def __init__(self, lines: Iterable[str], delimiter: str, quote: str | None) -> None:
        self.lines = iter(lines)
        self.delimiter = delimiter
        self.quote = quote

    def __iter__(self) -> Cutter:
        return self

    def __next__(self) -> list[str]:
        line = next(self.lines)
        if self.quote is not None and self.quote in line:
            return self._quoted(line, self.quote)
        bare = line.rstrip("\r\n")
        return bare.split(self.delimiter) if bare else []

    def _quoted(self, line: str, quote: str) -> list[str]:
        """The cells of a record with quotes, which may run over several lines."""
        cells: list[str] = []
        at = 0
        while True:
            if line.startswith(quote, at):
                cell, line, at = self._inside(line, at + 1, quote)
            else:
                end = line.find(self.delimiter, at)
                end = _bare_end(line) if end < 0 else end
                cell, at = line[at:end], end
            cells.append(cell)
            if at >= _bare_end(line):
                return cells
            at += len(self.delimiter)

    def _inside(self, line: str, at: int, quote: str) -> tuple[str, str, int]:
        """A quoted cell from behind its quote; the line on which it ends, and where."""
        parts: list[str] = []
        while True:
            end = line.find(quote, at)
            if end < 0:
                parts.append(line[at:])
                line, at = self._more(), 0
            elif line.startswith(quote, end + 1):
                parts.append(line[at : end + 1])
                at = end + 2
            else:
                parts.append(line[at:end])
                at = end + 1
                break
        if at < _bare_end(line) and not line.startswith(self.delimiter, at):
            raise csv.Error(f"{self.delimiter!r} expected after {quote!r}")
        return "".join(parts), line, at

    def _more(self) -> str:
        try:
            return next(self.lines)
        except StopIteration:
            raise csv.Error("unexpected end of data") from None


def _bare_end(line: str) -> int:
    """Where a line's text ends and its line end begins."""
    return len(line) - (2 if line.endswith("\r\n") else 1 if line.endswith(("\n", "\r")) else 0)


def records(lines: Iterable[str], rule: Dialect) -> Iterator[Cut]:
    """Every record of the lines, blank ones left out; one that cannot be cut costs its first line only.

    Faults: quotes that do not fit together or are never closed, a NUL character, more than 1 MiB.
    """
    taken = _Taken(lines)
    cutter = reader(taken, rule)
    while taken.begin():
        try:
            cells = next(cutter)
        except StopIteration:
            return
        except csv.Error as error:
            yield taken.give_back(why(error))
            continue
        text = "".join(taken.taken)
        fault = "holds a NUL character" if "\0" in text else None
        if cells or fault:
            yield Cut(taken.first, cells, text, fault)


def why(error: csv.Error) -> str:
    """What was wrong with a record, in words."""
    if "unexpected end" in str(error):
        return "a quote opened in this line is never closed"
    if "longer" in str(error):
        return f"the record that begins here is {error}"
    return f"its quotes do not fit together ({error})"


class _Taken:
    """Lines that a broken record can give back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = iter(lines)
        self.back: deque[str] = deque()
        self.taken: list[str] = []
        self.first = 1
        self.size = 0

    def begin(self) -> bool:
        """The next line is the first of a record; whether there is one."""
        self.first += len(self.taken)
        self.taken = []
        self.size = 0
        if not self.back:
            self.back.extend(line for line in [next(self.lines, None)] if line is not None)
        return bool(self.back)

    def __iter__(self) -> _Taken:
        return self

    def __next__(self) -> str:
        line = self.back.popleft() if self.back else next(self.lines)
        self.taken.append(line)
        self.size += len(line)
        if self.size > LIMIT:
            raise csv.Error(f"longer than {LIMIT} characters")
        return line

    def give_back(self, reason: str) -> Cut:
        first, *rest = self.taken
        self.back.extendleft(reversed(rest))
        self.taken = [first]
        return Cut(self.first, [], first, reason)
