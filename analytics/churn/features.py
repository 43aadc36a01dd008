"""What is known of a member on a day that may tell whether it will leave.

Every part reads one `View` and so cannot see past its day; months count when they are over. The frame
has the features of the catalogue and, beside them, the figures that the reasons quote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.churn.catalogue import FEATURES
from analytics.churn.ego import ego
from analytics.churn.group import group
from analytics.churn.network import Network, network
from analytics.churn.own import FIGURES, own
from analytics.churn.partner import partner
from analytics.churn.position import position
from analytics.frames import account_of, day_of, members
from graph.asof import View

QUOTED = (
    "reached", "reached_by", "neighbours", "neighbours_gone", "account_members", "account_gone",
    "book_members",
)  # fmt: skip
DIGITS = 9
COLUMNS = tuple(dict.fromkeys((*FIGURES, *QUOTED, *FEATURES, "account_id")))


@dataclass(frozen=True, eq=False)
class Known:
    """What is known on `day`: `frame` as from `features`, and the network it was read from."""

    day: date
    frame: pd.DataFrame
    network: Network


def known(view: View) -> Known:
    """The features with the network behind them."""
    base = members(view).set_index("member_id")
    account = account_of(view).reindex(base.index)
    around = network(view)
    mine = own(view, base, account)
    parts = [mine, ego(around, mine["contacts_trend"]), group(view, around), partner(view, around)]
    found = pd.concat([*parts, position(around)], axis=1).reindex(index=base.index)
    found["account_id"] = account
    found = found.reindex(columns=list(COLUMNS)).sort_index()
    # Sums of decimals differ in their last digits from run to run, and a tree's split would tell.
    found[list(FEATURES)] = found[list(FEATURES)].astype(np.float64).round(DIGITS)
    return Known(day_of(view), found, around)


def features(view: View) -> pd.DataFrame:
    """One row per member active on the day, indexed by member_id, sorted: FEATURES and quoted figures.

    Counts enter as log(1 + count), trends as (last month - mean of the three before) ÷ their sum, from
    -1 (fallen to nothing) to 1 (risen from nothing). Unknown is NaN; a feature without its source is
    NaN throughout.
    """
    return known(view).frame
