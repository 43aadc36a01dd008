"""Who saw which number, when and why: a log that is only appended to, each line proving the one before.

A line is JSON: `at`, `who`, `what`, `token`, `why`, `before` (hash of the line before), `hash` (of the
rest of this line). There is never a number in it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from graph.errors import BadInput, Unavailable
from ingest.phones.numbers import scrubbed

START = "0" * 64
LONGEST = 500  # characters of a name or a reason
TAIL = 1 << 14  # bytes that hold any last line
COLUMNS = ("at", "who", "what", "token", "why")


@dataclass(frozen=True)
class Reveals:
    """The log in a file."""

    path: Path

    def append(self, what: str, who: str, token: str, why: str) -> None:
        """Write one line and wait until it is on the disk.

        Long numbers in a reason are hidden. Raises BadInput for an empty name or reason and Unavailable
        where the line cannot be written.
        """
        who, why = (scrubbed(" ".join(text.split()))[:LONGEST] for text in (who, why))
        if not (who and why):
            raise BadInput("say who asks and why; both are kept in the log")
        told = {"at": datetime.now(UTC).isoformat("T", "seconds"), "who": who, "what": what}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                line = {**told, "token": token, "why": why, "before": _last(handle)}
                data = (_json({**line, "hash": _hash(line)}) + "\n").encode()
                if os.write(handle, data) != len(data):
                    raise OSError(28, "only a part could be written")
                os.fsync(handle)
            finally:
                os.close(handle)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "its last line is damaged; move it to a safe place"
            raise Unavailable(
                f"the log {self.path} cannot be written ({reason}), so nothing is shown"
            ) from error

    def lines(self) -> Iterator[dict[str, str]]:
        """The lines, oldest first. Raises Unavailable where the file cannot be read."""
        for text in self._texts():
            line = _line(text)
            yield {name: line.get(name, "") for name in COLUMNS}

    def first_fault(self) -> int | None:
        """The number of the first line that was changed or does not follow from the one before, or None."""
        before = START
        for number, text in enumerate(self._texts(), 1):
            line = _line(text)
            claimed = line.pop("hash", "")
            if line.get("before") != before or claimed != _hash(line):
                return number
            before = claimed
        return None

    def _texts(self) -> Iterator[str]:
        try:
            if self.path.exists():
                with self.path.open(encoding="utf-8", errors="replace", newline="\n") as file:
                    yield from file
        except OSError as error:
            raise Unavailable(f"the log {self.path} cannot be read: {error.strerror}") from error


def _last(handle: int) -> str:
    """The hash of the last line."""
    size = os.fstat(handle).st_size
    if not size:
        return START
    tail = os.pread(handle, TAIL, max(size - TAIL, 0))
    if not tail.endswith(b"\n"):
        raise ValueError("the last line is not whole")
    return str(json.loads(tail.splitlines()[-1])["hash"])


def _line(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        return {"why": "(this line is damaged)"}
    return found if isinstance(found, dict) else {"why": "(this line is damaged)"}


def _json(line: dict[str, str]) -> str:
    return json.dumps(line, ensure_ascii=True)


def _hash(line: dict[str, str]) -> str:
    return hashlib.sha256(_json(line).encode()).hexdigest()
