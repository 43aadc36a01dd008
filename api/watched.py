"""Long work watched from outside: what memory a process takes in each step that it names."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from graph.errors import Unavailable

EVERY = 0.25
"""Seconds between two looks at the process's memory."""


@dataclass(frozen=True)
class Sample:
    """A process's memory at one moment: seconds since its start, the step it was in, MiB resident."""

    second: float
    step: str
    resident: float


def watched(module: str, *words: str) -> list[Sample]:
    """Run a module in a process of its own, and return what memory it took since it named a step.

    Raises Unavailable where it fails, or where the system does not tell a process's memory.
    """
    command = [sys.executable, "-m", module, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        steps = _Steps(process)
        samples, start = [], perf_counter()
        while process.poll() is None:
            resident = _resident(process.pid)
            if resident and steps.now:
                samples.append(Sample(perf_counter() - start, steps.now, resident))
            sleep(EVERY)
    if process.returncode or not samples:
        raise Unavailable(f"{module}, which was to be measured, failed; its own words stand above")
    return samples


class Named:
    """The other end: a `Progress` that prints each step's name, on a line of its own, as it begins."""

    def __init__(self) -> None:
        self._now = ""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Print the name of a step that was not the last one's."""
        if step != self._now:
            self._now = step
            print(step, flush=True)


def memory(samples: Sequence[Sample]) -> dict[str, tuple[float, float]]:
    """By step, in MiB: the median and the most."""
    found: dict[str, list[float]] = {}
    for sample in samples:
        found.setdefault(sample.step, []).append(sample.resident)
    return {step: (round(median(some), 1), round(max(some), 1)) for step, some in found.items()}


def seconds(samples: Sequence[Sample]) -> dict[str, float]:
    """By step, in the order in which they began, from its first sample to that of the next."""
    found: dict[str, float] = {}
    for sample, after in zip(samples, [*samples[1:], samples[-1]], strict=True):
        found[sample.step] = found.get(sample.step, 0.0) + after.second - sample.second
    return {step: round(took, 1) for step, took in found.items()}


class _Steps:
    """The step that a process last named on its standard output."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.now = ""
        self._process = process
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self.now = line.strip()


def _resident(process: int) -> float:
    """MiB resident of a process; 0 where it is gone."""
    try:
        text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except FileNotFoundError as error:
        if not Path("/proc/self/status").exists():
            raise Unavailable("this system has no /proc, from which a process's memory is read") from error
        return 0.0
    found = (line.split()[1] for line in text.splitlines() if line.startswith("VmRSS:"))
    return int(next(found, "0")) / 1024
