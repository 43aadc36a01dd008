"""Findings of a load: what its own figures say, and what has changed since the load before of its feed.

Each threshold stands here once, with where it comes from. A change counts only where chance alone would
hardly make it, so that small files do not cry wolf.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from ingest.guard import FEW, LEAST_SHARE
from ingest.quality.report import (
    FieldFigures,
    File,
    Finding,
    Invalid,
    Report,
    Severity,
    TableFigures,
    Values,
)
from ingest.quality.words import SENTENCES, why_words

FEWER, MORE = 0.9, 1.5
"""Rows of a file beside those it had: less, or more, is a warning; below the shrink guard's an alarm."""

NULLS, MANY_NULLS = 0.05, 0.30
"""Change of the share of facts without a value: a warning, an alarm (upwards)."""

SET_ASIDE = 0.01
"""Share of rows set aside from which it is an alarm: as in `ingest.guard`."""

REPEATED = 0.01
WAITING = 0.05

SHIFT, GREAT_SHIFT = 0.10, 0.25
"""Population stability index: below 0.10 no change to speak of, from 0.25 a great one (Siddiqi, Credit Risk
Scorecards, 2006, chapter 9)."""

SURELY = 3.09
"""Normal quantile of 99.9%: how sure a change must be, since a load compares many figures."""

RARE = 0.01
"""Share of the facts below which values that came or went are only noted."""

DISTINCT = 1.5
SILENT_DAYS = 31

ALARM, WARNING, NOTE = Severity.alarm, Severity.warning, Severity.note


def findings(now: Report, before: Report | None) -> list[Finding]:
    """Every finding, the gravest first."""
    found = [*_validity(now, before), *_same_files(now, before)]
    for table in now.tables:
        found += [*_duplicates(table), *_references(table), *_freshness(table)]
    if before:
        found += [*_files(now.files, before.files), *_tables(now, before)]
    else:
        found += [_unknown(file, WARNING) for file in now.files if file.unknown]
    grave = list(Severity)
    return sorted(found, key=lambda each: (grave.index(each.severity), each.dimension))


def shift(before: Sequence[int], now: Sequence[int]) -> tuple[float, bool]:
    """The population stability index of counts in the same bins, and whether it is more than chance.

    The sum over bins of (q - p) · ln(q / p), p and q being the bins' shares before and now, each bin's
    count raised by a half so that an empty one has a logarithm. Without a change it is about (1/m + 1/n)
    times a chi-squared of one degree less than bins, m and n being the counts (Yurdakul & Naranjo,
    Statistical properties of the population stability index, 2020).

    >>> round(shift([500, 500], [500, 500])[0], 3), round(shift([500, 500], [800, 200])[0], 3)
    (0.0, 0.415)
    """
    m, n, bins = sum(before), sum(now), len(before)
    if not (m and n) or bins < 2:
        return 0.0, False
    p = [(count + 0.5) / (m + bins / 2) for count in before]
    q = [(count + 0.5) / (n + bins / 2) for count in now]
    index = sum((new - old) * math.log(new / old) for old, new in zip(p, q, strict=True))
    return index, index > _chi_squared(bins - 1) * (1 / m + 1 / n)


def with_shifts(
    table: TableFigures, before: TableFigures | None, rebinned: Mapping[str, tuple[int, ...]]
) -> TableFigures:
    """The table with each field's shift since the load before."""
    had = {each.field: each for each in before.fields} if before else {}
    fields = []
    for each in table.fields:
        pair = _paired(had.get(each.field), each, rebinned.get(each.field))
        index, sure = shift(*pair) if pair else (None, False)
        fields.append(replace(each, shift=index, sure=sure))
    return replace(table, fields=tuple(fields))


