"""The command that tells what the data of a load were like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opened import AsTable, open_lake
from api.show import Format, say, show

if TYPE_CHECKING:
    from ingest.quality.report import Report

commands = typer.Typer()


@commands.command()
def quality(
    load_id: Annotated[str | None, typer.Argument(help="Which load; the newest where not said.")] = None,
    loads: Annotated[bool, typer.Option("--loads", help="List the loads instead.")] = False,
    form: AsTable = Format.table,
) -> None:
    """Show what the data of a load were like, and what has changed since the load before."""
    from ingest.quality.kept import COLUMNS, report_of
    from ingest.quality.kept import loads as every_load
    from ingest.quality.report import as_text

    lake = open_lake()
    if loads:
        show(every_load(lake), form, COLUMNS)
        return
    report = report_of(lake, load_id)
    if form is Format.json:
        print(as_text(report))
        return
    rows = [
        {"severity": each.severity.value, "about": each.dimension, "finding": each.sentence}
        for each in report.findings
    ]
    if form is Format.csv:
        show(rows, form, ("severity", "about", "finding"))
        return
    show(_tables(report), form, title=f"load {report.load_id} of {report.day}")
    if rows:
        show(rows, form, ("severity", "about", "finding"))
    say(_summary(report))


def _tables(report: Report) -> list[dict[str, object]]:
    """One row for each table: its figures at a glance."""
    return [
        {
            "table": table.table,
            "facts": table.facts,
            "filled": _percent(table.filled_share),
            "set aside": table.set_aside,
            "repeated": table.repeated,
            "contradicting": table.contradicting,
            "waiting": table.waiting,
            "newest": table.newest,
            "days behind": table.days_behind,
        }
        for table in report.tables
    ]


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.1%}"


def _summary(report: Report) -> str:
    from ingest.quality.report import Severity

    counts = [f"{report.count(kind)} {kind.value}s" for kind in Severity]
    beside = f"compared with {report.compared_with}" if report.compared_with else "nothing to compare with"
    return f"{', '.join(counts)}; {beside}"
