"""A report on a load's data, in the parts and words of its page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.pages.figures import day, number
from api.pages.loads_drawn import Column, Line, Reach, columns, line, reaches
from api.pages.words import Say
from graph.model import Dating
from graph.schema import TABLES
from ingest.quality.report import DIMENSIONS, FieldFigures, Finding, Report, Severity, TableFigures
from ingest.quality.words import WHY

BAR = 90
VALUES = 6
MONTHS = 24


@dataclass(frozen=True)
class View:
    """One dimension of the data at a glance: how it stands, its figure, and that of the last loads."""

    key: str
    worst: str
    figure: str
    about: str
    line: Line | None


@dataclass(frozen=True)
class FieldRow:
    """A field: the share of its facts with a value, what the values are like, and how they moved."""

    name: str
    filled: float
    filled_text: str
    filled_before: str
    distinct: str
    said: str
    values: list[tuple[str, str]]
    reaches: list[Reach]
    shift: str
    worst: str


@dataclass(frozen=True)
class TableSection:
    """A table, its figures and its fields."""

    name: str
    zh: str
    figures: TableFigures
    covers: str
    months: list[Column]
    fields: list[FieldRow]
    unfilled: str
    worst: str
    open: bool


def share_of(value: float | None) -> str:
    """A share in per cent that says 100% and 0% only of all and of none.

    >>> share_of(0.9967), share_of(0.99999), share_of(1.0), share_of(0.0004), share_of(0.5)
    ('99.6%', '>99.9%', '100%', '<0.1%', '50%')
    """
    if value is None:
        return "–"
    if 0 < value < 0.001:
        return "<0.1%"
    if 0.999 < value < 1:
        return ">99.9%"
    if 0.1 <= value <= 0.9 or value in (0, 1):
        return f"{value:.0%}"
    return f"{math.floor(value * 1000) / 10:.1f}%"


def worst(severities: Iterable[Severity]) -> str:
    """The gravest of some severities; "good" where there is none but notes."""
    found = set(severities)
    return next((each.value for each in (Severity.alarm, Severity.warning) if each in found), "good")


def verdict(alarms: int, warnings: int, say: Say) -> str:
    """How many findings there are, in words."""
    told = [say(f"verdict_{kind}", n=n) for kind, n in (("alarm", alarms), ("warning", warnings)) if n]
    return " · ".join(told) or say("verdict_good")


def fates(row: Mapping[str, Any]) -> list[tuple[str, int]]:
    """What became of a load's rows; those that wait are apart from those set aside."""
    waiting = int(row["waiting"] or 0)
    return [
        ("landed", int(row["landed"])),
        ("unchanged", int(row["unchanged"])),
        ("aside", int(row["set_aside"]) - waiting),
        ("waiting", waiting),
    ]


def found(finding: Finding, say: Say) -> dict[str, str]:
    """A finding in the page's language."""
    values: dict[str, Any] = dict(finding.values)
    if "why" in values:
        values["why"] = why(str(values["why"]), say)
    return {
        "severity": finding.severity.value,
        "word": say(f"severity_{finding.severity.value}"),
        "dimension": say(f"dimension_{finding.dimension}"),
        "sentence": say(f"finding_{finding.code}", **values),
        "table": finding.table or "",
    }


def why(kind: str, say: Say) -> str:
    return say(f"why_{kind if kind in WHY else 'other'}")


def views(report: Report, before: Sequence[Report], say: Say) -> list[View]:
    """The six dimensions."""
    return [_view(key, report, before, say) for key in DIMENSIONS]


def _view(key: str, report: Report, before: Sequence[Report], say: Say) -> View:
    series = [value for each in before if (value := _figure(key, each)) is not None]
    told = [_written(key, value) for value in series]
    drawn = line(series, say("over_loads", n=len(series), values=", ".join(told)))
    value, about = _figure(key, report), say(f"about_{key}") if key != "freshness" else ""
    figure = _written(key, value)
    if key == "freshness":
        figure, about = _fresh(report, say)
    marks = worst(each.severity for each in report.findings if each.dimension == key)
    return View(key, marks, figure, about, drawn)


def _written(key: str, value: float | None) -> str:
    return share_of(value) if key in ("completeness", "validity") else number(value)


def _figure(key: str, report: Report) -> float | None:
    """The figure of a dimension over all tables of a load."""
    tables = report.tables
    match key:
        case "completeness":
            return _filled(tables)
        case "validity":
            rows = sum(table.rows_in for table in tables)
            return 1 - sum(table.set_aside for table in tables) / rows if rows else None
        case "duplicates":
            return sum(table.repeated + table.contradicting for table in tables)
        case "references":
            return sum(table.waiting for table in tables)
        case "freshness":
            behind = [table.days_behind for table in _dated(tables) if table.days_behind is not None]
            return min(behind, default=None)
        case _:
            grave = (Severity.alarm, Severity.warning)
            return sum(f.dimension == "drift" and f.severity in grave for f in report.findings)


def _filled(tables: Sequence[TableFigures]) -> float | None:
    given = could = 0
    for table in tables:
        free = [each for each in table.fields if not TABLES[table.table].field(each.field).required]
        given += sum(each.filled for each in free)
        could += table.facts * len(free)
    return given / could if could else None


