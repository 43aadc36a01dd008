"""What a report on the data of one load holds; `docs/quality.md` defines each figure.

Counts, shares, dates, and the words of closed vocabularies. Never a key, a name or any other text that
may be about one person: see `ingest.quality.figures` for which fields show their values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from pydantic import TypeAdapter

from graph.schema import TABLES

FORMAT = 1
"""Counted up whenever older reports would be misread."""


class Severity(StrEnum):
    """How much a finding matters, the gravest first."""

    alarm = "alarm"
    warning = "warning"
    note = "note"


@dataclass(frozen=True)
class File:
    """A file as it was read. `rows` are its records, `broken` of them could not be cut into cells."""

    name: str
    path: str
    rows: int
    broken: int
    sha256: str
    columns: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    """Columns that its table has not, where the feed says that they are the same."""


@dataclass(frozen=True)
class Invalid:
    """Rows of a file set aside for one kind of reason, at one field. `why` is a key of `WHY`."""

    file: str
    table: str
    field: str
    why: str
    rows: int


@dataclass(frozen=True)
class Gap:
    """Facts that wait because nobody knows the node at one of their ends, and how many nodes those are."""

    field: str
    label: str
    facts: int
    nodes: int


@dataclass(frozen=True)
class Numbers:
    """How the numbers of a field spread. `counted` of them gave the quantiles.

    `edges` are the deciles, each once; `bins` counts the numbers up to each edge and above the last.
    """

    mean: float | None
    least: float
    most: float
    p05: float
    p25: float
    p50: float
    p75: float
    p95: float
    counted: int
    edges: tuple[float, ...]
    bins: tuple[int, ...]


@dataclass(frozen=True)
class FieldFigures:
    """One field over the facts of a load: `filled` of them have a value."""

    field: str
    kind: str
    filled: int
    distinct: int | None = None
    numbers: Numbers | None = None
    oldest: date | None = None
    newest: date | None = None
    values: dict[str, int] | None = None
    """Facts by value, of a field whose values may be shown."""
    others: int = 0
    """Facts with a value that too few have for it to be shown."""
    shift: float | None = None
    """Population stability index against the load before."""
    sure: bool = False
    """Whether the shift is more than chance would make."""


@dataclass(frozen=True)
class TableFigures:
    """What a load stated for one table. `facts` are its rows before any were parted with."""

    table: str
    files: tuple[str, ...]
    rows_in: int
    set_aside: int
    facts: int
    repeated: int
    contradicting: int
    waiting: int
    gaps: tuple[Gap, ...]
    fields: tuple[FieldFigures, ...]
    unfilled: tuple[str, ...]
    dated_by: str
    oldest: date | None
    newest: date | None
    days_behind: int | None
    later: int
    months: dict[date, int] = field(default_factory=dict)
    months_missing: int = 0

    @property
    def filled_share(self) -> float | None:
        """Of the values that may be left empty, the share given, 0 to 1; None where there are none."""
        free = [each for each in self.fields if not TABLES[self.table].field(each.field).required]
        could = self.facts * len(free)
        return sum(each.filled for each in free) / could if could else None


Value = int | float | str | date
Values = dict[str, Value]


@dataclass(frozen=True)
class Finding:
    """Something worth knowing. `sentence` is `code`, a key of `SENTENCES`, filled with `values`."""

    severity: Severity
    code: str
    dimension: str
    sentence: str
    values: Values
    file: str | None = None
    table: str | None = None
    field: str | None = None


@dataclass(frozen=True)
class Report:
    """The report on one load; `compared_with` is the load before, None for the first of a feed."""

    load_id: str
    feed: str
    day: date
    part: bool
    compared_with: str | None
    files: tuple[File, ...]
    tables: tuple[TableFigures, ...]
    invalid: tuple[Invalid, ...]
    findings: tuple[Finding, ...]
    format: int = FORMAT

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)


DIMENSIONS = ("completeness", "validity", "duplicates", "references", "freshness", "drift")

_reports = TypeAdapter(Report)


def as_text(report: Report) -> str:
    """The report as JSON."""
    return _reports.dump_json(report).decode()


def from_text(text: str) -> Report:
    """The report in a JSON text."""
    return _reports.validate_json(text)
