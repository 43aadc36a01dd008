"""The figures of one table in one load, worked out in the load's staging database.

A scan over the facts as they were stated gives the counts, exactly. Where there are many facts, quantiles
come from a sample: the facts whose line has a certain hash, so that the same file always gives the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from graph.landing import literal
from graph.model import UNDATED, Dating, Field, Kind, TableType
from ingest.check import Pool
from ingest.files.sources import LINE, Staged
from ingest.land import MapCount
from ingest.quality.report import FieldFigures, Gap, Invalid, Numbers, TableFigures
from ingest.quality.words import why_sql
from ingest.staging import Staging
from ingest.waiting import ends

SAMPLE = 100_000
"""Facts from which quantiles are taken, at least, where there are as many: the share of facts below one is
then off by less than 0.0062 in 99.9% of cases (Dvoretzky, Kiefer & Wolfowitz 1956; Massart 1990)."""

CODED = (
    "branch",
    "category",
    "channel",
    "credit_level",
    "kind",
    "network",
    "outcome",
    "plan_id",
    "product_id",
    "question",
    "region",
    "rival",
)
"""Texts without declared choices that are words of the business and say nothing about one person."""

MOST_VALUES = 50
LEAST_FACTS = 5
"""Of coded texts only values that so many facts have are shown: whatever got there by a slip of columns
is rarer. (Threshold rule; Hundepool et al., Statistical Disclosure Control, 2012, section 4.2.)"""

TENTHS = tuple(place / 10 for place in range(1, 10))
SHOWN = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST_MONTHS = 60

Edges = Mapping[str, tuple[float, ...]]


def table_figures(
    pool: Pool, counts: Sequence[MapCount], before: TableFigures | None, day: date, staging: Staging
) -> tuple[TableFigures, dict[str, tuple[int, ...]]]:
    """The figures of what a load stated for a table, and its numbers in the bins of the load before.

    `counts` are those of the table's mappings.
    """
    kind, stated = pool.kind, f"stated_{pool.kind.table}"
    filled = [column for column in kind.columns if column.name in _planned(pool)]
    few = sum(count.rows_in for count in counts) <= SAMPLE
    row = _scanned(kind, filled, few, day, staging)
    facts, months = int(row["facts"]), _months(kind, row)
    fields = [_field(column, row) for column in filled]
    fields = _with_values(fields, stated, staging)
    numbers, rebinned = _spread(fields, row, _edges(before), stated, facts, staging)
    repeated, contradicting = _twice(kind, stated, staging)
    oldest, newest = _covered(kind, row)
    figures = TableFigures(
        table=kind.table,
        files=tuple(dict.fromkeys(count.file for count in counts)),
        rows_in=sum(count.rows_in for count in counts),
        set_aside=sum(count.set_aside - count.waiting for count in counts),
        facts=facts,
        repeated=repeated,
        contradicting=contradicting,
        waiting=staging.count(f'SELECT * FROM "{pool.waiting}"') if pool.waiting else 0,
        gaps=tuple(_gaps(pool, staging)),
        fields=tuple(replace(each, numbers=numbers.get(each.field)) for each in fields),
        unfilled=tuple(c.name for c in kind.columns if c not in filled),
        dated_by=kind.dated_by,
        oldest=oldest,
        newest=newest,
        days_behind=(day - newest).days if newest else None,
        later=int(row["later"]),
        months=dict(sorted(months.items())[-MOST_MONTHS:]),
        months_missing=_missing(months),
    )
    return figures, rebinned


def invalid(sources: Mapping[str, Staged], tables: Mapping[int, str], staging: Staging) -> list[Invalid]:
    """The rows set aside, by file, table, field and kind of reason, most first.

    `tables` are the mappings' tables by number. A record that could not be cut counts for its file, once.
    """
    paths = {source.name: source.file for source in sources.values()}
    found = staging.connection.sql(
        f"SELECT file, map, field, {why_sql('reason')} AS why, count(*) FROM aside GROUP BY ALL"
    ).fetchall()
    rows = [
        Invalid(paths.get(file, file), tables[map_], field, why, n) for file, map_, field, why, n in found
    ]
    uncut = f"SELECT file, {why_sql('reason')} AS why, count(*) FROM broken GROUP BY ALL"
    rows += [Invalid(file, "", "", why, n) for file, why, n in staging.connection.sql(uncut).fetchall()]
    return sorted(rows, key=lambda each: (-each.rows, each.file, each.table, each.field, each.why))


def shows_values(column: Field) -> bool:
    """Whether a report may show the values of a field: choices, truths, and words of the business."""
    return bool(column.choices) or column.kind is Kind.BOOL or _coded(column)


def _coded(column: Field) -> bool:
    return column.kind is Kind.TEXT and not column.choices and column.name in CODED


def _planned(pool: Pool) -> set[str]:
    names = {planned.field.name for each in pool.members for planned in each.plan.fields}
    return names | {each.plan.silence.field for each in pool.members if each.plan.silence}


def _scanned(
    kind: TableType, filled: Sequence[Field], few: bool, day: date, staging: Staging
) -> dict[str, Any]:
    """One pass over the facts: every count, by names such as `filled calls`."""
    wanted = {"facts": "count(*)", "later": f'count(*) FILTER ("{kind.dated_by}" > {_sql(day)})'}
    if kind.monthly:
        wanted["months"] = 'histogram("month")'
    for column in filled:
        wanted |= {f"{what} {column.name}": text for what, text in _aggregates(column, few)}
    text = ", ".join(f'{how} AS "{name}"' for name, how in wanted.items())
    found = staging.connection.sql(f'SELECT {text} FROM "stated_{kind.table}"').fetchall()[0]
    return dict(zip(wanted, found, strict=True))


def _aggregates(column: Field, few: bool) -> Iterator[tuple[str, str]]:
    name = f'"{column.name}"'
    yield "filled", f"count({name})"
    if column.choices or column.kind is Kind.BOOL:
        yield "values", f"histogram({name})"
    match column.kind:
        case Kind.TEXT:
            yield "distinct", f"count(DISTINCT {name})" if few else f"approx_count_distinct({name})"
        case Kind.INT | Kind.FLOAT:
            yield "mean", f"avg({name})"
            yield "least", f"min({name})"
            yield "most", f"max({name})"
        case Kind.DATE:
            dated = f"FILTER ({name} > {_sql(UNDATED)})"
            yield "oldest", f"min({name}) {dated}"
            yield "newest", f"max({name}) {dated}"


def _field(column: Field, row: Mapping[str, Any]) -> FieldFigures:
    name, values = column.name, row.get(f"values {column.name}")
    shown = column.choices or column.kind is Kind.BOOL
    return FieldFigures(
        field=name,
        kind=column.kind.value,
        filled=int(row[f"filled {name}"]),
        distinct=row.get(f"distinct {name}"),
        oldest=row.get(f"oldest {name}"),
        newest=row.get(f"newest {name}"),
        values=_counted(values or {}) if shown else {} if _coded(column) else None,
    )


def _counted(values: Mapping[Any, int]) -> dict[str, int]:
    """Values with how many have them, most first."""
    texts = {str(value).lower() if isinstance(value, bool) else str(value): n for value, n in values.items()}
    return dict(sorted(texts.items(), key=lambda each: (-each[1], each[0])))


def _with_values(fields: list[FieldFigures], stated: str, staging: Staging) -> list[FieldFigures]:
    """Coded texts with their values, in one more pass where there are any; without, where they are many."""
    coded = [f for f in fields if f.values == {} and f.kind == Kind.TEXT and (f.distinct or 0) > 0]
    told = [f.field for f in coded if (f.distinct or 0) <= MOST_VALUES * 1.2]
    found: dict[str, dict[str, int]] = {name: {} for name in told}
    if told:
        names = ", ".join(f'"{name}"' for name in told)
        sets = ", ".join(f'("{name}")' for name in told)
        which = " ".join(f"WHEN grouping({names}) = {_alone(place, len(told))} THEN '{name}'"
                         for place, name in enumerate(told))  # fmt: skip
        rows = staging.connection.sql(
            f'SELECT CASE {which} END, coalesce({names}), count(*) FROM "{stated}"'
            f" GROUP BY GROUPING SETS ({sets})"
        ).fetchall()
        for name, value, facts in rows:
            if value is not None:
                found[name][value] = facts
    kept = {name: _counted(values) for name, values in found.items() if len(values) <= MOST_VALUES}
    return [_told(each, kept.get(each.field)) if each in coded else each for each in fields]


def _alone(place: int, of: int) -> int:
    """What `grouping` of so many columns gives where only the column at that place is grouped by."""
    return (1 << of) - 1 - (1 << (of - 1 - place))


def _told(figures: FieldFigures, values: Mapping[str, int] | None) -> FieldFigures:
    if values is None:
        return replace(figures, values=None)
    shown = {value: facts for value, facts in values.items() if facts >= LEAST_FACTS}
    return replace(figures, values=shown, others=figures.filled - sum(shown.values()))


def _spread(
    fields: Sequence[FieldFigures],
    row: Mapping[str, Any],
    before: Edges,
    stated: str,
    facts: int,
    staging: Staging,
) -> tuple[dict[str, Numbers], dict[str, tuple[int, ...]]]:
    """Quantiles of the numbers and how many lie between the deciles: their own, and those of before."""
    names = [f.field for f in fields if f.filled and f.kind in (Kind.INT, Kind.FLOAT)]
    if not names:
        return {}, {}
    rows = _sample(names, stated, facts, staging)
    places = list(dict.fromkeys((*SHOWN, *TENTHS)))
    listed = ", ".join(f'quantile_disc("{name}", {places})' for name in names)
    found = staging.connection.sql(f"SELECT {listed} FROM {rows}").fetchall()[0]
    quantiles = {name: dict(zip(places, q, strict=True)) for name, q in zip(names, found, strict=True) if q}
    own = {name: tuple(dict.fromkeys(float(q[place]) for place in TENTHS)) for name, q in quantiles.items()}
    bins = _bins(own, rows, staging)
    numbers = {
        name: _numbers(row, name, [float(q[place]) for place in SHOWN], own[name], bins[name])
        for name, q in quantiles.items()
    }
    return numbers, _bins({name: before[name] for name in own if before.get(name)}, rows, staging)


def _sample(names: Sequence[str], stated: str, facts: int, staging: Staging) -> str:
    """A relation with the numbers of all facts, or of about `SAMPLE` of them."""
    step = facts // SAMPLE
    if step < 2:
        return f'"{stated}"'
    columns = ", ".join(f'"{name}"' for name in names)
    staging.keep("sampled_facts", f'SELECT {columns} FROM "{stated}" WHERE hash("{LINE}") % {step} = 0')
    return "sampled_facts"


def _bins(edges: Edges, rows: str, staging: Staging) -> dict[str, tuple[int, ...]]:
    """How many numbers of each field lie up to its first edge, up to the next, …, above the last."""
    if not edges:
        return {}
    parts = [
        f"[{', '.join(f'count(*) FILTER ({name_} <= {edge!r})' for edge in sides)}, count({name_})]"
        for name_, sides in ((f'"{name}"', sides) for name, sides in edges.items())
    ]
    found = staging.connection.sql(f"SELECT {', '.join(parts)} FROM {rows}").fetchall()[0]
    return {
        name: tuple(upto - below for below, upto in zip([0, *sums], sums, strict=False))
        for name, sums in zip(edges, found, strict=True)
    }


def _numbers(
    row: Mapping[str, Any],
    name: str,
    shown: Sequence[float],
    edges: tuple[float, ...],
    bins: tuple[int, ...],
) -> Numbers:
    mean = float(row[f"mean {name}"])
    least, most = float(row[f"least {name}"]), float(row[f"most {name}"])
    p05, p25, p50, p75, p95 = shown
    finite = mean if math.isfinite(mean) else None
    return Numbers(finite, least, most, p05, p25, p50, p75, p95, sum(bins), edges, bins)


def _edges(before: TableFigures | None) -> dict[str, tuple[float, ...]]:
    return {each.field: each.numbers.edges for each in before.fields if each.numbers} if before else {}


def _twice(kind: TableType, stated: str, staging: Staging) -> tuple[int, int]:
    """How many facts only repeat another, and how many keys stand with different values.

    From what `ingest.check` worked out about keys that stand more than once.
    """
    doubled = f"doubled_{kind.table}"
    if not staging.some(f"SELECT 1 FROM duckdb_tables() WHERE table_name = {literal(doubled)}"):
        return 0, 0
    keys = ", ".join(f'"{name}"' for name in kind.key)
    among = staging.count(
        f'SELECT 1 FROM "{stated}" WHERE hash({keys}) IN (SELECT h FROM "repeats_{kind.table}")'
    )
    contradicting = staging.count(f'SELECT 1 FROM "differing_{kind.table}"')
    return among - staging.count(f'SELECT 1 FROM "{doubled}"'), contradicting


def _gaps(pool: Pool, staging: Staging) -> Iterator[Gap]:
    """Per end and label: the facts that wait for it, and the nodes they name."""
    if not pool.waiting:
        return
    for column, labels in ends(pool.kind):
        label = f'"{column}_label"' if len(labels) > 1 else literal(labels[0])
        text = (
            f'SELECT {label} AS label, count(*), count(DISTINCT "{column}") FROM "dangling_{pool.kind.table}"'
            f" WHERE field = {literal(column)} AND waiting GROUP BY label ORDER BY label"
        )
        for found, facts, nodes in staging.connection.sql(text).fetchall():
            yield Gap(column, found, facts, nodes)


def _covered(kind: TableType, row: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """The first and the last day that the dated facts tell of; a month lasts until its end."""
    oldest, newest = row.get(f"oldest {kind.dated_by}"), row.get(f"newest {kind.dated_by}")
    if kind.dating is Dating.MONTH and newest:
        after = newest.replace(day=28) + timedelta(days=4) if newest.year < 9999 else None
        newest = after.replace(day=1) - timedelta(days=1) if after else newest
    return oldest, newest


def _months(kind: TableType, row: Mapping[str, Any]) -> dict[date, int]:
    return dict(row["months"] or {}) if kind.monthly else {}


def _missing(months: Mapping[date, int]) -> int:
    """How many months between the first and the last have no facts."""
    if not months:
        return 0
    first, last = min(months), max(months)
    return (last.year - first.year) * 12 + last.month - first.month + 1 - len(months)


def _sql(day: date) -> str:
    return f"DATE {literal(day.isoformat())}"