def _paired(
    before: FieldFigures | None, now: FieldFigures, rebinned: tuple[int, ...] | None
) -> tuple[Sequence[int], Sequence[int]] | None:
    """The counts of both loads in the same bins."""
    if before is None:
        return None
    if before.numbers and rebinned:
        return before.numbers.bins, rebinned
    if before.values and now.values:
        values = sorted({*before.values, *now.values})
        pair = [[*(f.values.get(v, 0) for v in values), f.others] for f in (before, now) if f.values]
        return (pair[0], pair[1]) if any(p[-1] for p in pair) else (pair[0][:-1], pair[1][:-1])
    return None


def _chi_squared(degrees: int) -> float:
    """The 99.9% quantile of chi-squared (Wilson & Hilferty 1931; within 2% from one degree up)."""
    part = 2 / (9 * degrees)
    return degrees * (1 - part + SURELY * math.sqrt(part)) ** 3


def _finding(
    severity: Severity,
    code: str,
    dimension: str,
    values: Values,
    *,
    file: str | None = None,
    table: str | None = None,
    field: str | None = None,
) -> Finding:
    place = {name: v for name, v in (("file", file), ("table", table), ("field", field)) if v is not None}
    filled = {**place, **values}
    words = {**filled, "why": why_words(str(filled["why"]))} if "why" in filled else filled
    return Finding(severity, code, dimension, SENTENCES[code].format(**words), filled, file, table, field)


def _validity(now: Report, before: Report | None) -> Iterator[Finding]:
    for table in now.tables:
        reasons = [each for each in now.invalid if each.table == table.table]
        if table.set_aside and table.rows_in:
            share, worst = table.set_aside / table.rows_in, reasons[0] if reasons else None
            values = {"rows": table.set_aside, "of": table.rows_in, "share": share}
            why: Values = {"why": worst.why if worst else "cells", "field": worst.field if worst else ""}
            grave = ALARM if share > SET_ASIDE and table.set_aside > FEW else WARNING
            yield _finding(grave, "set_aside", "validity", {**values, **why}, table=table.table)
    if before:
        yield from _new_faults(now.invalid, before.invalid)


def _new_faults(now: Sequence[Invalid], before: Sequence[Invalid]) -> Iterator[Finding]:
    known = {(each.table, each.field, each.why) for each in before}
    for each in now:
        if each.table and (each.table, each.field, each.why) not in known:
            values: Values = {"why": each.why, "rows": each.rows}
            place = {"file": each.file, "table": each.table, "field": each.field}
            yield _finding(WARNING, "fault_new", "drift", values, **place)


def _same_files(now: Report, before: Report | None) -> Iterator[Finding]:
    seen: dict[str, File] = {}
    for file in now.files:
        twin = seen.setdefault(file.sha256, file)
        if twin is not file and file.rows:
            yield _finding(WARNING, "file_twice", "duplicates", {"other": twin.path}, file=file.path)
    had = {file.path: file.sha256 for file in before.files} if before else {}
    for file in now.files:
        if had.get(file.path) == file.sha256:
            yield _finding(NOTE, "file_same", "duplicates", {}, file=file.path)


def _duplicates(table: TableFigures) -> Iterator[Finding]:
    if table.repeated:
        share = table.repeated / table.facts
        values: Values = {"rows": table.repeated, "of": table.facts, "share": share}
        grave = WARNING if share > REPEATED else NOTE
        yield _finding(grave, "repeated", "duplicates", values, table=table.table)
    if table.contradicting:
        yield _finding(
            WARNING, "contradicting", "duplicates", {"keys": table.contradicting}, table=table.table
        )


def _references(table: TableFigures) -> Iterator[Finding]:
    for gap in table.gaps:
        share = gap.facts / table.facts
        values: Values = {"facts": gap.facts, "of": table.facts, "share": share, "nodes": gap.nodes}
        grave = ALARM if share > WAITING and gap.facts > FEW else WARNING
        place = {"table": table.table, "field": gap.field}
        yield _finding(grave, "waiting", "references", {**values, "label": gap.label}, **place)


