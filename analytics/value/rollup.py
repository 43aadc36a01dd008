"""The tree of accounts and subsidiaries, as of the day, and sums over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.frames import day_of
from graph.asof import View


@dataclass(frozen=True, eq=False)
class Tree:
    """`above`: a row for each account and itself, and for each account and every account above it."""

    above: pd.DataFrame
    """`account_id`, `ancestor`, `depth` (0 for itself)."""
    cut: tuple[str, ...]
    """Accounts whose parent was disregarded, since they were above themselves."""

    def summed(self, own: pd.DataFrame) -> pd.DataFrame:
        """The numbers of `own` (by account_id) with those of all accounts below added."""
        known = self.above[self.above["account_id"].isin(own.index)]
        values = own.loc[known["account_id"]].set_axis(known["ancestor"].to_numpy())
        return values.groupby(level=0).sum()


def tree(view: View) -> Tree:
    """Of every account known on the day. A part of two accounts belongs to the one it joined last."""
    found = view.sql(
        """SELECT account_id, target AS parent FROM accounts LEFT JOIN (
             SELECT source, target FROM account_parents
             WHERE ("until" IS NULL OR "until" >= $day) AND target IN (SELECT account_id FROM accounts)
             QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1)
           ON source = account_id ORDER BY account_id""",
        {"day": day_of(view)},
    )
    keys = found["account_id"].to_numpy(object)
    parent = pd.Index(keys).get_indexer(found["parent"].astype(object))
    parent, cut = _without_rings(parent)
    return Tree(_ancestors(keys, parent), tuple(str(keys[place]) for place in cut))


def _without_rings(parent: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Parents by number (−1: none) with each ring opened at its first account."""
    jump = parent
    for _ in range(len(parent).bit_length()):  # twice as far each time: at the end only rings go on
        jump = np.where(jump >= 0, jump[np.maximum(jump, 0)], -1)
    ringed = np.unique(jump[jump >= 0])
    opened, cut, seen = parent.copy(), [], set()
    for start in ringed.tolist():  # rings are mistakes, so few
        if start not in seen:
            ring = [start]
            while parent[ring[-1]] != start:
                ring.append(int(parent[ring[-1]]))
            seen.update(ring)
            opened[min(ring)] = -1
            cut.append(min(ring))
    return opened, sorted(cut)


def _ancestors(keys: np.ndarray, parent: np.ndarray) -> pd.DataFrame:
    here = np.arange(len(keys))
    account, above, parts, depth = here, here, [], 0
    while len(account):
        parts.append(pd.DataFrame({"account_id": keys[account], "ancestor": keys[above], "depth": depth}))
        up = parent[above]
        account, above, depth = account[up >= 0], up[up >= 0], depth + 1
    nobody = pd.DataFrame({"account_id": keys[:0], "ancestor": keys[:0], "depth": here[:0]})
    return pd.concat(parts or [nobody], ignore_index=True).astype({"account_id": "str", "ancestor": "str"})
