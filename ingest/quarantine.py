"""Rows set aside: one CSV file for each source file of a load, readable by its owner only.

A file has the source's own columns, so that a row can be mended where it stands, and before them the
line, the tables it was meant for, the fields at fault and the reasons. `load.json` beside them names the
feed, for `guanxi reload`.

A folder has its load's id as its name once the lake has the load; until then the name ends in
`.unfinished`. What a killed load leaves under such a name is settled by the next one.
"""

from __future__ import annotations

import csv
import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Literal

import pyarrow as pa

from graph.errors import NoSpace, Unavailable
from graph.landing import literal
from graph.schema import LOADS
from graph.writer import Writer
from ingest.check import Pool, rows_at_fault
from ingest.facts import Mapped
from ingest.files.sources import LINE, ROW, Staged
from ingest.phones.numbers import scrubbed
from ingest.phones.tokens import Phones, phone_columns
from ingest.staging import Staging

ABOUT = ("#line", "#table", "#field", "#reason", "#text")
"""What stands before a row's own cells; `#text` is the whole record where it could not be cut."""

ROWS = 10_000
UNFINISHED = ".unfinished"


def set_aside(
    folder: Path,
    load_id: str,
    feed: str,
    files: Mapping[str, Staged],
    mapped: Sequence[Mapped],
    pools: Sequence[Pool],
    phones: Phones,
    staging: Staging,
) -> Path | None:
    """Write the rows at fault for the folder `folder/load_id`; None where there are none.

    The folder returned is there once the block of `settled` has ended well. `feed` is the text of the
    feed. Rows that only wait for an end are not among them. Raises NoSpace on a full disk and
    Unavailable where the folder cannot be written.
    """
    _gather(mapped, pools, staging)
    named = {name for (name,) in staging.connection.execute("SELECT DISTINCT file FROM told").fetchall()}
    asides = {name: source for name, source in files.items() if source.broken or source.name in named}
    if not asides:
        return None
    place = folder / f"{load_id}{UNFINISHED}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.mkdir(mode=0o700)
        for name, source in asides.items():
            _write(place / f"{name}.csv", source, _numbers(source, mapped), phones, staging)
        about = {"load_id": load_id, "feed": feed}
        with _private(place / "load.json") as file:
            json.dump(about, file, ensure_ascii=False)
    except OSError as error:
        kind = NoSpace if error.errno in (errno.ENOSPC, errno.EDQUOT) else Unavailable
        raise kind(
            f"the quarantine folder {folder} cannot take the rows set aside ({error.strerror}), so nothing"
            " of the load was kept; set GUANXI_HOME to a folder that can be written and has room"
        ) from error
    return folder / load_id


@contextmanager
def settled(folder: Path, load_id: str) -> Iterator[None]:
    """Keep what the block sets aside below `folder` if it ends well, and take it away if it fails."""
    draft = folder / f"{load_id}{UNFINISHED}"
    try:
        yield
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    with suppress(OSError):  # none was set aside; or the next load will give it its name
        draft.rename(folder / load_id)


def settle_others(folder: Path, writer: Writer, staging: Staging) -> None:
    """Settle what loads that were killed set aside: kept if the lake has the load, else taken away.

    To be called while the lake is being written. A load that has its staging folder is still at work.
    """
    for draft in sorted(folder.glob(f"*{UNFINISHED}")):
        load_id = draft.name.removesuffix(UNFINISHED)
        if (staging.folder.parent / load_id).exists():
            continue
        loads = writer.present(staging.connection, LOADS)
        if loads and staging.some(f"SELECT 1 FROM ({loads}) WHERE load_id = {literal(load_id)}"):
            draft.rename(folder / load_id)
        else:
            shutil.rmtree(draft, ignore_errors=True)


