"""Who left within a horizon, and how: lines by kind, accounts as a whole, and accounts in part.

Kinds compete: who leaves in one way can no longer leave in another, and counts as not having left in
that other way. A transfer inside the operator is no churn: the revenue stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pandas as pd

from analytics.frames import account_of, members
from graph.asof import View
from graph.errors import BadInput
from graph.schema import LEFT_KINDS

Views = Callable[[date], View]

STAYS = ("internal_transfer",)
"""Kinds of leaving that are no churn."""
CHURN = tuple(kind for kind in LEFT_KINDS if kind not in STAYS)
UNKNOWN = "unknown"
"""The kind of a departure of which the source does not say how."""
LOST = 0.2
"""Share of an account's lines whose loss within the horizon is partial churn."""


def departures(views: Views, day: date, horizon: int, gap: int = 0) -> pd.Series:
    """How each member active on `day` left in the `horizon` days from `gap` days after it.

    By member_id: a kind of LEFT_KINDS, UNKNOWN, or empty for one who did not, as known at the end. Who
    had left by `day` but was only later found to have, and who left within the gap, is neither: it is
    left out. Raises BadInput for a horizon below a day or a negative gap.
    """
    if horizon < 1 or gap < 0:
        raise BadInput(f"a horizon of {horizon} days after a gap of {gap}; at least 1 and 0 work")
    first = pd.Timestamp(day) + timedelta(days=gap)
    gone = (
        views(day + timedelta(days=gap + horizon))
        .sql('SELECT member_id, "left", left_kind FROM members WHERE "left" IS NOT NULL ORDER BY member_id')
        .set_index("member_id")
    )
    mine = gone.reindex(members(views(day))["member_id"])
    kept = mine[~(pd.to_datetime(mine["left"]) <= first)]
    kind: pd.Series = kept["left_kind"].astype(object).where(kept["left"].notna(), None)
    return kind.mask(kept["left"].notna() & kept["left_kind"].isna(), UNKNOWN)


def labels(
    views: Views, day: date, horizon: int, kinds: Sequence[str] = (*CHURN, UNKNOWN), gap: int = 0
) -> pd.Series:
    """Whether each member active on `day` left in one of the kinds: bool by member_id; see `departures`."""
    return departures(views, day, horizon, gap).isin(kinds)


def ended(views: Views, day: date, horizon: int) -> pd.Series:
    """Whether each account open on `day` was closed `horizon` days later: bool by account_id."""
    text = "SELECT account_id, closed FROM accounts ORDER BY account_id"
    now = views(day).sql(text).set_index("account_id")["closed"]
    later = views(day + timedelta(days=horizon)).sql(text).set_index("account_id")["closed"]
    return later.reindex(now[now.isna()].index).notna()


def lost_share(views: Views, day: date, horizon: int) -> pd.DataFrame:
    """Of each account with members on `day`: `lines`, `lost` (share who churned), `partial` (≥ LOST)."""
    left = labels(views, day, horizon)
    account = account_of(views(day)).reindex(left.index)
    found = left.groupby(account).agg(["size", "mean"])
    found.columns = ["lines", "lost"]
    return found.assign(partial=found["lost"] >= LOST)
