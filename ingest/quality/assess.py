"""The report on the data of a load: made while its rows are still staged, kept in the lake beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pandas as pd

from graph.landing import literal
from graph.schema import QUALITY
from graph.writer import Writer
from ingest.check import Pool
from ingest.facts import Mapped
from ingest.files.sources import Staged
from ingest.land import LoadReport, MapCount
from ingest.quality.drift import findings, with_shifts
from ingest.quality.figures import invalid, table_figures
from ingest.quality.report import FORMAT, File, Report, Severity, TableFigures, as_text, from_text
from ingest.staging import Staging


def assess(
    loaded: LoadReport,
    sources: Mapping[str, Staged],
    mapped: Sequence[Mapped],
    pools: Sequence[Pool],
    part: bool,
    day: date,
    writer: Writer,
    staging: Staging,
) -> Report:
    """Report on a load that has landed, and write the report down with it.

    It tells of what the files stated, not only of what landed. After `ingest.quarantine.set_aside`,
    which gathers the rows at fault. A `part` of a load is not compared with anything.
    """
    before = None if part else _before(loaded.feed, writer, staging)
    report = Report(
        load_id=loaded.load_id,
        feed=loaded.feed,
        day=day,
        part=part,
        compared_with=before.load_id if before else None,
        files=tuple(_files(sources, mapped)),
        tables=tuple(_tables(pools, loaded.tables, before, day, staging)),
        invalid=tuple(invalid(sources, {each.number: each.plan.kind.table for each in mapped}, staging)),
        findings=(),
    )
    report = replace(report, findings=tuple(findings(report, before)))
    _record(report, writer)
    return report


def _files(sources: Mapping[str, Staged], mapped: Sequence[Mapped]) -> list[File]:
    unknown = {each.plan.source.base: each.plan.unknown for each in mapped if each.plan.unknown}
    return [
        File(
            name=name,
            path=source.file,
            rows=source.rows + source.broken,
            broken=source.broken,
            sha256=source.sha256,
            columns=source.columns[: source.cells],
            unknown=unknown.get(source.name, ()),
        )
        for name, source in sources.items()
    ]


def _tables(
    pools: Sequence[Pool], counts: Sequence[MapCount], before: Report | None, day: date, staging: Staging
) -> list[TableFigures]:
    had = {table.table: table for table in before.tables} if before else {}
    made = []
    for pool in pools:
        if pool.members:
            name, own = pool.kind.table, [count for count in counts if count.table == pool.kind.table]
            figures, rebinned = table_figures(pool, own, had.get(name), day, staging)
            made.append(with_shifts(figures, had.get(name), rebinned))
    return made


def _before(feed: str, writer: Writer, staging: Staging) -> Report | None:
    """The report on the feed's last whole load."""
    kept = writer.present(staging.connection, QUALITY)
    if kept is None:
        return None
    found = staging.connection.sql(
        f"SELECT report FROM ({kept}) WHERE feed = {literal(feed)} AND NOT part"
        f" AND CAST(json_extract(report, '$.format') AS INT) = {FORMAT}"
        " ORDER BY finished DESC, load_id DESC LIMIT 1"
    ).fetchall()
    return from_text(found[0][0]) if found else None


def _record(report: Report, writer: Writer) -> None:
    row = {
        "load_id": report.load_id,
        "feed": report.feed,
        "finished": datetime.now(UTC).isoformat(timespec="microseconds"),
        "part": report.part,
        "compared_with": report.compared_with,
        "alarms": report.count(Severity.alarm),
        "warnings": report.count(Severity.warning),
        "report": as_text(report),
    }
    writer.append(QUALITY, pd.DataFrame([row]))
