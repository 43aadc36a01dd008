"""What the score would be had a member's departed neighbours stayed, and who they are."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from analytics.churn.ego import RECENTLY, departures
from analytics.churn.features import Known
from analytics.churn.network import Network

NAMED = 3
"""Departed neighbours that a sentence names, those with the most contacts first."""


def without_departures(known: Known) -> pd.DataFrame:
    """The frame of `known` as it would be had no neighbour of a member left in the last 90 days.

    Of each member its own neighbours only: what counts neighbours is exact; its account's losses are
    those less its neighbours; the walk, which reaches further, takes the value typical of members all of
    whose neighbours stayed.
    """
    network, frame = known.network, known.frame.copy()
    if not network.ties.nnz:
        return frame
    recent = np.flatnonzero(network.weeks <= RECENTLY / 7)
    told = network.by_member(**departures(network.without(recent))).reindex(frame.index)
    hit = (frame["neighbours_gone"] > 0).to_numpy()
    calm = frame["walk"][~hit].median()
    told["walk"] = np.minimum(frame["walk"], calm if pd.notna(calm) else 0.0)
    for name in told.columns.intersection(frame.columns):
        frame[name] = frame[name].where(~hit, told[name])
    for weeks, share in ((RECENTLY / 7, "account_left_share"), (5.0, "account_left_5w")):
        kin = _kin(network, weeks).reindex(frame.index)
        frame[share] = (frame[share] - kin / frame["account_members"]).clip(lower=0)
    return frame


def _kin(network: Network, weeks: float) -> pd.Series:
    """How many neighbours of the same account left within so many weeks, by member_id."""
    row, column = _departed(network, weeks)
    same = (network.account[row] == network.account[column]) & (network.account[row] >= 0)
    count = np.bincount(row[same], minlength=network.size).astype(np.float64)
    return network.by_member(kin=count)["kin"]


def _departed(network: Network, weeks: float) -> tuple[np.ndarray, np.ndarray]:
    """Places of active members, and of their neighbours who left within so many weeks."""
    ties = network.ties
    at = np.flatnonzero((network.weeks <= weeks)[ties.indices])
    row = np.searchsorted(ties.indptr, at, side="right") - 1
    kept = network.active[row]
    return row[kept], ties.indices[at][kept]


def named(known: Known) -> pd.Series:
    """By member_id, words such as `M1 on 2026-09-03, M2 on 2026-09-20 and 2 more`; only who has any."""
    network = known.network
    row, column = _departed(network, RECENTLY / 7)
    if not len(row):
        return pd.Series(dtype=object)
    strength = np.asarray(network.ties[row, column]).ravel()
    order = np.lexsort((column, -strength, row))
    row, column = row[order], column[order]
    days = {c: known.day - timedelta(days=round(7 * float(network.weeks[c]))) for c in np.unique(column)}
    first, count = np.unique(row, return_index=True, return_counts=True)[1:]
    words = []
    for start, many in zip(first, count, strict=True):
        some = ", ".join(f"{network.keys[c]} on {days[c]}" for c in column[start : start + min(many, NAMED)])
        words.append(some + (f" and {many - NAMED} more" if many > NAMED else ""))
    return pd.Series(words, network.keys[row[first]], dtype=object)
