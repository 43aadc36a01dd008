"""The pages of loads: all of them, and one with what its data were like, drawn on the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.deps import TheLake
from api.pages.figures import number
from api.pages.loads_drawn import Line, line, parts
from api.pages.loads_sections import (
    fates,
    file_rows,
    found,
    reason_rows,
    table_sections,
    verdict,
    views,
    worst,
)
from api.pages.render import page
from api.pages.words import Language, Say, speaker
from graph.errors import GuanxiError
from graph.lake import Lake
from ingest.quality.kept import history, loads, report_of
from ingest.quality.report import Severity

router = APIRouter(include_in_schema=False)

SHOWN = 100
"""Loads listed; the list as CSV has all."""
POINTS = 12


@router.get("/loads")
def list_loads(lake: TheLake, lang: Language = Language.zh) -> HTMLResponse:
    """Each feed's newest load, and all loads, the newest first."""
    try:
        every = loads(lake)
    except GuanxiError as error:
        return refused(error, lang, "/loads")
    say = speaker(lang)
    shown = [shaped(row, say) for row in every[:SHOWN]]
    values: dict[str, Any] = {"feeds": by_feed(every, say), "loads": shown, "total": len(every)}
    return page("loads.html", lang, here="/loads", **values)


@router.get("/loads/{load_id}")
def show_load(load_id: str, lake: TheLake, lang: Language = Language.zh) -> HTMLResponse:
    """One load: six views of its data, what wants attention, and the figures of each table."""
    try:
        values = gathered(lake, load_id, lang)
    except GuanxiError as error:
        return refused(error, lang, f"/loads/{load_id}")
    return page("load.html", lang, here=f"/loads/{load_id}", **values)


def gathered(lake: Lake, load_id: str, language: Language) -> dict[str, Any]:
    """Everything the page of one load shows. Raises NotFound where there is no report on it."""
    report, say = report_of(lake, load_id), speaker(language)
    row = next(row for row in loads(lake) if row["load_id"] == load_id)
    before = history(lake, report, POINTS)
    return {
        "load": shaped(row, say),
        "report": report,
        "compared": compared(report.part, report.compared_with, say),
        "views": views(report, before, say),
        "findings": [found(each, say) for each in report.findings if each.severity is not Severity.note],
        "notes": [found(each, say) for each in report.findings if each.severity is Severity.note],
        "verdict": verdict(report.count(Severity.alarm), report.count(Severity.warning), say),
        "worst": worst(each.severity for each in report.findings),
        "files": file_rows(report, before, say),
        "tables": table_sections(report, before, say),
        "reasons": reason_rows(report, say),
    }


def compared(part: bool, with_: str | None, say: Say) -> str:
    """Why a load was compared with nothing; empty where it was."""
    if with_:
        return ""
    return say("compared_part" if part else "compared_none")


def shaped(row: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """A load as the pages show it."""
    counts = fates(row)
    known = row["alarms"] is not None
    return {
        **row,
        "when": datetime.fromisoformat(row["finished"]).strftime("%Y-%m-%d %H:%M"),
        "parts": parts(counts),
        "became": say("became_of", **{kind: number(count) for kind, count in counts}),
        "verdict": verdict(row["alarms"], row["warnings"], say) if known else say("verdict_none"),
        "worst": grade(row) if known else "none",
    }


def grade(row: Mapping[str, Any]) -> str:
    return "alarm" if row["alarms"] else "warning" if row["warnings"] else "good"


def by_feed(every: Sequence[Mapping[str, Any]], say: Say) -> list[dict[str, Any]]:
    """Each feed's newest load, with its rows over the last loads."""
    feeds: dict[str, list[Mapping[str, Any]]] = {}
    for row in every:
        feeds.setdefault(row["feed"], []).append(row)
    return [
        {**shaped(rows[0], say), "count": len(rows), "line": rows_line(rows[:POINTS], say)}
        for rows in feeds.values()
    ]


def rows_line(rows: Sequence[Mapping[str, Any]], say: Say) -> Line | None:
    values = [int(row["rows_in"]) for row in reversed(rows)]
    return line(values, say("over_loads", n=len(values), values=", ".join(number(v) for v in values)))


def refused(error: GuanxiError, language: Language, here: str) -> HTMLResponse:
    return page("refused.html", language, error.status, here=here, message=str(error), candidates=[])
