"""Files become rows of texts, each with the line it began on; nothing is guessed or converted.

A record that cannot be cut into the declared columns is set aside with its raw text. A quote that is
never closed costs its own line only: reading goes on with the next one.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count, islice
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graph.errors import BadInput, NotFound
from graph.progress import Progress
from ingest import decode
from ingest.mapping import Feed, FileRule, JoinRule, near

CHUNK = 5_000  # lines; larger blocks are slower, since Python's collector walks all their lists
RECORD_LIMIT = 1 << 20
csv.field_size_limit(sys.maxsize)  # the limit is ours, and costs one record instead of the load


@dataclass(frozen=True)
class Broken:
    """A record that could not be cut into cells: where it began, why, and its text."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True)
class Source:
    """The rows of one file (or of one file joined with another), all cells as text.

    `lines` has the line on which each row of `table` began. `unusable` has a reason for each row that
    a join found no partner for. `cells` counts the columns that are the file's own.
    `empties` has the texts that mean "no value", by column.
    """

    name: str
    file: str
    rule: FileRule
    table: pa.Table
    lines: npt.NDArray[np.int64]
    broken: tuple[Broken, ...]
    sha256: str
    cells: int
    empties: Mapping[str, tuple[str, ...]]
    unusable: Mapping[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        names: list[str] = self.table.column_names
        return names

    def raw(self, rows: list[int]) -> list[str]:
        """Rows as they would stand in their file."""
        picked = self.table.select(self.columns[: self.cells]).take(pa.array(rows, pa.int64()))
        records = zip(*(column.to_pylist() for column in picked.columns), strict=True)
        return [self.rule.delimiter.join(_quoted(cell, self.rule) for cell in cells) for cells in records]


def read_sources(feed: Feed, data: Path, progress: Progress) -> dict[str, Source]:
    """Every file and join of the feed by name, without optional files that are absent.

    Raises NotFound for a missing folder or file, BadInput for an encoding or header that does not fit.
    """
    if not data.is_dir():
        raise NotFound(f"no data folder {data}; give the folder that holds {_paths(feed)}")
    sources: dict[str, Source] = {}
    for number, (name, rule) in enumerate(feed.files.items()):
        progress("reading", number, len(feed.files))
        if not rule.optional or (data / rule.path).exists():
            sources[name] = read_file(name, rule, data)
    progress("reading", len(feed.files), len(feed.files))
    if not sources:
        raise NotFound(f"none of the feed's files is in {data}; it looks for {_paths(feed)}")
    for name, join in feed.joins.items():
        if join.left in sources and join.right in sources:
            sources[name] = joined(name, join, sources[join.left], sources[join.right])
    return sources


def read_file(name: str, rule: FileRule, data: Path) -> Source:
    """The rows of one file; see `read_sources` for what it raises."""
    path = data / rule.path
    if not path.is_file():
        here = ", ".join(sorted(entry.name for entry in data.iterdir())[:12]) or "nothing"
        raise NotFound(f"no file {rule.path} in {data}; the folder holds {here}")
    if not path.resolve().is_relative_to(data.resolve()):
        raise BadInput(f"{path} leads out of the data folder; put the file itself there")
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    with decode.opened(path, rule.encoding) as text:
        return _cut(name, rule, path, text, sha256)


def joined(name: str, join: JoinRule, left: Source, right: Source) -> Source:
    """Each row of `left` with the columns of its one partner in `right`.

    A row without exactly one partner stays, with the reason in `unusable`. A column whose name `left`
    has too is called `<right>.<column>`.
    """
    right_on = join.right_on or join.on
    require(left, [join.on])
    require(right, [right_on])
    keys = pc.utf8_trim_whitespace(left.table[join.on]).combine_chunks()
    partners = right.table.group_by(right.columns, use_threads=False).aggregate([])
    theirs = pc.utf8_trim_whitespace(partners[right_on]).combine_chunks()
    place = pc.index_in(keys, value_set=theirs)
    table, empties = left.table, dict(left.empties)
    for column in [column for column in right.columns if column != right_on]:
        label = f"{join.right}.{column}" if column in left.columns else column
        table = table.append_column(label, pc.take(partners[column], place))
        empties[label] = right.empties[column]
    counts = pc.value_counts(theirs)
    several = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    unusable = _partnerless(keys, place, several, f"{right_on} in {right.file}", join.on)
    return replace(left, name=name, table=table, empties=empties, unusable=unusable)


def require(source: Source, columns: list[str]) -> None:
    """Raise BadInput for the first column that the source does not have."""
    for column in columns:
        if column not in source.columns:
            line = "" if source.rule.columns else ", line 1"
            raise BadInput(
                f"{source.file}{line}: no column {column!r}; {near(column, source.columns)}"
                f"it has: {', '.join(source.columns)}"
            )


def _partnerless(
    keys: pa.Array, place: pa.Array, several: pa.Array, where: str, on: str
) -> dict[int, tuple[str, str]]:
    wrong = pc.or_(pc.is_null(place), pc.is_in(keys, value_set=several))
    rows = np.flatnonzero(wrong.to_numpy(zero_copy_only=False))
    doubled = set(several.to_pylist())
    return {
        int(row): (on, f"{key!r} stands more than once as {where}, with different values")
        if key in doubled
        else (on, f"{key!r} does not stand as {where}")
        for row, key in zip(rows, keys.take(pa.array(rows)).to_pylist(), strict=True)
    }


def _cut(name: str, rule: FileRule, path: Path, text: TextIO, sha256: str) -> Source:
    taken = _Lines(text)
    broken: list[Broken] = []
    names = list(rule.columns) if rule.columns else _header(taken, rule, path)
    declared = "declared" if rule.columns else "named in line 1"
    schema = pa.schema([pa.field(column, pa.string()) for column in names])
    chunks: list[pa.Table] = []
    lines: list[int] = []
    while block := list(islice(text, CHUNK)):
        cells: list[list[str]] = []
        for line, record, raw in _records(taken, block, rule, broken):
            if len(record) == len(names):
                lines.append(line)
                cells.append(record)
            elif record:  # a blank line is no row
                reason = f"{len(record)} cells where {len(names)} columns are {declared}"
                broken.append(Broken(line, reason, raw))
        chunks.append(_columns(cells, schema))
    table = pa.concat_tables([schema.empty_table(), *chunks])
    empties = dict.fromkeys(names, rule.empty)
    at = np.array(lines, np.int64)
    return Source(name, rule.path, rule, table, at, tuple(broken), sha256, len(names), empties)


def _columns(cells: list[list[str]], schema: pa.Schema) -> pa.Table:
    if not cells:
        return schema.empty_table()
    return pa.table([pa.array(column, pa.string()) for column in zip(*cells, strict=True)], schema=schema)


def _records(
    taken: _Lines, block: list[str], rule: FileRule, broken: list[Broken]
) -> Iterator[tuple[int, list[str], str]]:
    """The line, cells and text of each record that begins in a block of lines.

    Without a quote every line is a record, and the csv module cuts the block at full speed.
    """
    whole = "".join(block)
    if (rule.quote == "none" or rule.quote not in whole) and not _suspect(whole, block):
        yield from zip(count(taken.skip(len(block))), _reader(block, rule), block, strict=False)
    else:
        taken.back.extend(block)
        yield from _careful(taken, rule, broken)


def _suspect(whole: str, block: list[str]) -> bool:
    return "\0" in whole or (len(whole) > RECORD_LIMIT and max(map(len, block)) > RECORD_LIMIT)


def _careful(taken: _Lines, rule: FileRule, broken: list[Broken]) -> Iterator[tuple[int, list[str], str]]:
    """Record by record, until the lines at hand are used up."""
    reader = _reader(taken, rule)
    while taken.back:
        taken.begin()
        try:
            cells = next(reader)
        except csv.Error as error:
            broken.append(taken.give_back(_why(error)))
            continue
        text = "".join(taken.taken)
        if "\0" in text:
            broken.append(Broken(taken.first, "holds a NUL character", text))
        else:
            yield taken.first, cells, text


def _reader(lines: Iterable[str], rule: FileRule) -> Iterator[list[str]]:
    return csv.reader(
        lines,
        delimiter=rule.delimiter,
        quotechar=None if rule.quote == "none" else rule.quote,
        quoting=csv.QUOTE_NONE if rule.quote == "none" else csv.QUOTE_MINIMAL,
        strict=True,
    )


def _why(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "a quote opened in this line is never closed"
    if "longer" in str(error):
        return f"the record that begins here is {error}"
    return f"its quotes do not fit together ({error})"


class _Lines:
    """The file's lines for the csv reader, able to take back those that a broken record swallowed."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.back: deque[str] = deque()
        self.taken: list[str] = []
        self.first = 1
        self.size = 0

    def begin(self) -> None:
        """The next line is the first of a record."""
        self.first += len(self.taken)
        self.taken = []
        self.size = 0

    def skip(self, lines: int) -> int:
        """The number of the next line, whose block is read past this object."""
        self.begin()
        first = self.first
        self.first += lines
        return first

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.back.popleft() if self.back else next(self.file)
        self.taken.append(line)
        self.size += len(line)
        if self.size > RECORD_LIMIT:
            raise csv.Error(f"longer than {RECORD_LIMIT} characters")
        return line

    def give_back(self, reason: str) -> Broken:
        """The first line alone is at fault; the others are read again."""
        first, *rest = self.taken
        self.back.extendleft(reversed(rest))
        self.taken = [first]
        return Broken(self.first, reason, first)


def _header(taken: _Lines, rule: FileRule, path: Path) -> list[str]:
    faults: list[Broken] = []
    taken.back.extend(islice(taken.file, 1))
    first = next(_careful(taken, rule, faults), None)
    if faults:
        raise BadInput(f"{path}, line 1: the names of the columns cannot be read: {faults[0].reason}")
    if first is None:
        raise BadInput(f"{path} is empty; its first line should name the columns")
    names = [cell.strip() or f"(column {place})" for place, cell in enumerate(first[1], 1)]
    for name in names:
        if names.count(name) > 1:
            raise BadInput(f"{path}, line 1: two columns are named {name!r}; rename one of them")
    if not names:
        raise BadInput(f"{path}, line 1 is blank; it should name the columns")
    return names


def _quoted(cell: str, rule: FileRule) -> str:
    quote = rule.quote
    if quote == "none":
        return cell
    if any(mark in cell for mark in (rule.delimiter, quote, "\n", "\r")):
        return f"{quote}{cell.replace(quote, quote * 2)}{quote}"
    return cell


def _paths(feed: Feed) -> str:
    return ", ".join(rule.path for rule in feed.files.values())
