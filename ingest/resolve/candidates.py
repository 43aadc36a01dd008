"""Pairs that may be one thing: found, judged, and put down with what speaks for and against each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from graph.progress import Progress
from ingest.resolve.block import SLICE, Blocks, blocking, counted, pairs
from ingest.resolve.compare import Compare, account_comparer, contact_comparer
from ingest.resolve.records import Records
from ingest.resolve.score import AUTOMATIC, LOOK, Compared, Floats, probability

EXACT, SUGGESTED, TO_SEE = "exact key", "automatic suggestion", "to be looked at"
LIKELY = 0.5
AT_ONCE = 500_000
"""Pairs compared at a time."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "Account": ("name", "credit", "region", "industry", "name", "branch", "numbers", "name", "", "", ""),
    "Contact": ("name", "", "", "title", ""),
}
"""Which of the records' columns is shown beside each field of the evidence, in the fields' order."""
as_json = json.JSONEncoder(ensure_ascii=False).encode
"""One encoder for all: `json.dumps` with an option makes one for each of some millions of calls."""


@dataclass(frozen=True, eq=False)
class Found:
    """Candidates of one kind. `pairs` are (left, right) keys; the left one is the one to keep."""

    label: str
    records: int
    blocks: Blocks
    compared: int
    table: pa.Table
    """`left`, `right`, `probability`, `band`, `agree`, `disagree`, as in `identity_candidates`; in no order:
    a million names have two and a half million rows, and a sorted copy would double them."""


def find(records: Records, progress: Progress | None = None) -> Found:
    """Compare every pair that shares a block and keep those worth a look."""
    comparers: dict[str, Callable[..., Compare]] = {"Account": account_comparer, "Contact": contact_comparer}
    kept: list[pa.Table] = []
    compared = 0
    with blocking(records) as connection:
        compare = comparers[records.label](records, connection)
        for number, (left, right) in enumerate(pairs(connection, len(records)), 1):
            for start in range(0, len(left), AT_ONCE):
                part = slice(start, start + AT_ONCE)
                kept.append(_judged(records, compare(left[part], right[part])))
            compared += len(left)
            if progress:
                progress("comparing", min(number * SLICE, len(records)), len(records))
        blocks = counted(connection)
    table = pa.concat_tables(kept) if kept else _table(records, [], [], np.zeros(0), [], [], [])
    return Found(records.label, len(records), blocks, compared, table)


def _judged(records: Records, compared: Compared) -> pa.Table:
    """Those of the pairs that are worth keeping, with their band and the reasons."""
    total = compared.total
    chance = np.where(compared.exact, np.maximum(probability(total), AUTOMATIC), probability(total))
    keep = (chance >= LOOK) & (compared.levels[0] > 0) | compared.exact
    part, chance = compared.part(keep), chance[keep]
    automatic = (chance >= AUTOMATIC) & ~part.guarded
    band = np.select([part.exact, automatic], [EXACT, SUGGESTED], TO_SEE)
    swap = _right_is_kept(records, part)
    left, right = np.where(swap, part.right, part.left), np.where(swap, part.left, part.right)
    reasons = list(evidence(records, part, left, right))
    return _table(
        records,
        left,
        right,
        chance,
        band,
        [agree for agree, _ in reasons],
        [against for _, against in reasons],
    )


def _table(
    records: Records, left: Any, right: Any, chance: Floats, band: Any, agree: Any, disagree: Any
) -> pa.Table:
    text = pa.string()
    return pa.table({
        "left": pa.array(records.id[np.asarray(left, np.int64)], text),
        "right": pa.array(records.id[np.asarray(right, np.int64)], text),
        "probability": pa.array(np.round(chance, 6), pa.float64()),
        "band": pa.array(list(band), text),
        "agree": pa.array(agree, text),
        "disagree": pa.array(disagree, text),
    })  # fmt: skip


def _right_is_kept(records: Records, part: Compared) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """The record that says more is kept; of two that say as much, the one whose key sorts first."""
    said = np.sum([records[name] != "" for name in _texts(records)], axis=0)
    more = said[part.right] > said[part.left]
    first = records.id[part.right] < records.id[part.left]
    return np.asarray(more | ((said[part.right] == said[part.left]) & first.astype(bool)))


def _texts(records: Records) -> list[str]:
    return [
        name for name in ("name", "credit", "region", "industry", "title", "line") if name in records.columns
    ]


def evidence(records: Records, part: Compared, left: Any, right: Any) -> Iterator[tuple[str, str]]:
    """What speaks for and against each pair, strongest first, as two JSON lists."""
    named = [*zip(part.fields, FIELDS[records.label], strict=True)]
    pairs = zip(left.tolist(), right.tolist(), part.levels.T.tolist(), part.bits.T.tolist(), strict=True)
    for one, other, levels, exact_bits in pairs:
        said = []
        for (field, column), level, exact in zip(named, levels, exact_bits, strict=True):
            bits = round(exact, 2)
            if level and (bits or field.levels[level - 1].guard):
                shown = {"left": records[column][one], "right": records[column][other]} if column else {}
                said.append({"field": field.name, **shown, "how": field.levels[level - 1].how, "bits": bits})
        said.sort(key=lambda reason: -abs(float(str(reason["bits"]))))
        agree = [reason for reason in said if _speaks_for(part, reason)]
        against = [reason for reason in said if not _speaks_for(part, reason)]
        yield as_json(agree), as_json(against)


def _speaks_for(part: Compared, reason: Mapping[str, object]) -> bool:
    """A name holds the prior odds too, so that its sign tells little; its level tells."""
    if reason["field"] == "name":
        return reason["how"] not in ("different", "alike")
    return float(str(reason["bits"])) > 0


def groups(found: pa.Table) -> dict[str, str]:
    """One key for all accounts that are likely one; only for comparing the contacts at them."""
    above: dict[str, str] = {}

    def top(key: str) -> str:
        while above.get(key, key) != key:
            key = above[key]
        return key

    rows = found.to_pydict()
    for left, right, likely in zip(rows["left"], rows["right"], rows["probability"], strict=True):
        if likely >= LIKELY:
            above[top(right)] = top(left)
    return {key: top(key) for key in above}
