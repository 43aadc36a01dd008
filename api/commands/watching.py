"""Commands of early warning: what to look at now, the rules behind it, and how good past warnings were."""

from __future__ import annotations

import json
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opened import AsOf, AsTable, day_of, open_lake, read_settings
from api.show import Format, progress, say, show
from graph.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from analytics.watch.rules import Rule
    from graph.lake import Lake

commands = typer.Typer()
group = typer.Typer(no_args_is_help=True)
commands.add_typer(
    group, name="watch", help="Early warning: warnings as of a day, the rules, how good they were."
)


class Speech(StrEnum):
    """A language that reasons are told in."""

    en = "en"
    zh = "zh"


RulesFile = Annotated[
    Path | None,
    typer.Option(
        "--rules",
        metavar="FILE",
        help="Your own rules, changing the shipped ones; by default rules.toml in GUANXI_HOME, if any.",
    ),
]
OneRule = Annotated[str | None, typer.Option("--rule", metavar="ID", help="Only this rule.")]
Language = Annotated[Speech, typer.Option("--language", help="Language of the reasons.")]
SHOWN = ("severity", "rule", "id", "account", "since", "strength", "value_at_risk", "state", "reasons")


@group.command("alerts")
def tell_alerts(
    as_of: AsOf = None,
    rules: RulesFile = None,
    rule: OneRule = None,
    quiet: Annotated[
        bool, typer.Option(help="Show the quiet ones too: told before, or judged by somebody.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Most rows shown.")] = 100,
    language: Language = Speech.en,
    form: AsTable = Format.table,
) -> None:
    """Tell what the rules find as of a day: since when, how strong, why, and the value at risk.

    Earlier warnings and churn scores are taken from the runs kept in the lake; nothing is written.
    """
    from analytics.watch.alerts import watch
    from analytics.watch.worth import known_scores

    used = _rules(rules, rule)
    lake = open_lake()
    day = _day(lake, as_of)
    view = lake.view(day)
    with progress() as report:
        found = watch(view, scores=known_scores(view), rules=used, progress=report)
    frame = found.frame if quiet else found.frame[found.frame["state"] != "quiet"]
    names = view.frame("accounts", ["account_id", "name"]).set_index("account_id")["name"]
    rows = _rows(frame.head(limit), names, language)
    show(rows, form, SHOWN)
    if len(rows) < len(frame):
        say(f"{len(rows):,} of {len(frame):,} warnings; --limit shows more")
    if len(frame) < len(found.frame):
        say(f"{len(found.frame) - len(frame):,} more are quiet: --quiet shows them")
    for name, note in found.notes["rules"].items():  # type: ignore[attr-defined]
        if isinstance(note, str):
            say(f"{name}: {note}")
    say(f"{len(found.frame):,} warnings as of {day}")


@group.command("rules")
def tell_rules(rules: RulesFile = None, language: Language = Speech.en, form: AsTable = Format.table) -> None:
    """List the rules: what each looks at, its thresholds, severity and quiet days."""
    rows = [
        {
            "rule": rule.id,
            "title": rule.title[language],
            "kind": rule.kind,
            "severity": rule.severity,
            "thresholds": ", ".join(f"{name} {value:g}" for name, value in rule.thresholds.items()),
            "quiet_days": rule.quiet_days,
            "step": rule.step,
            "needs": ", ".join(rule.how.needs),
        }
        for rule in _rules(rules, None)
    ]
    show(rows, form)
    own = _own(rules)
    say(f"the shipped rules, changed by {own}" if own else "the shipped rules")


@group.command("scorecard")
def tell_scorecard(
    as_of: AsOf = None,
    months: Annotated[
        int, typer.Option(min=1, max=60, help="Month-ends judged, the last ones possible.")
    ] = 12,
    horizon: Annotated[
        int, typer.Option(min=7, max=365, help="Days within which the loss has to follow.")
    ] = 60,
    rules: RulesFile = None,
    rule: OneRule = None,
    form: AsTable = Format.table,
) -> None:
    """Judge the rules on past month-ends: how many warnings came true, and how long after."""
    from analytics.watch.scorecard import month_ends, scorecard

    used = _rules(rules, rule)
    lake = open_lake()
    days = month_ends(_day(lake, as_of), horizon, months)
    number = lake.commit().number
    with progress() as report:
        found = scorecard(lambda day: lake.view(day, number), days, used, horizon, progress=report)
    show(_filled(found.frame), form, list(found.frame.columns))
    for note in found.notes:
        say(note)
    say(f"month-ends {days[0]} to {days[-1]}, each judged by the {horizon} days after it")


def _rules(file: Path | None, wanted: str | None) -> tuple[Rule, ...]:
    from analytics.watch.rules import chosen, read_rules

    return chosen(read_rules(_own(file)), wanted)


def _own(file: Path | None) -> Path | None:
    from analytics.watch.rules import OWN

    kept = read_settings().home / OWN
    return file or (kept if kept.is_file() else None)


def _day(lake: Lake, as_of: str | None) -> date:
    day = day_of(as_of) or lake.view().latest_day()
    if day is None:
        raise BadInput("the lake is empty; load a feed first, such as: guanxi load FEED --data FOLDER")
    return day


def _rows(frame: pd.DataFrame, names: pd.Series, language: Speech) -> list[dict[str, object]]:
    """The warnings as rows, with the account's name and the reasons as a list."""
    reasons = frame["reasons" if language is Speech.en else "reasons_zh"].map(json.loads)
    told = frame.assign(
        account=frame["account_id"].map(names).fillna(frame["account_id"]),
        since=frame["since"].dt.date,
        reasons=reasons,
    )
    return _filled(told[list(SHOWN)])


def _filled(frame: pd.DataFrame) -> list[dict[str, object]]:
    """A frame's rows with nothing where it has no value."""
    plain = frame.astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]
