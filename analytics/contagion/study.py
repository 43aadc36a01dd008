"""A study read from the lake: members, and what was known of them on the eve of every month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from analytics.calendar import months_before
from analytics.contagion.panel import NEVER, Bools, Ints, Month, Study
from analytics.frames import account_of, start_of
from graph.asof import View
from graph.errors import BadInput
from graph.progress import Progress

TIE_MONTHS = 2
"""Whole months of ties: one is too few where a tie may be silent for a month, and who has just left had
fewer calls in the last."""
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
    months: list[Month] = []
    names: dict[str, pd.Index] = {
        kind: pd.Index([], dtype=object) for kind in ("account", "partner", "region")
    }
    for number, day in enumerate(days):
        eve = day - timedelta(days=1)
        months.append(_month(view_of(eve), eve, keys, names, months[-1] if months else None))
        if progress:
            progress("reading months", number + 1, len(days))
    return Study(
        key=pd.util.hash_array(known["member_id"].to_numpy(dtype=object)),
        joined=_days(known["joined"], ALWAYS),
        left=_days(known["left"], NEVER),
        months=tuple(months),
        until=_day(until),
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


def _month(view: View, day: date, keys: pa.Array, names: dict[str, pd.Index], before: Month | None) -> Month:
    members = keys.to_numpy(zero_copy_only=False)
    home = account_of(view).reindex(members)
    accounts = view.frame("accounts", ["account_id", "region", "contract_end"]).set_index("account_id")
    facts = accounts.reindex(home.to_numpy())
    account = _numbered(home, names, "account")
    region = _numbered(facts["region"], names, "region")
    ends = _days(facts["contract_end"], NEVER)
    if before is not None:
        # A line that has left belongs to nobody any more; its neighbours still count it where it was.
        gone = account < 0
        account = np.where(gone, before.account, account)
        region = np.where(gone, before.region, region)
    partner = _numbered(_sellers(view).reindex(members), names, "partner")
    return Month(_day(day), _ties(view, keys), account, partner, region, ends, _arrears(view, members))


def _numbered(values: pd.Series, names: dict[str, pd.Index], kind: str) -> Ints:
    """Numbers of the names, -1 where empty; new names are added behind, so that later months change none."""
    told = pd.Index(values.dropna().unique()).sort_values()
    names[kind] = names[kind].append(told.difference(names[kind]))
    return np.asarray(names[kind].get_indexer(pd.Index(values.to_numpy(dtype=object))), dtype=np.int64)


def _sellers(view: View) -> pd.Series:
    """The partner that last sold the line something, by member_id."""
    found = view.sql(
        """SELECT member_id, partner FROM (
             SELECT target AS member_id, source AS partner, date AS day FROM sales
             WHERE target_label = 'Member'
             UNION ALL
             SELECT source, sold_by, since FROM subscriptions
             WHERE source_label = 'Member' AND sold_by IS NOT NULL)
           QUALIFY row_number() OVER (PARTITION BY member_id ORDER BY day DESC NULLS LAST, partner) = 1"""
    )
    return found.set_index("member_id")["partner"]


def _arrears(view: View, members: npt.NDArray[np.object_]) -> Bools:
    """Whether the last whole month's bill was paid late or not at all."""
    found = view.sql(
        "SELECT DISTINCT about FROM bills WHERE month > $last AND days_overdue > 0",
        {"last": start_of(view, 1)},
    )
    return np.asarray(pd.Index(members).isin(found["about"]), dtype=bool)


def _ties(view: View, keys: pa.Array) -> sparse.csr_array:
    """Contacts over the last whole months between members known by then, those that have left among them."""
    found = view.sql_arrow(
        """WITH own AS (SELECT member_id, (row_number() OVER (ORDER BY member_id) - 1)::INTEGER AS place
                        FROM members)
           SELECT a.place AS source, b.place AS target,
                  sum(greatest(coalesce(calls, 0) + coalesce(messages, 0), 1))::DOUBLE AS weight
           FROM ties JOIN own a ON source = a.member_id JOIN own b ON target = b.member_id
           WHERE month > $start AND source <> target GROUP BY ALL""",
        {"start": start_of(view, TIE_MONTHS)},
    )
    then = view.sql_arrow("SELECT member_id FROM members ORDER BY member_id")["member_id"].combine_chunks()
    place = pc.index_in(then.cast(pa.string()), value_set=keys).to_numpy(zero_copy_only=False)
    ends = (place[found["source"].to_numpy()], place[found["target"].to_numpy()])
    ties = sparse.csr_array((found["weight"].to_numpy(), ends), shape=(len(keys), len(keys)))
    ties.sort_indices()
    return ties
