"""Rows and a column that a view as of a day must not let in: what is after the record, at the price of
which one would know who is going to leave.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ingest.world.people import Members
from ingest.world.size import Clock, Ints, stream
from ingest.world.ties import Graph, month_of_ties, tie_table

MONTHS = 2  # after the record, of which there are ties
COLUMN = "degree_end"
"""Neighbours in those months: none for whoever left within the record."""


def later_ties(graph: Graph, member: Members, left: Ints, clock: Clock, seed: int) -> pd.DataFrame:
    """`ties` of the months after the record, among those who are still there."""
    there = (left > clock.end).astype(float)
    month = np.datetime64(int(clock.starts[-1]), "D").astype("datetime64[M]")
    first = (month + np.arange(MONTHS + 1)).astype("datetime64[D]").astype(np.int64)
    months = []
    for after in range(MONTHS):
        number, days = clock.months + after, int(first[after + 1] - first[after])
        part = month_of_ties(graph, number, there, np.ones(len(there)), days, stream(seed, f"ties {number}"))
        months.append(tie_table(member, int(first[after]), part))
    return pd.concat(months, ignore_index=True)


def with_degree(members: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """The members' rows with the column that should not be there."""
    degree = later.drop_duplicates(["source", "target"]).groupby("source").size()
    counted = members["member_id"].map(degree).fillna(0).astype("int64")
    return members.assign(**{COLUMN: counted})
