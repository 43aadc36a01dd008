"""A load from start to end: read, map, check, land. Nothing is landed unless all of it could be."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

from graph.lake import Lake
from graph.progress import Progress
from ingest.check import check
from ingest.facts import mapped
from ingest.land import LoadReport, land
from ingest.mapping import find_feed, read_feed
from ingest.plan import check_feed, make_plans
from ingest.sources import read_sources


def load(
    feed_name_or_path: str,
    data: Path,
    lake: Lake,
    quarantine: Path,
    progress: Progress | None = None,
) -> LoadReport:
    """Load the files in the folder `data` by a shipped feed, or by the feed file of that path.

    Rows that cannot be used are set aside below `quarantine` and counted. Raises NotFound for an
    unknown feed, folder or file and BadInput for a feed, encoding or column that does not fit, before
    anything is written; and what `Lake.writing` raises.
    """
    tell = progress or _nothing
    path = find_feed(feed_name_or_path)
    feed = read_feed(path)
    check_feed(feed, str(path))
    sources = read_sources(feed, data, tell)
    plans = make_plans(feed, sources)
    results = []
    for number, plan in enumerate(plans):
        tell("mapping", number, len(plans))
        results.append(mapped(plan))
    tell("mapping", len(plans), len(plans))
    checked = check(results, lake.view())
    files = {name: source for name, source in sources.items() if name in feed.files}
    return land(lake, feed.name, _load_id(feed.name), files, results, checked, quarantine, tell)


def _load_id(feed: str) -> str:
    """Tells loads apart and sorts by time, such as `enron-20260131T235959Z-1f2e3d`."""
    return f"{feed}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def _nothing(step: str, done: int, total: int) -> None:
    """The progress of a load that nobody watches."""
