"""What no row says by itself: sums over groups of rows, and who has fallen silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ingest.mapping import Aggregate

FUNCTION: dict[Aggregate, str] = {
    "count": "count_all",
    "sum": "sum",
    "days": "count_distinct",
    "first": "min",
    "last": "max",
}


@dataclass(frozen=True)
class Facts:
    """Facts, and which source rows each of them was made from.

    `row[i]` of the source is one of those behind fact `fact[i]`: many rows may share a fact, and a
    row may be behind several.
    """

    table: pa.Table
    row: npt.NDArray[np.int64]
    fact: npt.NDArray[np.int64]


def gathered(rows: pa.Table, numbers: npt.NDArray[np.int64], how: dict[str, Aggregate]) -> Facts:
    """One fact for each different combination of the fields that are not aggregates.

    `numbers` has the source's number of each of `rows`; `how` says how each aggregate is made.
    """
    plain = [name for name in rows.column_names if name not in how]
    marked = rows.append_column("row of the source", pa.array(numbers))
    asked: list[tuple[str | list[str], str]] = [("row of the source", "list")]
    asked += [([] if how[name] == "count" else name, FUNCTION[how[name]]) for name in how]
    grouped = marked.group_by(plain, use_threads=False).aggregate(asked)
    behind = grouped["row of the source_list"].combine_chunks()
    named = [_result(name, how) for name in rows.column_names]
    table = pa.table([grouped[column] for column in named], names=rows.column_names)
    fact = pc.list_parent_indices(behind).to_numpy(zero_copy_only=False)
    return Facts(table, pc.list_flatten(behind).to_numpy(zero_copy_only=False), fact.astype(np.int64))


def _result(name: str, how: dict[str, Aggregate]) -> str:
    """The name that pyarrow gives to an aggregate's column."""
    if name not in how:
        return name
    return "count_all" if how[name] == "count" else f"{name}_{FUNCTION[how[name]]}"


def silences(who: Sequence[str], when: npt.NDArray[np.datetime64], days: int) -> pd.DataFrame:
    """The days on which somebody's having left becomes known, and those on which they are back.

    `who` and `when` (days) are all events of the record. A person is known to have left on the first
    day of the record that lies `days` or more after their last event, unless they have one of their
    own by then. Nothing here depends on what the record says later, so a record that is cut after a
    day gives the same rows up to that day.

    Columns: who (str), known_from (day), left (day: last event + `days`, or NaT for a return).
    """
    events = pd.DataFrame({"who": pd.Series(who, dtype=object), "day": pd.Series(when)})
    events = events.drop_duplicates().sort_values(["who", "day"], kind="stable", ignore_index=True)
    record = np.unique(when)
    events["left"] = events["day"] + pd.Timedelta(days=days)
    events["back"] = events.groupby("who")["day"].shift(-1)
    place = np.searchsorted(record, events["left"].to_numpy().astype(record.dtype))
    noticed = events[place < len(record)].assign(known_from=record[place[place < len(record)]])
    gone = noticed[noticed["back"].isna() | (noticed["known_from"] < noticed["back"])]
    returned = gone[["who", "back"]].dropna().rename(columns={"back": "known_from"})
    return pd.concat([gone, returned])[["who", "known_from", "left"]].reset_index(drop=True)


def versions(states: Facts, key: str, field: str, found: pd.DataFrame) -> Facts:
    """Each thing's first state, and after it one version for each of its rows in `found`.

    `found` is what `silences` gives; `field` takes its `left`.
    """
    first = states.table.append_column(field, pa.nulls(states.table.num_rows, pa.date32()))
    facts = pd.DataFrame({"who": states.table[key].to_pylist(), "fact": range(first.num_rows)})
    spread = found.merge(facts, on="who")
    later = first.take(pa.array(spread["fact"], pa.int64()))
    for name, column in (("known_from", "known_from"), (field, "left")):
        later = later.set_column(later.column_names.index(name), name, _days(spread[column]))
    links = pd.DataFrame({"row": states.row, "fact": states.fact})
    spread["version"] = np.arange(len(spread)) + first.num_rows
    more = links.merge(spread[["fact", "version"]], on="fact")
    return Facts(
        pa.concat_tables([first, later]),
        np.concatenate([states.row, more["row"].to_numpy(np.int64)]),
        np.concatenate([states.fact, more["version"].to_numpy(np.int64)]),
    )


def _days(column: pd.Series[Any]) -> pa.Array:
    return pa.array(column, from_pandas=True).cast(pa.timestamp("s")).cast(pa.date32())
