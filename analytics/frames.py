"""What the measures start from, as frames: members, accounts and ties as they were known on a day.

Every function takes a `View`, which shows nothing known after its day; none of them opens the lake.
"""

from __future__ import annotations

from datetime import date

import pandas as pd
import pyarrow as pa

from analytics.calendar import last_whole_month, months_before
from graph.asof import View
from graph.errors import BadInput

TIE_MONTHS = 12
"""A year of ties: long enough for yearly rhythms, short enough to forget who is no longer in touch."""


def day_of(view: View) -> date:
    """The day of the view. Raises ValueError for one without: every measure is as of a day."""
    if view.as_of is None:
        raise ValueError("a measure needs a view as of a day: lake.view(day)")
    return view.as_of


def members(view: View) -> pd.DataFrame:
    """The members active on the day: `member_id` and their fields, sorted by key."""
    return view.sql('SELECT * FROM members WHERE "left" IS NULL ORDER BY member_id')


def departed(view: View) -> pd.Series:
    """The day each member left, by `member_id`, of those known on the day to be gone."""
    found = view.sql('SELECT member_id, "left" FROM members WHERE "left" IS NOT NULL ORDER BY member_id')
    return found.set_index("member_id")["left"]


def accounts(view: View) -> pd.DataFrame:
    """The accounts known on the day, with their fields, sorted by key."""
    return view.sql("SELECT * FROM accounts ORDER BY account_id")


def account_of(view: View) -> pd.Series:
    """The account that each member belongs to on the day: `account_id` by `member_id`.

    A line in several groups counts for the one it joined last.
    """
    found = view.sql(
        """SELECT source AS member_id, target AS account_id FROM memberships
           WHERE "until" IS NULL OR "until" >= $day
           QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1
           ORDER BY source""",
        {"day": day_of(view)},
    )
    return found.set_index("member_id")["account_id"]


def active(view: View) -> pa.Array:
    """The keys of `members`, as text."""
    found = view.sql_arrow('SELECT member_id FROM members WHERE "left" IS NULL ORDER BY member_id')
    return found["member_id"].combine_chunks()


def ties(view: View, months: int = TIE_MONTHS, half_life: float | None = None) -> pa.Table:
    """Who was in touch with whom among the members active on the day, over the last whole months.

    One row per ordered pair: `source`, `target`, `weight`, sorted by the pair. An Arrow table, since these
    are the many rows. A month weighs as many as its calls + messages, at least 1 (some sources tell only
    that two are in touch), times `decay` of how long ago it was; the pair's weight is the sum. Raises
    BadInput for a half-life that is not above 0.
    """
    return view.sql_arrow(
        f"""SELECT source, target, sum(weight ORDER BY month) AS weight FROM ({_TIES})
            WHERE source IN (SELECT member_id FROM members WHERE "left" IS NULL)
              AND target IN (SELECT member_id FROM members WHERE "left" IS NULL)
            GROUP BY source, target ORDER BY source, target""",
        _span(view, months, half_life),
    )


def numbered_ties(
    view: View, months: int = TIE_MONTHS, half_life: float | None = None
) -> pa.RecordBatchReader:
    """As `ties`, a row per ordered pair and month, in no order, a batch at a time.

    `source` and `target` are places in `active`, int32: looked up where the rows are read, since twice as
    many texts as ties would take longer to hand on than all the rest.
    """
    return view.sql_batches(
        f"""WITH own AS (SELECT member_id, (row_number() OVER (ORDER BY member_id) - 1)::INTEGER AS place
                         FROM members WHERE "left" IS NULL)
            SELECT a.place AS source, b.place AS target, weight
            FROM ({_TIES}) JOIN own a ON source = a.member_id JOIN own b ON target = b.member_id""",
        _span(view, months, half_life),
        rows=1_000_000,
    )


def decay(age: float, half_life: float | None) -> float:
    """What is left after `age` months: 2^(-age / half_life), the exponential time decay of Cormode et al.,
    "Forward decay", ICDE 2009. Without a half-life nothing is lost.

    >>> decay(3, 6.0), decay(6, 6.0), decay(12, 6.0), decay(12, None)
    (0.7071067811865476, 0.5, 0.25, 1.0)
    """
    return 1.0 if half_life is None else 2.0 ** (-age / half_life)


_TIES = """SELECT source, target, month,
                  greatest(coalesce(calls, 0) + coalesce(messages, 0), 1)
                  * $decay[datediff('month', month, $last) + 1] AS weight
           FROM ties WHERE month > $start AND source <> target"""


def _span(view: View, months: int, half_life: float | None) -> dict[str, object]:
    """The parameters of `_TIES`."""
    if half_life is not None and not half_life > 0:
        raise BadInput(f"a half-life of {half_life} months; it must be above 0, or left out for no decay")
    return {
        "start": start_of(view, months),
        "last": last_whole_month(day_of(view)),
        "decay": [decay(age, half_life) for age in range(months)],
    }


def start_of(view: View, months: int) -> date:
    """The month after which the last `months` whole months begin, to be compared with `>`."""
    return months_before(last_whole_month(day_of(view)), months)
