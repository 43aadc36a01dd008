"""A study read from the lake: members, and what was known of them on the eve of every month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from analytics.calendar import last_whole_month, months_before
from analytics.contagion.panel import NEVER, Floats, Ints, Month, Study, plain
from analytics.frames import day_of, start_of
from graph.asof import View
from graph.errors import BadInput
from graph.progress import Progress

ALIVE = 2
"""Whole months in one of which two must have been in touch to be neighbours: one may be silent by chance."""
STRENGTH = 6
"""Whole months over which a tie's strength is the mean of those with contact: calls fade before leaving."""
PAST = 12
"""Whole months before the first in which acquaintance is looked for."""
ALWAYS = -(2**31)
EPOCH = np.datetime64("1970-01-01", "D")


def study(
    view_of: Callable[[date], View], first: date, until: date, progress: Progress | None = None
) -> Study:
    """Everything between the days, months taken from `first` (the first day of a month) on.

    `view_of` is `lake.view`. Departures are those known at the end of `until`; ties and traits of a
    month those known when it begins, at the end of the day before. Raises BadInput where `first` is not
    the first day of a month or not before `until`.
    """
    if first.day != 1 or first >= until:
        raise BadInput(f"a study from {first} to {until}; it takes the first day of a month, and a later day")
    last = view_of(until)
    known = last.sql('SELECT member_id, joined, "left" FROM members ORDER BY member_id')
    keys = pa.array(known["member_id"], pa.string())
    days = _months(first, until)
    reader = Reader(keys)
    months = []
    for number, day in enumerate(days):
        months.append(reader.month(view_of(day - timedelta(days=1))))
        if progress:
            progress("reading months", number + 1, len(days))
    return Study(
        key=pd.util.hash_array(known["member_id"].to_numpy(dtype=object)),
        joined=_days(known["joined"], ALWAYS),
        left=_days(known["left"], NEVER),
        months=tuple(months),
        until=_day(until),
        origin=reader.origin,
        past=reader.past,
    )


def _months(first: date, until: date) -> list[date]:
    months = []
    day = first
    while day <= until:
        months.append(day)
        day = months_before(day, -1)
    return months


def _day(day: date) -> int:
    return int((np.datetime64(day, "D") - EPOCH).astype(np.int64))


def _days(dates: pd.Series, missing: int) -> Ints:
    """Days since 1970, `missing` where there is none."""
    values = pd.to_datetime(dates).to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(values), missing, (values - EPOCH).astype(np.int64))


class Reader:
    """Reads month after month; each month's ties once, as they were known when it was over."""

    def __init__(self, keys: pa.Array) -> None:
        self._keys = keys
        self._names: dict[str, pd.Index] = {
            kind: pd.Index([], dtype=object) for kind in ("account", "partner", "region")
        }
        self._ties: dict[int, sparse.csr_array] = {}
        self._before: Month | None = None
        self.past: sparse.csr_array | None = None
        self.origin: int | None = None
        """The eve of the first month with ties: weeks are counted from there, whatever stretch is studied."""

    def month(self, view: View) -> Month:
        """What is known on the view's day; to be asked for in the order of days."""
        day = _day(day_of(view))
        self._read_ties(view)
        facts = _facts(view).reindex(self._keys.to_numpy(zero_copy_only=False))
        account, region, partner = (
            self._numbered(facts[name], name) for name in ("account", "region", "partner")
        )
        if self._before is not None:
            # A line that has left belongs to nobody any more; its neighbours still count it where it was.
            gone = account < 0
            account = np.where(gone, self._before.account, account)
            region = np.where(gone, self._before.region, region)
        traits = np.column_stack([_logged(facts["fee"]), _logged(facts["spend"]), _rank(facts["credit"])])
        self._before = Month(
            day,
            self._strengths(),
            account,
            partner,
            region,
            _days(facts["contract_end"], NEVER),
            facts["arrears"].to_numpy() == True,  # noqa: E712  (missing is not True)
            traits,
        )
        return self._before

    def _numbered(self, values: pd.Series, kind: str) -> Ints:
        """Numbers of the names, -1 where empty; new names come behind, so that later months change none."""
        names = self._names[kind]
        told = pd.Index(values.dropna().unique()).sort_values()
        self._names[kind] = names = names.append(told.difference(names))
        return np.asarray(names.get_indexer(pd.Index(values.to_numpy(dtype=object))), dtype=np.int64)

    def _read_ties(self, view: View) -> None:
        months = 1 if self._ties else PAST
        found = view.sql_arrow(_TIES, {"start": start_of(view, months)})
        then = view.sql_arrow("SELECT member_id FROM members ORDER BY member_id")[
            "member_id"
        ].combine_chunks()
        place = pc.index_in(then.cast(pa.string()), value_set=self._keys).fill_null(-1).to_numpy()
        source, target = (place[found[end].to_numpy()] for end in ("source", "target"))
        # Days, not names of months, so that a month without ties is there all the same.
        month, weight = found["month"].to_numpy().astype(np.int64), found["weight"].to_numpy()
        both = (source >= 0) & (target >= 0)
        n = len(self._keys)
        last = last_whole_month(day_of(view))
        for ago in range(months - 1, -1, -1):
            day = _day(months_before(last, ago))
            here = np.flatnonzero(both & (month == day))
            self._ties[day] = sparse.csr_array((weight[here], (source[here], target[here])), shape=(n, n))
        if self.origin is None:
            first = view.sql("SELECT min(month) AS first FROM ties")["first"].iloc[0]
            self.origin = None if pd.isna(first) else _day(first) - 1
        if self.past is None:
            self.past = sparse.csr_array(sum(self._ties.values(), start=sparse.csr_array((n, n))))
        for day in sorted(self._ties)[:-STRENGTH]:
            del self._ties[day]

    def _strengths(self) -> sparse.csr_array:
        """Contacts in the mean month with any, of those in touch in one of the last ALIVE."""
        months = [self._ties[day] for day in sorted(self._ties)]
        alive = plain(sum(months[-ALIVE + 1 :], start=months[-ALIVE] if len(months) >= ALIVE else months[-1]))
        total = months[0]
        seen = plain(months[0])
        for month in months[1:]:
            total, seen = sparse.csr_array(total + month), sparse.csr_array(seen + plain(month))
        total, seen = sparse.csr_array(total.multiply(alive)), sparse.csr_array(seen.multiply(alive))
        total.sort_indices()
        seen.sort_indices()
        return sparse.csr_array((total.data / seen.data, total.indices, total.indptr), shape=total.shape)


