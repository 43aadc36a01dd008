"""What commands share: the settings, the lake and the graph they work on, and options of one meaning.

Nothing heavy is imported before it is needed, so that help answers at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from api.show import Format
from graph.errors import BadInput, GuanxiError

if TYPE_CHECKING:
    from datetime import date

    from graph.asof import View
    from graph.lake import Lake
    from graph.settings import Settings
    from graph.store import GraphStore

AsTable = Annotated[Format, typer.Option("--format", help="How rows are written.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Use nothing known after this day, such as 2026-10-31."),
]
Port = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 picks a free one."),
]


def read_settings() -> Settings:
    """The settings of this process."""
    from graph.settings import settings

    return settings()


def open_lake() -> Lake:
    """The lake of the settings."""
    from graph.lake import Lake

    return Lake(read_settings().lake_folder)


@contextmanager
def open_store() -> Iterator[GraphStore]:
    """The graph of the settings, closed at the end."""
    from graph.connect import connect

    with connect(read_settings()) as store:
        yield store


@contextmanager
def kept(what: str) -> Iterator[None]:
    """A graph that cannot be brought up to date costs nothing of what stands in the lake; say so."""
    try:
        yield
    except GuanxiError as error:
        raise type(error)(f"{error}; the {what} is kept: guanxi publish brings it to the graph") from error


def day_of(text: str | None) -> date | None:
    """A day as given to an option. Raises BadInput."""
    from datetime import date

    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(f"--as-of takes a date such as 2026-10-31, not {text!r}") from None


def view_of(as_of: str | None) -> tuple[View, date]:
    """The lake as of the day asked for, or of the last that it knows. Raises BadInput for an empty one."""
    lake = open_lake()
    day = day_of(as_of) or lake.view().latest_day()
    if day is None:
        raise BadInput("the lake is empty; load a feed first, such as: guanxi load FEED --data FOLDER")
    return lake.view(day), day


def fit(value: object, form: Format) -> object:
    """A figure as that form shows it: large yuan in a table without their parts, which would hide them."""
    whole = form is Format.table and isinstance(value, float) and abs(value) >= 1000
    return round(value) if whole else value  # type: ignore[call-overload]


def pair_of(text: str) -> tuple[str, str]:
    """NAME=VALUE as a pair. Raises BadInput."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise BadInput(f"a parameter is written NAME=VALUE, such as limit=10, not {text!r}")
    return name, value
