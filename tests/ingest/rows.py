"""Rows as they come out of a file, and one field made of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graph.model import Field, Kind
from ingest.cells.clean import cleaned
from ingest.files.sources import Source
from ingest.mapping import FieldRule
from ingest.phones.tokens import Phones
from ingest.plan import Planned


def some_rows(*cells: str | None, **others: list[str]) -> Source:
    """Rows whose column x has the cells; only the empty text means no value."""
    columns = {"x": pa.array(cells, pa.string())}
    columns |= {name: pa.array(column, pa.string()) for name, column in others.items()}
    numbers = np.arange(len(cells))
    return Source(pa.table(columns), numbers, numbers + 1, dict.fromkeys(columns, ("",)))


def made_of(
    kind: Kind, *cells: str | None, key: bool = False, phones: Phones | None = None, **rule: object
) -> tuple[list[object], dict[int, str]]:
    """The values that a rule makes of cells, and the reasons by row."""
    declared = FieldRule.model_validate({"column": "x", **rule})
    declared = declared.as_key() if key else declared
    made = cleaned(Planned(Field("f", kind), declared), some_rows(*cells), phones)
    return made.values.to_pylist(), {fault.row: fault.reason for fault in made.faults}
