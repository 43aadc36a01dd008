"""The command that finds who can introduce one person to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opened import AsOf, AsTable, day_of, open_lake
from api.show import Format, say, show

if TYPE_CHECKING:
    from pandas import DataFrame

commands = typer.Typer()

SHOWN = (
    "rank", "step", "from_name", "to_name", "how", "evidence", "strength", "freshness", "also",
)  # fmt: skip
"""The columns that a table has room for; JSON and CSV have all of them."""


@commands.command()
def paths(
    source: Annotated[str, typer.Argument(metavar="FROM", help="A member, contact or manager, by key.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The person to reach, by key.")],
    best: Annotated[int, typer.Option(help="How many chains, up to 100.")] = 3,
    hops: Annotated[int, typer.Option(help="Most introductions in a chain, up to 8.")] = 4,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="A person or account not to be used; may be given again."),
    ] = None,
    without_kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND",
            help="A kind of link not to be used: tie, met, reports_to, works_at, belongs_to or manages.",
        ),
    ] = None,
    as_of: AsOf = None,
    form: AsTable = Format.table,
) -> None:
    """Find the best introductions from one person to another, such as: guanxi paths g1 c-17."""
    from analytics.paths.acquaintance import known_people
    from analytics.paths.introductions import introductions
    from graph.errors import BadInput

    lake = open_lake()
    day = day_of(as_of) or lake.view().latest_day()
    if day is None:
        raise BadInput("the lake is empty; load a feed first, such as: guanxi load FEED --data FOLDER")
    known = known_people(lake.view(day))
    found = introductions(known, source, target, best, hops, without or (), without_kind or ())
    columns = SHOWN if form is Format.table else tuple(found.steps.columns)
    show([{name: row[name] for name in columns} for row in _rows(found.steps)], form, columns)
    for rank, strength, names in found.chains[["rank", "strength", "names"]].to_numpy():
        say(f"{rank}: {' → '.join(names)}, strength {strength:.3g}")
    if found.reason:
        say(found.reason)
    say(f"as of {day}")


def _rows(steps: DataFrame) -> list[dict[str, object]]:
    """The steps as rows: no last contact is None, and a day has no hours."""
    days = steps["last_contact"].dt.date if len(steps) else steps["last_contact"]
    plain = steps.assign(last_contact=days).astype(object).where(steps.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in plain.to_dict("records")]
