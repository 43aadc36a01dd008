"""Texts become values: each field of each row converted by its rule, or its row set aside with why.

Nothing is guessed. A date is of one of the declared formats, a number is written in plain digits, a
text that a table of values does not list is a fault and not a null.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph.model import Field, Kind
from ingest.cells.dates import first_of_month, months_before, sentinel
from ingest.cells.kinds import as_kind, numbers
from ingest.cells.spreadsheet import REASON, damaged, repaired
from ingest.cells.width import halved
from ingest.files.sources import Source
from ingest.mapping import Condition, FieldRule
from ingest.phones.numbers import hidden, shown
from ingest.phones.tokens import Phones, desk
from ingest.plan import Planned, row_kind

MONTHS = Field("months_before", Kind.INT)


@dataclass(frozen=True)
class Fault:
    """Why a row cannot be used: which row of its source, which field, what is wrong."""

    row: int
    field: str
    reason: str


@dataclass(frozen=True)
class Cleaned:
    """The values of one field, one for each row, and the rows that have none because of a fault."""

    values: pa.Array
    faults: tuple[Fault, ...] = ()


def kept(source: Source, conditions: Sequence[Condition]) -> pa.Array:
    """Which rows the conditions keep: booleans, one for each row."""
    everything = pa.array(np.ones(source.table.num_rows, bool))
    return reduce(pc.and_, (_holds(source, condition) for condition in conditions), everything)


def cleaned(planned: Planned, source: Source, phones: Phones | None = None) -> Cleaned:
    """The values of one field over all rows; of an aggregate, what each row contributes.

    `phones` makes the tokens of numbers and keeps these in its vault; by default that of the settings.
    """
    field, rule = planned.field, planned.rule
    if rule.aggregate == "count":
        return Cleaned(pa.nulls(source.table.num_rows, pa.int64()))
    made = converted(rule, Field(field.name, row_kind(field, rule)), source, phones)
    wrong = list(made.faults)
    if rule.aggregate:
        return made
    if field.required:
        known = {fault.row for fault in wrong}
        empty = [row for row in _where(pc.is_null(made.values)) if row not in known]
        wrong += [Fault(row, field.name, f"{field.name} is empty") for row in empty]
    if field.choices:
        strange = pc.invert(pc.is_in(made.values, value_set=pa.array([*field.choices, None], pa.string())))
        wrong += _faults(field, strange, made.values, f"is not one of {', '.join(field.choices)}")
    return Cleaned(made.values, tuple(wrong))


def converted(rule: FieldRule, field: Field, source: Source, phones: Phones | None = None) -> Cleaned:
    """The rule's values as the field's kind, before anything is asked of the field."""
    if rule.phone:
        made, unlisted = _numbered(rule, field, source, phones), None
    else:
        made, unlisted = _read(rule, field, source)
    if rule.otherwise is None:
        return made
    other = converted(rule.otherwise, field, source, phones)
    gaps = pc.is_null(_texts(rule, field, source))
    gaps = gaps if unlisted is None else pc.or_(gaps, unlisted)
    open_rows = set(_where(gaps))
    wrong = [fault for fault in other.faults if fault.row in open_rows]
    return Cleaned(pc.if_else(gaps, other.values, made.values), (*made.faults, *wrong))


def _read(rule: FieldRule, field: Field, source: Source) -> tuple[Cleaned, pa.Array]:
    """The values of the cells themselves, and which texts the table of values does not list."""
    raw = _texts(rule, field, source)
    whole, lost = repaired(raw, rule.excel)
    found, unlisted = _looked_up(rule, field, whole)
    text = pc.if_else(lost, pa.scalar(None, pa.string()), found)
    made = _typed(rule, field, _shaped(rule, text), source)
    wrong = made.faults + _faults(field, lost, raw, REASON)
    if rule.otherwise is None:
        listed = ", ".join(list(rule.values or {})[:8])
        wrong += _faults(field, unlisted, raw, f"is not a listed value ({listed}, …)")
    return Cleaned(made.values, wrong), unlisted


def _numbered(rule: FieldRule, field: Field, source: Source, phones: Phones | None) -> Cleaned:
    """A column of phone numbers as tokens or masked; a reason never holds their digits."""
    text = _texts(rule, field, source)
    values = shown(text) if rule.phone == "masked" else (phones or desk()).tokens(text)
    wrong = _where(pc.and_(pc.is_null(values), pc.is_valid(text)))
    found = text.take(pa.array(wrong, pa.int64())).to_pylist()
    faults = (
        Fault(row, field.name, f"{_short(hidden(cell))} is not a phone number")
        for row, cell in zip(wrong, found, strict=True)
    )
    return Cleaned(_shaped(rule, values), tuple(faults))


def texts_of(
    source: Source, column: str, strip: bool = True, empty: Iterable[str] = (), usual_width: bool = False
) -> pa.Array:
    """A column's cells, stripped of blanks unless told otherwise; null where they mean "no value"."""
    text = _whole(source.table[column])
    if strip:
        text = pc.utf8_trim_whitespace(text)
    nothing = pa.array([*source.empties[column], *empty], pa.string())
    if usual_width:
        text, nothing = halved(text), halved(nothing)
    return pc.if_else(pc.is_in(text, value_set=nothing), pa.scalar(None, pa.string()), text)


