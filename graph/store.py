"""What every graph server can be asked, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from graph.statement import Statement

Row = dict[str, object]
Progress = Callable[[int], None]
"""Called with the number of rows just written."""


class GraphStore(Protocol):
    """A connection to one graph database.

    Every method raises from `graph.errors`: `Unavailable` when the server does not answer, `TimedOut`
    at a limit, `BadInput` for a text the server cannot run, `Forbidden` for a write where only reading
    is allowed.
    """

    dialect: str
    """Name of the server's dialect, a key of `graph.dialect`: "arcadedb" or "neo4j"."""

    def rows(
        self, statement: Statement, *, timeout: float | None = None, limit: int | None = None
    ) -> list[Row]:
        """Run a read as a principal that cannot write; stop at `timeout` seconds or `limit` rows.

        Dates come back as `datetime.date`; lists as lists; nodes and edges as dicts of properties.
        """
        ...

    def write(self, statement: Statement) -> None:
        """Run one write in its own transaction, retried where the server says it may be."""
        ...

    def bulk(
        self,
        statement: Statement,
        rows: Sequence[Mapping[str, object]] | Iterable[Mapping[str, object]],
        progress: Progress | None = None,
    ) -> int:
        """Run a statement that starts with `UNWIND $rows AS r` over batches of rows; return how many."""
        ...

    def describe(self) -> Row:
        """What the server says of itself: `server`, `version`, `edition`, `address`."""
        ...

    def close(self) -> None: ...
