"""Rows set aside: one CSV file for each source file of a load, readable by its owner only."""

from __future__ import annotations

import csv
import errno
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from graph.errors import NoSpace, Unavailable
from ingest.clean import Fault
from ingest.sources import Source


@dataclass(frozen=True)
class Aside:
    """A row set aside: where it stands, for which table it was meant, what is wrong, its text."""

    file: str
    line: int
    table: str
    field: str
    reason: str
    row: str


COLUMNS = ("file", "line", "table", "field", "reason", "row")


def broken_rows(source: Source) -> list[Aside]:
    """The records of a file that could not be cut into cells; they count for every table it feeds."""
    return [
        Aside(source.file, each.line, "", "", each.reason, each.text.rstrip("\r\n")) for each in source.broken
    ]


def faulty_rows(source: Source, table: str, faults: Sequence[Fault]) -> list[Aside]:
    """The rows of a source that could not become facts of a table."""
    texts = source.raw([fault.row for fault in faults])
    return [
        Aside(source.file, int(source.lines[fault.row]), table, fault.field, fault.reason, text)
        for fault, text in zip(faults, texts, strict=True)
    ]


def set_aside(folder: Path, load_id: str, rows: Iterable[Aside]) -> Path | None:
    """Write the rows below `folder/load_id` and return that folder; None where there are none.

    Raises NoSpace on a full disk and Unavailable where the folder cannot be written.
    """
    files: dict[str, list[Aside]] = {}
    for row in rows:
        files.setdefault(f"{row.file.replace('/', '_').removesuffix('.csv')}.csv", []).append(row)
    if not files:
        return None
    place = folder / load_id
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.mkdir(mode=0o700)
        for name, asides in files.items():
            _write(place / name, sorted(asides, key=lambda aside: (aside.line, aside.table)))
    except OSError as error:
        kind = NoSpace if error.errno in (errno.ENOSPC, errno.EDQUOT) else Unavailable
        raise kind(
            f"the quarantine folder {folder} cannot take the rows set aside ({error.strerror}), so nothing"
            " of the load was kept; set GUANXI_HOME to a folder that can be written and has room"
        ) from error
    return place


@contextmanager
def gone_if_it_fails(folder: Path, load_id: str) -> Iterator[None]:
    """Take away what the load set aside below `folder` if the block fails: it then never happened."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder / load_id, ignore_errors=True)
        raise


def _write(path: Path, rows: Sequence[Aside]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((r.file, r.line, r.table, r.field, r.reason, r.row) for r in rows)
