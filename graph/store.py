"""What every graph server can be asked, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from graph.arcade_http import Address
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
    """Name of the server's dialect in `graph.dialect`: "arcadedb" or "neo4j"."""

    @property
    def batch_endpoint(self) -> Address | None:
        """Where the server takes whole types at once, see `graph.arcade_batch`; None where it has no such."""
        ...

    def rows(
        self, statement: Statement, *, timeout: float | None = None, limit: int | None = None
    ) -> list[Row]:
        """Run a read as a principal that cannot write; stop at `timeout` seconds or `limit` rows.

        Reading ends at `limit` rows without a word: ask for one more than you show, and there was
        more where it comes. Dates come back as `datetime.date`; lists as lists; nodes and edges as
        dicts of properties; a path as the list of its nodes and edges in turn.
        """
        ...

    def write(self, statement: Statement) -> list[Row]:
        """Run one write in its own transaction, retried where the server says it may be.

        Returns the rows that the text returns, such as how many things it deleted.
        """
        ...

    def bulk(
        self,
        statement: Statement,
        rows: Iterable[Mapping[str, object]],
        progress: Progress | None = None,
    ) -> int:
        """Run a statement that starts with `UNWIND $rows AS r` over batches; return the rows sent.

        Rows are taken from an iterator a batch at a time. Each batch is a transaction: after an
        error the batches before it stay, so texts should MERGE. Absent values are None, never NaN
        or NaT; dates are `datetime.date`. A batch for which the server lacks memory goes in halves.
        """
        ...

    def write_lines(self, statement: Statement, lines: Sequence[str]) -> int:
        """Run a statement of `graph.lines` over one batch of lines; return how many these were.

        As a batch of `bulk` it is one transaction, or several where the server lacks memory.
        """
        ...

    def describe(self) -> Row:
        """What the server says of itself: `server`, `version`, `edition`, `address`."""
        ...

    def close(self) -> None: ...


def count(store: GraphStore, statement: Statement) -> int:
    """The number that a read returns as `n` of its only row."""
    return _n(store.rows(statement))


def sweep(store: GraphStore, statement: Statement) -> None:
    """Repeat a write that takes some away and returns how many as `n`, until there are none."""
    while _n(store.write(statement)):
        pass


def _n(rows: Sequence[Row]) -> int:
    return int(str(rows[0]["n"]))
