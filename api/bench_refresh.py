"""The monthly run at size: what a refresh of everything costs, and what the next month costs after it."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from shutil import copy

import duckdb

from analytics.refresh import STEPS, refresh
from api.show import say
from api.watched import Named, Sample, memory, seconds, watched
from graph.lake import Lake
from graph.landing import literal
from ingest.guard import Accepted
from ingest.run import load
from ingest.world.folder import FEED, MONTHLY, Order, pour, sized
from ingest.world.scenarios import scenario

MONTHS = 6
"""Of ties, bills and usage in the first run; the second has one more."""
WORLD = "S3"
SMALLER = Accepted(shrink=True)
"""The files of the next month hold that month alone."""
FIRST_S, NEXT_S, MOST_MIB = 15 * 60, 5 * 60, 8 * 1024
"""What is promised for `PROMISED` members."""
PROMISED = 1_000_000


@dataclass(frozen=True)
class Refreshed:
    """Seconds of the first refresh (`ours`) and of the next month's (`peer`), and the most MiB resident.

    `first` and `next_month` have, by step, its seconds and the most MiB. `holds`: both within what is
    promised; None where fewer members were measured than the promise is for.
    """

    name: str
    unit: str
    ours: float
    peer: float
    members: int
    tie_rows: int
    resident: float
    first: Mapping[str, tuple[float, float]]
    next_month: Mapping[str, tuple[float, float]]

    def line(self) -> str:
        """The bench's last line."""
        kept = self.ours <= FIRST_S and self.peer <= NEXT_S and self.resident <= MOST_MIB
        holds = kept if self.members >= PROMISED else None
        target = f"first <= {FIRST_S} s, next month <= {NEXT_S} s, <= {MOST_MIB} MiB at {PROMISED:,} members"
        return json.dumps({**asdict(self), "target": target, "holds": holds})


def refresh_all(size: int) -> Refreshed:
    """A refresh of everything, first and for the next month: seconds and memory by step.

    `size` members ever, in scenario S3, with six months of ties, bills and usage, then a seventh. Raises
    Unavailable where a refresh fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        ties, days = _files(size, home)
        runs = [_measured(home, part, day) for part, day in zip(("first", "next"), days, strict=True)]
    first, later = runs
    return Refreshed(
        name="refresh",
        unit="s, first and next month",
        ours=_whole(first),
        peer=_whole(later),
        members=size,
        tie_rows=ties,
        resident=max(sample.resident for run in runs for sample in run),
        first=_by_step(first),
        next_month=_by_step(later),
    )


def _files(size: int, home: Path) -> tuple[int, tuple[date, date]]:
    """Write the world, its last month apart; the ties of the first months, and the last day of each part."""
    whole = home / "world"
    rows = pour(Order(scenario(WORLD), sized(size, MONTHS + 1), parquet=True), whole, None)
    say(f"made {sum(rows.values()):,} rows")
    with duckdb.connect() as connection:
        source = literal(str(whole / "ties.parquet"))
        months = connection.sql(f"SELECT month, count(*) FROM {source} GROUP BY 1 ORDER BY 1").fetchall()
        last = months[-1][0]
        for name in MONTHLY:
            _split(connection, whole / f"{name}.parquet", home, last)
        end = connection.sql("SELECT last_day($m)", params={"m": last}).fetchall()[0][0]
        before = connection.sql("SELECT ($m::DATE - 1)::DATE", params={"m": last}).fetchall()[0][0]
    for file in whole.glob("*.parquet"):
        if file.stem not in MONTHLY:
            copy(file, home / "first" / file.name)
            if file.stem in ("accounts", "members"):
                copy(file, home / "next" / file.name)
    copy(whole / FEED, home / FEED)
    return sum(count for _, count in months[:-1]), (before, end)


def _split(connection: duckdb.DuckDBPyConnection, file: Path, home: Path, last: date) -> None:
    for part, sign in (("first", "<"), ("next", ">=")):
        (home / part).mkdir(exist_ok=True)
        out = literal(str(home / part / file.name))
        rows = f"SELECT * FROM {literal(str(file))} WHERE month {sign} DATE {literal(last.isoformat())}"
        connection.execute(f"COPY ({rows}) TO {out} (FORMAT parquet)")


def _measured(home: Path, part: str, day: date) -> list[Sample]:
    load(str(home / FEED), home / part, Lake(home / "lake"), home / "quarantine", None, SMALLER)
    samples = watched("api.bench_refresh", str(home / "lake"), day.isoformat())
    say(f"refresh as of {day}: {_whole(samples):,.0f} s; by step, seconds and the most MiB resident:")
    for step, (took, most) in _by_step(samples).items():
        say(f"  {step:32} {took:8,.1f} {most:8,.0f}")
    return samples


def _whole(samples: list[Sample]) -> float:
    return round(samples[-1].second, 1)


def _by_step(samples: list[Sample]) -> dict[str, tuple[float, float]]:
    most = memory(samples)
    return {step: (took, most[step][1]) for step, took in seconds(samples).items()}


def _refresh(folder: Path, day: date) -> None:
    """The process that is measured: a refresh that names its own steps and none of theirs."""
    named = Named()

    def told(step: str, done: int, total: int) -> None:
        if step in STEPS:
            named(step, done, total)

    refresh(Lake(folder), day, told)


if __name__ == "__main__":
    _refresh(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))
