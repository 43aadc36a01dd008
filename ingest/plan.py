"""A mapping checked against the model and against the columns that its files really have.

What comes out is complete: every field has its kind and its rule, so that the steps after it have
nothing left to decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from graph.errors import BadInput
from graph.model import UNDATED, Dating, Field, Kind, TableType
from graph.schema import TABLES
from ingest.cells.kinds import as_kind, misplaced
from ingest.files.sources import Staged, require
from ingest.mapping import Condition, Feed, FieldRule, MapRule, SilenceRule, near

ALWAYS_KNOWN = FieldRule(constant=UNDATED.isoformat())
DATED = ("days", "first", "last")


@dataclass(frozen=True)
class Planned:
    """One field of the facts to be made, and the rule that makes it."""

    field: Field
    rule: FieldRule


@dataclass(frozen=True)
class Plan:
    """One mapping, ready to be applied to the rows of `source`."""

    kind: TableType
    source: Staged
    fields: tuple[Planned, ...]
    where: tuple[Condition, ...]
    silence: SilenceRule | None = None
    events: Staged | None = None
    complete: bool = False
    """The source states all that its feed knows of the table."""
    unknown: tuple[str, ...] = ()
    """The source's columns that the table has not, where it was said to have the same."""

    @property
    def aggregated(self) -> bool:
        return any(planned.rule.aggregate for planned in self.fields)

    def rule(self, name: str) -> FieldRule:
        """The rule of the field of that name."""
        return next(planned.rule for planned in self.fields if planned.field.name == name)


def check_feed(feed: Feed, place: str) -> None:
    """Raise BadInput for a mapping that contradicts the model, whatever the data are."""
    for number, rule in enumerate(feed.map, 1):
        try:
            _check(rule)
        except ValueError as error:
            raise BadInput(f"{place}, [[map]] {number} (to {rule.to}){error}") from None


def make_plans(feed: Feed, sources: Mapping[str, Staged]) -> list[Plan]:
    """The plans of all mappings whose files are there. Raises BadInput for a column that is not."""
    return [_plan(rule, sources) for rule in feed.map if rule.from_ in sources and _events(rule, sources)]


def landable() -> dict[str, TableType]:
    """The tables that a feed may fill: all but the results of runs."""
    return {name: kind for name, kind in TABLES.items() if kind.dating is not Dating.RUN}


def _check(rule: MapRule) -> None:
    tables = landable()
    if rule.to not in tables:
        raise ValueError(f": no table {rule.to!r}; {near(rule.to, tables)}known: {', '.join(tables)}")
    kind = tables[rule.to]
    names = [column.name for column in kind.columns]
    for name, how in rule.fields.items():
        if name not in names:
            raise ValueError(f", fields.{name}: no such field; {near(name, names)}known: {', '.join(names)}")
        for message in _contradictions(kind.field(name), how, name in kind.key):
            raise ValueError(f", fields.{name}: {message}")
    if rule.columns != "same":
        _check_required(kind, rule)
    if rule.silence:
        _check_silence(kind, rule, rule.silence)


def _check_required(kind: TableType, rule: MapRule) -> None:
    given = {*rule.fields, *(["known_from"] if kind.dating is Dating.VERSION else [])}
    missing = [column.name for column in kind.columns if column.required and column.name not in given]
    if missing:
        raise ValueError(f": the fields {', '.join(missing)} are required and not mapped")


def _check_silence(kind: TableType, rule: MapRule, silence: SilenceRule) -> None:
    if kind.dating is not Dating.VERSION:
        raise ValueError(f", silence: {kind.table} keeps no versions; members do")
    dates = [
        column.name for column in kind.columns if column.kind is Kind.DATE and column.name not in kind.key
    ]
    if silence.field not in dates:
        raise ValueError(
            f", silence: {silence.field!r} is no date of {kind.table}; dates: {', '.join(dates)}"
        )
    for name in ("known_from", silence.field):
        if name in rule.fields:
            raise ValueError(f", fields.{name}: silence decides this field; leave it out")
    key = rule.fields.get(kind.key[0], FieldRule(column=kind.key[0]))
    if key.column is None or key.otherwise:
        raise ValueError(f", silence: the field {kind.key[0]} must come from one column")
    if silence.at.column is None or silence.at.aggregate or silence.at.otherwise:
        raise ValueError(", silence.at: the time of an event must come from one column")
    for message in _contradictions(Field("at", Kind.DATE), silence.at, in_key=False):
        raise ValueError(f", silence.at: {message}")


