"""The ties around every member, those who have lately left among them, as arrays of one order.

Built once per day; `ego`, `group`, `partner` and `position` read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from analytics.csr import Floats, Ints
from analytics.frames import day_of, start_of
from graph.asof import View

MONTHS = 6
"""Whole months of ties: who left twelve weeks ago had ties in the months before."""
BACK = 26
"""Weeks that one who left is kept among the neighbours."""

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Network:
    """`keys[i]`, sorted, is a member active on the day or gone for at most BACK weeks; n of them.

    `weeks` is how long ago each left, infinite for the active, shape (n,). `out[i, j]` is the weight
    (contacts, at least 1 a month) from i to j over MONTHS, `lately` the same over three months, `ties`
    both directions added up: n × n float64. `account` is a number into `accounts`, -1 where unknown.
    """

    keys: npt.NDArray[np.object_]
    weeks: Floats
    out: sparse.csr_array
    lately: sparse.csr_array
    ties: sparse.csr_array
    account: Ints
    accounts: npt.NDArray[np.object_]

    @property
    def size(self) -> int:
        return len(self.keys)

    @property
    def active(self) -> Bools:
        return np.isinf(self.weeks)

    def gone(self, weeks: float) -> Floats:
        """1 for those who left within so many weeks, else 0."""
        return (self.weeks <= weeks).astype(np.float64)

    def by_member(self, **columns: Floats) -> pd.DataFrame:
        """Columns of length n as a frame by member_id, only of the active."""
        frame = pd.DataFrame(columns, index=pd.Index(self.keys, name="member_id"))
        return frame[self.active]

    def without(self, places: Ints) -> Network:
        """The same as if these had not left."""
        weeks = self.weeks.copy()
        weeks[places] = np.inf
        return Network(self.keys, weeks, self.out, self.lately, self.ties, self.account, self.accounts)


def network(view: View) -> Network:
    """The network as of the view's day; without ties, matrices without entries."""
    day = day_of(view)
    since = day - timedelta(days=7 * BACK)
    people = view.sql(
        """WITH home AS (
             SELECT source AS member_id, target AS account FROM memberships
             WHERE "until" IS NULL OR "until" > $since
             QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1)
           SELECT m.member_id, datediff('day', m."left", $day)::DOUBLE / 7 AS weeks, h.account
           FROM members m LEFT JOIN home h USING (member_id)
           WHERE m."left" IS NULL OR m."left" > $since ORDER BY m.member_id""",
        {"since": since, "day": day},
    )
    number, names = pd.factorize(people["account"], sort=True)
    out, lately = _weights(view, since, len(people))
    return Network(
        people["member_id"].to_numpy(object),
        people["weeks"].fillna(np.inf).to_numpy(np.float64),
        out,
        lately,
        sparse.csr_array(out + out.T),
        number.astype(np.int64),
        np.asarray(names, dtype=object),
    )


def _weights(view: View, since: object, size: int) -> tuple[sparse.csr_array, sparse.csr_array]:
    if "ties" not in view.versions:
        return sparse.csr_array((size, size)), sparse.csr_array((size, size))
    rows = view.sql_arrow(
        """WITH own AS (SELECT member_id, (row_number() OVER (ORDER BY member_id) - 1)::INTEGER AS place
                        FROM members WHERE "left" IS NULL OR "left" > $since)
           SELECT a.place AS source, b.place AS target, sum(contacts)::DOUBLE AS weight,
                  coalesce(sum(contacts) FILTER (month > $quarter), 0)::DOUBLE AS lately
           FROM (SELECT source, target, month,
                        greatest(coalesce(calls, 0) + coalesce(messages, 0), 1) AS contacts
                 FROM ties WHERE month > $start AND source <> target)
           JOIN own a ON source = a.member_id JOIN own b ON target = b.member_id
           GROUP BY a.place, b.place""",
        {"since": since, "start": start_of(view, MONTHS), "quarter": start_of(view, 3)},
    )
    ends = rows["source"].to_numpy(), rows["target"].to_numpy()
    weight, lately = rows["weight"].to_numpy(), rows["lately"].to_numpy()
    fresh = lately > 0
    whole = sparse.csr_array((weight, ends), shape=(size, size))
    part = sparse.csr_array((lately[fresh], (ends[0][fresh], ends[1][fresh])), shape=(size, size))
    for matrix in (whole, part):
        matrix.sort_indices()
    return whole, part
