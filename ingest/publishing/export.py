"""Every table of the lake as CSV in a fixed order: the same facts give the same bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow.csv as pc

from graph.errors import BadInput
from graph.lake import Lake
from graph.model import Dating, TableType
from graph.progress import Progress
from graph.schema import TABLES


def export(lake: Lake, folder: Path, progress: Progress | None = None) -> list[dict[str, object]]:
    """Write `<table>.csv` for each table of facts that has rows; return table, rows and sha256 of each.

    Results are left out: they are told by their runs. Versions of a node are all written. Raises
    BadInput when the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"cannot write to {folder} ({error.strerror}); name a folder that can be made"
        ) from None
    kinds = [kind for name, kind in TABLES.items() if name in lake.commit().tables and _is_fact(kind)]
    written = []
    for done, kind in enumerate(kinds, 1):
        written.append(_write(lake, kind, folder / f"{kind.table}.csv"))
        if progress:
            progress("export", done, len(kinds))
    return written


def _write(lake: Lake, kind: TableType, path: Path) -> dict[str, object]:
    rows = lake.view().every_row(kind)
    rows = rows.sort_by([(name, "ascending") for name in kind.key])
    pc.write_csv(rows, path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"table": kind.table, "rows": rows.num_rows, "sha256": digest}


def _is_fact(kind: TableType) -> bool:
    return kind.dating is not Dating.RUN
