"""A feed and its files in a folder, made of a few lines, and what became of loading them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from graph.lake import Lake
from ingest.guard import Accepted
from ingest.land import LoadReport
from ingest.run import load

PEOPLE = """
name = "small"
title = "people and who wrote to whom"
[files.people]
path = "people.csv"
[[map]]
to = "members"
from = "people"
[map.fields]
member_id = "id"
"""
TIES = """
[files.ties]
path = "ties.csv"
[[map]]
to = "ties"
from = "ties"
[map.fields]
source = "a"
target = "b"
month = { column = "day", month = true }
calls = { aggregate = "count" }
"""


@dataclass(frozen=True)
class Bench:
    """A place to load in: `folder/data` has the files, `folder/lake` and `folder/quarantine` what comes."""

    folder: Path

    @property
    def lake(self) -> Lake:
        return Lake(self.folder / "lake")

    def write(self, **files: str | bytes) -> None:
        """Write data files; `people="id\\n1\\n"` is people.csv."""
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        for name, content in files.items():
            raw = content.encode() if isinstance(content, str) else content
            (data / f"{name}.csv").write_bytes(raw)

    def load(self, feed: str, **accepted: bool) -> LoadReport:
        path = self.folder / "feed.toml"
        path.write_text(feed, encoding="utf-8")
        return load(
            str(path),
            self.folder / "data",
            self.lake,
            self.folder / "quarantine",
            accepted=Accepted(**accepted),
        )

    def rows(self, table: str, *columns: str) -> list[tuple[object, ...]]:
        """All rows of a table, sorted, with every version of a thing."""
        found: pa.Table = self.lake.view().arrow(table, columns)
        return sorted(zip(*(column.to_pylist() for column in found.columns), strict=True), key=repr)


def aside(report: LoadReport) -> list[tuple[str, int, str, str, str]]:
    """What was set aside for a fault: file, line, field, reason and row of each."""
    if report.quarantine is None:
        return []
    found = []
    for path in sorted(report.quarantine.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                cells = [cell for name, cell in row.items() if not name.startswith("#")]
                text = row["#text"] or ",".join(cells)
                found.append((path.name, int(row["#line"]), row["#field"], row["#reason"], text))
    return found
