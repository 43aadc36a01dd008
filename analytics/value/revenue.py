"""What members and accounts bring: ARPU and ARPA, from bills and from the accounts' own subscriptions."""

from __future__ import annotations

from datetime import date

import pandas as pd

from analytics.calendar import last_whole_month, months_before
from analytics.frames import day_of
from graph.asof import View

MONTHS = 3
"""Revenue is the mean of so many whole months: one dear month is not a trend."""


def window(view: View, months: int = MONTHS) -> tuple[date, date]:
    """The first days of the first and the last of the newest whole months."""
    last = last_whole_month(day_of(view))
    return months_before(last, months - 1), last


def member_revenue(view: View, months: int = MONTHS) -> pd.DataFrame:
    """By `member_id`, of members with a bill in the months: `arpu` (yuan a billed month), `billed` and
    `unpaid` (yuan in all), `worst_days` (most days overdue).
    """
    first, last = window(view, months)
    found = view.sql(
        """SELECT about AS member_id, avg(total) AS arpu, sum(total) AS billed,
                  greatest(0, sum(total - coalesce(paid, total))) AS unpaid,
                  coalesce(max(days_overdue), 0)::DOUBLE AS worst_days
           FROM bills WHERE month BETWEEN $first AND $last AND total IS NOT NULL GROUP BY about""",
        {"first": first, "last": last},
    )
    return found.set_index("member_id")


def account_months(view: View, months: int = 2 * MONTHS) -> pd.DataFrame:
    """`account_id`, `month`, `members` billed, `lines` (yuan of their bills) and `services` (yuan of the
    account's own subscriptions, in proportion to the days), for every month that has either.

    A line that moved between accounts within a month counts where it ended up.
    """
    first, last = window(view, months)
    return view.sql(
        """WITH spans AS (SELECT m::DATE AS month, last_day(m::DATE) AS over
                          FROM generate_series($first::DATE, $last::DATE, INTERVAL 1 MONTH) AS t(m)),
           theirs AS (
             SELECT b.month, b.total, s.target AS account_id FROM bills b JOIN memberships s
               ON s.source = b.about AND coalesce(s.since, b.month) <= last_day(b.month)
              AND coalesce(s."until", b.month) >= b.month
             WHERE b.month BETWEEN $first AND $last
             QUALIFY row_number() OVER (PARTITION BY b.about, b.month
                                        ORDER BY s.since DESC NULLS LAST, s.target) = 1),
           both_kinds AS (
             SELECT account_id, month, count(*) AS members, sum(total) AS lines, 0.0 AS services
             FROM theirs GROUP BY ALL
             UNION ALL
             SELECT source, month, 0, 0.0, sum(coalesce(fee, 0) * (1 + datediff('day',
                      greatest(coalesce(since, month), month), least(coalesce("until", over), over)))
                      / day(over))
             FROM subscriptions
             JOIN spans ON coalesce(since, month) <= over AND coalesce("until", month) >= month
             WHERE source_label = 'Account' GROUP BY source, month)
           SELECT account_id, month, sum(members)::BIGINT AS members, sum(lines) AS lines,
                  sum(services) AS services
           FROM both_kinds GROUP BY account_id, month ORDER BY account_id, month""",
        {"first": first, "last": last},
    )


def account_revenue(by_month: pd.DataFrame, since: date) -> pd.DataFrame:
    """By `account_id`, over the months from `since` on of `account_months`, a month's mean: `arpa`,
    `lines` and `services` (yuan), `members`; and `arpu`, yuan of lines for each member and month.
    """
    recent = by_month[by_month["month"] >= pd.Timestamp(since)]
    sums = recent.groupby("account_id")[["members", "lines", "services"]].sum()
    months = recent.groupby("account_id")["month"].nunique()
    return pd.DataFrame(
        {
            "arpa": (sums["lines"] + sums["services"]) / months,
            "lines": sums["lines"] / months,
            "services": sums["services"] / months,
            "members": sums["members"] / months,
            "arpu": (sums["lines"] / sums["members"]).where(sums["members"] > 0),
        }
    )
