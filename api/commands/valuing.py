"""The command that says what accounts are worth and how they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.opened import AsOf, AsTable, fit, view_of
from api.show import Format, say, show

commands = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="Value: revenue, lifetime value, class, stage, satisfaction.")
commands.add_typer(group, name="value")

COLUMNS = (
    "account_id", "name", "members", "arpu", "arpa", "arpa_group", "clv", "clv_group", "class",
    "recorded_class", "tier", "recorded_tier", "stage", "satisfaction", "loyalty", "arrears_risk",
)  # fmt: skip
NARROW = (
    "account_id", "members", "arpu", "arpa", "clv", "clv_group", "class", "tier", "stage", "satisfaction",
    "loyalty", "arrears_risk",
)  # fmt: skip


@group.command()
def accounts(
    as_of: AsOf = None,
    limit: Annotated[
        int, typer.Option(min=1, help="Most accounts to list, by value with subsidiaries.")
    ] = 20,
    rules: Annotated[
        Path | None,
        typer.Option(help="TOML file of rules of class, tier and stage; see docs/methods/value.md."),
    ] = None,
    margin: Annotated[float, typer.Option(help="Declared: part of revenue left after costs.")] = 0.5,
    discount: Annotated[float, typer.Option(help="Declared: discount a month.")] = 0.01,
    horizon: Annotated[int, typer.Option(help="Months that lifetime value counts.")] = 36,
    form: AsTable = Format.table,
) -> None:
    """List the most valuable accounts: ARPU, ARPA, CLV, class and tier by rule, stage, satisfaction, arrears.

    A table shows the main columns; --format json or csv gives all, the class and tier on record among them.
    """
    from analytics.value.lifetime import Terms
    from analytics.value.rules import read_rules
    from analytics.value.value import value
    from api.scored import churn_known

    view, _ = view_of(as_of)
    churn, days = churn_known(view)
    found = value(view, read_rules(rules), churn, days, Terms(margin, discount, horizon))
    names = view.frame("accounts", ["account_id", "name"]).set_index("account_id")["name"]
    first = found.accounts.assign(name=found.accounts["account_id"].map(names))
    first = first.sort_values(["clv_group", "account_id"], ascending=[False, True]).head(limit).astype(object)
    rows = first.where(first.notna(), None).to_dict("records")
    listed = NARROW if form is Format.table else COLUMNS
    show([{name: fit(row[name], form) for name in listed} for row in rows], form, listed)
    for line in _told(found.notes):
        say(line)


def _told(notes: Mapping[str, Any]) -> Iterator[str]:
    first, last = (month[:7] for month in notes["months"])
    yield f"yuan a month as the mean of {first} to {last}; clv in yuan"
    yield (
        f"lifetime value: margin {notes['margin']:g}, discount {notes['discount_a_month']:g} a month, "
        f"{notes['horizon_months']} months, hazard from {notes['hazard']}; margin and discount are declared, "
        "not measured"
    )
    yield f"{notes['class_differs']:,} of {notes['accounts']:,} accounts have another class on record"
    if notes["parents_cut"]:
        yield f"above themselves, so that their parent was disregarded: {', '.join(notes['parents_cut'])}"
