"""A tariff to be tried, from a TOML file: which plans it replaces, their new fee and terms.

The file's form, with an example: docs/methods/tariff.md. What it leaves unsaid about prices is an error,
since a price forgotten would be a price of nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from analytics.tariff.terms import CELL, STEP, TERM, Tariff, stepped
from graph.errors import BadInput, one_of
from graph.schema import PERIODS, SERVICES, ZONES

TOP = ("name", "plan")
PLAN = ("replaces", "monthly_fee", "price")
PRICE = ("service", "zones", "periods", "steps", "bundle", "included")


def read_tariff(path: Path, current: Tariff, months: Sequence[date]) -> Tariff:
    """The tariff in force if the file's plans replaced those it names; plans not named stay as they are.

    Raises BadInput naming the file and the place in it.
    """
    text = _read(path)
    _only(text, TOP, str(path))
    plans = text.get("plan")
    if not isinstance(plans, list) or not plans:
        raise BadInput(f"{path}: no [[plan]]; at least one, with `replaces` and `price`, works")
    known = sorted(current.steps["plan"].unique())
    rows: list[dict[str, object]] = []
    fees: dict[str, int] = {}
    for number, plan in enumerate(plans, 1):
        where = f"{path}: plan {number}"
        _only(plan, PLAN, where)
        for replaced in _replaced(plan, known, where):
            if any(row["plan"] == replaced for row in rows):
                raise BadInput(f"{where}: {replaced} is replaced by a plan before it; one plan each works")
            rows += [{"plan": replaced, **term} for term in _terms(plan, where)]
            if "monthly_fee" in plan:
                fees[replaced] = _cents(plan["monthly_fee"], f"{where}: monthly_fee")
    new = stepped(pd.DataFrame(rows, columns=TERM), str(path))
    kept = current.steps[~current.steps["plan"].isin(new["plan"].unique())]
    every = [kept, *(new.assign(month=month)[STEP] for month in months)]
    return Tariff(str(text.get("name") or path.stem), pd.concat(every, ignore_index=True), fees)


def as_file(name: str, plan: str, fee: float | None, terms: pd.DataFrame) -> str:
    """The terms of one plan in the form that `read_tariff` takes: a start for a new tariff."""
    lines = [f'name = "{name}"', "", "[[plan]]", f'replaces = ["{plan}"]']
    lines += [f"monthly_fee = {fee:.2f}"] if fee is not None else []
    bundle = terms["bundle"].astype("object").where(terms["bundle"].notna(), "")
    for (service, zone, period), rows in terms.assign(bundle=bundle).groupby(CELL, sort=False):
        steps = ", ".join(f"[{row.from_unit:g}, {row.price:g}]" for row in rows.itertuples())
        lines += ["", "[[plan.price]]", f'service = "{service}"', f'zones = ["{zone}"]']
        lines += [f'periods = ["{period}"]', f"steps = [{steps}]"]
        if rows.iloc[0]["bundle"]:
            lines += [f'bundle = "{rows.iloc[0]["bundle"]}"', f"included = {rows.iloc[0]['included']:g}"]
    return "\n".join(lines) + "\n"


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}; a TOML file of a tariff works") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not TOML: {error}") from None


def _only(table: object, allowed: Sequence[str], where: str) -> None:
    if not isinstance(table, Mapping):
        raise BadInput(f"{where}: not a table; {', '.join(allowed)} work there")
    unknown = [name for name in table if name not in allowed]
    if unknown:
        raise BadInput(f"{where}: {one_of('field', unknown[0], allowed)}")


def _replaced(plan: Mapping[str, Any], known: Sequence[str], where: str) -> list[str]:
    named = plan.get("replaces")
    if not isinstance(named, list) or not named:
        raise BadInput(f'{where}: replaces is missing; a list such as ["{known[0]}"] works, or ["all"]')
    if named == ["all"]:
        return list(known)
    for one in named:
        if one not in known:
            raise BadInput(f"{where}: replaces: {one_of('plan with tariff terms', str(one), known)}")
    return [str(one) for one in named]


def _terms(plan: Mapping[str, Any], where: str) -> Iterator[dict[str, object]]:
    prices = plan.get("price")
    if not isinstance(prices, list) or not prices:
        raise BadInput(f"{where}: no [[plan.price]]; one for each service at least works")
    for number, price in enumerate(prices, 1):
        here = f"{where}, price {number}"
        _only(price, PRICE, here)
        service = _choice(price.get("service"), SERVICES, f"{here}: service")
        for zone in _choices(price, "zones", ZONES, here):
            for period in _choices(price, "periods", PERIODS, here):
                for begins, cost in _steps(price, here):
                    yield {
                        "service": service, "zone": zone, "period": period, "from_unit": begins,
                        "price": cost, "bundle": price.get("bundle"), "included": _number(price, here),
                    }  # fmt: skip


def _steps(price: Mapping[str, Any], where: str) -> list[tuple[float, float]]:
    steps = price.get("steps")
    pairs = steps if isinstance(steps, list) else []
    good = [
        pair for pair in pairs if isinstance(pair, list) and len(pair) == 2 and all(map(_is_number, pair))
    ]
    if not pairs or len(good) < len(pairs):
        raise BadInput(
            f"{where}: steps is {steps!r}; pairs of units beyond the bundle and yuan a unit work,"
            " such as [[0, 0.15], [100, 0.10]]"
        )
    return [(float(begins), float(cost)) for begins, cost in good]


def _number(price: Mapping[str, Any], where: str) -> float | None:
    included = price.get("included")
    if included is None and price.get("bundle") is None:
        return None
    if not _is_number(included):
        raise BadInput(f"{where}: included is {included!r}; a bundle's units a month work, such as 100")
    return float(included)  # type: ignore[arg-type]


def _choices(price: Mapping[str, Any], field: str, options: tuple[str, ...], where: str) -> Sequence[str]:
    named = price.get(field, list(options))
    if not isinstance(named, list) or not named:
        raise BadInput(
            f"{where}: {field} is {named!r}; a list of {', '.join(options)} works, or none for all"
        )
    return [_choice(one, options, f"{where}: {field}") for one in named]


def _choice(value: object, options: tuple[str, ...], where: str) -> str:
    if value not in options:
        raise BadInput(f"{where} is {value!r}; one of {', '.join(options)} works")
    return str(value)


def _cents(fee: object, where: str) -> int:
    if not _is_number(fee) or fee < 0 or abs(100 * fee - round(100 * fee)) > 1e-6:  # type: ignore[operator]
        raise BadInput(f"{where} is {fee!r}; yuan to the cent from 0 up work, such as 59.00")
    return round(100 * fee)  # type: ignore[operator]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
