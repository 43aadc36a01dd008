"""The last year's bills as small bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.pages.figures import month, signed_percent
from api.pages.words import Say
from api.tables import Listing

MONTHS = 12
HEIGHT, BAR, GAP = 34, 9, 4


@dataclass(frozen=True)
class Bar:
    """A month's bar, in pixels from the upper left."""

    month: date
    billed: float
    x: int
    y: float
    width: int
    height: float


@dataclass(frozen=True)
class Trend:
    """The newest month's bills, how they changed, and a bar for each of the last months."""

    key: str
    newest: float
    said: tuple[str, ...]
    bars: Sequence[Bar]
    rows: Sequence[Mapping[str, Any]]
    link: str
    csv: str
    width: int
    height: int = HEIGHT


def trend_of(listing: Listing, say: Say) -> Trend | None:
    """The trend of an account's revenue, or None where it has no bills."""
    rows: list[Mapping[str, Any]] = list(listing.rows)[-MONTHS:]
    if not rows:
        return None
    link = listing.link or ""
    return Trend(
        key="revenue",
        newest=float(rows[-1]["billed"] or 0),
        said=said_of(rows, say),
        bars=bars_of(rows),
        rows=rows[::-1],
        link=link,
        csv=f"{link}{'&' if '?' in link else '?'}format=csv",
        width=len(rows) * (BAR + GAP) - GAP,
    )


def said_of(rows: Sequence[Mapping[str, Any]], say: Say) -> tuple[str, ...]:
    """The newest month, and its change on the mean of the three before."""
    before = [float(row["billed"] or 0) for row in rows[-4:-1]]
    words = say("revenue_of", month=month(rows[-1]["month"]))
    if not before or not sum(before):
        return (words,)
    change = float(rows[-1]["billed"] or 0) / (sum(before) / len(before)) - 1
    return words, say("revenue_change", change=signed_percent(change))


def bars_of(rows: Sequence[Mapping[str, Any]]) -> list[Bar]:
    """Bars from zero, so that their heights compare as the amounts do."""
    most = max(float(row["billed"] or 0) for row in rows) or 1.0
    bars = []
    for place, row in enumerate(rows):
        billed = float(row["billed"] or 0)
        height = round(max(HEIGHT * billed / most, 1.0), 1)
        bars.append(Bar(row["month"], billed, place * (BAR + GAP), round(HEIGHT - height, 1), BAR, height))
    return bars
