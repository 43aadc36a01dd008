"""Days: read from texts in declared forms or from seconds, moved by months. Never guessed.

All functions take and give arrow arrays with one place for each row; null stays null, and what cannot
be read becomes null.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

SECONDS_A_DAY = 86_400
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799  # of the years 1 and 9999
DIRECTIVES = "YymdHMSfjbBzpI"
WIDTHS = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "j": 3, "I": 2}
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

    A text with an offset (`%z`) gives the day in UTC, any other the day that it names.
    """
    coded = text.dictionary_encode()
    written = coded.dictionary.to_pandas().astype(object)
    days = pd.Series(pd.NaT, index=written.index, dtype="datetime64[us]")
    # pandas would read the words "now" and "today" as this very day, and years before 1.
    plausible = written.astype(str).str.contains(r"\d").astype(bool) & ~written.astype(str).str.startswith(
        "-"
    )
    for form in forms:
        read = pd.to_datetime(written.where(plausible, None), format=form, errors="coerce", utc="%z" in form)
        plain = read.dt.tz_localize(None).astype("datetime64[us]")
        if ADJACENT.search(form):  # "2024011" is no day, although it could be cut into one
            plain = plain.where(written.astype(str).str.fullmatch(_padded(form)))
        days = days.fillna(plain.where(plain.dt.year.between(1, 9999)))
    stamps = pa.array(days, from_pandas=True).cast(pa.timestamp("us"))
    return pc.floor_temporal(stamps, unit="day").cast(pa.date32()).take(coded.indices)


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