def _gather(mapped: Sequence[Mapped], pools: Sequence[Pool], staging: Staging) -> None:
    """Keep, as `aside`, every row at fault: its file's name in the staging, its row, and what is wrong;
    and as `told` each row once, with all of it.
    """
    of = {pool.kind.table: pool for pool in pools}
    parts = []
    for each in mapped:
        here = f'SELECT "{ROW}", field, reason FROM'
        found = {each.plan.source.base: [f"{here} faults WHERE map = {each.number}"]}
        if each.plan.events:
            found[each.plan.events.base] = [f"{here} event_faults WHERE map = {each.number}"]
        pool = of.get(each.plan.kind.table)
        if pool and (late := rows_at_fault(pool, each)):
            found[each.plan.source.base].append(f"{here} ({late}) WHERE NOT waiting")
        about = f"{each.number} AS map, {literal(each.plan.kind.table)} AS tables"
        for file, queries in found.items():
            parts += [f"SELECT {literal(file)} AS file, {about}, * FROM ({query})" for query in queries]
    nothing = f'SELECT NULL AS file, 0 AS map, NULL AS tables, "{ROW}", field, reason FROM faults WHERE false'
    first = "min(map) AS map, string_agg(tables, ', ' ORDER BY map) AS tables"
    joined = (f"string_agg({name}, '; ' ORDER BY map) AS {name}" for name in ("tables", "field", "reason"))
    staging.keep("aside", " UNION ALL BY NAME ".join(parts) or nothing)
    staging.keep(
        "told",
        f"""WITH each AS (SELECT file, "{ROW}", field, reason, {first} FROM aside
                          GROUP BY file, "{ROW}", field, reason)
            SELECT "{ROW}", file, {", ".join(joined)} FROM each GROUP BY "{ROW}", file""",
    )


Numbers = Mapping[int, Literal["token", "masked"]]
"""The columns of a file that hold phone numbers, by place, and how these are kept."""


def _numbers(source: Staged, mapped: Sequence[Mapped]) -> Numbers:
    own = [each.plan for each in mapped if each.plan.source.base == source.name]
    found = phone_columns(planned.rule for plan in own for planned in plan.fields)
    return {place: found[name] for place, name in enumerate(source.columns[: source.cells]) if name in found}


def _write(path: Path, source: Staged, numbers: Numbers, phones: Phones, staging: Staging) -> None:
    found = staging.connection.execute(_told(source))
    with _private(path) as file:
        writer = csv.writer(file, lineterminator="\r\n")  # else a lone CR in a cell stays unquoted
        writer.writerow([*ABOUT, *source.columns[: source.cells]])
        while rows := found.fetchmany(ROWS):
            writer.writerows(_without(numbers, rows, phones) if numbers else rows)


def _without(
    numbers: Numbers, rows: Sequence[tuple[object, ...]], phones: Phones
) -> Iterator[tuple[object, ...]]:
    """Rows whose phone numbers are tokens, as the lake has them, or hidden where they are none."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    for place, how in numbers.items():
        cells = pa.array(columns[len(ABOUT) + place], pa.string())
        columns[len(ABOUT) + place] = phones.private(cells, how).to_pylist()
    text = ABOUT.index("#text")
    columns[text] = [scrubbed(str(whole)) for whole in columns[text]]
    return zip(*columns, strict=True)


def _told(source: Staged) -> str:
    """A query for the lines of the quarantine's file: each row once, with all that is wrong with it."""
    cells = ", ".join(f"f.c{place}" for place in range(source.cells))
    nothing = ", ".join("NULL" for _ in range(source.cells))
    wrong = f"""SELECT f."{LINE}" AS line, tables, field, reason, '' AS text, {cells}
                FROM told t JOIN "{source.name}" f USING ("{ROW}") WHERE t.file = {literal(source.name)}"""
    uncut = f"""SELECT "{LINE}", '', '', reason, text, {nothing} FROM broken
                WHERE file = {literal(source.file)}"""
    return f"{wrong} UNION ALL {uncut} ORDER BY line" if source.broken else f"{wrong} ORDER BY line"


def _private(path: Path) -> IO[str]:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8", newline="")
