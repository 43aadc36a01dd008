"""Files become rows of texts, each with the line it began on; nothing is guessed or converted.

Rows go straight to a staging file, so a file of any size takes the same memory. A record that cannot be
cut into the declared columns is set aside with its raw text. A quote that is never closed costs its own
line only: reading goes on with the next one.
"""

from __future__ import annotations

import csv
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from graph.errors import BadInput, NotFound
from graph.progress import Progress
from ingest.files import cut, decode, parquet
from ingest.files.archive import sha256, stamp, unchanged
from ingest.files.sidecar import compare, sidecar
from ingest.mapping import Feed, FileRule, near
from ingest.staging import Sink, Staging

CHUNK = 5_000  # lines; larger blocks are slower, since Python's collector walks all their lists
BLOCK = 32_768  # rows converted at a time
RECORD_LIMIT = 1 << 20
csv.field_size_limit(sys.maxsize)  # the limit is ours, and costs one record instead of the load

ROW, LINE, PARTNERS = "#row", "#line", "#partners"
BROKEN = pa.schema(
    [("file", pa.string()), (LINE, pa.int64()), ("reason", pa.string()), ("text", pa.string())]
)


@dataclass(frozen=True)
class Source:
    """Some rows of a file, all cells as text.

    `rows` and `lines` (int64) have the number of each row in its file and the line it began on;
    `unusable` has, by place in the table, the field and the reason for rows that a join found no partner
    for; `empties` the texts that mean "no value", by column.
    """

    table: pa.Table
    rows: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    empties: Mapping[str, tuple[str, ...]]
    unusable: Mapping[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        names: list[str] = self.table.column_names
        return names


@dataclass(frozen=True)
class Joined:
    """How a source was joined: the column of the left file, and words for where its partner stands."""

    on: str
    where: str


@dataclass(frozen=True)
class Staged:
    """A file (or one file joined with another) that has been read, its rows in a staging file.

    `name` is the staging's name of it; its columns there are c0, c1, … for `columns`. `rows` counts the
    records that were cut, `broken` those that could not be. `cells` counts the columns of the file itself.
    """

    name: str
    file: str
    rule: FileRule
    columns: tuple[str, ...]
    path: Path
    rows: int
    broken: int
    sha256: str
    cells: int
    empties: Mapping[str, tuple[str, ...]]
    joined: Joined | None = None
    base: str = ""
    """The staging's name of the file itself, whose row numbers these are."""

    def blocks(self) -> Iterator[Source]:
        """The rows, some at a time."""
        with pq.ParquetFile(self.path) as file:
            for group in range(file.num_row_groups):  # one reader for all would keep what it has read
                for batch in file.iter_batches(BLOCK, [group]):
                    yield self._block(pa.Table.from_batches([batch]))

    def _block(self, stored: pa.Table) -> Source:
        cells = [stored[f"c{place}"] for place in range(len(self.columns))]
        table = pa.table(cells, names=list(self.columns))
        unusable = _partnerless(table, stored[PARTNERS], self.joined) if self.joined else {}
        return Source(table, stored[ROW].to_numpy(), stored[LINE].to_numpy(), self.empties, unusable)


def read_sources(feed: Feed, data: Path, staging: Staging, progress: Progress) -> dict[str, Staged]:
    """Read every file of the feed; by name, without optional files that are absent.

    Raises NotFound for a missing folder or file, BadInput for an encoding or header that does not fit,
    a file that is not the one its sidecar tells of, and one that changes while it is read.
    """
    if not data.is_dir():
        raise NotFound(f"no data folder {data}; give the folder that holds {_paths(feed)}")
    sources: dict[str, Staged] = {}
    with staging.sink("broken", BROKEN) as broken:
        for name, rule in feed.files.items():
            if not rule.optional or (data / rule.path).exists():
                sources[name] = read_file(name, rule, data, staging, broken, progress)
    if not sources:
        raise NotFound(f"none of the feed's files is in {data}; it looks for {_paths(feed)}")
    return sources


def read_file(
    name: str, rule: FileRule, data: Path, staging: Staging, broken: Sink, progress: Progress
) -> Staged:
    """Read one file; see `read_sources` for what it raises."""
    path = data / rule.path
    if not path.is_file():
        here = ", ".join(sorted(entry.name for entry in data.iterdir())[:12]) or "nothing"
        raise NotFound(f"no file {rule.path} in {data}; the folder holds {here}")
    if not path.resolve().is_relative_to(data.resolve()):
        raise BadInput(f"{path} leads out of the data folder; put the file itself there")
    before, expected, hashed, faulty = stamp(path), sidecar(path), sha256(path), broken.rows
    progress(f"reading {rule.path}", 0, 0)
    if parquet.is_parquet(path):
        columns, rows = _read_parquet(name, path, staging, progress)
    else:
        with decode.opened(path, rule.encoding, rule.member) as text:
            columns, rows = _read_text(name, rule, path, text, staging, broken, progress)
    unchanged(path, before)
    faulty = broken.rows - faulty
    if expected:
        compare(path, expected, rows + faulty, hashed)
    progress(f"reading {rule.path}", rows + faulty, rows + faulty)
    return Staged(
        name=f"file_{name}",
        file=rule.path,
        rule=rule,
        columns=tuple(columns),
        path=staging.folder / f"file_{name}.parquet",
        rows=rows,
        broken=faulty,
        sha256=hashed,
        cells=len(columns),
        empties=dict.fromkeys(columns, rule.empty),
        base=f"file_{name}",
    )


def require(source: Staged, columns: Sequence[str]) -> None:
    """Raise BadInput for the first column that the source does not have."""
    for column in columns:
        if column not in source.columns:
            line = "" if source.rule.columns else ", line 1"
            raise BadInput(
                f"{source.file}{line}: no column {column!r}; {near(column, source.columns)}"
                f"it has: {', '.join(source.columns)}"
            )


def staged_schema(columns: int, *more: pa.Field) -> pa.Schema:
    """The columns of a staging file with so many columns of cells."""
    cells = [pa.field(f"c{place}", pa.string()) for place in range(columns)]
    return pa.schema([*cells, pa.field(ROW, pa.int64()), pa.field(LINE, pa.int64()), *more])


def _partnerless(table: pa.Table, partners: pa.ChunkedArray, joined: Joined) -> dict[int, tuple[str, str]]:
    counts = partners.to_numpy()
    places = np.flatnonzero(counts != 1).tolist()
    keys = [(key or "").strip() for key in table[joined.on].take(pa.array(places, pa.int64())).to_pylist()]
    return {
        place: (joined.on, f"{key!r} {_misses(int(counts[place]), joined)}")
        for place, key in zip(places, keys, strict=True)
    }


def _misses(partners: int, joined: Joined) -> str:
    if partners:
        return f"stands more than once as {joined.where}, with different values"
    return f"does not stand as {joined.where}"


def _read_parquet(name: str, path: Path, staging: Staging, progress: Progress) -> tuple[list[str], int]:
    columns, first = parquet.names(path), 0
    with staging.sink(f"file_{name}", staged_schema(len(columns))) as sink:
        for batch in parquet.batches(path):
            at = np.arange(first, first + batch.num_rows)
            sink.write(pa.table([*batch.columns, pa.array(at), pa.array(at + 1)], schema=sink.schema))
            first += batch.num_rows
            progress(f"reading {path.name}", first, 0)
    return columns, first


def _read_text(
    name: str, rule: FileRule, path: Path, text: TextIO, staging: Staging, broken: Sink, progress: Progress
) -> tuple[list[str], int]:
    taken = _Lines(text)
    names = list(rule.columns) if rule.columns else _header(taken, rule, path)
    declared = "declared" if rule.columns else "named in line 1"
    with staging.sink(f"file_{name}", staged_schema(len(names))) as sink:
        while block := list(islice(taken.file, CHUNK)):
            whole = "".join(block)
            plain = _is_plain(whole, block, rule)
            if plain and (cells := cut.at_once(whole, len(block), rule, len(names))):
                sink.write(_numbered(cells, np.arange(len(block)) + taken.skip(len(block)), sink))
                continue
            lines: list[int] = []
            good: list[list[str]] = []
            faults: list[tuple[object, ...]] = []
            for line, record, raw, fault in _records(taken, block, rule, plain):
                if len(record) == len(names) and not fault:
                    lines.append(line)
                    good.append(record)
                elif fault or record:  # a blank line is no row
                    reason = fault or f"{len(record)} cells where {len(names)} columns are {declared}"
                    faults.append((rule.path, line, reason, raw.rstrip("\r\n")))
            broken.add(faults)
            if good:
                columns = [pa.array(column, pa.string()) for column in zip(*good, strict=True)]
                sink.write(_numbered(columns, np.array(lines), sink))
            progress(f"reading {rule.path}", sink.rows, 0)
    return names, sink.rows


def _numbered(cells: Sequence[pa.Array], lines: npt.NDArray[np.int64], sink: Sink) -> pa.Table:
    rows = np.arange(sink.rows, sink.rows + len(lines))
    return pa.table([*cells, pa.array(rows), pa.array(lines, pa.int64())], schema=sink.schema)


Record = tuple[int, list[str], str, str]
"""The line a record began on, its cells, its text, and why it could not be cut (empty: it could)."""


def _records(taken: _Lines, block: list[str], rule: FileRule, plain: bool) -> Iterator[Record]:
    """Each record that begins in a block of lines."""
    if plain:
        cells = cut.reader(block, rule)
        for line, record, raw in zip(count(taken.skip(len(block))), cells, block, strict=False):
            yield line, record, raw, ""
    else:
        taken.back.extend(block)
        yield from _careful(taken, rule)


def _is_plain(whole: str, block: list[str], rule: FileRule) -> bool:
    """Whether every line of a block is a record: it has no quote, and no line is anything odd."""
    if rule.quote != "none" and rule.quote in whole:
        return False
    return "\0" not in whole and (len(whole) <= RECORD_LIMIT or max(map(len, block)) <= RECORD_LIMIT)


def _careful(taken: _Lines, rule: FileRule) -> Iterator[Record]:
    """Record by record, until the lines at hand are used up."""
    reader = cut.reader(taken, rule)
    while taken.back:
        taken.begin()
        try:
            cells = next(reader)
        except csv.Error as error:
            yield taken.give_back(cut.why(error))
            continue
        text = "".join(taken.taken)
        yield taken.first, cells, text, "holds a NUL character" if "\0" in text else ""


class _Lines:
    """The file's lines for the csv reader, able to take back those that a broken record swallowed."""

    def __init__(self, file: TextIO) -> None:
        self.file = _lines(file)
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

    def give_back(self, reason: str) -> Record:
        """The first line alone is at fault; the others are read again."""
        first, *rest = self.taken
        self.back.extendleft(reversed(rest))
        self.taken = [first]
        return self.first, [], first, reason


def _lines(file: TextIO) -> Iterator[str]:
    """The lines, of one that is longer than any record may be only its beginning."""
    while line := file.readline(RECORD_LIMIT + 2):
        if len(line) > RECORD_LIMIT + 1 and not line.endswith(("\r", "\n")):
            while (more := file.readline(RECORD_LIMIT)) and not more.endswith(("\r", "\n")):
                pass
        yield line


def _header(taken: _Lines, rule: FileRule, path: Path) -> list[str]:
    taken.back.extend(islice(taken.file, 1))
    first = next(_careful(taken, rule), None)
    if first is None:
        raise BadInput(f"{path} is empty; its first line should name the columns")
    _, cells, _, fault = first
    if fault:
        raise BadInput(f"{path}, line 1: the names of the columns cannot be read: {fault}")
    names = [cell.strip() or f"(column {place})" for place, cell in enumerate(cells, 1)]
    for name in names:
        if names.count(name) > 1:
            raise BadInput(f"{path}, line 1: two columns are named {name!r}; rename one of them")
    if not names:
        raise BadInput(f"{path}, line 1 is blank; it should name the columns")
    return names


def _paths(feed: Feed) -> str:
    return ", ".join(rule.path for rule in feed.files.values())
