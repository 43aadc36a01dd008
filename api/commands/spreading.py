"""The command that judges whether leaving is associated with neighbours' leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opened import AsOf, AsTable, day_of, open_lake
from api.show import Format, progress, say, show

if TYPE_CHECKING:
    from analytics.contagion.verdict import Verdict

commands = typer.Typer()


@commands.command()
def contagion(
    as_of: AsOf = None,
    months: Annotated[int, typer.Option(min=1, max=36, help="Months looked at, the last one whole.")] = 6,
    seed: Annotated[int, typer.Option(min=0, help="Fixes every random draw.")] = 0,
    form: AsTable = Format.table,
) -> None:
    """Judge whether leaving follows neighbours who left, or likeness, accounts, partners and contracts.

    Figures of every method side by side, and one sentence. Nothing here is an experiment, so that no
    finding says "causes"; see docs/methods/contagion.md.
    """
    from analytics.calendar import last_whole_month, months_before
    from analytics.contagion.study import study
    from analytics.contagion.verdict import verdict
    from graph.errors import BadInput

    lake = open_lake()
    day = day_of(as_of) or lake.view().latest_day()
    if day is None:
        raise BadInput("the lake is empty; load a feed first, such as: guanxi load FEED --data FOLDER")
    first = months_before(last_whole_month(day), months - 1)
    with progress() as report:
        found = verdict(study(lake.view, first, day, report), seed=seed, progress=report)
    show(_rows(found), form, list(found.table.columns))
    for note in found.notes:
        say(note)
    say(f"{found.finding.value}: {found.sentence}")
    say(found.sentence_zh)
    say(f"departures from {first} to {day}")


def _rows(found: Verdict) -> list[dict[str, object]]:
    """The table with nothing where a method has no such figure."""
    table = found.table.astype(object)
    filled = table.where(table.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in filled.to_dict("records")]
