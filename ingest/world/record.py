"""What a world's tables say, read back for measuring: from frames, or from the files of a folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from graph.errors import NotFound
from ingest.world.make import World
from ingest.world.size import NEVER, Ints

TIES = ("source", "target", "calls")


@dataclass(frozen=True)
class Record:
    """Members by number, 0 to n − 1; days as numbers since 1970-01-01."""

    joined: Ints
    left: Ints
    """NEVER for those who stay."""
    account: Ints
    """The first account that each belonged to."""
    months: Ints
    """First days of the months that have ties and in which members are known, in order; one more for
    the day after."""
    ties: Callable[[int], tuple[Ints, Ints, Ints]]
    """Source, target and calls of the month of that number."""


def of_world(world: World) -> Record:
    """The record of frames, without what lies after the world's own months."""
    ties, last = world.tables["ties"], world.size.months
    number, home, members = _members(world.tables["members"], world.tables["memberships"])
    first = ties["month"].to_numpy().astype("datetime64[D]").astype(np.int64)
    months = np.unique(first)[:last]
    ends = [number.get_indexer(pd.Index(ties[name])).astype(np.int64) for name in TIES[:2]]
    calls = ties["calls"].to_numpy(np.int64)

    def read(month: int) -> tuple[Ints, Ints, Ints]:
        at = first == months[month]
        return ends[0][at], ends[1][at], calls[at]

    return Record(*members, home, _closed(months), read)


@contextmanager
def of_folder(folder: Path, months: int | None = None) -> Iterator[Record]:
    """The record of a folder's CSV or Parquet files; `months` leaves out what comes after so many.

    Ties are kept by number in a database beside, so that a month at a time is held. Raises NotFound
    for a table that is not there.
    """
    with (
        tempfile.TemporaryDirectory(prefix="guanxi-check-") as place,
        duckdb.connect(str(Path(place) / "ties.duckdb")) as base,
    ):
        base.execute("SET memory_limit = '2GB'; SET threads = 2; SET preserve_insertion_order = false")
        yield _read(base, folder, months)


def _read(base: duckdb.DuckDBPyConnection, folder: Path, count: int | None) -> Record:
    member = base.sql(
        f'SELECT member_id, known_from, joined, "left" FROM {_file(folder, "members")} ORDER BY 1, 2'
    ).df()
    stays = base.sql(f"SELECT source, target, since FROM {_file(folder, 'memberships')} ORDER BY 1, 3").df()
    number, home, members = _members(member, stays)
    base.register("named", pd.DataFrame({"id": number.to_numpy(object), "n": np.arange(len(number))}))
    base.execute(
        f"""CREATE TABLE ties AS SELECT t.month::DATE AS month, s.n AS source, g.n AS target, t.calls
            FROM {_file(folder, "ties")} t
            JOIN named s ON s.id = t.source JOIN named g ON g.id = t.target"""
    )
    found = base.sql("SELECT DISTINCT epoch(month) / 86400 FROM ties ORDER BY 1").fetchnumpy()
    months = np.asarray(next(iter(found.values()))).astype(np.int64)[:count]

    def read(month: int) -> tuple[Ints, Ints, Ints]:
        day = np.datetime64(int(months[month]), "D").astype(object)
        rows = base.execute("SELECT source, target, calls FROM ties WHERE month = ?", [day]).fetchnumpy()
        source, target, calls = (np.asarray(rows[name], dtype=np.int64) for name in TIES)
        return source, target, calls

    return Record(*members, home, _closed(months), read)


def _file(folder: Path, table: str) -> str:
    """The table's file as DuckDB reads it; the path is ours to quote."""
    for ending, reader in (("csv", "read_csv"), ("parquet", "read_parquet")):
        path = folder / f"{table}.{ending}"
        if path.is_file():
            text = str(path).replace("'", "''")
            return f"{reader}('{text}')"
    raise NotFound(f"no {table}.csv or {table}.parquet in {folder}; a folder with a world in it works")


def _members(member: pd.DataFrame, stays: pd.DataFrame) -> tuple[pd.Index[str], Ints, tuple[Ints, Ints]]:
    last = member.drop_duplicates("member_id", keep="last")
    number = pd.Index(last["member_id"])
    home = stays.drop_duplicates("source").set_index("source")["target"].reindex(number)
    return number, pd.factorize(home)[0].astype(np.int64), (_days(last["joined"]), _days(last["left"]))


def _days(dates: pd.Series[pd.Timestamp]) -> Ints:
    stamps = pd.to_datetime(dates).to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(stamps), NEVER, stamps.astype(np.int64))


def _closed(months: Ints) -> Ints:
    """With the first day after the last month."""
    after = np.datetime64(int(months[-1]), "D").astype("datetime64[M]") + 1
    return np.append(months, int(after.astype("datetime64[D]").astype(np.int64)))