def _freshness(table: TableFigures) -> Iterator[Finding]:
    if table.months_missing and table.oldest and table.newest:
        values: Values = {"months": table.months_missing, "oldest": table.oldest, "newest": table.newest}
        yield _finding(WARNING, "months_missing", "freshness", values, table=table.table)
    if table.later:
        yield _finding(WARNING, "later", "freshness", {"facts": table.later}, table=table.table)


def _files(now: Sequence[File], before: Sequence[File]) -> Iterator[Finding]:
    had, has = {file.path: file for file in before}, {file.path: file for file in now}
    for path in had.keys() - has.keys():
        yield _finding(WARNING, "file_gone", "drift", {}, file=path)
    for file in now:
        if file.path not in had:
            yield _finding(NOTE, "file_new", "drift", {}, file=file.path)
        else:
            yield from _rows(file, had[file.path])
            yield from _columns(file, had[file.path])
        if file.unknown:
            yield _unknown(file, NOTE if file.path in had else WARNING)


def _unknown(file: File, severity: Severity) -> Finding:
    return _finding(severity, "columns_unknown", "drift", {"columns": _listed(file.unknown)}, file=file.path)


def _rows(now: File, before: File) -> Iterator[Finding]:
    if abs(now.rows - before.rows) <= FEW or not before.rows:
        return
    ratio = now.rows / before.rows
    values: Values = {"now": now.rows, "before": before.rows, "change": ratio - 1}
    if ratio < FEWER:
        yield _finding(
            ALARM if ratio < LEAST_SHARE else WARNING, "rows_fewer", "drift", values, file=now.path
        )
    elif ratio > MORE:
        yield _finding(WARNING, "rows_more", "drift", values, file=now.path)


def _columns(now: File, before: File) -> Iterator[Finding]:
    added = [name for name in now.columns if name not in before.columns]
    gone = [name for name in before.columns if name not in now.columns]
    for old, new in _renamed(gone, added, before, now):
        gone.remove(old)
        added.remove(new)
        yield _finding(WARNING, "column_renamed", "drift", {"before": old, "now": new}, file=now.path)
    if added:
        yield _finding(WARNING, "columns_added", "drift", {"columns": _listed(added)}, file=now.path)
    if gone:
        yield _finding(WARNING, "columns_gone", "drift", {"columns": _listed(gone)}, file=now.path)
    if now.columns != before.columns and set(now.columns) == set(before.columns):
        yield _finding(NOTE, "columns_reordered", "drift", {}, file=now.path)


def _renamed(gone: Sequence[str], added: Sequence[str], before: File, now: File) -> Iterator[tuple[str, str]]:
    """Pairs of a column that went and one that came: in the same place of as many, or of a like name."""
    left = list(added)
    for old in list(gone):
        place = before.columns.index(old)
        same = len(before.columns) == len(now.columns) and now.columns[place] in left
        new = now.columns[place] if same else next((name for name in left if _alike(old, name)), None)
        if new:
            left.remove(new)
            yield old, new


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one.casefold(), other.casefold()).ratio() >= 0.6


def _tables(now: Report, before: Report) -> Iterator[Finding]:
    had = {table.table: table for table in before.tables}
    same = {file.sha256 for file in before.files} == {file.sha256 for file in now.files}
    for table in now.tables:
        if table.table in had:
            old = had[table.table]
            if not same:
                yield from _newest(table, old, now, before)
            yield from _gone(table, old)
            fields = {each.field: each for each in old.fields}
            for each in table.fields:
                if each.field in fields:
                    yield from _field(table, old, each, fields[each.field])


def _gone(table: TableFigures, old: TableFigures) -> Iterator[Finding]:
    """Fields that the load before gave and this one has no column for."""
    for each in old.fields:
        if each.field in table.unfilled and each.filled:
            values: Values = {"before": each.filled / old.facts}
            yield _finding(ALARM, "field_gone", "completeness", values, table=table.table, field=each.field)


