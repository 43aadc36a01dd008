"""Which pairs are worth comparing: those that share a cheap key that is not too common.

A key leads to a block of records; all pairs within a block are compared. Names that are one character, or
one sound, apart share a key for certain: the name without one syllable (as in symmetric-delete spelling
search). A block larger than the cap is left out and counted, so that work grows with the number of names.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.resolve.records import Records

Ints = npt.NDArray[np.int64]

CAP = 60
"""Most records in a block; 60 are 1,770 pairs."""
SLICE = 100_000
"""Records whose pairs are made and compared at a time: what bounds memory."""

ACCOUNT_KEYS = """
WITH bigrams AS (
  SELECT row, unnest([sound[i : i + 1] FOR i IN range(1, length(sound))]) AS two
  FROM records WHERE length(sound) > 1
),
common AS (SELECT two, count(*) AS n FROM bigrams GROUP BY two),
rare AS (
  SELECT row, two FROM bigrams JOIN common USING (two) WHERE n > 1
  QUALIFY row_number() OVER (PARTITION BY row ORDER BY n, two) <= 2
),
keys AS (
  SELECT row, 'code ' || substr(credit, 9, 9) AS key FROM records WHERE length(credit) = 18
  UNION ALL SELECT row, 'name ' || sound FROM records WHERE sound <> ''
  UNION ALL SELECT row, 'name ' || sound || region4 FROM records WHERE sound <> '' AND region4 <> ''
  UNION ALL SELECT row, 'name ' || without || region4 FROM (
    SELECT row, region4,
      unnest([sound[: i] || sound[i + 2 :] FOR i IN range(length(sound))]) AS without
    FROM records WHERE length(sound) BETWEEN 3 AND 14
  )
  UNION ALL SELECT row, 'name ' || without FROM (
    SELECT row, unnest([sound[: i] || sound[i + 2 :] FOR i IN range(length(sound))]) AS without
    FROM records WHERE length(sound) BETWEEN 3 AND 14
  )
  UNION ALL SELECT row, 'start ' || sound[: 2] || region4 FROM records WHERE length(sound) > 1
  UNION ALL SELECT row, 'rare ' || two FROM rare
  UNION ALL SELECT row, 'rare ' || two || region4 FROM rare JOIN records USING (row) WHERE region4 <> ''
)
SELECT DISTINCT row, hash(key) AS key FROM keys
"""
CONTACT_KEYS = """
WITH spoken AS (
  SELECT row, unnest([sorted[i : i] FOR i IN range(1, length(sorted) + 1)]) AS one FROM records
),
keys AS (
  SELECT row, 'line ' || line AS key FROM records WHERE line <> ''
  UNION ALL SELECT row, 'name ' || sorted FROM records WHERE sorted <> ''
  UNION ALL SELECT row, 'one ' || p.key || ' ' || one FROM spoken JOIN places p USING (row)
  UNION ALL SELECT row, 'all ' || p.key FROM places p
)
SELECT DISTINCT row, hash(key) AS key FROM keys
"""


@dataclass(frozen=True)
class Blocks:
    """How many keys lead to how many records, and how many were left out for being too common."""

    keys: int
    capped: int
    largest: int


@contextmanager
def blocking(records: Records, memory: str = "2GB") -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the records' keys as `blocks` (row, key), blocks of one or too many left out.

    `counted` tells what was left out. The links of the records stand beside them as tables.
    """
    with duckdb.connect(config={"memory_limit": memory}) as connection:
        for name, table in records.links.items():
            connection.register(f"{name}_given", table)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {name}_given")
        connection.register("records", _text_columns(records))
        text = ACCOUNT_KEYS if records.label == "Account" else CONTACT_KEYS
        connection.execute(f"CREATE TABLE all_keys AS {text}")
        connection.execute("CREATE TABLE sizes AS SELECT key, count(*) AS n FROM all_keys GROUP BY key")
        connection.execute(
            "CREATE TABLE blocks AS SELECT row, key FROM all_keys JOIN sizes USING (key)"
            " WHERE n BETWEEN 2 AND $cap",
            {"cap": CAP},
        )
        connection.execute("DROP TABLE all_keys")
        connection.unregister("records")
        yield connection


def counted(connection: duckdb.DuckDBPyConnection) -> Blocks:
    """What the blocks are."""
    rows = connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE n > $cap), coalesce(max(n), 0) FROM sizes", {"cap": CAP}
    ).fetchall()
    return Blocks(*rows[0])


def pairs(connection: duckdb.DuckDBPyConnection, count: int) -> Iterator[tuple[Ints, Ints]]:
    """Every pair that shares a block, once, the lower row number left; a slice of left rows at a time."""
    for start in range(0, count, SLICE):
        found = connection.sql(
            """SELECT DISTINCT l.row AS left, r.row AS right FROM blocks l JOIN blocks r USING (key)
               WHERE l.row >= $start AND l.row < $end AND l.row < r.row""",
            params={"start": start, "end": start + SLICE},
        ).to_arrow_table()
        yield found["left"].to_numpy(), found["right"].to_numpy()


def _text_columns(records: Records) -> pa.Table:
    wanted = {"Account": ("sound", "credit", "region"), "Contact": ("sorted", "line")}[records.label]
    columns = {name: pa.array(records[name], pa.string()) for name in wanted}
    table = pa.table({"row": pa.array(np.arange(len(records), dtype=np.int64)), **columns})
    if "region" in columns:
        cities = [region[:4] for region in records["region"]]
        table = table.append_column("region4", pa.array(cities, pa.string()))
    return table
