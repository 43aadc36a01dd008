"""The two files of texts beside this: read with the comments that stand above each text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from graph.store import Row
from queries.cypher import statements

HERE = Path(__file__).parent
FAILS = "fails"


@dataclass(frozen=True)
class Refused:
    """A text outside the subset; `neo4j` is its answer there, None where it is not to be compared."""

    rule: str
    text: str
    neo4j: str | list[Row] | None


def ordinary() -> list[str]:
    """The ordinary texts, comments inside them kept."""
    lines = (HERE / "ordinary.cypher").read_text(encoding="utf-8").splitlines()
    return [line.removesuffix(";") for line in lines if line and not line.startswith("//")]


def differences() -> list[Refused]:
    parts = (HERE / "differences.cypher").read_text(encoding="utf-8").split("\n\n")[1:]
    return [_refused(part) for part in parts]


def comparable(rows: list[Row]) -> list[Row]:
    """Rows as JSON would hold them: dates as text."""
    return json.loads(json.dumps(rows, default=_as_text))


def _refused(part: str) -> Refused:
    *comments, text = part.strip().splitlines()
    answers = [line.removeprefix("// neo4j: ") for line in comments[1:]]
    answer = None if not answers else FAILS if answers[0] == FAILS else json.loads(answers[0])
    (only,) = statements(text)
    return Refused(comments[0].removeprefix("// "), only, answer)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
