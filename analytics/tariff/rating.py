"""What members' use of past months costs under a tariff: bundles, steps, zones, periods, part months.

Rules and rounding: docs/methods/tariff.md. All sums are of whole numbers.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

import pandas as pd

from analytics.calendar import months_before
from analytics.tariff.terms import Tariff
from graph.asof import View
from graph.schema import PERIODS, SERVICES, ZONES

LINES = ["voice", "data", "line", "total"]

_CODED = ("p", "cell", "begins", "ends", "price", "bundle", "included")
_STEPS = ", ".join(f"unnest(${name}::BIGINT[]) AS {name}" for name in _CODED)

# Charges are in 1/100000 yuan: 1000 to the cent, and 500 more rounds half up. Cells are numbered by
# service, zone and period, 8 to a service; texts are left behind early, since the rest is sums.
_RATED = f"""
WITH steps AS (SELECT {_STEPS}),
new_fees AS (SELECT unnest($fee_plan::VARCHAR[]) AS plan, unnest($fee::BIGINT[]) AS new_fee),
held AS (
  SELECT s.source AS member_id, list_position($plans, s.target) AS p, s.since, new_fee,
         round(100 * s.fee)::BIGINT AS fee, round(100 * g.monthly_fee)::BIGINT AS listed,
         datediff('day', greatest(coalesce(s.since, $first), $first),
                  least(coalesce(s."until", $last), $last)) + 1 AS days
  FROM subscriptions s JOIN products g ON g.product_id = s.target
  LEFT JOIN new_fees n ON n.plan = s.target
  WHERE s.source_label = 'Member' AND list_contains($plans, s.target)
    AND coalesce(s.since, $first) <= $last AND coalesce(s."until", $last) >= $first
    AND s.source IN (SELECT about FROM bills WHERE month = $first)
    AND ($members IS NULL OR s.source IN (SELECT unnest($members::VARCHAR[])))),
priced AS (
  SELECT *, CASE WHEN new_fee IS NULL THEN coalesce(fee, listed, 0)
                 WHEN coalesce(listed, 0) = 0 OR fee IS NULL THEN new_fee
                 ELSE (2 * new_fee * fee + listed) // (2 * listed) END AS owed FROM held),
lines AS (
  SELECT member_id, row_number() OVER () AS who, arg_max(p, coalesce(since, DATE '1900-01-01')) AS p,
         least(sum(days), $days)::BIGINT AS days,
         ((2 * sum(owed * days) + $days) // (2 * $days))::BIGINT AS line
  FROM priced GROUP BY member_id),
used AS (
  SELECT who, p, days, 2 * list_position($zones, zone) + list_position($periods, period) - 3 AS place,
         round(10 * $volume * minutes)::BIGINT AS minutes, 10 * round($volume * messages)::BIGINT AS messages,
         round(10 * $volume * megabytes)::BIGINT AS megabytes
  FROM usage JOIN lines ON about = member_id WHERE month = $first),
counted AS (
  SELECT who, p, days, place AS cell, minutes AS tenths FROM used WHERE minutes > 0 UNION ALL
  SELECT who, p, days, place + 8, messages FROM used WHERE messages > 0 UNION ALL
  SELECT who, p, days, place + 16, megabytes FROM used WHERE megabytes > 0),
placed AS (
  SELECT who, p, cell, tenths, bundle, included * days // $days AS room
  FROM counted JOIN steps USING (p, cell) WHERE begins = 0),
beyond AS (
  SELECT who, p, cell, tenths - least(tenths, greatest(0, room + tenths - sum(tenths) OVER (
           PARTITION BY who, bundle ORDER BY cell ROWS UNBOUNDED PRECEDING)::BIGINT)) AS tenths
  FROM placed WHERE bundle > 0
  UNION ALL SELECT who, p, cell, tenths FROM placed WHERE bundle = 0),
charged AS (
  SELECT who, sum((least(tenths, ends) - begins) * price) FILTER (cell < 16) AS spoken,
         sum((least(tenths, ends) - begins) * price) FILTER (cell >= 16) AS carried
  FROM beyond JOIN steps USING (p, cell) WHERE tenths > begins GROUP BY who)
SELECT member_id, $first AS month, $plans[p] AS plan,
       ((coalesce(spoken, 0) + 500) // 1000)::BIGINT AS voice,
       ((coalesce(carried, 0) + 500) // 1000)::BIGINT AS data, line, voice + data + line AS total
FROM lines LEFT JOIN charged USING (who) ORDER BY member_id
"""


def months_with_usage(view: View, most: int | None = None) -> list[date]:
    """The first days of the last months that have usage, oldest first; at most so many."""
    found: list[date] = view.sql_arrow("SELECT DISTINCT month FROM usage ORDER BY month")["month"].to_pylist()
    return found[-most:] if most else found


def rated(
    view: View, tariff: Tariff, members: Sequence[str] | None = None, volume: float = 1.0
) -> pd.DataFrame:
    """What each billed month of those members (all by default) comes to under the tariff.

    `member_id`, `month`, `plan` (held last in the month) and, in cents as int64, `voice` (calls and
    messages), `data`, `line` and `total`, sorted by member and month. `volume` multiplies all use. Members
    on a plan without terms are left out. Each of voice, data and line is rounded by itself, half up.
    """
    only = None if members is None else list(members)
    # A month at a time: what is held at once is the use of one.
    parts = [_month(view, tariff, month, only, volume) for month in sorted(set(tariff.steps["month"]))]
    return pd.concat(parts, ignore_index=True).sort_values(["member_id", "month"], ignore_index=True)


def _month(view: View, tariff: Tariff, month: date, members: list[str] | None, volume: float) -> pd.DataFrame:
    steps = tariff.steps[tariff.steps["month"] == month]
    plans = sorted(steps["plan"].unique())
    return view.sql(
        _RATED,
        {
            **_coded(steps, plans),
            "plans": plans,
            "fee_plan": list(tariff.fees),
            "fee": list(tariff.fees.values()),
            "first": month,
            "last": month.replace(day=monthrange(month.year, month.month)[1]),
            "days": monthrange(month.year, month.month)[1],
            "zones": list(ZONES),
            "periods": list(PERIODS),
            "members": members,
            "volume": float(volume),
        },
    )


def _coded(steps: pd.DataFrame, plans: Sequence[str]) -> dict[str, list[int]]:
    """The steps as whole numbers: plans from 1, cells as in `_RATED`, bundles from 1 and 0 for none."""
    bundles = steps["service"].where(steps["bundle"] != "") + "/" + steps["bundle"]
    coded = steps.assign(
        p=steps["plan"].map({plan: number for number, plan in enumerate(plans, 1)}),
        cell=8 * steps["service"].map({name: place for place, name in enumerate(SERVICES)}) + steps["place"],
        bundle=pd.factorize(bundles)[0] + 1,
    )
    return {name: coded[name].astype(int).tolist() for name in _CODED}


def last_months(view: View, last: date, months: int) -> list[date]:
    """The months up to `last` that have usage, oldest first, at most so many back."""
    wanted = {months_before(last, back) for back in range(months)}
    return [month for month in months_with_usage(view) if month in wanted]
