"""One question put to the small world, with the rows worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """`columns` as the query declares them; `rows` in order; `why` says what the case shows."""

    query: str
    why: str
    columns: str
    rows: Sequence[tuple[object, ...]]
    params: Mapping[str, object] = field(default_factory=dict)
