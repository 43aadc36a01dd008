"""One mapping applied to its rows: which are left out, which are at fault, what the others say."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graph.lake import arrow_schema
from graph.model import Field, Kind, TableType
from ingest.clean import Cleaned, Fault, cleaned, converted, kept
from ingest.derive import Facts, gathered, silences, versions
from ingest.mapping import SilenceRule
from ingest.plan import Plan
from ingest.sources import Source

WHEN = Field("at", Kind.DATE)


@dataclass(frozen=True)
class Mapped:
    """What one mapping made of its source.

    `rows_in` counts the rows it had to deal with, those that could not be cut into cells included and
    those left out by its `where` not. `faults` has at most one fault for each row. `event_faults`
    concern rows of the file that silence was read from.
    """

    plan: Plan
    rows_in: int
    left_out: int
    faults: tuple[Fault, ...]
    facts: Facts
    event_faults: tuple[Fault, ...] = ()


def mapped(plan: Plan) -> Mapped:
    """Apply one mapping. The facts have all columns of the table; keys may still repeat or dangle."""
    source = plan.source
    numbers = _used(plan)
    part = replace(source, table=source.table.take(pa.array(numbers)), unusable={})
    columns = {planned.field.name: cleaned(planned, part) for planned in plan.fields}
    faults = _first_faults(source, numbers, columns)
    good = ~np.isin(numbers, [fault.row for fault in faults])
    rows = pa.table({name: made.values for name, made in columns.items()}).filter(pa.array(good))
    how = {p.field.name: p.rule.aggregate for p in plan.fields if p.rule.aggregate}
    facts = gathered(rows, numbers[good], how)
    facts, event_faults = _with_silence(plan, facts)
    return Mapped(
        plan,
        rows_in=len(numbers) + len(source.broken),
        left_out=source.table.num_rows - len(numbers),
        faults=faults,
        facts=replace(facts, table=_complete(facts.table, plan.kind)),
        event_faults=event_faults,
    )


def _used(plan: Plan) -> npt.NDArray[np.int64]:
    """The numbers of the rows that `where` does not leave out."""
    keep = kept(plan.source, plan.where).to_numpy(zero_copy_only=False).copy()
    keep[list(plan.source.unusable)] = True
    return np.flatnonzero(keep)


def _first_faults(
    source: Source, numbers: npt.NDArray[np.int64], columns: dict[str, Cleaned]
) -> tuple[Fault, ...]:
    """One fault for each row that has any, by the number of the row in its source."""
    found = {row: Fault(row, field, reason) for row, (field, reason) in source.unusable.items()}
    for made in columns.values():
        for fault in made.faults:
            row = int(numbers[fault.row])
            found.setdefault(row, Fault(row, fault.field, fault.reason))
    return tuple(found[row] for row in sorted(found))


def _with_silence(plan: Plan, facts: Facts) -> tuple[Facts, tuple[Fault, ...]]:
    rule, events, key = plan.silence, plan.events, plan.kind.key[0]
    if rule is None or events is None:
        return facts, ()
    who = converted(plan.rule(key).model_copy(update={"column": rule.person}), Field(key), events)
    when = converted(rule.at, WHEN, events)
    known = pa.compute.and_(who.values.is_valid(), when.values.is_valid())
    days = when.values.filter(known).to_numpy(zero_copy_only=False).astype("datetime64[D]")
    found = silences(who.values.filter(known).to_pylist(), days, rule.days)
    return versions(facts, key, rule.field, found), _event_faults(rule, who, when)


def _event_faults(rule: SilenceRule, who: Cleaned, when: Cleaned) -> tuple[Fault, ...]:
    found: dict[int, Fault] = {}
    for column, made in ((rule.person, who), (rule.at.column or "", when)):
        for row in np.flatnonzero(made.values.is_null().to_numpy(zero_copy_only=False)).tolist():
            found[row] = Fault(row, column, f"{column} is empty")
    found |= {fault.row: fault for fault in (*who.faults, *when.faults)}
    return tuple(found[row] for row in sorted(found))


def _complete(table: pa.Table, kind: TableType) -> pa.Table:
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in arrow_schema(kind)
    ]
    return pa.table(columns, schema=arrow_schema(kind))
