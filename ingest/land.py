"""Checked facts go into the lake, all tables at once, and each source row learns what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from graph.landing import Fates
from graph.progress import Progress
from graph.schema import LOADS
from graph.writer import Writer
from ingest.check import Pool, behind, keys, rows_at_fault
from ingest.derive import decided, facts
from ingest.facts import Mapped
from ingest.files.sources import ROW, Staged
from ingest.staging import Staging
from ingest.waiting import keep_waiting


@dataclass(frozen=True)
class MapCount:
    """What one mapping did. Rows are source rows; facts are rows of the lake's table.

    A row is landed if any of its facts is new or changed. An aggregated fact stands for all the rows
    that it sums up, and rows that say the same share one fact. `waiting` rows, whose fact names a node
    that is not known yet, are among those set aside. `left_out` rows, dropped by the mapping's own
    `where`, are not among `rows_in`.
    """

    table: str
    file: str
    rows_in: int
    landed: int
    unchanged: int
    set_aside: int
    waiting: int
    left_out: int
    facts_new: int
    facts_changed: int
    facts_unchanged: int

    def __post_init__(self) -> None:
        if self.rows_in != self.landed + self.unchanged + self.set_aside or self.waiting > self.set_aside:
            raise ValueError(f"rows of {self.file} for {self.table} are not all accounted for: {self}")


@dataclass(frozen=True)
class FileCount:
    """A file that was read: its records, and those that could not be used, whatever they were for."""

    name: str
    path: str
    sha256: str
    rows: int
    unusable: int


@dataclass(frozen=True)
class LoadReport:
    """What came in with one load of a feed and what became of it.

    `quarantine` is the folder with the rows set aside, or None where there are none. `notes` are
    sentences about what looks like an oversight in the files and cost no row. `released` facts had
    waited since an earlier load and landed with this one; `withdrawn` ones a complete file no longer
    states.
    """

    feed: str
    load_id: str
    tables: tuple[MapCount, ...]
    files: tuple[FileCount, ...]
    quarantine: Path | None
    notes: tuple[str, ...] = ()
    released: int = 0
    withdrawn: int = 0

    @property
    def rows_in(self) -> int:
        return sum(count.rows_in for count in self.tables)

    @property
    def landed(self) -> int:
        return sum(count.landed for count in self.tables)

    @property
    def unchanged(self) -> int:
        return sum(count.unchanged for count in self.tables)

    @property
    def set_aside(self) -> int:
        return sum(count.set_aside for count in self.tables)

    @property
    def waiting(self) -> int:
        return sum(count.waiting for count in self.tables)

    @property
    def left_out(self) -> int:
        return sum(count.left_out for count in self.tables)


def land(
    pools: Sequence[Pool], load_id: str, today: date, writer: Writer, staging: Staging, progress: Progress
) -> tuple[dict[str, Fates], int]:
    """Land every pool; return the fates of the facts by table, and how many waited too long.

    Where silence decides on the versions of a thing, those it no longer states are withdrawn. Raises
    what `Lake.writing` raises.
    """
    fates, expired = {}, 0
    for number, pool in enumerate(pools):
        progress("landing", number, len(pools))
        kind = pool.kind
        whole = _decided(pool, staging)
        fates[kind.table] = writer.land_from(staging.connection, kind, pool.good, load_id, whole)
        expired += keep_waiting(writer, staging, kind, pool.waiting, load_id, today)[1]
    progress("landing", len(pools), len(pools))
    return fates, expired


def counts(
    mapped: Sequence[Mapped], pools: Sequence[Pool], fates: Mapping[str, Fates], staging: Staging
) -> list[MapCount]:
    """What became of each mapping's rows."""
    of = {pool.kind.table: pool for pool in pools}
    return [_count(each, of[each.plan.kind.table], fates[each.plan.kind.table], staging) for each in mapped]


