"""One mapping applied to its rows, some at a time: which are left out, which are at fault, what is said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graph.landing import ARROW
from graph.model import Field, Kind
from graph.progress import Progress
from ingest.cells.clean import Cleaned, Fault, cleaned, converted, kept
from ingest.files.sources import LINE, ROW, Source
from ingest.mapping import SilenceRule
from ingest.phones.tokens import Phones
from ingest.plan import Plan, row_kind
from ingest.staging import Sink, Staging

WHEN = Field("at", Kind.DATE)
FAULTS = pa.schema([("map", pa.int32()), (ROW, pa.int64()), ("field", pa.string()), ("reason", pa.string())])
EVENTS = pa.schema([("who", pa.string()), ("day", pa.date32())])


@dataclass(frozen=True)
class Mapped:
    """What one mapping made of its source: the staging's `rows_<number>` has its good rows.

    These have the values of the planned fields and the row and line they come from. `rows_in` counts the
    rows the mapping had to deal with, those that could not be cut into cells included and those left out
    by its `where` not. `faults` counts the rows at fault, `event_faults` those of the file that silence
    was read from.
    """

    number: int
    plan: Plan
    rows_in: int
    left_out: int
    faults: int
    event_faults: int = 0

    @property
    def rows(self) -> str:
        """The staging's name of the good rows."""
        return f"rows_{self.number}"

    @property
    def events(self) -> str:
        """The staging's name of who had an event on which day."""
        return f"events_{self.number}"


def mapped(
    number: int,
    plan: Plan,
    staging: Staging,
    faults: Sink,
    event_faults: Sink,
    phones: Phones,
    progress: Progress,
) -> Mapped:
    """Apply one mapping. Keys of what it makes may still repeat or dangle."""
    left_out, before, step = 0, faults.rows, f"mapping {plan.source.file} to {plan.kind.table}"
    progress(step, 0, plan.source.rows)
    with staging.sink(f"rows_{number}", rows_schema(plan)) as sink:
        for block in plan.source.blocks():
            part, used = _used(plan, block)
            left_out += len(block.rows) - used
            good, wrong = _converted(plan, part, sink.schema, phones)
            faults.add([(number, int(part.rows[fault.row]), fault.field, fault.reason) for fault in wrong])
            sink.write(good)
            progress(step, int(block.rows[-1]) + 1, plan.source.rows)
    found = faults.rows - before
    rows_in = plan.source.rows - left_out + plan.source.broken
    return Mapped(number, plan, rows_in, left_out, found, _events(number, plan, staging, event_faults))


def rows_schema(plan: Plan) -> pa.Schema:
    """The columns of a mapping's good rows."""
    fields = [pa.field(p.field.name, ARROW[row_kind(p.field, p.rule)]) for p in plan.fields]
    return pa.schema([*fields, pa.field(ROW, pa.int64()), pa.field(LINE, pa.int64())])


def _used(plan: Plan, block: Source) -> tuple[Source, int]:
    """The rows that `where` does not leave out, and how many they are."""
    keep = kept(block, plan.where).to_numpy(zero_copy_only=False).copy()
    keep[list(block.unusable)] = True
    if keep.all():
        return block, len(keep)
    places = np.flatnonzero(keep)
    moved = {int(place): new for new, place in enumerate(places)}
    unusable = {moved[place]: why for place, why in block.unusable.items()}
    table = block.table.take(pa.array(places))
    return Source(table, block.rows[places], block.lines[places], block.empties, unusable), len(places)


def _converted(plan: Plan, part: Source, schema: pa.Schema, phones: Phones) -> tuple[pa.Table, list[Fault]]:
    """The good rows' values, and the first fault of each of the others."""
    columns = {planned.field.name: cleaned(planned, part, phones) for planned in plan.fields}
    found = {row: Fault(row, field, reason) for row, (field, reason) in part.unusable.items()}
    for made in columns.values():
        for fault in made.faults:
            found.setdefault(fault.row, fault)
    values = [made.values for made in columns.values()]
    rows = pa.table([*values, pa.array(part.rows), pa.array(part.lines)], schema=schema)
    if found:
        good = np.ones(rows.num_rows, bool)
        good[list(found)] = False
        rows = rows.filter(pa.array(good))
    return rows, [found[row] for row in sorted(found)]


def _events(number: int, plan: Plan, staging: Staging, faults: Sink) -> int:
    """Keep who had an event on which day, for a mapping in which silence decides; count the rows at fault."""
    rule, events = plan.silence, plan.events
    if rule is None or events is None:
        return 0
    before, key = faults.rows, plan.kind.key[0]
    person = plan.rule(key).model_copy(update={"column": rule.person})
    with staging.sink(f"events_{number}", EVENTS) as sink:
        for block in events.blocks():
            who, when = converted(person, Field(key), block), converted(rule.at, WHEN, block)
            known = pc.and_(who.values.is_valid(), when.values.is_valid())
            made = pa.table([who.values, when.values], schema=EVENTS).filter(known)
            sink.write(made.group_by(["who", "day"]).aggregate([]).select(["who", "day"]).cast(EVENTS))
            wrong = _event_faults(rule, who, when)
            faults.add([(number, int(block.rows[fault.row]), fault.field, fault.reason) for fault in wrong])
    return faults.rows - before


def _event_faults(rule: SilenceRule, who: Cleaned, when: Cleaned) -> list[Fault]:
    found: dict[int, Fault] = {}
    for column, made in ((rule.person, who), (rule.at.column or "", when)):
        for row in _nulls(made.values):
            found[row] = Fault(row, column, f"{column} is empty")
    found |= {fault.row: fault for fault in (*who.faults, *when.faults)}
    return [found[row] for row in sorted(found)]


def _nulls(values: pa.Array) -> list[int]:
    found: npt.NDArray[np.int64] = np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False))
    rows: list[int] = found.tolist()
    return rows