def _newest(table: TableFigures, old: TableFigures, now: Report, before: Report) -> Iterator[Finding]:
    if not (table.newest and old.newest):
        return
    if table.newest < old.newest:
        values: Values = {"newest": table.newest, "before": old.newest}
        yield _finding(WARNING, "older", "freshness", values, table=table.table)
    elif table.newest == old.newest and (now.day - before.day).days > SILENT_DAYS:
        stale: Values = {"newest": table.newest, "loaded": before.day}
        yield _finding(WARNING, "stale", "freshness", stale, table=table.table)


def _field(
    table: TableFigures, old: TableFigures, now: FieldFigures, before: FieldFigures
) -> Iterator[Finding]:
    yield from _nulls(table, old, now, before)
    yield from _vocabulary(table, old, now, before)
    yield from _shifted(table.table, now, before)
    yield from _distinct(table, old, now, before)


def _nulls(
    table: TableFigures, old: TableFigures, now: FieldFigures, before: FieldFigures
) -> Iterator[Finding]:
    if not (table.facts and old.facts):
        return
    share, had = 1 - now.filled / table.facts, 1 - before.filled / old.facts
    both = 1 - (now.filled + before.filled) / (table.facts + old.facts)
    chance = math.sqrt(both * (1 - both) * (1 / table.facts + 1 / old.facts))  # of two proportions
    if abs(share - had) <= max(NULLS, SURELY * chance):
        return
    more = share > had
    severity = ALARM if share - had > MANY_NULLS else WARNING if more else NOTE
    code, values = "nulls_more" if more else "nulls_fewer", {"now": share, "before": had}
    yield _finding(severity, code, "completeness", dict(values.items()), table=table.table, field=now.field)


def _vocabulary(
    table: TableFigures, old: TableFigures, now: FieldFigures, before: FieldFigures
) -> Iterator[Finding]:
    """Values that came, and values that went, of fields that show theirs."""
    if now.values is None or before.values is None or not (now.filled and before.filled):
        return
    for code, here, there, figures in (
        ("values_new", now, before, table),
        ("values_gone", before, now, old),
    ):
        # What too few facts had to be shown may have been there all the same.
        hidden = there.others
        names = [v for v, n in (here.values or {}).items() if v not in (there.values or {}) and n > hidden]
        if names:
            share = sum((here.values or {})[name] for name in names) / figures.facts
            values: Values = {"values": _listed(names), "share": share}
            severity = WARNING if share >= RARE else NOTE
            yield _finding(severity, code, "drift", values, table=table.table, field=now.field)


def _shifted(table: str, now: FieldFigures, before: FieldFigures) -> Iterator[Finding]:
    if now.shift is None or now.shift < SHIFT or not now.sure:
        return
    severity = ALARM if now.shift >= GREAT_SHIFT else WARNING
    values: Values = {"shift": now.shift}
    code = "shifted"
    if now.numbers and before.numbers:
        code, values = "shifted_numbers", {**values, "before": before.numbers.p50, "now": now.numbers.p50}
    yield _finding(severity, code, "drift", values, table=table, field=now.field)


def _distinct(
    table: TableFigures, old: TableFigures, now: FieldFigures, before: FieldFigures
) -> Iterator[Finding]:
    """Different texts per fact, beside the load before: a key that is cut off, or padded, shows here."""
    if not (now.distinct and before.distinct and table.facts > FEW and old.facts > FEW):
        return
    ratio = (now.distinct / table.facts) / (before.distinct / old.facts)
    absolute = now.distinct / before.distinct
    if min(max(ratio, 1 / ratio), max(absolute, 1 / absolute)) > DISTINCT and now.values is None:
        values: Values = {
            "now": now.distinct,
            "before": before.distinct,
            "facts": table.facts,
            "facts_before": old.facts,
        }
        yield _finding(WARNING, "distinct", "drift", values, table=table.table, field=now.field)


def _listed(names: Iterable[str], most: int = 8) -> str:
    every = list(names)
    return ", ".join(every[:most]) + (f", … ({len(every)} in all)" if len(every) > most else "")
