"""Days: read from texts in declared forms or from seconds, moved by months. Never guessed.

All functions take and give arrow arrays with one place for each row; null stays null, and what cannot
be read becomes null.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

SECONDS_A_DAY = 86_400
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799  # of the years 1 and 9999
FIRST_SERIAL, NO_SUCH_SERIAL, LAST_SERIAL = 1, 60, 2_958_465  # 1900-01-01, 1900-02-29, 9999-12-31
USUAL = (
    "0", "00000000", "0000-00-00", "0000/00/00", "0000-00-00 00:00:00", "1900-01-00", "1900/1/0",
    "1900-01-00 00:00:00", "9999-12-31",
)  # fmt: skip
OFFSET = r"(Z|[+-]\d{2}:?\d{2}(?::?\d{2})?)"
DIRECTIVES = "YymdHMSfjbBzpI"
WIDTHS = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "j": 3, "I": 2}
FEW, MOST = 64, 1_000  # different texts of a column whose days are remembered, and how many at most
REMEMBERED: dict[tuple[str, ...], dict[str, date | None]] = {}
ADJACENT = re.compile(r"%[YymdHMSjI]%[YymdHMSjI]")


def form_fault(form: str) -> str | None:
    """Why a text cannot be the form of a date, or None if it can.

    >>> form_fault("%d.%m.%Y")
    >>> form_fault("%d.%m")
    'has no year (%Y or %y)'
    """
    directives = re.findall("%(.)", form)
    unknown = [f"%{letter}" for letter in directives if letter not in DIRECTIVES]
    if unknown:
        return f"has {unknown[0]}; known: {' '.join(f'%{letter}' for letter in DIRECTIVES)}"
    if len(set(directives)) < len(directives) or form.count("%") > len(directives):
        return "has a part twice, or a stray %"
    if "Y" not in directives and "y" not in directives:
        return "has no year (%Y or %y)"
    return None


def written_days(text: pa.Array, forms: Sequence[str]) -> pa.Array:
    """The days (date32) written in the first of the forms that fits; each different text is read once.

    The day is the one that is written, also where an offset (`%z`) stands behind it: 2024-03-01 03:30
    +0800 is the first of March. The form "excel" is a spreadsheet's number of a day.
    """
    coded = text.dictionary_encode()
    return _days_of(coded.dictionary, tuple(forms)).take(coded.indices)


def _days_of(texts: pa.Array, forms: tuple[str, ...]) -> pa.Array:
    """The days of different texts; a few texts are remembered, since small files cost this call most."""
    if len(texts) > FEW:
        return _read_days(texts, forms)
    known = REMEMBERED.get(forms, {})
    if new := [text for text in texts.to_pylist() if text not in known]:
        read = _read_days(pa.array(new, pa.string()), forms).to_pylist()
        kept = {} if len(known) > MOST else known
        REMEMBERED[forms] = {**kept, **dict(zip(new, read, strict=True))}
        known = {**known, **REMEMBERED[forms]}
    return pa.array([known[text] for text in texts.to_pylist()], pa.date32())


def _read_days(texts: pa.Array, forms: Sequence[str]) -> pa.Array:
    written = texts.to_pandas().astype(object)
    days = pd.Series(pd.NaT, index=written.index, dtype="datetime64[us]")
    for form in forms:
        read = _serial_days(texts) if form == "excel" else _formed_days(written, form)
        days = days.fillna(read)
    stamps = pa.array(days, from_pandas=True).cast(pa.timestamp("us"))
    return pc.floor_temporal(stamps, unit="day").cast(pa.date32())


def _formed_days(written: pd.Series[Any], form: str) -> pd.Series[Any]:
    # pandas would read the words "now" and "today" as this very day, and years before 1.
    text = written.astype(str)
    plausible = text.str.contains(r"\d").astype(bool) & ~text.str.startswith("-")
    if "%z" in form:
        # The offset must be one, and then gives way to a mark: the day meant is the day at that place.
        pattern = _pattern(form)
        plausible &= text.str.fullmatch(pattern)
        written = text.str.replace(pattern, _without_offset, regex=True)
        form = form.replace("%z", "|")
    read = pd.to_datetime(written.where(plausible, None), format=form, errors="coerce")
    plain = read.astype("datetime64[us]")
    if ADJACENT.search(form):  # "2024011" is no day, although it could be cut into one
        plain = plain.where(written.astype(str).str.fullmatch(_padded(form)))
    return plain.where(plain.dt.year.between(1, 9999))


def _without_offset(found: re.Match[str]) -> str:
    start, end = found.span(1)
    return f"{found.string[:start]}|{found.string[end:]}"


def _pattern(form: str) -> str:
    """The pattern of a form with an offset, whose only group is the offset."""
    inside = re.sub("%(.)", lambda found: OFFSET if found[1] == "z" else ".+?", re.escape(form))
    return f"^{inside}$"


def _serial_days(text: pa.Array) -> pd.Series[Any]:
    """The days of a spreadsheet's numbers, in which 1 is 1900-01-01 and 60 a day that never was.

    Parts of a day are cut off. 45292 is 2024-01-01. Source: the 1900 date system of Excel, whose leap
    day of 1900 is a mistake kept for compatibility.
    """
    fits = pc.match_substring_regex(text, r"^[0-9]{1,7}(\.[0-9]+)?$")
    number = pc.if_else(fits, text, pa.scalar(None, pa.string())).cast(pa.float64()).to_pandas()
    serial = np.floor(number)
    known = serial.between(FIRST_SERIAL, LAST_SERIAL) & (serial != NO_SUCH_SERIAL)
    since_1970 = serial.where(known) - np.where(serial > NO_SUCH_SERIAL, 25_569, 25_568)
    return pd.Series(pd.to_datetime(since_1970, unit="D", errors="coerce")).astype("datetime64[us]")


def sentinel(text: pa.Array, days: pa.Array, sentinels: Sequence[str]) -> pa.Array:
    """Which dates (bool) only say that there is none: by their text, or by the day that it means.

    "usual" among the sentinels stands for those of `USUAL`.
    """
    listed = [*sentinels, *(USUAL if "usual" in sentinels else ())]
    real = pa.array([day for each in listed if (day := _iso(each))], pa.date32())
    either = pc.or_(pc.is_in(text, value_set=pa.array(listed, pa.string())), pc.is_in(days, value_set=real))
    return pc.fill_null(either, False)


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _padded(form: str) -> str:
    """The pattern of a form with all its digits written."""

    def part(found: re.Match[str]) -> str:
        return rf"\d{{{WIDTHS[found[1]]}}}" if found[1] in WIDTHS else ".+"

    return re.sub("%(.)", part, re.escape(form))


def unix_days(seconds: pa.Array) -> pa.Array:
    """The day (date32), in UTC, of whole seconds since 1970."""
    series = seconds.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    days = (series // SECONDS_A_DAY).where(series.between(FIRST_SECOND, LAST_SECOND))
    return pa.array(days, pa.int32(), from_pandas=True).cast(pa.date32())


def first_of_month(days: pa.Array) -> pa.Array:
    """The first day of each date's month."""
    return pc.floor_temporal(days, unit="month").cast(pa.date32())


def months_before(days: pa.Array, months: pa.Array) -> pa.Array:
    """Each date so many months earlier; in a shorter month, its last day. Null before the year 1."""
    day = days.to_numpy(zero_copy_only=False).astype("datetime64[D]")
    back = np.clip(pc.fill_null(months, 0).to_numpy(zero_copy_only=False), -120_000, 120_000)
    month = day.astype("datetime64[M]")
    target = month - back.astype("timedelta64[M]")
    last = (target + 1).astype("datetime64[D]") - 1
    moved = np.minimum(target.astype("datetime64[D]") + (day - month.astype("datetime64[D]")), last)
    year = target.astype("datetime64[Y]").astype(np.int64) + 1970
    fits = pc.and_(pc.is_valid(months), pa.array((year >= 1) & (year <= 9999)))
    return pc.if_else(fits, pa.array(moved, pa.date32()), pa.scalar(None, pa.date32()))
