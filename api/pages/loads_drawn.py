"""Small drawings of the pages of loads: lines over the last loads, shares of a whole, bars side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT, STEP, MARGIN = 26, 12, 4
WHOLE = 160
REACH = 110


@dataclass(frozen=True)
class Line:
    """A figure over the last loads, the oldest first; `points` is that of an SVG polyline."""

    points: str
    last: tuple[float, float]
    width: int
    said: str
    height: int = HEIGHT


@dataclass(frozen=True)
class Part:
    """A part of a whole, as a stretch of a bar `WHOLE` pixels long."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True)
class Column:
    """One of some bars side by side; `said` is what it stands for."""

    x: int
    y: float
    width: int
    height: float
    said: str


@dataclass(frozen=True)
class Reach:
    """From where to where most numbers of a field lie, and their median, on a scale `REACH` pixels long."""

    kind: str
    x: float
    width: float
    median: float


def line(values: Sequence[float], said: str) -> Line | None:
    """The line through values, from the least at the bottom to the most on top; None for fewer than two."""
    if len(values) < 2:
        return None
    low, high = min(values), max(values)
    room = HEIGHT - 2 * MARGIN
    heights = [(value - low) / (high - low) if high > low else 0.5 for value in values]
    places = [
        (MARGIN + STEP * place, round(HEIGHT - MARGIN - room * height, 1))
        for place, height in enumerate(heights)
    ]
    width = 2 * MARGIN + STEP * (len(values) - 1)
    return Line(" ".join(f"{x},{y}" for x, y in places), places[-1], width, said)


def parts(counts: Sequence[tuple[str, int]], length: float = WHOLE, least: float = 2.0) -> list[Part]:
    """Counts as stretches of one bar; one that is there is never too thin to be seen.

    >>> [(part.kind, part.x, part.width) for part in parts([("a", 3), ("b", 0), ("c", 1)], 100)]
    [('a', 0.0, 75.0), ('c', 75.0, 25.0)]
    """
    some = [(kind, count) for kind, count in counts if count]
    whole = sum(count for _, count in some)
    wide = [max(length * count / whole, least) for _, count in some]
    wide = [width * length / sum(wide) for width in wide]
    made, x = [], 0.0
    for (kind, _), width in zip(some, wide, strict=True):
        made.append(Part(kind, round(x, 1), round(width, 1)))
        x += width
    return made


def columns(
    counts: Sequence[tuple[str, float]], width: int = 7, gap: int = 2, height: int = HEIGHT
) -> list[Column]:
    """Counts as bars from zero; what is none has no bar."""
    most = max((count for _, count in counts), default=0) or 1
    made = []
    for place, (said, count) in enumerate(counts):
        tall = round(max(height * count / most, 1.0 if count else 0.0), 1)
        made.append(Column(place * (width + gap), round(height - tall, 1), width, tall, said))
    return made


def reaches(spans: Sequence[tuple[str, float, float, float]]) -> list[Reach]:
    """Spans (kind, low, median, high) on one scale, from 0 or the lowest to the highest.

    >>> [(r.kind, r.x, r.median, r.width) for r in reaches([("now", 50, 60, 100), ("before", 0, 10, 20)])]
    [('now', 55.0, 66.0, 55.0), ('before', 0.0, 11.0, 22.0)]
    """
    low = min(0.0, *(span[1] for span in spans))
    scale = (REACH / (high - low)) if (high := max(span[3] for span in spans)) > low else 0.0
    return [
        Reach(kind, _px(low, a, scale), max(_px(a, b, scale), 2.0), _px(low, median, scale))
        for kind, a, median, b in spans
    ]


def _px(start: float, end: float, scale: float) -> float:
    return round((end - start) * scale, 1)
