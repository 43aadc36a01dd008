"""What stops a load before it does harm: too many rows at fault, an extract that has shrunk."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.errors import BadInput
from graph.landing import literal
from graph.schema import LOADS
from graph.writer import Writer
from ingest.facts import Mapped
from ingest.files.sources import Staged
from ingest.land import MapCount
from ingest.staging import Staging

MOST_BAD_ROWS = 1_000
MOST_BAD_SHARE = 0.01
FEW = 20
"""So few rows at fault never stop a load: a small file's typing mistakes are set aside."""

LEAST_SHARE = 0.7
"""A file with less than this part of the rows it had at the last load is taken for cut off."""


@dataclass(frozen=True)
class Accepted:
    """What the user vouches for: that a file has fewer rows than before, that many rows are bad."""

    shrink: bool = False
    bad: bool = False


class TooManyBadRows(BadInput):
    """A file has so many rows at fault that something is wrong with the file or its feed."""


def refuse_bad_rows(file: str, bad: int, rows: int) -> None:
    """Raise TooManyBadRows if so many rows of a file are set aside for a fault."""
    if bad > MOST_BAD_ROWS or bad > max(FEW, MOST_BAD_SHARE * rows):
        raise TooManyBadRows(
            f"{file}: {bad:,} of {rows:,} rows cannot be used, so nothing was loaded; mend the file or its"
            " feed, or load what can be used with --accept-bad"
        )


def early(mapped: Sequence[Mapped]) -> None:
    """Refuse a mapping whose own rows are at fault too often."""
    for each in mapped:
        refuse_bad_rows(each.plan.source.file, each.faults + each.plan.source.broken, each.rows_in)


def late(counts: Sequence[MapCount]) -> None:
    """Refuse a mapping too many of whose rows contradict others; waiting is no fault."""
    for count in counts:
        refuse_bad_rows(count.file, count.set_aside - count.waiting, count.rows_in)


def refuse_shrinking(feed: str, files: Mapping[str, Staged], writer: Writer, staging: Staging) -> None:
    """Raise BadInput for a file that has lost a large part of its rows since the feed's last load."""
    before = _rows_before(feed, writer, staging)
    for source in files.values():
        rows, had = source.rows + source.broken, before.get(source.file, 0)
        if had - rows > FEW and rows < LEAST_SHARE * had:
            raise BadInput(
                f"{source.file} has {rows:,} rows where the last load of this feed read {had:,}; if the"
                " source has really shrunk, load it with --accept-shrink"
            )


def _rows_before(feed: str, writer: Writer, staging: Staging) -> dict[str, int]:
    loads = writer.present(staging.connection, LOADS)
    if loads is None:
        return {}
    newest = f"SELECT files FROM ({loads}) WHERE feed = {literal(feed)} ORDER BY finished DESC, load_id DESC"
    found = staging.connection.sql(f"{newest} LIMIT 1").fetchall()
    if not found:
        return {}
    return {file: int(told["rows"]) for file, told in json.loads(found[0][0]).items()}
