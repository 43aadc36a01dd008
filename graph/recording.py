"""A store that keeps what it is asked: for dry runs, tests and traces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from graph.statement import Statement
from graph.store import GraphStore, Progress, Row

_COUNT = re.compile(r"RETURN count\([^()]*\) AS `?(\w+)`?\s*$")


@dataclass(frozen=True)
class Recorded:
    """One thing asked of the store: by which method, and for `bulk` with how many rows."""

    method: str
    statement: Statement
    rows: int = 0


def like_an_empty_graph(statement: Statement) -> list[Row]:
    """What an empty graph answers: zero to a text that only counts, no rows to any other.

    >>> like_an_empty_graph(Statement("MATCH (n) RETURN count(n) AS n"))
    [{'n': 0}]
    >>> like_an_empty_graph(Statement("MATCH (n) RETURN n"))
    []
    """
    counted = _COUNT.search(statement.text)
    return [{counted[1]: 0}] if counted else []


class RecordingStore:
    """Keeps every statement in `recorded`, and hands it on to the store it wraps, if any.

    Without one nothing is written, and reads are answered by `answers`, for a dry run as an empty
    graph would.
    """

    def __init__(
        self,
        inner: GraphStore | None = None,
        answers: Callable[[Statement], list[Row]] = like_an_empty_graph,
    ) -> None:
        self.dialect = inner.dialect if inner else "recording"
        self.recorded: list[Recorded] = []
        self._inner = inner
        self._answers = answers

    @property
    def batch_endpoint(self) -> None:
        """None: what goes by a batch endpoint is no statement, so nothing goes by one here."""

    def rows(
        self, statement: Statement, *, timeout: float | None = None, limit: int | None = None
    ) -> list[Row]:
        self.recorded.append(Recorded("rows", statement))
        if self._inner:
            return self._inner.rows(statement, timeout=timeout, limit=limit)
        return self._answers(statement)[:limit]

    def write(self, statement: Statement) -> list[Row]:
        self.recorded.append(Recorded("write", statement))
        return self._inner.write(statement) if self._inner else self._answers(statement)

    def bulk(
        self,
        statement: Statement,
        rows: Iterable[Mapping[str, object]],
        progress: Progress | None = None,
    ) -> int:
        if self._inner:
            count = self._inner.bulk(statement, rows, progress)
        else:
            count = sum(1 for _ in rows)
            if progress is not None:
                progress(count)
        self.recorded.append(Recorded("bulk", statement, count))
        return count

    def write_lines(self, statement: Statement, lines: Sequence[str]) -> int:
        self.recorded.append(Recorded("bulk", statement, len(lines)))
        return self._inner.write_lines(statement, lines) if self._inner else len(lines)

    def describe(self) -> Row:
        if self._inner:
            return self._inner.describe()
        return {"server": "none", "version": "", "edition": "recording", "address": ""}

    def script(self) -> str:
        """The texts in order, each with its number of rows: what a dry run shows."""
        lines = []
        for one in self.recorded:
            note = f"// {one.method}, {one.rows} rows" if one.method == "bulk" else f"// {one.method}"
            lines.append(f"{note}\n{one.statement.text};\n")
        return "\n".join(lines)

    def close(self) -> None:
        if self._inner:
            self._inner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
