"""Commands about tariffs: their terms, what a new one would change, and whether they explain the bills."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opened import AsOf, AsTable, fit, view_of
from api.show import Format, say, show

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from graph.asof import View

commands = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="Tariffs: terms, rehearsal of a new one, check of the bills.")
commands.add_typer(group, name="tariff")

Months = Annotated[int, typer.Option(min=1, max=24, help="Months of use looked back at, the last one whole.")]
Audience = Annotated[
    str,
    typer.Option(
        help="all, account:ID, region:CODE, class:CLASS, plan:ID, or members:FILE with a key a line."
    ),
]
SHOWN = 20


@group.command()
def terms(
    plan: Annotated[str, typer.Argument(help="product_id of the plan, such as P001.")],
    as_of: AsOf = None,
    as_file: Annotated[
        bool, typer.Option("--as-file", help="As a TOML file, a start for a new tariff.")
    ] = False,
    form: AsTable = Format.table,
) -> None:
    """Print what use costs under a plan: prices by service, zone, period and step, and its bundles."""
    from analytics.tariff.proposal import as_file as written
    from analytics.tariff.terms import terms_of

    view, _ = view_of(as_of)
    found = terms_of(view, plan)
    fees = view.sql_arrow("SELECT monthly_fee FROM products WHERE product_id = $plan", {"plan": plan})
    fee = next(iter(fees["monthly_fee"].to_pylist()), None)
    if as_file:
        print(written(f"new {plan}", plan, fee, found), end="")
        return
    show(_rows(found, form), form, list(found.columns))
    if fee is not None:
        say(f"{plan} costs {fee:,.2f} yuan a month by the list")


@group.command()
def rehearse(
    tariff: Annotated[Path, typer.Option(help="TOML file of the new tariff; see docs/methods/tariff.md.")],
    audience: Audience = "all",
    months: Months = 3,
    as_of: AsOf = None,
    hazard_ratio: Annotated[
        float, typer.Option(help="Supposed: hazard of leaving for each 10 % that a bill rises.")
    ] = 1.15,
    arrears_ratio: Annotated[
        float, typer.Option(help="Supposed: unpaid part of the bill for each 10 % that it rises.")
    ] = 1.0,
    use_elasticity: Annotated[
        float, typer.Option(help="Supposed: per cent that use changes for a per cent of charges.")
    ] = 0.0,
    form: AsTable = Format.table,
) -> None:
    """Rate past use again under a new tariff: revenue, winners and losers, leavers, arrears."""
    from analytics.tariff.proposal import read_tariff
    from analytics.tariff.rehearse import Declared
    from analytics.tariff.rehearse import rehearse as rehearsed
    from analytics.tariff.terms import current_tariff
    from api.scored import churn_known

    view, day = view_of(as_of)
    span = _span(view, day, months)
    churn, days = churn_known(view)
    supposed = Declared(hazard_ratio, arrears_ratio, use_elasticity, days)
    new = read_tariff(tariff, current_tariff(view, span), span)
    found = rehearsed(view, new, span, audience, supposed, churn)
    rows = _rows(found.figures, form)
    named = [row for row in rows if ".account=" not in str(row["figure"])]
    accounts = [row for row in rows if ".account=" in str(row["figure"])]
    listed = accounts[:SHOWN] if form is Format.table else accounts
    show(named + listed, form, list(found.figures.columns))
    say(f"yuan a month, over {len(span)} months from {span[0]:%Y-%m} to {span[-1]:%Y-%m}")
    if len(listed) < len(accounts):
        say(f"the {SHOWN} of {len(accounts):,} accounts that change most; --format csv or json gives all")
    for note in found.notes:
        say(note)


@group.command()
def check(
    months: Months = 3,
    audience: Audience = "all",
    differences: Annotated[
        bool, typer.Option("--differences", help="List the bills that differ, not the counts by month.")
    ] = False,
    as_of: AsOf = None,
    form: AsTable = Format.table,
) -> None:
    """Rate use again by the terms in the lake and compare with the bills, to the cent.

    Ends with exit code 1 where a bill differs.
    """
    from analytics.tariff.audience import audience as chosen
    from analytics.tariff.recheck import recheck

    view, day = view_of(as_of)
    span = _span(view, day, months)
    only = None if audience == "all" else chosen(view, audience)["member_id"].tolist()
    found = recheck(view, span, only)
    listed = found.differences if differences else found.by_month
    show(_rows(listed, form), form, list(listed.columns))
    say(
        f"{found.equal:,} of {found.bills - found.unrated:,} bills from {span[0]:%Y-%m} to {span[-1]:%Y-%m} "
        f"are equal to the cent: {found.rated / 100:,.2f} yuan rated, {found.billed / 100:,.2f} billed"
    )
    if found.unrated:
        say(f"{found.unrated:,} more bills are of members on no plan with terms")
    if len(found.differences):
        say(f"{len(found.differences):,} bills differ; --differences lists them, the widest first")
        raise typer.Exit(1)


def _span(view: View, day: date, months: int) -> list[date]:
    from analytics.calendar import last_whole_month
    from analytics.tariff.rating import last_months
    from graph.errors import NotFound

    last = last_whole_month(day)
    span = last_months(view, last, months)
    if not span:
        raise NotFound(
            f"no usage in the {months} months up to {last:%Y-%m}; a day after months with usage works"
        )
    return span


def _rows(frame: pd.DataFrame, form: Format) -> list[dict[str, object]]:
    """Rows with nothing where there is no figure, and months as days."""
    days = {str(name): frame[name].dt.date for name in frame if frame[name].dtype.kind == "M"}
    table = frame.astype(object).assign(**days)
    return [
        {str(name): fit(value, form) for name, value in row.items()}
        for row in table.where(table.notna(), None).to_dict("records")
    ]
