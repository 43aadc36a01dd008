"""A lake of a few lines on one plan, with use and terms by hand; and a generated world's as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa

from graph.asof import View
from graph.lake import Lake
from graph.landing import arrow_schema
from graph.schema import PERIODS, SERVICES, TABLES, ZONES
from ingest.world.make import World
from tests.analytics.worlds import START, Rows, belongs, lake_of, member

APRIL = date(2026, 4, 1)
END = date(2026, 4, 30)
RATED_FROM = ("accounts", "members", "memberships", "products", "tariffs", "subscriptions", "usage", "bills")


def price(
    service: str, zone: str, period: str, price: float, from_unit: float = 0.0, plan: str = "P1",
    day: date = START, **fields: object,
) -> dict[str, object]:  # fmt: skip
    return {
        "about": plan, "date": day, "service": service, "zone": zone, "period": period,
        "from_unit": from_unit, "price": price, **fields,
    }  # fmt: skip


def terms(plan: str = "P1", day: date = START, *rows: Mapping[str, object]) -> list[Mapping[str, object]]:
    """The rows, and a price of nothing for every cell that they don't name."""
    named = {(row["service"], row["zone"], row["period"]) for row in rows}
    free = [
        price(service, zone, period, 0.0, plan=plan, day=day)
        for service in SERVICES for zone in ZONES for period in PERIODS
        if (service, zone, period) not in named
    ]  # fmt: skip
    return [*rows, *free]


def holds(
    who: str, fee: float, plan: str = "P1", since: date | None = START, until: date | None = None
) -> dict[str, object]:
    return {
        "source_label": "Member", "source": who, "target": plan, "fee": fee, "since": since, "until": until
    }  # fmt: skip


def use(
    who: str, zone: str, period: str = "peak", month: date = APRIL, minutes: float = 0.0,
    messages: int = 0, megabytes: float = 0.0,
) -> dict[str, object]:  # fmt: skip
    return {
        "about": who, "month": month, "zone": zone, "period": period, "minutes": minutes,
        "messages": messages, "megabytes": megabytes,
    }  # fmt: skip


def bill(who: str, total: float = 0.0, month: date = APRIL, **fields: object) -> dict[str, object]:
    return {"about": who, "month": month, "total": total, **fields}


def town(folder: Path, day: date = END, **tables: Rows) -> View:
    """Members m1 … of account a1 on plan P1 (60 yuan), as many as hold a subscription."""
    names = sorted({str(row["source"]) for row in tables["subscriptions"]})
    standing: dict[str, Rows] = {
        "accounts": [{"account_id": "a1", "known_from": START}],
        "members": [member(name, joined=START) for name in names],
        "memberships": [belongs(name, "a1") for name in names],
        "products": [{"product_id": "P1", "known_from": START, "category": "plan", "monthly_fee": 60.0}],
    }
    return lake_of(folder, **(standing | tables)).view(day)


def landed(world: World, folder: Path, day: date, extra: tuple[str, ...] = ()) -> View:
    """What a bill rests on, of a generated world, and the tables named, straight into a lake."""
    lake = Lake(folder)
    with lake.writing("test") as writer:
        for name in (*RATED_FROM, *extra):
            schema = arrow_schema(TABLES[name])
            frame = world.tables[name].reindex(columns=schema.names)
            writer.land(TABLES[name], pa.Table.from_pandas(_whole(frame), schema, preserve_index=False), "t")
    return lake.view(day)


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({name: "object" for name in frame if frame[name].isna().all()})
