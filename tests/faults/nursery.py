"""Loads by the real command line, in processes that are killed at chosen moments.

Each is forked from one process that has everything imported and has done nothing yet, so that twenty of
them cost no more than their work. A moment is the n-th sign of a phase, and some seconds after it; signs
are what the loader says of its progress, and what Python tells its audit hooks of files.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

PHASES = ("reading", "mapping", "landing", "quarantine", "commit", "clearing")


@dataclass(frozen=True)
class Moment:
    """The sign of a phase, counted from 0, and seconds after it.

    At it the process kills itself with SIGKILL or, where `leave` is given, fills the disk of its home but
    for so many bytes.
    """

    phase: str
    sign: int
    after: float = 0.0
    leave: int | None = None


@dataclass(frozen=True)
class Ended:
    """How a load ended: its exit code (negative: the signal), its standard error, its signs in order."""

    code: int
    error: str
    signs: tuple[tuple[str, float], ...]


class Nursery:
    """The process that the loads are forked from."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None
    ) -> None:
        self._process.communicate()

    def load(self, feed: Path, data: Path, home: Path, notes: Path, at: Moment | None = None) -> Ended:
        """Load, and wait for the end. `notes` is a folder for what the process says."""
        notes.mkdir(exist_ok=True)
        for path in notes.iterdir():
            path.unlink()
        order = {"feed": str(feed), "data": str(data), "home": str(home), "notes": str(notes)}
        told = json.dumps({**order, "at": asdict(at) if at else None})
        assert self._process.stdin
        assert self._process.stdout
        print(told, file=self._process.stdin, flush=True)
        code = int(self._process.stdout.readline())
        signs = tuple(_signs(notes / "signs"))
        return Ended(code, (notes / "error").read_text(encoding="utf-8"), signs)


def _signs(path: Path) -> Iterator[tuple[str, float]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        phase, second = line.split()
        yield phase, float(second)


class _Watch:
    """Writes down every sign of a load, and acts when the moment has come."""

    def __init__(self, home: Path, notes: Path, at: Moment | None) -> None:
        self.home = home
        self.at = at
        self.seen = dict.fromkeys(PHASES, 0)
        self.notes = os.open(notes / "signs", os.O_WRONLY | os.O_CREAT)
        self.start = time.perf_counter()
        self.committed = self.busy = False
        self.folders = {"quarantine": f"{home}/quarantine/", "commit": f"{home}/lake/commits/"}

    @contextmanager
    def progress(self) -> Iterator[object]:
        """In the place of the bars on a terminal."""
        yield lambda step, done, total: self.sign(step.split()[0])

    def audit(self, event: str, words: tuple[object, ...]) -> None:
        if self.busy or event not in ("open", "os.rename", "os.mkdir", "os.rmdir", "os.remove"):
            return
        path = str(words[0])
        writes = (
            event != "open"
            or (isinstance(words[1], str) and "w" in words[1])
            or bool(isinstance(words[2], int) and words[2] & (os.O_WRONLY | os.O_RDWR))
        )
        if not writes:
            return
        for phase, folder in self.folders.items():
            if path.startswith(folder):
                self.sign(phase)
                self.committed |= event == "os.rename" and phase == "commit"
        if self.committed and event in ("os.rmdir", "os.remove"):
            self.sign("clearing")

    def sign(self, phase: str) -> None:
        if phase not in self.seen:
            return
        self.busy = True
        os.write(self.notes, f"{phase} {time.perf_counter() - self.start:.4f}\n".encode())
        if self.at and (phase, self.seen[phase]) == (self.at.phase, self.at.sign):
            self._act(self.at)
        self.seen[phase] += 1
        self.busy = False

    def _act(self, at: Moment) -> None:
        if at.leave is not None:
            fill(self.home, at.leave)
        elif at.after:
            threading.Timer(at.after, os.kill, (os.getpid(), signal.SIGKILL)).start()
        else:
            os.kill(os.getpid(), signal.SIGKILL)


def fill(folder: Path, leave: int) -> Path:
    """Take up the room on a folder's disk, but for so many bytes; return the file that does it."""
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        found = os.statvfs(folder)
        os.posix_fallocate(file.fileno(), 0, max(found.f_bavail * found.f_frsize - leave, 1))
    return ballast


def _child(order: dict[str, object]) -> None:
    import api.commands.loading
    from api import cli

    home, notes, at = Path(str(order["home"])), Path(str(order["notes"])), order["at"]
    error = os.open(notes / "error", os.O_WRONLY | os.O_CREAT)
    os.dup2(error, 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ["GUANXI_HOME"] = str(home)
    watch = _Watch(home, notes, Moment(**at) if isinstance(at, dict) else None)
    api.commands.loading.progress = watch.progress  # type: ignore[assignment]
    sys.addaudithook(watch.audit)
    sys.argv = ["guanxi", "load", str(order["feed"]), "--data", str(order["data"]), "--no-publish"]
    try:
        cli.main()
    except SystemExit as ended:
        sys.stderr.flush()
        os._exit(ended.code if isinstance(ended.code, int) else int(ended.code is not None))
    os._exit(0)


def _serve() -> None:
    """Fork a load for each line of standard input, and answer with its end."""
    import api.cli
    import api.commands.loading  # noqa: F401
    import ingest.guard
    import ingest.publishing.publish
    import ingest.run  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if not child:
            _child(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    _serve()
