"""One text for each row, whichever side it comes from, and one hash for all rows of a type.

A row is what tells it from others (its key, or its ends and the key between them) and its properties. Its
text is JSON in ASCII without spaces, `[[identity…],{property:value…}]`, the properties in order of their
names. Absent and null are the same: not written. A date is `{"date":"2026-10-31"}`, so that no text equals
it; a whole number has no point and a fraction has one (Python's shortest text that reads back as the
same double), so 1, 1.0, true and "1" are four different values.

The hash of a type adds up the SHA-256 of each row's text as a number, modulo 2²⁵⁶, and is the SHA-256 of
`<rows>:<sum as 64 hex digits>`. A sum needs no order and no memory, so both servers' orders of text do not
matter and ten million rows cost what one costs. Not XOR: there a row written twice cancels itself. Two
different sets of rows that came about by accident have the same sum with a chance of 2⁻²⁵⁶; against a
forger, who may choose many rows freely, a sum is no proof.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

MODULUS = 2**256


@dataclass
class Sum:
    """How many rows were added, and the sum of their hashes."""

    rows: int = 0
    total: int = 0

    def add(self, text: str) -> None:
        self.rows += 1
        self.total = (self.total + int.from_bytes(sha256(text.encode("ascii")).digest())) % MODULUS

    def sha256(self) -> str:
        """The hash of all rows added so far, whatever their order."""
        return sha256(f"{self.rows}:{self.total:064x}".encode("ascii")).hexdigest()


def text_of(identity: Sequence[object], properties: Mapping[str, object]) -> str:
    """The row's text; see the module for its rules.

    >>> text_of(["m1"], {"left": None, "joined": date(2020, 5, 1), "churn": 1.0, "core": 1})
    '[["m1"],{"churn":1.0,"core":1,"joined":{"date":"2020-05-01"}}]'
    """
    present = {name: value for name, value in properties.items() if value is not None}
    return _ENCODER.encode([identity, present])


def _dated(value: object) -> dict[str, str]:
    if isinstance(value, date):  # a datetime too, whose text is longer
        return {"date": value.isoformat()}
    return {type(value).__name__: str(value)}


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_dated)
