"""What tariffs charge: the lake's table `tariffs` as whole numbers, checked.

Prices are kept in 1/10000 yuan a unit and use in tenths of a unit (minute, message or megabyte), so that a
charge is a whole number of 1/100000 yuan and no sum depends on its order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from graph.asof import View
from graph.errors import BadInput, NotFound, one_of
from graph.schema import PERIODS, SERVICES, ZONES

ENDLESS = 2**40
"""Tenths of a unit that nobody uses in a month: the end of the last step."""
CELL = ["service", "zone", "period"]
TERM = ["plan", *CELL, "from_unit", "price", "bundle", "included"]
STEP = ["plan", "month", *CELL, "place", "begins", "ends", "price", "bundle", "included"]
CELLS = pd.DataFrame(
    [(service, zone, period) for service in SERVICES for zone in ZONES for period in PERIODS], columns=CELL
)
PLACE = {(zone, period): place for place, (zone, period) in enumerate((z, p) for z in ZONES for p in PERIODS)}
"""The order in which cells use up a bundle: zones as the model lists them, peak before off-peak."""


@dataclass(frozen=True)
class Tariff:
    """Terms by plan and the month they hold in, and new list fees where they change."""

    name: str
    steps: pd.DataFrame
    """STEP: `begins`, `ends` and `included` in tenths of a unit, `price` in 1/10000 yuan, `place` in PLACE.
    No bundle: "" and 0."""
    fees: dict[str, int]
    """New list fee in cents by plan; a plan that is not here keeps what its subscribers pay."""


def terms_of(view: View, plan: str) -> pd.DataFrame:
    """The terms of one plan in force on the view's day, TERM. Raises NotFound for a plan without terms."""
    known = _known(view)
    if plan not in set(known["plan"]):
        raise NotFound(one_of("plan with tariff terms", plan, sorted(known["plan"].unique())))
    newest = known[known["plan"] == plan]
    found: pd.DataFrame = newest.loc[newest["date"] == newest["date"].max(), TERM]
    return found.reset_index(drop=True)


def current_tariff(view: View, months: Sequence[date]) -> Tariff:
    """The lake's own terms, for each month those in force on its first day.

    Raises NotFound where the lake has no terms, BadInput where they contradict themselves.
    """
    known = _known(view)
    if known.empty:
        raise NotFound("the lake has no tariff terms; a feed that fills the table `tariffs` brings them")
    sets = [
        stepped(rows[TERM], "tariffs in the lake").assign(date=day) for day, rows in known.groupby("date")
    ]
    steps = pd.concat(sets, ignore_index=True)
    parts = []
    for month in months:
        begun = steps[steps["date"] <= pd.Timestamp(month)]
        newest = begun[begun["date"] == begun.groupby("plan")["date"].transform("max")]
        parts.append(newest.assign(month=month)[STEP])
    return Tariff("current", pd.concat(parts, ignore_index=True), {})


def _known(view: View) -> pd.DataFrame:
    """Every term known on the day, dated, in the order of the model's cells."""
    found = view.sql(
        """SELECT about AS plan, date, service, zone, period, from_unit, price, bundle, included FROM tariffs
           ORDER BY plan, date, list_position($services, service), list_position($zones, zone),
                    list_position($periods, period), from_unit""",
        {"services": list(SERVICES), "zones": list(ZONES), "periods": list(PERIODS)},
    )
    return found.assign(date=pd.to_datetime(found["date"]))


def stepped(terms: pd.DataFrame, where: str) -> pd.DataFrame:
    """Terms (TERM) as steps (STEP without `month`).

    Raises BadInput, beginning with `where`, for terms that leave a cell of service, zone and period without
    a price, name it twice, are finer than they are kept, or disagree on what a bundle includes.
    """
    _complete(terms, where)
    whole = terms.assign(
        begins=_whole(terms, "from_unit", 10, where),
        price=_whole(terms, "price", 10_000, where),
        bundle=terms["bundle"].astype("object").where(terms["bundle"].notna(), ""),
        included=_whole(terms.assign(included=terms["included"].fillna(0.0)), "included", 10, where),
    )
    _bundles_agree(whole, where)
    whole = whole.sort_values(["plan", *CELL, "begins"])
    whole["ends"] = whole.groupby(["plan", *CELL])["begins"].shift(-1).fillna(ENDLESS).astype("int64")
    whole["place"] = [PLACE[cell] for cell in zip(whole["zone"], whole["period"], strict=True)]
    return whole[[name for name in STEP if name != "month"]].reset_index(drop=True)


def _complete(terms: pd.DataFrame, where: str) -> None:
    twice = terms[terms.duplicated(["plan", *CELL, "from_unit"])]
    if len(twice):
        raise BadInput(f"{where}: {_named(twice)} is priced twice; one price a step works")
    first = terms.loc[terms["from_unit"] == 0, ["plan", *CELL]]
    every = pd.DataFrame({"plan": terms["plan"].unique()}).merge(CELLS, how="cross")
    missing = every.merge(first, how="left", indicator=True).query("_merge == 'left_only'")
    if len(missing):
        raise BadInput(
            f"{where}: {_named(missing)} has no step that begins at 0 ({len(missing)} such cells); "
            "a price of 0 makes it free"
        )


def _whole(terms: pd.DataFrame, field: str, parts: int, where: str) -> pd.Series:
    """The field in whole parts of a unit."""
    value = pd.to_numeric(terms[field]) * parts
    rounded = value.round()
    wrong = terms[~(np.isclose(value, rounded, rtol=0, atol=1e-6) & (value >= 0) & (value < ENDLESS))]
    if len(wrong):
        row = wrong.iloc[0]
        raise BadInput(
            f"{where}: {_named(wrong)}: {field} is {row[field]}; a multiple of {1 / parts:g} from 0 up works"
        )
    return rounded.astype("int64")


def _bundles_agree(whole: pd.DataFrame, where: str) -> None:
    loose = whole[(whole["bundle"] == "") & (whole["included"] > 0)]
    if len(loose):
        raise BadInput(f"{where}: {_named(loose)} includes units of no bundle; name the bundle")
    sizes = whole.groupby(["plan", "service", "bundle"])["included"].nunique()
    if (sizes > 1).any():
        plan, service, bundle = sizes[sizes > 1].index[0]
        raise BadInput(
            f"{where}: {plan}: rows of the {service} bundle {bundle!r} include different units; "
            "rows of one bundle share its units, so all state the same number"
        )
    ways = whole.groupby(["plan", *CELL])["bundle"].nunique()
    if (ways > 1).any():
        plan, service, zone, period = ways[ways > 1].index[0]
        raise BadInput(f"{where}: {plan}: steps of {service} {zone} {period} name two bundles; one works")


def _named(rows: pd.DataFrame) -> str:
    row = rows.iloc[0]
    return f"{row['plan']}: " + " ".join(str(row[name]) for name in CELL)
