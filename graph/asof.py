"""The lake as it was known on a day: the only door through which analytics reads.

A question as of `d` sees no row dated after `d` and no value that became known after `d`: a member's
reason for leaving is empty before the day it left, a month's ties appear once the month is over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from graph.errors import NotFound, one_of
from graph.identities import alias_table, aliases, merged_sql
from graph.model import UNDATED, Dating, Field, TableType
from graph.schema import IDENTITIES, TABLES

Dataset = Callable[[TableType], "ds.Dataset | pa.Table"]


@dataclass(frozen=True)
class Commit:
    """A state of the lake: which version of each table belongs to it."""

    number: int
    tables: Mapping[str, int]
    note: str = ""
    at: str = ""
    lake: str = ""
    """Tells this lake from every other one, so that a graph knows whose tables it shows."""


class View:
    """One consistent state of every table, as of a day or (with None) everything known.

    Frames have the columns of `graph.schema`: text as str, dates as datetime64, whole numbers as
    int64 (float64 where some are missing), in no particular order of rows. To be used by one thread.

    What was decided by the day to be one thing is shown as one, under its canonical key; see
    `graph.identities`. `merged=False` shows every key as it came.
    """

    def __init__(self, dataset: Dataset, commit: Commit, as_of: date | None, merged: bool = True) -> None:
        self._dataset = dataset
        self._commit = commit
        self._merged = merged
        self.lake = commit.lake
        self.number = commit.number
        self.versions = {name: version for name, version in commit.tables.items() if name in TABLES}
        self.as_of = as_of
        self._opened: set[str] = set()

    def arrow(self, table: TableType | str, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of one table. Raises NotFound for a table the model does not have."""
        kind = table_type(table)
        wanted = ", ".join(f'"{name}"' for name in columns) if columns else "*"
        return self._run(f'SELECT {wanted} FROM "{kind.table}"', {}, [kind])

    def frame(self, table: TableType | str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The rows of one table as a frame; see the class for its dtypes."""
        frame: pd.DataFrame = self.arrow(table, columns).to_pandas(date_as_object=False)
        return frame

    def sql(self, text: str, params: Mapping[str, object] | None = None) -> pd.DataFrame:
        """Answer a DuckDB query over tables by their names; values go in as `$name`."""
        frame: pd.DataFrame = self.sql_arrow(text, params).to_pandas(date_as_object=False)
        return frame

    def sql_arrow(self, text: str, params: Mapping[str, object] | None = None) -> pa.Table:
        """As `sql`, for results too large to be copied into a frame."""
        return self._run(text, params or {}, self._named(text))

    def sql_batches(
        self, text: str, params: Mapping[str, object] | None = None, rows: int = 100_000
    ) -> pa.RecordBatchReader:
        """As `sql_arrow`, so many rows at a time; to be read to its end before the next question."""
        self._open(self._named(text))
        return self._connection.sql(text, params=dict(params or {})).to_arrow_reader(rows)

    def every_row(self, table: TableType | str) -> pa.Table:
        """All rows of a table whatever their date, every version of a node among them.

        Those withdrawn since are left out.
        """
        kind = table_type(table)
        dataset = self._dataset(kind)
        rows = dataset if isinstance(dataset, pa.Table) else dataset.to_table()
        if kind.dating is not Dating.RUN:
            rows = rows.filter(pc.is_null(rows["withdrawn"]))
        return rows.select([field.name for field in kind.columns])

    def as_landed(self) -> View:
        """The same state with every key as its source gave it, whatever was decided about it."""
        return View(self._dataset, self._commit, self.as_of, merged=False)

    def feeds(self, table: TableType | str) -> pa.Table:
        """Where keys of nodes came from: `id` and `feed`, or the load's id where no feed is recorded."""
        kind = table_type(table)
        text = f"""SELECT DISTINCT r."{kind.key[0]}" AS id, coalesce(l.feed, r.load_id, '') AS feed
                   FROM "{kind.table}_rows" r LEFT JOIN loads l USING (load_id)"""
        self._open([kind, TABLES["loads"]])
        if kind.table not in self.versions:
            return pa.table({name: pa.array([], pa.string()) for name in ("id", "feed")})
        return self._connection.sql(text).to_arrow_table()

    def files(self, table: TableType | str) -> tuple[str, ...]:
        """The names of the files that hold a table: never the same for other rows, in whatever lake.

        A version's number does not tell that much: a lake that was brought back counts on from there.
        """
        rows = self._dataset(table_type(table))
        return () if isinstance(rows, pa.Table) else tuple(sorted(Path(file).name for file in rows.files))

    def latest_day(self) -> date | None:
        """The last day that any landed row is dated, or None for an empty lake."""
        days = [self._last(TABLES[name]) for name in self.versions if _landed(TABLES[name])]
        return max((day for day in days if day is not None), default=None)

    def first_day(self) -> date | None:
        """The first day that any landed row is dated, earlier versions and all, whatever the view's day.

        None where no row has a date of its own: undated versions and intervals do not count.
        """
        days = [self._first(TABLES[name]) for name in self.versions if _landed(TABLES[name])]
        return min((day for day in days if day is not None), default=None)

    def _first(self, kind: TableType) -> date | None:
        # Not through the as-of view: that shows only the newest version of a node.
        text = f'SELECT min({_day(kind)}) AS day FROM "{kind.table}_rows" WHERE "{kind.dated_by}" > $undated'
        first: date | None = self._run(text, {"undated": UNDATED}, [kind])["day"][0].as_py()
        return first

    def _last(self, kind: TableType) -> date | None:
        found = self._run(f'SELECT max({_day(kind)}) AS day FROM "{kind.table}"', {}, [kind])
        last: date | None = found["day"][0].as_py()
        return last

    def _run(self, text: str, params: Mapping[str, object], kinds: Sequence[TableType]) -> pa.Table:
        self._open(kinds)
        return self._connection.sql(text, params=dict(params)).to_arrow_table()

    def _named(self, text: str) -> list[TableType]:
        words = set(re.findall(r"\w+", text))
        return [kind for name, kind in TABLES.items() if name in words]

    def _open(self, kinds: Sequence[TableType]) -> None:
        for kind in kinds:
            if kind.table not in self._opened:
                self._opened.add(kind.table)
                self._connection.register(f"{kind.table}_rows", self._dataset(kind))
                shown = as_of_sql(kind, self.as_of)
                if kind is not IDENTITIES and self._merged_labels:
                    shown = merged_sql(kind, shown, self._merged_labels)
                self._connection.execute(f'CREATE TEMP VIEW "{kind.table}" AS {shown}')

    @cached_property
    def _merged_labels(self) -> tuple[str, ...]:
        """The kinds of node among which something is merged on the day; their aliases stand ready."""
        if not self._merged or IDENTITIES.table not in self.versions:
            return ()
        found = aliases(self.arrow(IDENTITIES).to_pylist())
        if not found:
            return ()
        self._connection.register("identity_of", alias_table(found))
        self._connection.execute(
            "CREATE TEMP TABLE identity_touched AS SELECT label, alias AS id FROM identity_of"
            " UNION SELECT label, canonical FROM identity_of"
        )
        return tuple(sorted({label for label, _ in found}))

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect()


def table_type(table: TableType | str) -> TableType:
    """The declared table of that name. Raises NotFound listing those that exist."""
    if isinstance(table, TableType):
        return table
    if table not in TABLES:
        raise NotFound(one_of("table", table, TABLES))
    return TABLES[table]


def as_of_sql(kind: TableType, as_of: date | None) -> str:
    """The query that shows a table's rows (in `<table>_rows`) as known at the end of `as_of`."""
    rows = f'"{kind.table}_rows"'
    if as_of is None:
        day = None
        seen = "true" if kind.dating is Dating.RUN else "withdrawn IS NULL"
    else:
        day = f"DATE '{as_of.isoformat()}'"
        seen = _seen(kind, day)
        if kind.dating is not Dating.RUN:
            seen += f" AND (withdrawn IS NULL OR withdrawn > {day})"
    columns = ", ".join(_shown(field, day) for field in kind.columns)
    text = f"SELECT {columns} FROM {rows} WHERE {seen}"
    if kind.dating is Dating.VERSION:
        text += f' QUALIFY row_number() OVER (PARTITION BY "{kind.key[0]}" ORDER BY known_from DESC) = 1'
    return text


def _seen(kind: TableType, day: str) -> str:
    column = f'"{kind.dated_by}"'
    match kind.dating:
        case Dating.MONTH:
            return f"last_day({column}) <= {day}"
        case Dating.INTERVAL:
            return f"({column} IS NULL OR {column} <= {day})"
        case Dating.VERSION | Dating.EVENT:
            return f"{column} <= {day}"
        case Dating.RUN:
            return "true"


def _shown(field: Field, day: str | None) -> str:
    if day is None or field.hidden_until is None:
        return f'"{field.name}"'
    return f'CASE WHEN "{field.hidden_until}" <= {day} THEN "{field.name}" END AS "{field.name}"'


def _day(kind: TableType) -> str:
    """The day from which a row is known, as DuckDB text."""
    return f'last_day("{kind.dated_by}")' if kind.monthly else f'"{kind.dated_by}"'


def _landed(kind: TableType) -> bool:
    # A decision about keys is no fact of the business: it must not move the day that a refresh takes.
    return kind.dating is not Dating.RUN and kind is not IDENTITIES
