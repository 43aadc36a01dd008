"""Commands that tell of communities: what became of them since the run before, and the groups inside one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opened import AsTable, day_of, open_lake
from api.show import Format, say, show
from graph.errors import BadInput

if TYPE_CHECKING:
    from analytics.communities.told import Run, Told
    from graph.asof import View

commands = typer.Typer()
group = typer.Typer(no_args_is_help=True)
commands.add_typer(
    group, name="communities", help="Circles of members: what became of them, and the groups inside them."
)

RunAsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="The newest run as of this day or before, such as 2026-10-31; without it the one last made.",
    ),
]
RunId = Annotated[str | None, typer.Option("--run", metavar="RUN", help="This run, by its key.")]


@group.command("changes")
def tell_changes(
    as_of: RunAsOf = None,
    run_id: RunId = None,
    account: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Only circles that this account has, or had, members in."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most rows shown.")] = 200,
    form: AsTable = Format.table,
) -> None:
    """Tell what became of the circles since the run before: merged, split, died, born or continued."""
    from analytics.communities.continuity import counted
    from analytics.communities.told import changes

    view, run = _run(as_of, run_id)
    told = changes(view, run, account)
    shown = told.rows.slice(0, limit)
    show(shown.to_pylist(), form, shown.column_names)
    _say(told, run)
    if len(shown) < len(told.rows):
        say(f"{len(shown):,} of {len(told.rows):,} rows; --limit shows more")
    if len(told.rows):
        counts = counted(told.rows.to_pandas())
        say("circles: " + ", ".join(f"{count:,} {event}" for event, count in counts.items()))


@group.command("inside")
def tell_inside(
    community_id: Annotated[str, typer.Argument(help="A circle, such as c7, or a group such as c7.2.")],
    as_of: RunAsOf = None,
    run_id: RunId = None,
    form: AsTable = Format.table,
) -> None:
    """Show the groups inside a circle, each with those inside it, and whose members they have."""
    from analytics.communities.told import inside

    view, run = _run(as_of, run_id)
    told = inside(view, run, community_id)
    show(told.rows.to_pylist(), form, told.rows.column_names)
    _say(told, run)


def _run(as_of: str | None, run_id: str | None) -> tuple[View, Run]:
    """The run asked for, and the lake as of its day."""
    from analytics.communities.told import run_told

    if as_of and run_id:
        raise BadInput("--as-of and --run each choose a run; give one of them")
    lake = open_lake()
    run = run_told(lake.view(), day_of(as_of), run_id)
    return lake.view(run.as_of), run


def _say(told: Told, run: Run) -> None:
    if told.reason:
        say(told.reason)
    compared = f", compared with run {told.before.run_id} as of {told.before.as_of}" if told.before else ""
    say(f"run {run.run_id} as of {run.as_of}{compared}")
