"""Arrays into frames that have the lake's columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from graph.model import Kind
from graph.schema import TABLES
from ingest.world.size import NEVER, Ints


def ids(prefix: str, count: int, width: int = 4) -> pd.Series[str]:
    """Keys such as A0001.

    >>> ids("A", 2).tolist()
    ['A0001', 'A0002']
    """
    width = max(width, len(str(count)))
    numbers = pd.Series(np.arange(1, count + 1)).astype("str").str.zfill(width)
    return prefix + numbers


def at(texts: pd.Series[str], where: Ints) -> pd.Series[str]:
    """The texts at those places, an empty cell where the place is negative."""
    taken = texts.take(np.maximum(where, 0)).reset_index(drop=True)
    return taken.mask(where < 0)


def choose(options: tuple[str, ...], where: Ints) -> pd.Series[str]:
    """One of a few texts for each place, an empty cell where the place is negative."""
    return at(pd.Series(options, dtype="str"), where)


def dates(days: Ints) -> pd.Series[pd.Timestamp]:
    """Day numbers as dates, NEVER as an empty cell."""
    stamps = np.asarray(days, dtype=np.int64).astype("datetime64[D]").astype("datetime64[s]")
    return pd.Series(stamps).mask(np.asarray(days) == NEVER)


def rows(table: str, columns: Mapping[str, Any]) -> pd.DataFrame:
    """A frame of that lake table: declared columns only, in the declared order, days as dates."""
    declared = {field.name: field for field in TABLES[table].columns}
    unknown = sorted(set(columns) - set(declared))
    if unknown:
        raise KeyError(f"table {table} has no columns {unknown}")
    made = {}
    for name, field in declared.items():
        if name in columns:
            values = columns[name]
            made[name] = dates(values) if field.kind is Kind.DATE else values
    return pd.DataFrame(made).reset_index(drop=True)
