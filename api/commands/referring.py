"""Commands that tell who brings others: what it was worth, whom to ask, and who descends from whom."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opened import AsOf, AsTable, day_of, open_lake
from api.show import Format, say, show
from graph.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from graph.asof import View

commands = typer.Typer()
group = typer.Typer(invoke_without_command=True)
commands.add_typer(group, name="referrals", help="Referrals: what they were worth, whom to ask, and chains.")

SHOWN = ("kind", "id", "value", "low", "high", "reasons")
BELOW = ("depth", "label", "id", "by", "date", "credit", "brought", "descendants")


class About(StrEnum):
    """Which figure about referrals."""

    crv = "crv"
    brv = "brv"
    referral_ask = "referral_ask"
    word_of_mouth = "word_of_mouth"


class Credit(StrEnum):
    """How credit is divided among several referrers; the rules of `analytics.referral.credit`."""

    first = "first"
    last = "last"
    linear = "linear"
    decay = "decay"


RuleOption = Annotated[Credit, typer.Option(help="Who has the credit where several referred one.")]


@group.callback()
def tell_referrals(
    context: typer.Context,
    measure: Annotated[
        About,
        typer.Option(
            help="crv: what those brought by a member are worth; brv: the same of accounts; referral_ask:"
            " what asking for a referral would bring; word_of_mouth: how many hear good or bad."
        ),
    ] = About.crv,
    rule: RuleOption = Credit.linear,
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option(min=1, help="Most rows shown.")] = 20,
    form: AsTable = Format.table,
) -> None:
    """Show who stands first by what referrals were worth, or are expected to be, with reasons."""
    if context.invoked_subcommand:
        return
    from analytics.referral.value import Declared, referral_scores

    view = _view(as_of)
    found = referral_scores(view, Declared(rule=rule.value))
    top = found[found["measure"] == measure].sort_values(["value", "id"], ascending=[False, True]).head(limit)
    show(_rows(top[list(SHOWN)]), form, SHOWN, title=f"{measure} as of {view.as_of}")
    count = (found["measure"] == measure).sum()
    say(f"{count:,} have one; formulas, and what is declared in them: docs/methods/referral.md")


@group.command("tree")
def tell_tree(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Key of a member, contact or account.")],
    rule: RuleOption = Credit.linear,
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option(min=1, help="Most rows shown.")] = 200,
    form: AsTable = Format.table,
) -> None:
    """Show everybody that one brought, directly and through others, generation by generation."""
    from analytics.referral.credit import referrals
    from analytics.referral.trees import below, trees

    view = _view(as_of)
    found = below(trees(referrals(view, rule.value)), id_)
    shown = found[list(BELOW)].assign(date=found["date"].dt.date).head(limit)
    show(_rows(shown), form, BELOW, title=f"brought by {id_} as of {view.as_of}")
    own = found.iloc[0]
    start = (
        f"{id_} was brought by {own['by']}" if isinstance(own["by"], str) else f"{id_} was brought by nobody"
    )
    say(f"{start}; {own['brought']:,} under it, {own['descendants']:,} in {found['depth'].max()} generations")


def _rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Plain values, with None where there is none."""
    plain = frame.astype(object)
    filled = plain.where(plain.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in filled.to_dict("records")]


def _view(as_of: str | None) -> View:
    lake = open_lake()
    day = day_of(as_of) or lake.view().latest_day()
    if day is None:
        raise BadInput("the lake is empty; load a feed first, such as: guanxi load FEED --data FOLDER")
    return lake.view(day)
