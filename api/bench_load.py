"""The memory of a load, watched from outside: whether it grows with the number of rows."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from api.show import say
from api.watched import Named, Sample, memory, watched
from graph.lake import Lake
from graph.landing import literal
from ingest.run import load

WARM = 3
"""A load of this part (1 in …) of the rows is the warm-up. At the bench's own size every buffer has grown
as large as it gets by then; with a few million rows less it has not, and the promise is none."""
WITHIN = 0.10

FEED = """
name = "ties"
title = "members and the ties between them"
[files.members]
path = "members.csv"
[files.ties]
path = "ties.csv"
[[map]]
to = "members"
from = "members"
columns = "same"
[[map]]
to = "ties"
from = "ties"
columns = "same"
"""


@dataclass(frozen=True)
class Flat:
    """What the bench found; `ours` and `peer` are the most MiB resident, of the load and of its warm-up.

    `holds`: the one is at most a tenth more than the other. `steps` has, of the whole load, the median and
    the most of each step.
    """

    name: str
    unit: str
    ours: float
    peer: float
    seconds: float
    rows: int
    rows_per_second: float
    steps: Mapping[str, tuple[float, float]]

    def line(self) -> str:
        """The bench's last line."""
        ratio = self.ours / self.peer
        told = {"ratio": round(ratio, 3), "target": 1 + WITHIN, "holds": ratio <= 1 + WITHIN}
        return json.dumps({**asdict(self), **told})


def load_flat(size: int) -> Flat:
    """Loading ties: the loader's memory, against that of a load of a third of the rows.

    `size` ties among a tenth as many members, over twelve months, from a CSV into an empty lake. Raises
    Unavailable where the load fails, or where the system does not tell a process's memory.
    """
    warm, whole = _measured(size // WARM), _measured(size)
    seconds = whole[-1].second
    return Flat(
        name="load",
        unit="MiB resident at most",
        ours=round(max(sample.resident for sample in whole), 1),
        peer=round(max(sample.resident for sample in warm), 1),
        seconds=round(seconds, 1),
        rows=size,
        rows_per_second=round(size / seconds),
        steps=memory(whole),
    )


def _measured(rows: int) -> list[Sample]:
    with tempfile.TemporaryDirectory() as folder:
        write_ties(Path(folder), rows)
        samples = watched("api.bench_load", str(folder))
    say(f"{rows:,} ties in {samples[-1].second:,.0f} s; MiB resident, median and most:")
    for step, (middle, most) in memory(samples).items():
        say(f"  {step:32} {middle:8,.0f} {most:8,.0f}")
    return samples


def write_ties(folder: Path, rows: int) -> None:
    """Write members.csv and ties.csv: `rows` ties of different keys among a tenth as many members.

    Each member has ten ties, spread over twelve months, in an order without any.
    """
    members = max(rows // 10, 200)
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 'm' || (i * 7919) % {members} AS member_id FROM range({members}) t(i))"
            f" TO {literal(str(folder / 'members.csv'))} (HEADER)"
        )
        connection.execute(
            f"COPY (SELECT 'm' || i % {members} AS source,"
            f" 'm' || (i % {members} + 1 + (i // {members}) * 17) % {members} AS target,"
            " make_date(2025, 1 + CAST((i % 12 + i // 12 % 5) % 12 AS INT), 1) AS month,"
            " hash(i) % 90 AS calls, hash(i + 1) % 9000 AS seconds, hash(i + 2) % 40 AS messages,"
            f" 1 + hash(i + 3) % 28 AS days_active FROM range({rows}) t(i) ORDER BY hash(i))"
            f" TO {literal(str(folder / 'ties.csv'))} (HEADER)"
        )


def _load(folder: Path) -> None:
    """The loader's own process: load, and name each step on standard output as it begins."""
    feed = folder / "feed.toml"
    feed.write_text(FEED, encoding="utf-8")
    load(str(feed), folder, Lake(folder / "home" / "lake"), folder / "home" / "quarantine", Named())


if __name__ == "__main__":
    _load(Path(sys.argv[1]))
