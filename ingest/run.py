"""A load from start to end: read, map, check, land. Nothing is landed unless all of it could be."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from graph.errors import BadInput
from graph.lake import Lake
from graph.progress import Progress
from graph.settings import settings
from ingest import guard
from ingest.check import Pool, check
from ingest.facts import FAULTS, Mapped, mapped
from ingest.files.sources import Staged, read_sources
from ingest.guard import Accepted, TooManyBadRows
from ingest.joins import join_sources
from ingest.land import LoadReport, counts, file_counts, land, record
from ingest.mapping import Feed, find_feed, read_feed
from ingest.phones.tokens import Phones, phones_of
from ingest.plan import check_feed, make_plans
from ingest.quality.assess import assess
from ingest.quarantine import set_aside, settle_others, settled
from ingest.staging import Staging, staging
from ingest.sweep import sweep
from ingest.waiting import DAYS

NOTHING_ACCEPTED = Accepted()


def load(
    feed_name_or_path: str,
    data: Path,
    lake: Lake,
    quarantine: Path,
    progress: Progress | None = None,
    accepted: Accepted = NOTHING_ACCEPTED,
) -> LoadReport:
    """Load the files in the folder `data` by a shipped feed, or by the feed file of that path.

    Rows that cannot be used are set aside below `quarantine` and counted; of a file with too many of
    them nothing is loaded. Memory does not grow with the files: their rows are kept in a staging folder
    beside the lake while the load lasts. Raises NotFound for an unknown feed, folder or file and BadInput
    for a feed, encoding, column or number of rows that does not fit; and what `Lake.writing` raises.
    """
    path = find_feed(feed_name_or_path)
    feed = read_feed(path)
    check_feed(feed, str(path))
    text = path.read_text(encoding="utf-8")
    return Load(feed, text, data, lake, quarantine, progress or _nothing, accepted).run()


@dataclass(frozen=True)
class Load:
    """One load about to run. `part`: the files hold a part of what they should, such as mended rows."""

    feed: Feed
    text: str
    data: Path
    lake: Lake
    quarantine: Path
    progress: Progress
    accepted: Accepted
    part: bool = False

    def run(self) -> LoadReport:
        load_id = _load_id(self.feed.name)
        with staging(self.lake.folder.parent / "staging", load_id) as stage:
            sources = read_sources(self.feed, self.data, stage, self.progress)
            mapped = self._map(load_id, join_sources(self.feed, sources, stage), stage)
            try:
                if not self.accepted.bad:
                    guard.early(mapped)
                return self._land(load_id, sources, mapped, stage)
            except TooManyBadRows as refused:
                with settled(self.quarantine, load_id):
                    place = self._set_aside(load_id, sources, mapped, [], stage)
                raise BadInput(f"{refused}; the rows lie, with their reasons, in {place}") from None

    def _phones(self, load_id: str) -> Phones:
        """Phone numbers become tokens of the keys beside the lake, where the vault is too."""
        return phones_of(settings().model_copy(update={"home": self.lake.folder.parent}), load_id)

    def _map(self, load_id: str, sources: Mapping[str, Staged], stage: Staging) -> list[Mapped]:
        plans = make_plans(self.feed, sources)
        results, phones = [], self._phones(load_id)
        with stage.sink("faults", FAULTS) as faults, stage.sink("event_faults", FAULTS) as event_faults:
            for number, plan in enumerate(plans):
                results.append(mapped(number, plan, stage, faults, event_faults, phones, self.progress))
        return results

    def _land(
        self, load_id: str, sources: Mapping[str, Staged], mapped: Sequence[Mapped], stage: Staging
    ) -> LoadReport:
        feed, today = self.feed.name, datetime.now(UTC).date()
        note = f"load of {feed} ({load_id})"
        with settled(self.quarantine, load_id), self.lake.writing(note) as writer:
            settle_others(self.quarantine, writer, stage)
            if not (self.part or self.accepted.shrink):
                guard.refuse_shrinking(feed, sources, writer, stage)
            pools = check(mapped, writer, stage)
            fates, expired = land(pools, load_id, today, writer, stage, self.progress)
            told = counts(mapped, pools, fates, stage)
            if not self.accepted.bad:
                guard.late(told)
            withdrawn, swept = 0, list[str]()
            if not self.part:
                withdrawn, swept = sweep(feed, pools, told, self.accepted.shrink, today, writer, stage)
            report = LoadReport(
                feed=feed,
                load_id=load_id,
                tables=tuple(told),
                files=file_counts(sources, mapped),
                quarantine=self._set_aside(load_id, sources, mapped, pools, stage),
                notes=(*_unused(mapped), *swept, *_expired(expired)),
                released=sum(pool.released for pool in pools),
                withdrawn=withdrawn,
            )
            assess(report, sources, mapped, pools, self.part, today, writer, stage)
            record(report, writer)
        return report

    def _set_aside(
        self,
        load_id: str,
        sources: Mapping[str, Staged],
        mapped: Sequence[Mapped],
        pools: Sequence[Pool],
        stage: Staging,
    ) -> Path | None:
        phones = self._phones(load_id)
        return set_aside(self.quarantine, load_id, self.text, sources, mapped, pools, phones, stage)


def _unused(mapped: Sequence[Mapped]) -> Iterator[str]:
    for each in mapped:
        if each.plan.unknown:
            yield (
                f"{each.plan.source.file}: no columns of the table {each.plan.kind.table}, so not used: "
                f"{', '.join(each.plan.unknown)}"
            )


def _expired(count: int) -> Iterator[str]:
    if count:
        yield f"{count:,} facts had waited {DAYS} days for a node they name and were given up"


def _load_id(feed: str) -> str:
    """Tells loads apart and sorts by time, such as `enron-20260131T235959Z-1f2e3d`."""
    return f"{feed}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def _nothing(step: str, done: int, total: int) -> None:
    """The progress of a load that nobody watches."""
