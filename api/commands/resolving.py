"""Commands that find accounts and contacts kept twice, and decide what is one and what is not."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opened import AsTable, open_lake
from api.show import Format, progress, say, show

if TYPE_CHECKING:
    from datetime import date

    from ingest.resolve.decisions import Decision

commands = typer.Typer()
resolve = typer.Typer(
    help="Find accounts and contacts that several sources keep as two, and decide on them.",
    no_args_is_help=True,
)
commands.add_typer(resolve, name="resolve")


class Kinds(StrEnum):
    """What to look at."""

    both = "both"
    accounts = "accounts"
    contacts = "contacts"


LABELS = {Kinds.accounts: ("Account",), Kinds.contacts: ("Contact",), Kinds.both: ("Account", "Contact")}
Kind = Annotated[Kinds, typer.Option("--kind", help="Which records.")]
Why = Annotated[str, typer.Option("--why", help="The reason, kept with the decision.")]
Keep = Annotated[str, typer.Argument(metavar="KEEP", help="Key that stays.")]
One = Annotated[str, typer.Argument(metavar="LEFT", help="One key.")]
Other = Annotated[str, typer.Argument(metavar="RIGHT", help="The other key.")]


@resolve.command("find")
def find(
    kind: Kind = Kinds.both,
    merge_exact: Annotated[
        bool, typer.Option("--merge-exact/--no-merge", help="Merge what the exact keys say is one.")
    ] = True,
    form: AsTable = Format.table,
) -> None:
    """Compare all records, merge those of one exact key, and keep the others that may be one."""
    from ingest.resolve.run import resolve as resolve_lake

    with progress() as report:
        found = resolve_lake(open_lake(), LABELS[kind], merge_exact, report)
    show(found.rows(), form, title=f"run {found.run_id}")
    for label, accepted in found.accepted.items():
        for left in accepted.left:
            say(f"{label} {left[0]} and {left[1]} were not merged: {left[2]}")
    say("guanxi resolve list shows them; guanxi publish brings what was merged to the graph")


@resolve.command("list")
def list_(
    kind: Kind = Kinds.both,
    decided: Annotated[bool, typer.Option("--decided", help="The standing decisions instead.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Most rows shown.")] = 50,
    form: AsTable = Format.table,
) -> None:
    """List pairs that may be one and wait for a decision, with what speaks for and against each."""
    from ingest.resolve.run import candidates

    if decided:
        _decided(LABELS[kind], limit, form)
        return
    rows = [row for row in candidates(open_lake()) if row["kind"] in LABELS[kind]]
    shown = [_in_words(row, form) for row in rows[:limit]]
    show(shown, form, ("kind", "left", "right", "probability", "band", "agree", "disagree"))
    more = f", {len(rows) - limit} more: --limit shows them" if len(rows) > limit else ""
    say(f"{len(shown)} pairs to decide on{more}")


@resolve.command("show")
def show_pair(left: One, right: Other, form: AsTable = Format.table) -> None:
    """Compare two records field by field, whether they were found to be alike or not."""
    from ingest.resolve.pair import compare_pair

    rows = compare_pair(open_lake(), left, right)
    show(rows, form, ("field", "left", "right", "how", "bits"))


@resolve.command("merge")
def merge_pair(
    keep: Keep,
    alias: Annotated[str, typer.Argument(metavar="ALIAS", help="Key that is to stand for it.")],
    why: Why = "",
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Day from which it counts; today where left out.")
    ] = None,
    form: AsTable = Format.table,
) -> None:
    """Decide that two records are one; the first key stays."""
    from ingest.resolve.decisions import merge

    _told([merge(open_lake(), keep, alias, _who(), why, _day(since))], form)


@resolve.command("different")
def different(left: One, right: Other, why: Why = "", form: AsTable = Format.table) -> None:
    """Decide that two records are not one, so that they are not suggested again."""
    from ingest.resolve.decisions import differ

    _told([differ(open_lake(), left, right, _who(), why)], form)


@resolve.command("undo")
def undo_pair(left: One, right: Other, why: Why = "", form: AsTable = Format.table) -> None:
    """Take back the standing decision on two records."""
    from ingest.resolve.decisions import undo

    _told([undo(open_lake(), left, right, _who(), why)], form)


@resolve.command("accept")
def accept_all(
    at_least: Annotated[float, typer.Option(min=0.5, max=1.0, help="Least probability.")] = 0.99,
    kind: Kind = Kinds.both,
    form: AsTable = Format.table,
) -> None:
    """Merge all automatic suggestions of at least this probability; never those to be looked at."""
    from ingest.resolve.candidates import SUGGESTED
    from ingest.resolve.decisions import accept
    from ingest.resolve.run import candidates, pairs_of

    lake = open_lake()
    rows = candidates(lake)
    merged: list[Decision] = []
    for label in LABELS[kind]:
        accepted = accept(
            lake, label, pairs_of([row for row in rows if row["kind"] == label], SUGGESTED, at_least), _who()
        )
        merged += accepted.merged
        for keep, alias, reason in accepted.left:
            say(f"{label} {keep} and {alias} were not merged: {reason}")
    _told(merged, form)


def _told(decisions: list[Decision], form: Format) -> None:
    show([vars(one) for one in decisions], form, ("label", "alias", "canonical", "verdict", "note"))
    say(f"{len(decisions)} decisions kept; guanxi publish brings them to the graph")


def _decided(labels: tuple[str, ...], limit: int, form: Format) -> None:
    from graph.identities import standing
    from graph.schema import IDENTITIES

    rows = list(standing(open_lake().view().arrow(IDENTITIES).to_pylist()).values())
    rows = sorted((row for row in rows if row["about_label"] in labels), key=lambda row: str(row["at"]))
    names = ("about_label", "about", "canonical", "verdict", "date", "who", "note")
    show([{name: row[name] for name in names} for row in rows[-limit:]], form, names)


def _in_words(row: dict[str, object], form: Format) -> dict[str, object]:
    """A candidate as shown: its reasons in words, in JSON as the list they are."""
    reasons = {side: json.loads(str(row[side])) for side in ("agree", "disagree")}
    return {
        **{name: row[name] for name in ("kind", "left", "right", "probability", "band")},
        **(reasons if form is Format.json else {side: _sentence(said) for side, said in reasons.items()}),
    }


def _sentence(reasons: list[dict[str, object]]) -> str:
    return "; ".join(_phrase(reason) for reason in reasons)


def _phrase(reason: dict[str, object]) -> str:
    beside = f" ({reason['left']} | {reason['right']})" if reason.get("left") or reason.get("right") else ""
    return f"{reason['field']}: {reason['how']}{beside}"


def _who() -> str:
    from getpass import getuser

    try:
        return getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return "unknown"


def _day(text: str | None) -> date | None:
    from api.commands.opened import day_of
    from graph.errors import BadInput

    try:
        return day_of(text)
    except BadInput as error:
        raise BadInput(str(error).replace("--as-of", "--since")) from None
