"""A lake with one small market: accounts, lines, bills, ties, and whatever a test adds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from analytics.csr import TieGraph, lake_graph
from graph.asof import View
from graph.lake import Lake
from tests.analytics.worlds import Rows, belongs, lake_of, member, tie

DAY = date(2000, 6, 30)
MAY = date(2000, 5, 1)


def account(key: str, **fields: object) -> dict[str, object]:
    told = {"region": "110000", "class": "large", "tier": "regional", **fields}
    return {"account_id": key, "known_from": date(2000, 1, 1), **told}


def bill(key: str, total: float, month: date = MAY, **fields: object) -> dict[str, object]:
    return {"about": key, "month": month, "total": total, "paid": total, "days_overdue": 0, **fields}


def touch(campaign: str, key: str, arm: str, day: date, **fields: object) -> dict[str, object]:
    told = {"source": campaign, "target_label": "Member", "target": key, "arm": arm, "date": day}
    return {**told, **fields}


def market(folder: Path, **more: Rows) -> Lake:
    """Accounts a (110000, large, two lines m1, m2) and b (310000, public, m3, m4, m5).

    Bills of 100, 200, 300, 400, 500; m1 is in touch with m2, m3 and m4.
    """
    people = [member(f"m{i}", joined=date(1999, 1, 1), plan_id="P1") for i in range(1, 6)]
    homes = [belongs(f"m{i}", "a" if i <= 2 else "b") for i in range(1, 6)]
    tables: dict[str, Rows] = {
        "accounts": [account("a"), account("b", region="310000", **{"class": "public", "tier": "national"})],
        "members": people,
        "memberships": homes,
        "bills": [bill(f"m{i}", 100.0 * i) for i in range(1, 6)],
        "ties": [tie("m1", f"m{i}", MAY, 10) for i in (2, 3, 4)],
        **more,
    }
    return lake_of(folder, **tables)


def star_market(folder: Path, hubs: int = 12, leaves: int = 6) -> Lake:
    """`hubs` accounts, each one line in touch with `leaves` others of it; bills all 100 yuan."""
    lines = [(f"h{h:02d}", f"h{h:02d}-{i}") for h in range(hubs) for i in range(leaves)]
    keys = sorted({key for pair in lines for key in pair})
    return lake_of(
        folder,
        accounts=[account(f"A{h:02d}") for h in range(hubs)],
        members=[member(key, joined=date(1999, 1, 1)) for key in keys],
        memberships=[belongs(key, f"A{key[1:3]}") for key in keys],
        bills=[bill(key, 100.0) for key in keys],
        ties=[tie(hub, leaf, MAY, 10) for hub, leaf in lines],
    )


def seen(lake: Lake) -> tuple[View, TieGraph]:
    view = lake.view(DAY)
    return view, lake_graph(view)
