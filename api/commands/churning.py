"""The command that judges the churn score against every simpler one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.opened import AsOf, AsTable, day_of, open_lake
from api.show import Format, progress, say, show

if TYPE_CHECKING:
    from analytics.churn.ladder import Ladder

commands = typer.Typer()
churn = typer.Typer(help="Judge the churn score.", no_args_is_help=True)
commands.add_typer(churn, name="churn")

SHOWN = ("model", "auc", "lift_10", "slope", "empc", "empb", "empb_share")


@churn.callback()
def about() -> None:
    """Judge the churn score."""


@churn.command()
def evaluate(
    as_of: AsOf = None,
    horizon: Annotated[int, typer.Option(min=7, max=365, help="Days ahead that leaving counts.")] = 60,
    draws: Annotated[int, typer.Option(min=20, help="Draws of accounts behind each interval.")] = 200,
    form: AsTable = Format.table,
) -> None:
    """Judge the churn score against every simpler one, on members and days it has not seen.

    Trained on earlier windows, tuned on the next, judged on the last. Intervals hold 90 %, accounts drawn.
    JSON and CSV have every measure; see docs/methods/churn.md.
    """
    from analytics.churn.ladder import evaluate as judge
    from graph.errors import BadInput

    lake = open_lake()
    base = lake.view()
    day = day_of(as_of) or base.latest_day()
    if day is None:
        raise BadInput("the lake is empty; load a feed first, such as: guanxi load FEED --data FOLDER")
    with progress() as report:
        found = judge(lambda seen: lake.view(seen, base.number), day, horizon, draws, report)
    if form is Format.table:
        show(_short(found), form, SHOWN)
    else:
        show([_named(row) for row in found.table.to_dict("records")], form, list(found.table.columns))
    _tell(found)


def _short(found: Ladder) -> list[dict[str, object]]:
    """One row a model, each figure beside its interval."""
    return [
        {
            "model": row["model"],
            "auc": _between(row, "auc", 3),
            "lift_10": _between(row, "lift_10", 2),
            "slope": round(row["slope"], 2),
            "empc": round(row["empc"], 4),
            "empb": _between(row, "empb", 3),
            "empb_share": round(row["empb_share"], 3),
        }
        for row in map(_named, found.table.to_dict("records"))
    ]


def _between(row: dict[str, Any], name: str, digits: int) -> str:
    low, high = (f"{row[f'{name}_{end}']:.{digits}f}" for end in ("low", "high"))
    return f"{row[name]:.{digits}f} ({low} to {high})"


def _named(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}


def _tell(found: Ladder) -> None:
    for part in found.windows:
        say(f"{part['use']}: {part['members']:,} members as of {part['day']}, {part['leavers']:,} who left")
    for row in found.gains.to_dict("records"):
        say(
            f"all features, boosted, against {row['against']}: AUC {_gain(row, 'auc', 3)},"
            f" lift at 10 % {_gain(row, 'lift_10', 2)}, EMPB {_gain(row, 'empb', 3)}"
        )
    told = found.leaks
    say(
        f"leak checks: labels scrambled, AUC {told['scrambled_auc']:.3f}; features a window old, AUC"
        f" {told['shifted_auc']:.3f} instead of {told['auc']:.3f}; accounts on both sides of a split:"
        f" {told['accounts_on_both_sides']:.0f}"
    )


def _gain(row: dict[Any, Any], name: str, digits: int) -> str:
    return f"{row[name]:+.{digits}f} ({row[f'{name}_low']:+.{digits}f} to {row[f'{name}_high']:+.{digits}f})"
