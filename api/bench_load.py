"""The memory of a load, watched from outside: whether it grows with the number of rows."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import duckdb

from api.show import say
from graph.errors import Unavailable
from graph.lake import Lake
from graph.landing import literal
from ingest.run import load

EVERY = 0.25
"""Seconds between two looks at the loader's memory."""
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
class Sample:
    """The loader's memory at one moment: seconds since its start, the step it was in, MiB resident."""

    second: float
    step: str
    resident: float


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
        steps=_steps(whole),
    )


def _measured(rows: int) -> list[Sample]:
    with tempfile.TemporaryDirectory() as folder:
        write_ties(Path(folder), rows)
        samples = watched(Path(folder))
    say(f"{rows:,} ties in {samples[-1].second:,.0f} s; MiB resident, median and most:")
    for step, (middle, most) in _steps(samples).items():
        say(f"  {step:32} {middle:8,.0f} {most:8,.0f}")
    return samples


def _steps(samples: Sequence[Sample]) -> dict[str, tuple[float, float]]:
    by_step: dict[str, list[float]] = {}
    for sample in samples:
        by_step.setdefault(sample.step, []).append(sample.resident)
    return {step: (round(median(found), 1), round(max(found), 1)) for step, found in by_step.items()}


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


def watched(folder: Path) -> list[Sample]:
    """Load the files in a folder in a process of its own, and return what memory it took.

    Raises Unavailable where the load fails, or where the system does not tell a process's memory.
    """
    words = [sys.executable, "-m", "api.bench_load", str(folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as loader:  # noqa: S603
        steps = _Steps(loader)
        samples, start = [], perf_counter()
        while loader.poll() is None:
            resident = _resident(loader.pid)
            if resident and steps.now:
                samples.append(Sample(perf_counter() - start, steps.now, resident))
            sleep(EVERY)
    if loader.returncode or not samples:
        raise Unavailable("the load to be measured failed; its own words stand above")
    return samples


class _Steps:
    """The step that a loader last named on its standard output."""

    def __init__(self, loader: subprocess.Popen[str]) -> None:
        self.now = ""
        self._loader = loader
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._loader.stdout or ():
            self.now = line.strip()


def _resident(process: int) -> float:
    """MiB resident of a process; 0 where it is gone."""
    try:
        text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except FileNotFoundError as error:
        if not Path("/proc/self/status").exists():
            raise Unavailable("this system has no /proc, from which the loader's memory is read") from error
        return 0.0
    found = (line.split()[1] for line in text.splitlines() if line.startswith("VmRSS:"))
    return int(next(found, "0")) / 1024


def _load(folder: Path) -> None:
    """The loader's own process: load, and name each step on standard output as it begins."""
    named = [""]

    def told(step: str, done: int, total: int) -> None:
        if step != named[0]:
            named[0] = step
            print(step, flush=True)

    feed = folder / "feed.toml"
    feed.write_text(FEED, encoding="utf-8")
    load(str(feed), folder, Lake(folder / "home" / "lake"), folder / "home" / "quarantine", told)


if __name__ == "__main__":
    _load(Path(sys.argv[1]))