def _contradictions(field: Field, rule: FieldRule, in_key: bool) -> Iterator[str]:
    """Why this rule cannot make this field, if it cannot."""
    if rule.aggregate and in_key:
        yield "a part of the key cannot be an aggregate"
    if rule.aggregate in ("count", "days") and field.kind is not Kind.INT:
        yield f"{rule.aggregate} gives a whole number, the field is {field.kind}"
    if rule.aggregate == "sum" and field.kind not in (Kind.INT, Kind.FLOAT):
        yield f"only numbers can be summed, the field is {field.kind}"
    if rule.aggregate in ("first", "last") and field.kind is not Kind.DATE:
        yield f"{rule.aggregate} gives a date, the field is {field.kind}"
    if (rule.months_before or rule.month) and row_kind(field, rule) is not Kind.DATE:
        yield f"month and months_before are for dates, the field is {field.kind}"
    if (rule.prefix or rule.slug or rule.case) and field.kind is not Kind.TEXT:
        yield f"prefix, slug and case are for texts, the field is {field.kind}"
    yield from misplaced(row_kind(field, rule), rule)
    yield from _misstated(field, rule)
    if rule.otherwise:
        yield from _contradictions(field, rule.otherwise, in_key)


def _misstated(field: Field, rule: FieldRule) -> Iterator[str]:
    """Why a value that the rule itself states cannot be a value of the field."""
    stated = [text for text in (rule.constant, rule.default, *(rule.values or {}).values()) if text]
    if not stated:
        return
    values, expected = as_kind(row_kind(field, rule), pa.array(stated, pa.string()), rule)
    for text, value in zip(stated, values.to_pylist(), strict=True):
        if value is None:
            yield f"{text!r} is not {expected}"
        if field.choices and text not in field.choices and not (rule.prefix or rule.slug or rule.case):
            yield f"{text!r} is not one of {', '.join(field.choices)}"


def row_kind(field: Field, rule: FieldRule) -> Kind:
    """What a row contributes to the field: of an aggregate, the kind of what is summed up."""
    return Kind.DATE if rule.aggregate in DATED else field.kind


def _events(rule: MapRule, sources: Mapping[str, Staged]) -> bool:
    return rule.silence is None or rule.silence.events in sources


def _plan(rule: MapRule, sources: Mapping[str, Staged]) -> Plan:
    kind, source = TABLES[rule.to], sources[rule.from_]
    rules = dict(rule.fields)
    if rule.columns == "same":
        shared = [column.name for column in kind.columns if column.name in source.columns]
        rules = {**{name: FieldRule(column=name) for name in shared}, **rules}
        require(source, [c.name for c in kind.columns if c.required and c.name not in (*rules, "known_from")])
    if kind.dating is Dating.VERSION:
        rules.setdefault("known_from", ALWAYS_KNOWN)
    if rule.silence:
        rules = {**rules, "known_from": ALWAYS_KNOWN}
        rules.pop(rule.silence.field, None)
    for how in rules.values():
        require(source, list(_columns_of(how)))
    for condition in rule.where:
        require(source, [c for c in (condition.column, condition.differs_from) if c is not None])
    events = sources[rule.silence.events] if rule.silence else None
    if rule.silence and events:
        require(events, [rule.silence.person, *_columns_of(rule.silence.at)])
    rules |= {name: rules[name].as_key() for name in _names_things(kind) if name in rules}
    planned = tuple(Planned(column, rules[column.name]) for column in kind.columns if column.name in rules)
    names = {column.name for column in kind.columns}
    unknown = [c for c in source.columns if c not in names] if rule.columns == "same" else []
    return Plan(kind, source, planned, rule.where, rule.silence, events, rule.complete, tuple(unknown))


def _names_things(kind: TableType) -> Iterator[str]:
    """The fields whose texts name a thing: those of the key, and ids of other things."""
    for column in kind.columns:
        if column.kind is Kind.TEXT and (column.name in kind.key or column.name.endswith("_id")):
            yield column.name


def _columns_of(rule: FieldRule) -> Iterator[str]:
    yield from (column for column in (rule.column, rule.months_before) if column is not None)
    if rule.otherwise:
        yield from _columns_of(rule.otherwise)
