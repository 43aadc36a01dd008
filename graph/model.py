"""The grammar of the model: what a node, an edge and a dated fact are made of.

Values only. A contradiction (two fields of one name, a date that no field carries) is refused when
the type is declared, so everything generated from the declarations can trust them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
LABEL = re.compile(r"[A-Z][A-Za-z]{0,62}")
EDGE = re.compile(r"[A-Z][A-Z_]{0,62}")

UNDATED = date(1900, 1, 1)
"""`known_from` of a node's version that its source does not date: known always."""


class Kind(StrEnum):
    """What a value is, in the lake and in the graph."""

    TEXT = "text"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    DATE = "date"


class Dating(StrEnum):
    """How a row says since when it is known, and so when a question as of a date may see it."""

    VERSION = "version"
    """A node's row: the state of the thing as known from `known_from` until the next version."""
    INTERVAL = "interval"
    """Holds from `since` (empty: always) until `until`, which is known only once it has passed."""
    EVENT = "event"
    """Happened on one day."""
    MONTH = "month"
    """Sums up a calendar month; known from the month's last day. Kept as the month's first day."""
    RUN = "run"
    """A result: belongs to a run, which has the date."""


@dataclass(frozen=True)
class Field:
    """One value of a row.

    `hidden_until` names the date field before which this value was not yet known: a member's reason
    for leaving is empty as of any day before the member left.
    """

    name: str
    kind: Kind = Kind.TEXT
    doc: str = ""
    choices: tuple[str, ...] = ()
    hidden_until: str | None = None
    required: bool = False

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"field name {self.name!r} is not lower_snake_case")
        if self.choices and self.kind is not Kind.TEXT:
            raise ValueError(f"field {self.name}: only text has choices")


@dataclass(frozen=True)
class TableType:
    """A table of the lake: its columns, its key and how its rows are dated."""

    table: str
    doc: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    dating: Dating
    dated_by: str
    zh: str = ""

    def __post_init__(self) -> None:
        names = [field.name for field in self.columns]
        if not NAME.fullmatch(self.table):
            raise ValueError(f"table name {self.table!r} is not lower_snake_case")
        if len(set(names)) != len(names):
            raise ValueError(f"table {self.table}: a column is declared twice")
        for name in (*self.key, self.dated_by):
            if name not in names:
                raise ValueError(f"table {self.table}: no column {name!r} for its key or date")
        for field in self.fields:
            if field.hidden_until and field.hidden_until not in names:
                raise ValueError(f"table {self.table}: {field.name} is hidden until an unknown date")

    @property
    def columns(self) -> tuple[Field, ...]:
        """Every column, in order; kinds of table add their own before the declared fields."""
        return self.fields

    def field(self, name: str) -> Field:
        """The column of that name; KeyError where there is none."""
        return {field.name: field for field in self.columns}[name]

    @property
    def monthly(self) -> bool:
        return self.dating is Dating.MONTH


@dataclass(frozen=True)
class NodeType(TableType):
    """A kind of thing in the graph. Its table keeps versions: one row per key and `known_from`."""

    label: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not LABEL.fullmatch(self.label):
            raise ValueError(f"label {self.label!r} is not UpperCamelCase")

    @property
    def id(self) -> str:
        """The name of the key field, such as `account_id`."""
        return self.key[0]

    @property
    def properties(self) -> tuple[Field, ...]:
        """The columns that become properties of the graph's node, besides its id."""
        return tuple(f for f in self.fields if f.name not in (self.id, "known_from"))


@dataclass(frozen=True)
class EdgeType(TableType):
    """A kind of edge. Its table has `source` and `target` keys, and their labels where several fit."""

    name: str = ""
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    summed: tuple[Field, ...] = ()
    """What the graph's edge carries where one edge stands for many rows: sums over the months."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not EDGE.fullmatch(self.name):
            raise ValueError(f"edge name {self.name!r} is not UPPER_SNAKE_CASE")
        if not (self.sources and self.targets):
            raise ValueError(f"edge {self.name}: an end has no label")

    @property
    def columns(self) -> tuple[Field, ...]:
        return (*_end("source", self.sources), *_end("target", self.targets), *self.fields)

    @property
    def properties(self) -> tuple[Field, ...]:
        """What the graph's edge carries: the columns, or the sums over them."""
        return self.summed or self.fields

    @property
    def parallel(self) -> tuple[str, ...]:
        """The key columns besides the ends: what tells two edges between the same nodes apart."""
        if self.summed:
            return ()
        ends = {field.name for field in (*_end("source", self.sources), *_end("target", self.targets))}
        return tuple(name for name in self.key if name not in ends)

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every (source label, target label) that the edge may join."""
        return tuple((source, target) for source in self.sources for target in self.targets)


@dataclass(frozen=True)
class FactType(TableType):
    """Dated facts about a node that stay in the lake: bills, usage, surveys, feedback."""

    about: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[Field, ...]:
        return (*_end("about", self.about), *self.fields)


@dataclass(frozen=True)
class ResultType(TableType):
    """Rows that a run concluded. Appended under its `run_id`, never changed."""


@dataclass(frozen=True)
class Measure:
    """A computed figure that the graph carries on a node, under its own name.

    Beside it stand `<name>_reasons` (list of sentences) and `<name>_low`, `<name>_high` where the
    figure has them.
    """

    name: str
    about: tuple[str, ...]
    kind: Kind
    doc: str


def _end(name: str, labels: tuple[str, ...]) -> tuple[Field, ...]:
    """The columns for one end: its key, and its label where more than one kind may stand there."""
    if not labels:
        return ()
    key = Field(name, Kind.TEXT, f"key of the {' or '.join(labels)}", required=True)
    if len(labels) == 1:
        return (key,)
    return (Field(f"{name}_label", Kind.TEXT, "kind of node", choices=labels, required=True), key)
