"""What no row says by itself: sums over groups of rows, and who has fallen silent. As texts of SQL."""

from __future__ import annotations

from graph.landing import SQL
from ingest.facts import Mapped
from ingest.files.sources import LINE
from ingest.mapping import Aggregate
from ingest.plan import Plan

FUNCTION: dict[Aggregate, str] = {
    "count": "count(*)",
    # In a fixed order, since sums of floats depend on it and a second load must find the same.
    "sum": 'sum("{0}" ORDER BY "{0}")',
    "days": 'count(DISTINCT "{0}")',
    "first": 'min("{0}")',
    "last": 'max("{0}")',
}


def facts(mapped: Mapped) -> str:
    """A query for a mapping's facts: the columns of its table, and the first line behind each.

    Rows that say the same are one fact where fields are summed up, and stand apart otherwise.
    """
    made = _gathered(mapped) if mapped.plan.aggregated else _each(mapped)
    return _with_silence(mapped, made) if mapped.plan.silence else made


def _each(mapped: Mapped) -> str:
    here = {planned.field.name for planned in mapped.plan.fields}
    columns = [
        f'"{f.name}"' if f.name in here else _nothing(f.name, f.kind) for f in mapped.plan.kind.columns
    ]
    return f'SELECT {", ".join(columns)}, "{LINE}" FROM "{mapped.rows}"'


def _gathered(mapped: Mapped) -> str:
    """One fact for each different combination of the fields that are not aggregates."""
    how = {p.field.name: p.rule.aggregate for p in mapped.plan.fields}
    columns = []
    for field in mapped.plan.kind.columns:
        name, kind = field.name, SQL[field.kind]
        if name not in how:
            columns.append(_nothing(name, field.kind))
        elif aggregate := how[name]:
            columns.append(f'CAST({FUNCTION[aggregate].format(name)} AS {kind}) AS "{name}"')
        else:
            columns.append(f'"{name}"')
    plain = ", ".join(f'"{name}"' for name, aggregate in how.items() if aggregate is None)
    return f'SELECT {", ".join(columns)}, min("{LINE}") AS "{LINE}" FROM "{mapped.rows}" GROUP BY {plain}'


def _nothing(name: str, kind: object) -> str:
    return f'CAST(NULL AS {SQL[kind]}) AS "{name}"'  # type: ignore[index]


def _with_silence(mapped: Mapped, states: str) -> str:
    """Each thing's first state, and after it one version for each time it fell silent or came back."""
    plan = mapped.plan
    if plan.silence is None:
        return states
    key, field = plan.kind.key[0], plan.silence.field
    found = silences(f'SELECT who, day FROM "{mapped.events}"', plan.silence.days)
    return (
        f"WITH states AS ({states}), found AS ({found})"
        " SELECT * FROM states UNION ALL"
        f' SELECT s.* REPLACE (f.known_from AS known_from, f.gone AS "{field}")'
        f' FROM states s JOIN found f ON s."{key}" = f.who'
    )


def silences(events: str, days: int) -> str:
    """A query for the days on which somebody's having left becomes known, and those on which they are back.

    `events` is a query for who (text) had an event on which day: all of the record. A person is known to
    have left on the first day of the record that lies `days` or more after their last event, unless they
    have one of their own by then. Nothing here depends on what the record says later, so a record that is
    cut after a day gives the same rows up to that day.

    Columns: who, known_from (day), gone (day: last event + `days`, or null for a return).
    """
    return (
        f"WITH events AS (SELECT DISTINCT who, day FROM ({events})),"
        " record AS (SELECT DISTINCT day FROM events),"
        f" spells AS (SELECT who, day + {int(days)} AS gone,"
        " lead(day) OVER (PARTITION BY who ORDER BY day) AS back FROM events),"
        " noticed AS (SELECT s.who, s.gone, s.back, r.day AS known_from"
        " FROM spells s ASOF JOIN record r ON r.day >= s.gone),"
        " left_off AS (SELECT * FROM noticed WHERE back IS NULL OR known_from < back)"
        " SELECT who, known_from, gone FROM left_off UNION ALL"
        " SELECT who, back AS known_from, CAST(NULL AS DATE) AS gone FROM left_off WHERE back IS NOT NULL"
    )


def decided(plan: Plan) -> bool:
    """Whether silence decides on all versions of the things that a mapping states."""
    return plan.silence is not None