def _decided(pool: Pool, staging: Staging) -> tuple[str, list[str]] | None:
    """The things whose versions are wholly decided by silence, as a relation and its column."""
    key = pool.kind.key[0]
    rows = [f'SELECT "{key}" FROM "{each.rows}"' for each in pool.members if decided(each.plan)]
    if not rows:
        return None
    name, among = f"decided_{pool.kind.table}", " UNION ALL ".join(rows)
    staging.keep(name, f'SELECT DISTINCT "{key}" FROM "{pool.good}" WHERE "{key}" IN ({among})')
    return name, [key]


def _count(each: Mapped, pool: Pool, fates: Fates, staging: Staging) -> MapCount:
    plan = each.plan
    waiting, late = _late(each, pool, staging)
    landed, unchanged = _rows(each, pool, fates, staging)
    found = _facts(each, pool, fates, staging)
    return MapCount(
        table=plan.kind.table,
        file=plan.source.file,
        rows_in=each.rows_in,
        landed=landed,
        unchanged=unchanged,
        set_aside=each.faults + plan.source.broken + waiting + late,
        waiting=waiting,
        left_out=each.left_out,
        facts_new=found.get("new", 0),
        facts_changed=found.get("changed", 0),
        facts_unchanged=found.get("unchanged", 0),
    )


def _late(each: Mapped, pool: Pool, staging: Staging) -> tuple[int, int]:
    """How many rows wait for an end, and how many are set aside because of other rows."""
    query = rows_at_fault(pool, each)
    if query is None:
        return 0, 0
    found = dict(
        staging.connection.execute(f"SELECT waiting, count(*) FROM ({query}) GROUP BY waiting").fetchall()
    )
    return found.get(True, 0), found.get(False, 0)


def _rows(each: Mapped, pool: Pool, fates: Fates, staging: Staging) -> tuple[int, int]:
    """How many rows landed something, and how many stated only what stood already."""
    if pool.plain:
        return fates.new + fates.changed, fates.unchanged
    query = (
        f"SELECT bool_or(k.fate <> 'unchanged') AS landed FROM \"{each.rows}\" r"
        f' JOIN "{fates.table}" k ON {behind(pool.kind, each)} GROUP BY r."{ROW}"'
    )
    counted = f"SELECT landed, count(*) FROM ({query}) GROUP BY landed"
    found = dict(staging.connection.execute(counted).fetchall())
    return found.get(True, 0), found.get(False, 0)


def _facts(each: Mapped, pool: Pool, fates: Fates, staging: Staging) -> dict[str, int]:
    if pool.plain:
        return {"new": fates.new, "changed": fates.changed, "unchanged": fates.unchanged}
    own = f"SELECT DISTINCT {keys(pool.kind)} FROM ({facts(each)})"
    query = f'SELECT fate, count(*) FROM "{fates.table}" SEMI JOIN ({own}) USING ({keys(pool.kind)})'
    if any(not pool.kind.field(name).required for name in pool.kind.key):  # USING never matches nulls
        match = " AND ".join(f'f."{n}" IS NOT DISTINCT FROM o."{n}"' for n in pool.kind.key)
        query = f'SELECT fate, count(*) FROM "{fates.table}" f SEMI JOIN ({own}) o ON {match}'
    return dict(staging.connection.execute(f"{query} GROUP BY fate").fetchall())


def file_counts(files: Mapping[str, Staged], mapped: Sequence[Mapped]) -> tuple[FileCount, ...]:
    """What was read of each file."""
    events = {each.plan.events.name: each.event_faults for each in mapped if each.plan.events}
    return tuple(
        FileCount(name, s.file, s.sha256, s.rows + s.broken, s.broken + events.get(s.name, 0))
        for name, s in files.items()
    )


def record(report: LoadReport, writer: Writer) -> None:
    """Write the load down in the lake."""
    row = {
        "load_id": report.load_id,
        "feed": report.feed,
        "finished": datetime.now(UTC).isoformat(timespec="microseconds"),
        "rows_in": report.rows_in,
        "landed": report.landed,
        "unchanged": report.unchanged,
        "set_aside": report.set_aside,
        "waiting": report.waiting,
        "files": json.dumps({file.path: {"sha256": file.sha256, "rows": file.rows} for file in report.files}),
        "tables": json.dumps([asdict(count) for count in report.tables]),
    }
    writer.append(LOADS, pd.DataFrame([row]))
