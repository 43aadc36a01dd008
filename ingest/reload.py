"""Rows that were set aside and have been mended go through the feed again, and nothing else does."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from graph.errors import BadInput, NotFound
from graph.lake import Lake
from graph.progress import Progress
from ingest.guard import Accepted
from ingest.land import LoadReport
from ingest.mapping import Feed, FileRule, parse_feed
from ingest.plan import check_feed
from ingest.quarantine import ABOUT
from ingest.run import Load


def reload(load_id: str, lake: Lake, quarantine: Path, progress: Progress | None = None) -> LoadReport:
    """Load the rows of one load's quarantine, as they stand there now, by the feed they came with.

    Rows still at fault are set aside again, under the new load's id. Raises NotFound for an unknown load
    id, and BadInput where a file's rows cannot go alone: a sum over some of its rows would replace the
    sum over all of them.
    """
    place = quarantine / load_id
    if Path(load_id).name != load_id or not (place / "load.json").is_file():
        known = ", ".join(sorted(p.name for p in quarantine.glob("*") if (p / "load.json").is_file()))
        raise NotFound(
            f"no rows set aside by a load {load_id!r} in {quarantine}; there are: {known or 'none'}"
        )
    text = str(json.loads((place / "load.json").read_text(encoding="utf-8"))["feed"])
    feed = parse_feed(text, f"the feed of {load_id}")
    check_feed(feed, f"the feed of {load_id}")
    paths = {path.stem: path for path in sorted(place.glob("*.csv"))}
    _refuse_sums(feed, paths)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        for path in paths.values():
            _copy(path, Path(folder) / path.name)
        alone = _alone(feed, paths)
        told = progress or (lambda *step: None)
        return Load(alone, text, Path(folder), lake, quarantine, told, Accepted(bad=True), part=True).run()


def _refuse_sums(feed: Feed, paths: dict[str, Path]) -> None:
    for rule in feed.map:
        join = feed.joins.get(rule.from_)
        file = join.left if join else rule.from_
        events = rule.silence.events if rule.silence else None
        if file in paths and (join or any(how.aggregate for how in rule.fields.values())):
            why = "joined with another file" if join else "summed up"
        elif events in paths or (file in paths and rule.silence):
            why, file = "weighed against the silence of others", events if events in paths else file
        else:
            continue
        raise BadInput(
            f"rows of {feed.files[file].path} are {why} for {rule.to}, so they cannot be loaded alone;"
            " mend them in the file itself and load it whole"
        )


def _alone(feed: Feed, paths: dict[str, Path]) -> Feed:
    """The feed for the mended files only, which are written in one way whatever the sources were."""
    files = {name: FileRule(path=path.name, empty=feed.files[name].empty) for name, path in paths.items()}
    maps = tuple(rule for rule in feed.map if rule.from_ in files)
    return feed.model_copy(update={"files": files, "joins": {}, "map": maps})


def _copy(path: Path, target: Path) -> None:
    """The rows without what the quarantine says of them; records that were never cut need their cells."""
    with path.open(encoding="utf-8-sig", newline="") as source, target.open("w", newline="") as copy:
        rows = csv.reader(source)
        names = next(rows, [])
        if names[: len(ABOUT)] != list(ABOUT):
            raise BadInput(
                f"{path}, line 1: the columns should begin with {', '.join(ABOUT)}, as written there"
            )
        writer = csv.writer(copy)
        writer.writerow(names[len(ABOUT) :])
        writer.writerows(_mended(rows))


def _mended(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    for row in rows:
        if any(row[len(ABOUT) :]):
            yield row[len(ABOUT) :]
