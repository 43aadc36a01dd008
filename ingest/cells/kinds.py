"""Texts as values of a kind. What is not written as the kind asks becomes null, never a guess."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from graph.model import Kind
from ingest.cells.dates import unix_days, written_days
from ingest.cells.width import halved
from ingest.mapping import FieldRule

WHOLE = r"^[+-]?[0-9]{1,15}(\.0+)?$"
NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"


def as_kind(kind: Kind, text: pa.Array, rule: FieldRule) -> tuple[pa.Array, str]:
    """The values, null where a text cannot be read, and what was expected, in words.

    Full-width digits and letters are read as their usual forms, but in texts, which stay as they are.
    """
    if kind in (Kind.BOOL, Kind.DATE):
        text = halved(text)
    match kind:
        case Kind.TEXT:
            return text, "a text"
        case Kind.INT:
            return whole_numbers(text), "a whole number"
        case Kind.FLOAT:
            return numbers(text), "a number"
        case Kind.BOOL:
            return _truths(text, rule), f"one of {', '.join((*rule.yes, *rule.no))}"
        case Kind.DATE if rule.dates == ("unix",):
            return unix_days(whole_numbers(text)), "seconds since 1970"
        case Kind.DATE:
            return written_days(text, rule.dates), f"a date written {' or '.join(rule.dates)}"


def misplaced(kind: Kind, rule: FieldRule) -> Iterator[str]:
    """Why keys of a rule do not go with the kind of its field."""
    if rule.sentinels and kind is not Kind.DATE:
        yield f"sentinels are for dates, the field is {kind}; use empty"
    for name in ("phone", "excel", "width"):
        if getattr(rule, name) is not None and kind is not Kind.TEXT:
            yield f"{name} is for texts, the field is {kind}"


def whole_numbers(text: pa.Array) -> pa.Array:
    """int64 of at most 15 plain digits; `12.0`, as spreadsheets leave it, is 12."""
    digits = pc.replace_substring_regex(_matching(halved(text), WHOLE), r"^\+|\.0+$", "")
    return digits.cast(pa.int64())


def numbers(text: pa.Array) -> pa.Array:
    """Finite float64 with a decimal point; no thousands marks."""
    values = pc.replace_substring_regex(_matching(halved(text), NUMBER), r"^\+", "").cast(pa.float64())
    return pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))


def _truths(text: pa.Array, rule: FieldRule) -> pa.Array:
    lower = pc.utf8_lower(text)
    yes = pc.is_in(lower, value_set=pa.array([word.lower() for word in rule.yes], pa.string()))
    no = pc.is_in(lower, value_set=pa.array([word.lower() for word in rule.no], pa.string()))
    return pc.if_else(pc.or_(yes, no), yes, pa.scalar(None, pa.bool_()))


def _matching(text: pa.Array, pattern: str) -> pa.Array:
    return pc.if_else(pc.match_substring_regex(text, pattern), text, pa.scalar(None, pa.string()))
