"""The sentences of findings, and the kinds of reasons for which rows are set aside."""

from __future__ import annotations

from graph.landing import literal
from ingest.cells.spreadsheet import REASON
from ingest.check import ANOTHER

WHY: dict[str, tuple[str, str]] = {
    "empty": ("% is empty", "is empty"),
    "contradiction": ("% stands with different values of %", "stands with different values"),
    "beside": (ANOTHER, "stands beside a row that is set aside"),
    "spreadsheet": (f"% {REASON}", "has lost digits in a spreadsheet"),
    "phone": ("% is not a phone number", "is not a phone number"),
    "date": ("% is not a date written %", "is not a date of the declared form"),
    "seconds": ("% is not seconds since 1970", "is not seconds since 1970"),
    "whole": ("% is not a whole number", "is not a whole number"),
    "number": ("% is not a number", "is not a number"),
    "choice": ("% is not one of %", "is not one of the known values"),
    "unlisted": ("% is not a listed value (%", "is not one of the listed values"),
    "year": ("% is not a year from 1 to 9999", "is not a date from year 1 to 9999"),
    "partnerless": ("% does not stand as %", "has no partner in the other file"),
    "partners": ("% stands more than once as %", "has several partners in the other file"),
    "cells": ("% cells where % columns are %", "has too many or too few cells"),
    "quote": ("%quote%", "has quotes that do not fit together"),
    "long": ("the record that begins here is longer %", "is too long for a row"),
    "nul": ("holds a NUL character", "holds a NUL character"),
}
"""Kinds of reasons: a pattern of SQL's LIKE that tells them, and what is then wrong, in words.

A reason may hold the value at fault, which may be about a person; its kind does not.
"""

OTHER = "other"
OTHER_WORDS = "cannot be used"

SENTENCES: dict[str, str] = {
    # completeness
    "nulls_more": "{table}.{field} is empty in {now:.1%} of the facts, up from {before:.1%}",
    "nulls_fewer": "{table}.{field} is empty in {now:.1%} of the facts, down from {before:.1%}",
    "field_gone": "{table}.{field} is no longer given; the load before had it in {before:.1%}",
    # validity
    "set_aside": "{table}: {rows:,} of {of:,} rows ({share:.2%}) were set aside; most often {field} {why}",
    "fault_new": "{table}.{field} {why}, which did not occur in the load before; rows: {rows:,}",
    # duplicates
    "repeated": "{table}: {rows:,} of {of:,} facts ({share:.1%}) say again what another row says",
    "contradicting": "{table}: keys with different values, so that none of their rows was used: {keys:,}",
    "file_twice": "{file} and {other} are one and the same file",
    "file_same": "{file} is, byte for byte, the file of the load before",
    # references
    "waiting": "{table}: {facts:,} of {of:,} facts ({share:.1%}) wait, since nobody knows the {label} that"
    " {field} names; different ones: {nodes:,}",
    # freshness
    "months_missing": "{table}: no rows in {months:,} of the months from {oldest} to {newest}",
    "later": "{table}: facts dated after the day of the load: {facts:,}",
    "stale": "{table}: the newest data are of {newest}, as at the load of {loaded}",
    "older": "{table}: the newest data are of {newest}; the load before had {before}",
    # drift
    "rows_fewer": "{file}: {now:,} rows, where the load before had {before:,} ({change:+.0%})",
    "rows_more": "{file}: {now:,} rows, where the load before had {before:,} ({change:+.0%})",
    "file_gone": "{file} was part of the load before and is absent",
    "file_new": "{file} was not part of the load before",
    "columns_unknown": "{file}: no columns of its table, so not used: {columns}",
    "columns_added": "{file} has columns that it did not have before: {columns}",
    "columns_gone": "{file} no longer has the columns {columns}",
    "column_renamed": "{file}: what was the column {before} seems to be called {now}",
    "columns_reordered": "{file} has its columns in another order; they are found by name",
    "values_new": "{table}.{field} has values that it did not have before: {values} ({share:.1%} of facts)",
    "values_gone": "{table}.{field} no longer has the values {values} (before: {share:.1%} of facts)",
    "shifted": "{table}.{field} is spread differently than in the load before (PSI {shift:.2f})",
    "shifted_numbers": "{table}.{field} is spread differently than in the load before (PSI {shift:.2f});"
    " its median went from {before:,.6g} to {now:,.6g}",
    "distinct": "{table}.{field}: {now:,} different values in {facts:,} facts; the load before had {before:,}"
    " in {facts_before:,}",
}


def why_sql(reason: str) -> str:
    """The kind of the reason in a column, as an expression of SQL."""
    cases = " ".join(
        f"WHEN {reason} LIKE {literal(pattern)} THEN {literal(name)}" for name, (pattern, _) in WHY.items()
    )
    return f"CASE {cases} ELSE {literal(OTHER)} END"


def why_words(why: str) -> str:
    """What a kind of reason says of the value at fault.

    >>> why_words("phone")
    'is not a phone number'
    """
    return WHY[why][1] if why in WHY else OTHER_WORDS
