"""What lies beside a file and says when it is complete: `<file>.ok` and `<file>.sha256`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from graph.errors import BadInput

LIMIT = 1 << 16
HASH = re.compile(r"([0-9a-fA-F]{64})(?:[ \t]+\*?(.+))?")


@dataclass(frozen=True)
class Expected:
    """What a file should be: its rows without the header line, the hash of it as stored; None: not said."""

    rows: int | None = None
    sha256: str | None = None


def sidecar(path: Path) -> Expected | None:
    """What lies beside the file, or None where nothing does.

    `<file>.ok` is empty or holds the number of rows; `<file>.sha256` is what sha256sum writes. Raises
    BadInput for one that says something else.
    """
    ok, hashed = (path.with_name(f"{path.name}.{ending}") for ending in ("ok", "sha256"))
    if not (ok.is_file() or hashed.is_file()):
        return None
    rows = _rows(ok, _text(ok)) if ok.is_file() else None
    return Expected(rows, _hash(hashed, _text(hashed), path.name) if hashed.is_file() else None)


def compare(path: Path, expected: Expected, rows: int, sha256: str) -> None:
    """Raise BadInput if the file is not what lies beside it says.

    `rows` counts all its records without the header line, those that could not be cut into cells too.
    """
    if expected.sha256 is not None and expected.sha256 != sha256:
        raise BadInput(
            f"{path} is not the file that {path.name}.sha256 was made of (hash {sha256[:12]}… where"
            f" {expected.sha256[:12]}… is written); fetch both again"
        )
    if expected.rows is not None and expected.rows != rows:
        raise BadInput(
            f"{path} has {rows:,} rows where {path.name}.ok says {expected.rows:,}; fetch it again when it is"
            " complete"
        )


def _text(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(LIMIT + 1)
    try:
        if len(data) <= LIMIT:
            return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        pass
    raise BadInput(f"{path} is no short text; it should say how its file is complete, or be taken away")


def _rows(path: Path, text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch("[0-9]{1,15}", text):
        raise BadInput(f"{path} holds {text[:40]!r}; it should be empty or hold the number of rows")
    return int(text)


def _hash(path: Path, text: str, name: str) -> str:
    found = [HASH.fullmatch(line.strip()) for line in text.splitlines() if line.strip()]
    named = {Path(match[2]).name: match[1] for match in found if match and match[2]}
    if all(found) and name in named:
        return named[name].lower()
    if len(found) == 1 and found[0] and not found[0][2]:
        return found[0][1].lower()
    raise BadInput(f"{path} should hold the line that sha256sum writes for {name}")
