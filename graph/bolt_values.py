"""Values on their way over Bolt: what comes back as plain Python, and how large what goes out is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import singledispatch

from neo4j import Record
from neo4j.graph import Node, Path, Relationship
from neo4j.time import Date, DateTime, Duration, Time

Row = Mapping[str, object]


def row(record: Record) -> dict[str, object]:
    """A record's values as plain Python, by column."""
    return {name: plain(value) for name, value in zip(record.keys(), record.values(), strict=True)}


@singledispatch
def plain(value: object) -> object:
    """A value of the driver as plain Python.

    Dates and times as those of `datetime` (nanoseconds cut to microseconds), durations as ISO text,
    points as lists of numbers, nodes and edges as dicts of their properties, a path as the list of
    its nodes and edges in turn.
    """
    return value


@plain.register
def _(value: Date | DateTime | Time) -> object:
    return value.to_native()


@plain.register
def _(value: Duration) -> str:
    return value.iso_format()


@plain.register
def _(value: Node | Relationship | dict) -> dict[str, object]:  # type: ignore[type-arg]
    return {name: plain(one) for name, one in value.items()}


@plain.register
def _(value: list | tuple) -> list[object]:  # type: ignore[type-arg]
    return [plain(one) for one in value]


@plain.register
def _(value: Path) -> list[object]:
    return [plain(part) for part in _along(value)]


def _along(path: Path) -> Iterator[Node | Relationship]:
    for node, edge in zip(path.nodes, path.relationships, strict=False):
        yield node
        yield edge
    if path.nodes:
        yield path.nodes[-1]


def batches(rows: Iterable[Row], most_rows: int, most_bytes: int) -> Iterator[list[Row]]:
    """Cut rows into lists of at most so many rows and about so many bytes.

    A row larger than `most_bytes` goes alone. Only one list is held at a time.
    """
    batch: list[Row] = []
    held = 0
    for row in rows:
        size = size_of(row)
        if batch and (len(batch) >= most_rows or held + size > most_bytes):
            yield batch
            batch, held = [], 0
        batch.append(row)
        held += size
    if batch:
        yield batch


def size_of(value: object) -> int:
    """About how many bytes a value takes in a message; hardly ever less than it does."""
    if isinstance(value, str):
        return 5 + (len(value) if value.isascii() else 4 * len(value))
    if isinstance(value, dict):
        return 5 + sum(map(size_of, value)) + sum(map(size_of, value.values()))
    if isinstance(value, list | tuple):
        return 5 + sum(map(size_of, value))
    if isinstance(value, bytes | bytearray):
        return 5 + len(value)
    return 9
