"""Rows on a terminal: as a table to look at, as one JSON array, or as CSV."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO

from graph.progress import Progress

if TYPE_CHECKING:
    from ingest.land import LoadReport

Rows = Sequence[Mapping[str, object]]


class Format(StrEnum):
    """How rows are written."""

    table = "table"
    json = "json"
    csv = "csv"


def show(rows: Rows, form: Format, columns: Sequence[str] | None = None, title: str = "") -> None:
    """Write rows to standard output, and nothing else there. `columns` orders them, and names them
    where there are no rows.
    """
    names = list(columns or (rows[0] if rows else ()))
    match form:
        case Format.json:
            print(_json([dict(row) for row in rows], indent=1))
        case Format.csv:
            _csv(rows, names, sys.stdout)
        case Format.table:
            _table(rows, names, title)
    # A reader that is gone is noticed here, where it is a quiet end, and not when the process ends.
    sys.stdout.flush()


def say(text: str) -> None:
    """A line for the person at the terminal, beside the rows: standard error."""
    print(text, file=sys.stderr)


@contextmanager
def progress() -> Iterator[Progress]:
    """A callback that draws one bar for each named step on standard error, and clears up after.

    Where standard error is no terminal, nothing is drawn.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, object] = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total or None)
            bars.update(tasks[step], completed=done, total=total or None)  # type: ignore[arg-type]

        yield report


def flattened(figures: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Nested figures as (dotted name, value).

    >>> list(flattened({"churn": {"auc": 0.7, "windows": [1, 2]}, "seeds": 50}))
    [('churn.auc', 0.7), ('churn.windows', [1, 2]), ('seeds', 50)]
    """
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def load_told(loaded: LoadReport) -> Iterator[str]:
    """What to say of a load beside its rows: the sum, the notes, and where rows were set aside."""
    yield (
        f"{loaded.rows_in:,} rows in = {loaded.landed:,} landed + {loaded.unchanged:,} unchanged"
        f" + {loaded.set_aside:,} set aside; {loaded.left_out:,} left out by the feed's own rules"
    )
    if loaded.waiting:
        yield f"{loaded.waiting:,} of those set aside wait for a node they name: guanxi waiting"
    if loaded.released:
        yield f"{loaded.released:,} facts that had waited for a node they name have landed"
    if loaded.withdrawn:
        yield f"{loaded.withdrawn:,} rows that the files no longer state were withdrawn"
    yield from loaded.notes
    if loaded.quarantine:
        yield f"rows set aside, with reasons: {loaded.quarantine}"
        yield f"mend them there, then: guanxi reload {loaded.load_id}"
    yield "how good the data are: guanxi quality"


def _csv(rows: Rows, names: list[str], out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_text(row.get(name)) for name in names])


def _table(rows: Rows, names: list[str], title: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(*names, title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name, column in zip(names, table.columns, strict=True):
        numbers = all(isinstance(row.get(name), int | float | None) for row in rows)
        column.justify = "right" if rows and numbers else "left"
        column.overflow = "fold"
    for row in rows:
        table.add_row(*(_cell(row.get(name)) for name in names))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 160
    console.print(table)


def _cell(value: object) -> str:
    from rich.markup import escape

    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e6 else f"{value:,.0f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return escape(_text(value))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(_text(part) for part in value)
    if isinstance(value, dict):
        return _json(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, indent=indent, allow_nan=False)


def _plain(value: object) -> object:
    """A value as JSON has it: a number that is none becomes null, what JSON does not know its text."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    # By its exact type: a point is a tuple too, and better known by its text.
    if type(value) in (list, tuple):
        return [_plain(one) for one in value]  # type: ignore[attr-defined]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    written = getattr(value, "isoformat", None)
    return written() if written else str(value)
