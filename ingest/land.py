"""Checked facts go into the lake, all tables at once, and each source row learns what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from graph.lake import Lake
from graph.progress import Progress
from graph.schema import LOADS
from ingest.check import Checked, Pool
from ingest.clean import Fault
from ingest.facts import Mapped
from ingest.quarantine import Aside, broken_rows, faulty_rows, gone_if_it_fails, set_aside
from ingest.sources import Source

FATES = ("unchanged", "new", "changed")


@dataclass(frozen=True)
class MapCount:
    """What one mapping did. Rows are source rows; facts are rows of the lake's table.

    A row is landed if any of its facts is new or changed. An aggregated fact stands for all the rows
    that it sums up, and rows that say the same share one fact. `left_out` rows, dropped by the
    mapping's own `where`, are not among `rows_in`.
    """

    table: str
    file: str
    rows_in: int
    landed: int
    unchanged: int
    set_aside: int
    left_out: int
    facts_new: int
    facts_changed: int
    facts_unchanged: int

    def __post_init__(self) -> None:
        if self.rows_in != self.landed + self.unchanged + self.set_aside:
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
    sentences about what looks like an oversight in the files and cost no row.
    """

    feed: str
    load_id: str
    tables: tuple[MapCount, ...]
    files: tuple[FileCount, ...]
    quarantine: Path | None
    notes: tuple[str, ...] = ()

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
    def left_out(self) -> int:
        return sum(count.left_out for count in self.tables)


def land(
    lake: Lake,
    feed: str,
    load_id: str,
    files: Mapping[str, Source],
    mapped: Sequence[Mapped],
    checked: Checked,
    quarantine: Path,
    progress: Progress,
) -> LoadReport:
    """Land every pool, record the load and write the rows set aside; all of it or nothing.

    Where silence decides on the versions of a thing, those it no longer states are withdrawn. Raises
    what `Lake.writing` and `set_aside` raise.
    """
    with gone_if_it_fails(quarantine, load_id), lake.writing(f"load of {feed} ({load_id})") as writer:
        fates: dict[str, npt.NDArray[np.int8]] = {}
        for number, pool in enumerate(checked.pools):
            progress("landing", number, len(checked.pools))
            status = writer.land(pool.kind, pool.table, load_id, _decided(pool, mapped)).status
            fates[pool.kind.table] = _codes(status)
        pools = {pool.kind.table: pool for pool in checked.pools}
        counts = [
            _count(number, each, checked.faults[number], pools[each.plan.kind.table], fates)
            for number, each in enumerate(mapped)
        ]
        place = set_aside(quarantine, load_id, _asides(files, mapped, checked))
        report = LoadReport(feed, load_id, tuple(counts), _file_counts(files, mapped), place, _notes(mapped))
        writer.append(LOADS, _record(report))
    progress("landing", len(checked.pools), len(checked.pools))
    return report


def _decided(pool: Pool, mapped: Sequence[Mapped]) -> pa.Table | None:
    """The keys of the things whose versions are wholly decided by silence; None where it decides none."""
    places = [place for number, place in pool.places.items() if mapped[number].plan.silence]
    if not places:
        return None
    stated = np.unique(np.concatenate(places))
    return pool.table.select([pool.kind.key[0]]).take(pa.array(stated[stated >= 0]))


def _codes(status: pa.ChunkedArray) -> npt.NDArray[np.int8]:
    places = pc.index_in(status, value_set=pa.array(FATES)).cast(pa.int8())
    found: npt.NDArray[np.int8] = places.to_numpy()
    return found


def _count(
    number: int, each: Mapped, faults: Sequence[Fault], pool: Pool, fates: Mapping[str, npt.NDArray[np.int8]]
) -> MapCount:
    place = pool.places[number]
    fate = np.where(place >= 0, np.append(fates[pool.kind.table], 0)[place], -1)
    behind = fate[each.facts.fact]
    present, landed = (_rows(each.facts.row[behind >= least]) for least in (0, 1))
    new, changed, unchanged = ((fate == code).sum() for code in (1, 2, 0))
    return MapCount(
        table=pool.kind.table,
        file=each.plan.source.file,
        rows_in=each.rows_in,
        landed=landed,
        unchanged=present - landed,
        set_aside=len(faults) + len(each.plan.source.broken),
        left_out=each.left_out,
        facts_new=int(new),
        facts_changed=int(changed),
        facts_unchanged=int(unchanged),
    )


def _rows(numbers: npt.NDArray[np.int64]) -> int:
    """How many different rows there are."""
    return int(np.count_nonzero(np.bincount(numbers)))


def _asides(files: Mapping[str, Source], mapped: Sequence[Mapped], checked: Checked) -> Iterator[Aside]:
    for source in files.values():
        yield from broken_rows(source)
    for each, faults in zip(mapped, checked.faults, strict=True):
        yield from faulty_rows(each.plan.source, each.plan.kind.table, faults)
        if each.plan.events:
            yield from faulty_rows(each.plan.events, each.plan.kind.table, each.event_faults)


def _file_counts(files: Mapping[str, Source], mapped: Sequence[Mapped]) -> tuple[FileCount, ...]:
    events = {each.plan.events.name: len(each.event_faults) for each in mapped if each.plan.events}
    return tuple(
        FileCount(
            name,
            source.file,
            source.sha256,
            source.table.num_rows + len(source.broken),
            len(source.broken) + events.get(name, 0),
        )
        for name, source in files.items()
    )


def _notes(mapped: Sequence[Mapped]) -> tuple[str, ...]:
    return tuple(
        f"{each.plan.source.file}: no columns of the table {each.plan.kind.table}, so not used: "
        f"{', '.join(each.plan.unknown)}"
        for each in mapped
        if each.plan.unknown
    )


def _record(report: LoadReport) -> pd.DataFrame:
    row = {
        "load_id": report.load_id,
        "feed": report.feed,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows_in": report.rows_in,
        "landed": report.landed,
        "unchanged": report.unchanged,
        "set_aside": report.set_aside,
        "files": json.dumps({file.path: file.sha256 for file in report.files}),
    }
    return pd.DataFrame([row])
