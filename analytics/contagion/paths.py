"""Contagion paths: through whom recent departures come near a member or an account, tie by tie.

An explanation of exposure, not of leaving: the doses are those of the verdict's hazard (see `panel`), and
nothing says that they move anybody.
"""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from analytics.contagion.panel import MEMORY, STRONGEST, TAU
from analytics.contagion.study import ALIVE, STRENGTH
from analytics.frames import day_of, start_of
from graph.asof import View
from graph.errors import NotFound

ENOUGH = 0.9
"""Share of the exposure that the departures shown make up."""
STEPS = 3
"""Departures behind departures that are followed back."""
COLUMNS = (
    "step",
    "member",
    "leaver",
    "left",
    "weeks",
    "strength",
    "dose",
    "share",
    "contacts",
    "months",
    "last_month",
)


def paths(view: View, about: str, enough: float = ENOUGH, steps: int = STEPS) -> pd.DataFrame:
    """The fewest recent leavers that make up `enough` of the exposure of a member, or an account's members.

    A row per tie, strongest first in each step, with COLUMNS: `member` was in touch with `leaver`, who left
    on `left`, `weeks` before the day; `strength` is the tie over the mean of the member's, at most 3, `dose`
    that times exp(−weeks/3), `share` its part of all the exposure in that step; `contacts` in `months`
    months of the last half year, `last_month` the latest. Step 1 is the exposure on the view's day; step 2
    what the leavers of step 1 were exposed to when they left, and so on. Empty where nobody near left lately.
    Raises NotFound for a key that is neither a member's nor an account's.
    """
    who = _members(view, about)
    ends = pd.Series([pd.Timestamp(day_of(view))] * len(who), index=who)
    parts, seen = [], set(who)
    for step in range(1, steps + 1):
        doses = _doses(view, ends)
        chosen = _fewest(doses, enough)
        parts.append(chosen.assign(step=step))
        fresh = chosen.drop_duplicates("leaver").set_index("leaver")["left"]
        ends = fresh[~fresh.index.isin(seen)]
        seen.update(ends.index)
        if ends.empty:
            break
    return pd.concat(parts, ignore_index=True).reindex(columns=list(COLUMNS))


def _members(view: View, about: str) -> list[str]:
    """The member itself, or the members that the account has on the day."""
    if len(view.sql("SELECT 1 FROM members WHERE member_id = $about", {"about": about})):
        return [about]
    if not len(view.sql("SELECT 1 FROM accounts WHERE account_id = $about", {"about": about})):
        raise NotFound(f"no member and no account is called {about}; give a member_id or an account_id")
    found = view.sql(
        """SELECT DISTINCT source AS member_id FROM memberships JOIN members ON source = member_id
           WHERE target = $about AND ("until" IS NULL OR "until" >= $day) AND "left" IS NULL
           ORDER BY member_id""",
        {"about": about, "day": day_of(view)},
    )
    return [str(key) for key in found["member_id"]]


def _doses(view: View, ends: pd.Series) -> pd.DataFrame:
    """Ties from members to those who left in the MEMORY weeks before each one's own day (`ends`, by key)."""
    first = min(ends, default=pd.Timestamp(day_of(view)))
    found = view.sql(
        """WITH own AS (
             SELECT source, target, sum(greatest(coalesce(calls, 0) + coalesce(messages, 0), 1)) AS contacts,
                    count(DISTINCT month) AS months, max(month) AS last_month
             FROM ties WHERE source IN (SELECT unnest($who)) AND source <> target AND month > $start
             GROUP BY source, target),
           near AS (
             SELECT *, contacts / months AS rate, avg(contacts / months) OVER (PARTITION BY source) AS usual
             FROM own WHERE last_month > $alive)
           SELECT source AS member, target AS leaver, "left", least(rate / usual, $most) AS strength,
                  contacts::BIGINT AS contacts, months, last_month
           FROM near JOIN members ON member_id = target WHERE "left" IS NOT NULL AND "left" > $since""",
        {
            "who": [str(key) for key in ends.index],
            "start": start_of(view, STRENGTH + MEMORY * 7 // 30),
            "alive": start_of(view, ALIVE + MEMORY * 7 // 30) if len(ends) else start_of(view, ALIVE),
            "most": STRONGEST,
            "since": (first - timedelta(days=7 * MEMORY)).date(),
        },
    )
    ago = (found["member"].map(ends) + timedelta(days=1) - found["left"]).dt.days / 7
    near = found.assign(weeks=ago)[(ago > 0) & (ago <= MEMORY)]
    return near.assign(dose=near["strength"] * (-near["weeks"] / TAU).map(_exp))


def _exp(power: float) -> float:
    return float(2.718281828459045**power)


def _fewest(doses: pd.DataFrame, enough: float) -> pd.DataFrame:
    """The ties to the leavers who, strongest first, make up that share of all doses."""
    total = float(doses["dose"].sum())
    by_leaver = doses.groupby("leaver")["dose"].sum().sort_values(ascending=False, kind="stable")
    needed = int((by_leaver.cumsum() < enough * total - 1e-12).sum()) + 1
    kept = doses[doses["leaver"].isin(by_leaver.index[:needed])]
    kept = kept.assign(share=kept["dose"] / total if total else 0.0)
    return kept.sort_values(["dose", "member", "leaver"], ascending=[False, True, True])