def _texts(rule: FieldRule, field: Field, source: Source) -> pa.Array:
    if rule.column is not None:
        return texts_of(source, rule.column, rule.strip, rule.empty, _usual_width(rule, field))
    constant = pa.scalar(rule.constant or None, pa.string())
    return pa.repeat(constant, source.table.num_rows)


def _usual_width(rule: FieldRule, field: Field) -> bool:
    """Whether full-width characters become usual ones: in keys, and in all that is no text."""
    return rule.width == "half" or rule.phone is not None or field.kind is not Kind.TEXT


def _looked_up(rule: FieldRule, field: Field, text: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The texts put through the table of values, and which of them it does not list."""
    if rule.values is None:
        return text, pa.repeat(pa.scalar(False), len(text))
    listed = pa.array(list(rule.values), pa.string())
    place = pc.index_in(text, value_set=halved(listed) if _usual_width(rule, field) else listed)
    found = pa.array([value or None for value in rule.values.values()], pa.string()).take(place)
    unlisted = pc.and_(pc.is_null(place), pc.is_valid(text))
    if rule.default is None:
        return found, unlisted
    default = pa.scalar(rule.default or None, pa.string())
    return pc.if_else(unlisted, default, found), pa.repeat(pa.scalar(False), len(text))


def _shaped(rule: FieldRule, text: pa.Array) -> pa.Array:
    if rule.case or rule.slug:
        text = pc.utf8_upper(text) if rule.case == "upper" else pc.utf8_lower(text)
    if rule.slug:
        text = pc.utf8_trim(pc.replace_substring_regex(text, r"[^\p{L}\p{N}]+", "-"), "-")
        text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    return pc.binary_join_element_wise(rule.prefix, text, "") if rule.prefix else text


def _typed(rule: FieldRule, field: Field, text: pa.Array, source: Source) -> Cleaned:
    values, expected = as_kind(field.kind, text, rule)
    if rule.sentinels and field.kind is Kind.DATE:
        none = sentinel(text, values, rule.sentinels)
        text = pc.if_else(none, pa.scalar(None, pa.string()), text)
        values = pc.if_else(none, pa.scalar(None, pa.date32()), values)
    unread = pc.and_(pc.is_null(values), pc.is_valid(text))
    lost = damaged(text) if field.kind is Kind.INT else pa.repeat(pa.scalar(False), len(text))
    faults = _faults(field, pc.and_(unread, pc.invert(lost)), text, f"is not {expected}")
    faults += _faults(field, pc.and_(unread, lost), text, REASON)
    if rule.months_before is not None:
        dated, months = pc.is_valid(values), converted(FieldRule(column=rule.months_before), MONTHS, source)
        values = months_before(values, months.values)
        faults += tuple(Fault(fault.row, field.name, fault.reason) for fault in months.faults)
        beyond = reduce(pc.and_, (dated, pc.is_valid(months.values), pc.is_null(values)))
        faults += _faults(field, beyond, text, f"less its {rule.months_before} is not a year from 1 to 9999")
    return Cleaned(first_of_month(values) if rule.month else values, faults)


def _holds(source: Source, condition: Condition) -> pa.Array:
    """Which rows meet all that one condition asks; a text that is no number meets any limit."""
    text = texts_of(source, condition.column)
    filled = pc.fill_null(text, "")
    tests = [pa.repeat(pa.scalar(True), len(text))]
    if condition.is_ is not None:
        tests.append(pc.is_in(filled, value_set=pa.array(condition.is_, pa.string())))
    if condition.is_not is not None:
        tests.append(pc.invert(pc.is_in(filled, value_set=pa.array(condition.is_not, pa.string()))))
    if condition.differs_from is not None:
        tests.append(pc.not_equal(filled, pc.fill_null(texts_of(source, condition.differs_from), "")))
    if condition.present is not None:
        tests.append(pc.equal(pc.is_valid(text), condition.present))
    value = numbers(text)
    if condition.at_least is not None:
        tests.append(pc.fill_null(pc.greater_equal(value, condition.at_least), True))
    if condition.at_most is not None:
        tests.append(pc.fill_null(pc.less_equal(value, condition.at_most), True))
    return reduce(pc.and_, tests)


def _faults(field: Field, wrong: pa.Array, text: pa.Array, reason: str) -> tuple[Fault, ...]:
    rows = _where(wrong)
    found = text.take(pa.array(rows, pa.int64())).to_pylist()
    return tuple(
        Fault(row, field.name, f"{_short(value)} {reason}") for row, value in zip(rows, found, strict=True)
    )


def _short(value: object) -> str:
    text = repr(str(value))
    return text if len(text) <= 60 else f"{text[:56]}…'"


def _where(mask: pa.Array) -> list[int]:
    rows: list[int] = np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False)).tolist()
    return rows


def _whole(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return pa.concat_arrays(found.chunks) if isinstance(found, pa.ChunkedArray) else found
