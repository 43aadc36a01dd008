"""Commands about leaving after neighbours left: the verdict, the paths, and whom to keep first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opened import AsOf, AsTable, day_of, open_lake
from api.show import Format, progress, say, show

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from analytics.contagion.spread import Protection
    from analytics.contagion.today import Today
    from analytics.contagion.verdict import Verdict
    from analytics.csr import Floats
    from graph.asof import View
    from graph.lake import Lake

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
    lake, day = _opened(as_of)
    first, found = _verdict(lake, day, months, seed)
    show(_rows(found), form, list(found.table.columns))
    for note in found.notes:
        say(note)
    say(f"{found.finding.value}: {found.sentence}")
    say(found.sentence_zh)
    say(f"departures from {first} to {day}")


@commands.command("contagion-paths")
def contagion_paths(
    about: Annotated[str, typer.Argument(metavar="MEMBER_OR_ACCOUNT", help="A member_id or an account_id.")],
    as_of: AsOf = None,
    share: Annotated[float, typer.Option(min=0.01, max=1, help="Part of the exposure to explain.")] = 0.9,
    form: AsTable = Format.table,
) -> None:
    """Show the recent departures that come near a member or an account, and through which ties.

    The fewest that make up most of the exposure, and what those were near to themselves. It says who was in
    touch with whom, not why anybody left; see docs/methods/contagion.md.
    """
    from analytics.contagion.paths import COLUMNS, paths

    lake, day = _opened(as_of)
    found = paths(lake.view(day), about, share)
    told = found.round({"weeks": 1, "strength": 2, "dose": 3, "share": 3})
    for name in ("left", "last_month"):
        told[name] = [None if value is None else value.date() for value in told[name]]
    rows = [{str(name): value for name, value in row.items()} for row in told.to_dict("records")]
    show(rows, form, list(COLUMNS))
    near = found[found["step"] == 1]
    say(
        f"{near['leaver'].nunique()} members who left in the five weeks up to {day} make up "
        f"{float(near['share'].sum()):.0%} of the exposure of {about}"
        if len(near)
        else f"nobody whom {about} was in touch with left in the five weeks up to {day}"
    )


@commands.command()
def protect(
    budget: Annotated[int, typer.Option(min=1, help="Members that can be looked after.")],
    as_of: AsOf = None,
    ratio: Annotated[
        float | None,
        typer.Option(min=1, help="Adjusted hazard ratio; else the smallest that contagion finds."),
    ] = None,
    value: Annotated[
        str | None, typer.Option(metavar="MEASURE", help="Score of the last run that a member is worth.")
    ] = None,
    weeks: Annotated[int, typer.Option(min=5, max=104, help="Weeks ahead.")] = 26,
    seed: Annotated[int, typer.Option(min=0, help="Fixes every random draw.")] = 0,
    form: AsTable = Format.table,
) -> None:
    """Say whom to keep first, and what that saves against doing nothing.

    By the chance of leaving and what would go with each member, at the hazard ratio given; what it saves is
    played forward apart from the choice, and at the causal ratio 1.03 as well.
    """
    from analytics.contagion.spread import protect as chosen
    from analytics.contagion.today import bound, today

    lake, day = _opened(as_of)
    view = lake.view(day)
    high = bound(_verdict(lake, day, 6, seed)[1]) if ratio is None else ratio
    here = today(view)
    worth = None if value is None else _worth(view, here, value)
    hazard = _hazard(view, here)
    found = chosen(here.ties, hazard, high, budget, worth, weeks, seed=seed)
    show(_kept(here, found), form, ["rank", "member_id", "gain"])
    for row in found.simulations.to_dict("records"):
        say(f"{row['figure']}: {row['value']:,.2f} ({row['low']:,.2f} to {row['high']:,.2f})")
    unit = f"worth as {value}" if value else "members"
    say(f"in {unit} over {weeks} weeks from {day}; adjusted hazard ratio {high:.2f}; no experiment backs it")


def _kept(here: Today, found: Protection) -> list[dict[str, object]]:
    return [
        {"rank": row["rank"], "member_id": here.keys[row["place"]], "gain": round(float(row["gain"]), 4)}
        for row in found.picked.to_dict("records")
    ]


def _hazard(view: View, here: Today) -> Floats:
    """By the newest churn scores; where there are none for a member, the rate at which members left."""
    import numpy as np

    from analytics.contagion.today import weekly
    from api.scored import churn_known

    known, days = churn_known(view)
    plain = np.full(len(here.keys), here.rate)
    if known is None:
        say("no churn scores by that day: all members are taken to leave at the same rate (guanxi refresh)")
        return plain
    told = known.set_index("member_id")["value"].reindex(here.keys).to_numpy(float)
    return np.where(np.isnan(told), plain, weekly(np.nan_to_num(told), days))


def _worth(view: View, here: Today, measure: str) -> Floats:
    """Each member's score of a measure in the newest run that has it, 0 where there is none."""
    from graph.errors import NotFound

    found: pd.DataFrame = view.sql(
        """SELECT id, value FROM scores JOIN runs USING (run_id)
           WHERE kind = 'Member' AND measure = $measure AND runs.as_of <= $day AND value IS NOT NULL
           QUALIFY dense_rank() OVER (ORDER BY runs.as_of DESC, runs.finished DESC) = 1""",
        {"measure": measure, "day": view.as_of},
    )
    if found.empty:
        raise NotFound(f"no run by {view.as_of} has scores of the measure {measure}; try: guanxi refresh")
    worth = found.set_index("id")["value"].reindex(here.keys).fillna(0.0)
    return worth.to_numpy(float).clip(min=0.0)


def _opened(as_of: str | None) -> tuple[Lake, date]:
    """The lake, and the day asked about: the last one known if none is given."""
    from graph.errors import BadInput

    lake = open_lake()
    day = day_of(as_of) or lake.view().latest_day()
    if day is None:
        raise BadInput("the lake is empty; load a feed first, such as: guanxi load FEED --data FOLDER")
    return lake, day


def _verdict(lake: Lake, day: date, months: int, seed: int) -> tuple[date, Verdict]:
    """The first day looked at, and the verdict."""
    from analytics.calendar import last_whole_month, months_before
    from analytics.contagion.study import study
    from analytics.contagion.verdict import verdict

    first = months_before(last_whole_month(day), months - 1)
    with progress() as report:
        return first, verdict(study(lake.view, first, day, report), seed=seed, progress=report)


def _rows(found: Verdict) -> list[dict[str, object]]:
    """The table with nothing where a method has no such figure."""
    table = found.table.astype(object)
    filled = table.where(table.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in filled.to_dict("records")]