_TIES = """WITH own AS (SELECT member_id, (row_number() OVER (ORDER BY member_id) - 1)::INTEGER AS place
                        FROM members)
           SELECT a.place AS source, b.place AS target, datediff('day', DATE '1970-01-01', month) AS month,
                  greatest(coalesce(calls, 0) + coalesce(messages, 0), 1)::DOUBLE AS weight
           FROM ties JOIN own a ON source = a.member_id JOIN own b ON target = b.member_id
           WHERE month > $start AND source <> target"""


def _facts(view: View) -> pd.DataFrame:
    """Of every member known on the day, by member_id: account (the one joined last), its region and
    contract's end, the partner that last sold it something, whether the last whole month's bill was paid
    late or not at all, the plan's fee, the mean bill of a quarter and the credit level.
    """
    found = view.sql(
        """WITH home AS (
             SELECT source AS member_id, target AS account FROM memberships
             WHERE "until" IS NULL OR "until" >= $day
             QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1),
           sold AS (
             SELECT target AS member_id, source AS partner, date AS day FROM sales
             WHERE target_label = 'Member'
             UNION ALL
             SELECT source, sold_by, since FROM subscriptions
             WHERE source_label = 'Member' AND sold_by IS NOT NULL),
           seller AS (
             SELECT member_id, partner FROM sold
             QUALIFY row_number() OVER (PARTITION BY member_id ORDER BY day DESC NULLS LAST, partner) = 1),
           bill AS (
             SELECT about AS member_id, avg(total) AS spend,
                    bool_or(month > $last AND days_overdue > 0) AS arrears
             FROM bills WHERE month > $quarter GROUP BY about)
           SELECT m.member_id, account, region, contract_end, partner, arrears, p.monthly_fee AS fee, spend,
                  m.credit_level AS credit
           FROM members m LEFT JOIN home USING (member_id)
           LEFT JOIN accounts a ON a.account_id = home.account
           LEFT JOIN seller USING (member_id) LEFT JOIN bill USING (member_id)
           LEFT JOIN products p ON p.product_id = m.plan_id""",
        {"day": day_of(view), "last": start_of(view, 1), "quarter": start_of(view, 3)},
    )
    return found.set_index("member_id")


def _logged(values: pd.Series) -> Floats:
    return np.asarray(np.log1p(np.clip(pd.to_numeric(values).to_numpy(float), 0, None)), np.float64)


def _rank(names: pd.Series) -> Floats:
    """The place of each name among those that occur, NaN where there is none."""
    place = np.unique(names.dropna().to_numpy(dtype=object))
    found = pd.Index(place).get_indexer(pd.Index(names.to_numpy(dtype=object))).astype(float)
    return np.where(found < 0, np.nan, found)
