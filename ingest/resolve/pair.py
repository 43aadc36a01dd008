"""Two records field by field, for a person who is to decide."""

from __future__ import annotations

import json

import numpy as np

from graph.errors import NotFound
from graph.lake import Lake
from graph.schema import NODE
from ingest.resolve.block import blocking
from ingest.resolve.candidates import evidence
from ingest.resolve.compare import account_comparer, contact_comparer
from ingest.resolve.decisions import label_of
from ingest.resolve.records import accounts, contacts
from ingest.resolve.score import probability

Row = dict[str, object]


def compare_pair(lake: Lake, left: str, right: str) -> list[Row]:
    """`field`, `left`, `right`, `how`, `bits` of every field that can be compared, and their sum.

    As the sources have them, whatever was decided. Raises NotFound for a key that is not of the same kind.
    """
    label = label_of(lake, left)
    if label_of(lake, right) != label:
        raise NotFound(f"{left} is the key of an {label}, and {right} is not")
    view = lake.view().as_landed()
    records = accounts(view) if label == "Account" else contacts(view, {})
    at = [int(np.flatnonzero(records.id == key)[0]) for key in (left, right)]
    one, other = np.array(at[:1]), np.array(at[1:])
    with blocking(records) as connection:
        comparer = account_comparer if label == "Account" else contact_comparer
        compared = comparer(records, connection)(one, other)
    agree, against = next(evidence(records, compared, one, other))
    rows: list[Row] = [*json.loads(agree), *json.loads(against)]
    total = compared.total
    rows.append({
        "field": "all together", "left": left, "right": right, "bits": round(float(total[0]), 2),
        "how": f"probability {float(probability(total)[0]):.4f} that this {NODE[label].label} is one",
    })  # fmt: skip
    return rows