def _dated(tables: Sequence[TableFigures]) -> list[TableFigures]:
    """The tables that say how fresh a load is: months and events; all that are dated where it has none."""
    happening = [t for t in tables if TABLES[t.table].dating in (Dating.MONTH, Dating.EVENT) and t.newest]
    return happening or [table for table in tables if table.newest]


def _fresh(report: Report, say: Say) -> tuple[str, str]:
    newest = max((t for t in _dated(report.tables) if t.newest), key=lambda t: str(t.newest), default=None)
    if newest is None:
        return "–", say("about_freshness_none")
    return day(newest.newest), say("about_freshness", days=number(newest.days_behind))


def file_rows(report: Report, before: Sequence[Report], say: Say) -> list[dict[str, Any]]:
    """The files, each with its rows over the last loads."""
    rows = []
    for file in report.files:
        series = [f.rows for each in before for f in each.files if f.path == file.path]
        said = say("over_loads", n=len(series), values=", ".join(number(value) for value in series))
        rows.append({"file": file, "line": line(series, said)})
    return rows


def reason_rows(report: Report, say: Say) -> list[dict[str, Any]]:
    """Why rows were set aside, most frequent first."""
    most = max((each.rows for each in report.invalid), default=1)
    return [
        {"place": each, "why": why(each.why, say), "width": round(max(BAR * each.rows / most, 1), 1)}
        for each in report.invalid
    ]


def table_sections(report: Report, before: Sequence[Report], say: Say) -> list[TableSection]:
    """The tables, those with findings open and first."""
    had = {t.table: t for each in before if each.load_id == report.compared_with for t in each.tables}
    made = []
    for table in report.tables:
        own = [each for each in report.findings if each.table == table.table]
        marks = worst(each.severity for each in own)
        span = say("dates", oldest=day(table.oldest), newest=day(table.newest)) if table.newest else ""
        months = [(f"{month:%Y-%m}: {count:,}", count) for month, count in _every_month(table)]
        made.append(
            TableSection(
                name=table.table,
                zh=TABLES[table.table].zh,
                figures=table,
                covers=span,
                months=columns(months),
                fields=[_field(table, each, had.get(table.table), own, say) for each in table.fields],
                unfilled=say("unfilled", fields=", ".join(table.unfilled)) if table.unfilled else "",
                worst=marks,
                open=marks != "good",
            )
        )
    return sorted(made, key=lambda section: not section.open)


def _every_month(table: TableFigures) -> list[tuple[date, int]]:
    """The last months with those that have no facts, for bars in even steps."""
    if not table.months:
        return []
    first, last = min(table.months), max(table.months)
    made: list[tuple[date, int]] = []
    month = last
    while month >= first and len(made) < MONTHS:
        made.append((month, table.months.get(month, 0)))
        if (month.year, month.month) == (1, 1):
            break
        month = month.replace(year=month.year - (month.month == 1), month=(month.month - 2) % 12 + 1)
    return made[::-1]


def _field(
    table: TableFigures,
    field: FieldFigures,
    before: TableFigures | None,
    findings: Sequence[Finding],
    say: Say,
) -> FieldRow:
    share = field.filled / table.facts if table.facts else 0.0
    had = next((each for each in before.fields if each.field == field.field), None) if before else None
    share_before = had.filled / before.facts if had and before and before.facts else None
    changed = share_before is not None and round(share_before, 3) != round(share, 3)
    said, values = _like(field, say)
    return FieldRow(
        name=field.field,
        filled=round(BAR * share, 1),
        filled_text=share_of(share),
        filled_before=say("filled_before", share=share_of(share_before)) if changed else "",
        distinct=number(field.distinct) if field.distinct is not None else "–",
        said=said,
        values=values,
        reaches=_reaches(field, had),
        shift=f"{field.shift:.2f}" if field.shift is not None else "–",
        worst=worst(each.severity for each in findings if each.field == field.field),
    )


def _like(field: FieldFigures, say: Say) -> tuple[str, list[tuple[str, str]]]:
    """What the values of a field are like: in words, or as values with their shares."""
    if field.numbers:
        n = field.numbers
        return say("numbers", p50=number(n.p50), p05=number(n.p05), p95=number(n.p95)), []
    if field.values:
        shown = list(field.values.items())[:VALUES]
        rest = field.filled - sum(count for _, count in shown)
        shares = [(value, share_of(count / field.filled)) for value, count in shown]
        return "", shares + ([(say("others"), share_of(rest / field.filled))] if rest else [])
    if field.newest:
        return say("dates", oldest=day(field.oldest), newest=day(field.newest)), []
    return (say("hidden") if field.kind == "text" and field.filled else "–"), []


def _reaches(now: FieldFigures, before: FieldFigures | None) -> list[Reach]:
    """Where nine tenths of the numbers lie, above where those of the load before lay."""
    if now.numbers is None:
        return []
    both = [("now", now.numbers)]
    if before and before.numbers:
        both.append(("before", before.numbers))
    return reaches([(kind, n.p05, n.p50, n.p95) for kind, n in both])
