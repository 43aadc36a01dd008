"""What an account is billed, month by month. Bills stay in the lake, so the graph's library cannot say."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from api.tables import Listing
from graph.lake import Lake

COLUMNS = ("month", "lines", "billed", "paid")

BILLED = """
WITH theirs AS (
  SELECT b.month, b.about, b.total, b.paid, s.target
  FROM bills b JOIN memberships s ON s.source = b.about
   AND (s.since IS NULL OR s.since <= last_day(b.month)) AND (s.until IS NULL OR s.until >= b.month)
  WHERE b.about IN (SELECT source FROM memberships WHERE target = $account_id)
  -- a line that moved between groups within the month counts where it ended up
  QUALIFY row_number() OVER (PARTITION BY b.about, b.month ORDER BY s.since DESC NULLS LAST, s.target) = 1
)
SELECT month, count(*) AS lines, round(sum(total), 2) AS billed, round(sum(paid), 2) AS paid
FROM theirs WHERE target = $account_id GROUP BY month ORDER BY month
"""


def revenue(lake: Lake, account_id: str, as_of: date | None = None) -> Listing:
    """Bills of the account's members by month, oldest first, as known at the end of `as_of`.

    Columns: month (its first day), lines (members billed), billed and paid (yuan). No rows where there
    are no bills.
    """
    view = lake.view(as_of)
    rows = view.sql_arrow(BILLED, {"account_id": account_id}).to_pylist() if "bills" in view.versions else []
    link = f"/accounts/{quote(account_id, safe='')}/revenue"
    return Listing(
        name=f"revenue-{account_id}",
        columns=COLUMNS,
        rows=rows,
        as_of=as_of,
        link=f"{link}?as_of={as_of.isoformat()}" if as_of else link,
    )
