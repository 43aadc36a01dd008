"""Whether the terms in the lake explain the bills in it, to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.tariff.rating import LINES, rated
from analytics.tariff.terms import current_tariff
from graph.asof import View

COMPARED = ["member_id", "month", "plan", *LINES, *(f"billed_{line}" for line in LINES)]
MONTHLY = ["month", "bills", "equal", "unrated", "rated", "billed"]


@dataclass(frozen=True)
class Recheck:
    """Bills beside what the terms make of the use behind them."""

    months: tuple[date, ...]
    bills: int
    equal: int
    """Bills of which every line and the total agree to the cent."""
    unrated: int
    """Bills of members who held no plan with terms."""
    billed: int
    """Cents, of those rated."""
    rated: int
    by_month: pd.DataFrame
    """MONTHLY: counts of bills, of those equal and of those not rated, and yuan of those rated."""
    differences: pd.DataFrame
    """COMPARED, in yuan: the bills that differ, the widest first."""


def recheck(view: View, months: Sequence[date], members: Sequence[str] | None = None) -> Recheck:
    """Rate the use of those months again by the lake's own terms, and compare with the bills.

    Raises as `terms.current_tariff`.
    """
    found = rated(view, current_tariff(view, months), members)
    bills = _bills(view, months, members)
    both = bills.merge(found, on=["member_id", "month"], how="left")
    has = both["total"].notna()
    same = (both[LINES].to_numpy() == both[[f"billed_{line}" for line in LINES]].to_numpy()).all(axis=1)
    apart = both.loc[has & ~same, COMPARED]
    order = (apart["total"] - apart["billed_total"]).abs().sort_values(ascending=False, kind="stable").index
    money = COMPARED[3:]
    return Recheck(
        months=tuple(months),
        bills=len(bills),
        equal=int(same.sum()),
        unrated=int((~has).sum()),
        billed=int(both.loc[has, "billed_total"].sum()),
        rated=int(both["total"].sum()),
        by_month=_by_month(both, has, same),
        differences=apart.loc[order].assign(**{name: apart.loc[order, name] / 100 for name in money}),
    )


def _by_month(both: pd.DataFrame, has: pd.Series, same: np.ndarray) -> pd.DataFrame:
    counted = pd.DataFrame({
        "month": both["month"],
        "bills": 1,
        "equal": same.astype(int),
        "unrated": (~has).astype(int),
        "rated": both["total"].fillna(0) / 100,
        "billed": both["billed_total"].where(has, 0) / 100,
    })  # fmt: skip
    return counted.groupby("month").sum().round(2).reset_index()[MONTHLY]


def _bills(view: View, months: Sequence[date], members: Sequence[str] | None) -> pd.DataFrame:
    cents = ", ".join(f"round(100 * coalesce({line}, 0))::BIGINT AS billed_{line}" for line in LINES)
    return view.sql(
        f"""SELECT about AS member_id, month, {cents} FROM bills
            WHERE month IN (SELECT unnest($months::DATE[]))
              AND ($members IS NULL OR about IN (SELECT unnest($members::VARCHAR[])))""",
        {"months": list(months), "members": None if members is None else list(members)},
    )
