"""Commands for campaigns: whom to contact for a budget, a frozen list, what came of a campaign."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opened import AsOf, AsTable, day_of, open_lake
from api.show import Format, progress, say, show
from graph.errors import BadInput

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from analytics.campaign.plan import Plan
    from graph.lake import Lake

commands = typer.Typer()
group = typer.Typer(no_args_is_help=True)
commands.add_typer(
    group, name="campaign", help="Campaigns: a list for a budget, frozen lists, and what came of them."
)

APART = 0.1
"""Standardised difference of the arms from which on it is told."""
SHOWN = ("rank", "id", "account_id", "arm", "cost", "value", "gain")
Limit = Annotated[int, typer.Option(min=1, help="Most members of the list shown.")]


@group.command("plan")
def make_plan(
    budget: Annotated[float, typer.Option(help="Yuan that may be spent on contacts.")],
    name: Annotated[str, typer.Option(help="Name of the plan.")],
    audience: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The audience, .toml or .json; everybody without.")
    ] = None,
    learned: Annotated[
        bool, typer.Option("--learned", help="Take acceptance from past campaigns of the offer's channel.")
    ] = False,
    freeze: Annotated[bool, typer.Option("--freeze", help="Keep the list; it never changes again.")] = False,
    as_of: AsOf = None,
    limit: Limit = 20,
    form: AsTable = Format.table,
) -> None:
    """Choose whom to contact for a budget, and rehearse it beside simple lists of the same cost.

    What an audience may say, and how it is chosen: docs/methods/campaign.md.
    """
    from analytics.campaign.audience import told

    lake = open_lake()
    made = _made(lake, _day(lake, as_of), name, audience, budget, learned)
    show(_rows(made.listed[list(SHOWN)].head(limit)), form, SHOWN, title=f"plan {name} as of {made.as_of}")
    say(told(made.audience))
    _say_choice(made)
    _say_rehearsed(made.rehearsed)
    for figure in made.arms[made.arms["standardised_difference"].abs() > APART].to_dict("records"):
        say(f"the arms differ in {figure['figure']}: {figure['treat']:.4g} and {figure['control']:.4g}")
    if freeze:
        say(f"frozen; fingerprint {_freeze(lake, made)}: guanxi campaign show {name}")


@group.command("show")
def show_plan(name: str, limit: Limit = 200, form: AsTable = Format.table) -> None:
    """Show a frozen list, after checking that it is as it was frozen."""
    from analytics.campaign.frozen import frozen

    found = frozen(open_lake().view(), name)
    columns = ("rank", "id", "arm", "cluster", "cost", "value", "gain")
    show(_rows(found.members[list(columns)].head(limit)), form, columns)
    _say_rehearsed(found.rehearsed)
    arms = found.members["arm"].value_counts()
    say(
        f"{arms.get('treat', 0):,} to contact, {arms.get('control', 0):,} kept back; as of {found.as_of},"
        f" frozen {found.frozen}; budget {found.parameters['budget']:g} yuan"
    )
    say(f"fingerprint {found.digest}: the list is as it was frozen")


@group.command("result")
def tell_result(
    campaign_id: str,
    as_of: AsOf = None,
    horizon: Annotated[int, typer.Option(min=1, help="Days after the contact that count.")] = 180,
    friends: Annotated[
        str | None, typer.Option(metavar="KEY", help="A campaign to friends of this one's members.")
    ] = None,
    form: AsTable = Format.table,
) -> None:
    """Tell what a campaign with a control group changed: leaving, buying, others, and whom it moved.

    Below 0 fewer left. Without arms drawn by lot nothing is an effect, and the command says so.
    """
    from analytics.campaign.results import COLUMNS, results
    from analytics.csr_cache import cached_graph
    from analytics.refresh import CACHE

    lake = open_lake()
    day = _day(lake, as_of)
    with progress() as report:
        found = results(
            lake.view,
            lambda view: cached_graph(view, lake.folder / CACHE, progress=report),
            campaign_id,
            day,
            horizon,
            friends,
        )
    show(_rows(found.figures), form, COLUMNS, title=f"campaign {campaign_id} as of {day}")
    for note in found.notes:
        say(note)
    say(found.sentence)
    say(found.sentence_zh)


@group.command("learned")
def tell_learned(as_of: AsOf = None, form: AsTable = Format.table) -> None:
    """Show what past campaigns say of acceptance, by channel and class: what `plan --learned` uses."""
    from analytics.campaign.learned import acceptance

    lake = open_lake()
    found = acceptance(lake.view(_day(lake, as_of)))
    show(_rows(found), form, list(found.columns))


def _made(lake: Lake, day: date, name: str, audience: Path | None, budget: float, learned: bool) -> Plan:
    from analytics.campaign.asked import Asked, read_asked
    from analytics.campaign.learned import acceptance, informed
    from analytics.campaign.plan import plan
    from analytics.csr_cache import cached_graph
    from analytics.kernels.compiled import watched
    from analytics.refresh import CACHE

    asked = read_asked(audience) if audience else Asked()
    view = lake.view(day)
    if learned:
        asked = informed(asked, acceptance(view))
    with progress() as report, watched(report):
        graph = cached_graph(view, lake.folder / CACHE, progress=report)
        return plan(view, graph, name, asked, budget, progress=report)


def _freeze(lake: Lake, made: Plan) -> str:
    from analytics.campaign.frozen import freeze

    with lake.writing(f"plan {made.name}") as writer:
        parts = freeze(lake.view(), made)
        for kind, rows in parts:
            writer.append(kind, rows)
    return str(parts[0][1]["digest"].iloc[0])


def _say_choice(made: Plan) -> None:
    answer, counts = made.answer, made.listed["arm"].value_counts()
    say(f"acceptance: {made.asked.offer.source}")
    shown = made.design
    say(
        f"{len(made.listed):,} listed for {made.listed['cost'].sum():,.2f} of {made.budget:,.2f} yuan:"
        f" {counts.get('treat', 0):,} to contact for {made.cost:,.2f} yuan, {counts.get('control', 0):,}"
        " kept back to compare"
    )
    say(
        f"expected margin of the whole list {answer.spread:,.0f} yuan ({answer.low:,.0f} to"
        f" {answer.high:,.0f}); no list within the limits brings more than {answer.upper:,.0f}: at least"
        f" {answer.certificate:.0%} of the best possible"
    )
    for limit, price in answer.prices.items():
        say(f"  without the limit {limit}: {price:+,.0f} yuan")
    if counts.get("control", 0):
        say(
            f"smallest effect on leaving that these arms are likely to show: {shown.smallest_effect:.1%}"
            f" against a rate of {shown.base_rate:.1%} (correlation within an account"
            f" {shown.intra_cluster_correlation:.3f})"
        )


def _say_rehearsed(rehearsed: pd.DataFrame) -> None:
    say("played forward by a simulator that shares nothing with the choice, yuan with 95 % intervals:")
    for row in rehearsed.to_dict("records"):
        if row["figure"].startswith("revenue"):
            who = row["scenario"].rpartition(": ")[2]
            what = "  budgeted adds" if row["figure"] != "revenue" else who
            say(f"  {what:15} {row['value']:>12,.0f}  ({row['low']:,.0f} to {row['high']:,.0f})")


def _day(lake: Lake, as_of: str | None) -> date:
    day = day_of(as_of) or lake.view().latest_day()
    if day is None:
        raise BadInput("the lake is empty; load a feed first, such as: guanxi load FEED --data FOLDER")
    return day


def _rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Plain values, with None where there is none."""
    plain = frame.astype(object)
    filled = plain.where(plain.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in filled.to_dict("records")]
