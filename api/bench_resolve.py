"""The bench of entity resolution: how much of a known truth is found, and how much found is true."""

from __future__ import annotations

import json
import resource
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter

import pandas as pd

from graph.lake import Lake
from ingest.resolve import known_truth
from ingest.resolve.candidates import EXACT, SUGGESTED, Found
from ingest.resolve.known_lake import land as land_known
from ingest.resolve.known_truth import Known
from ingest.resolve.run import resolve

JUDGED = (101, 102, 103, 104, 105)
"""Worlds that no weight or threshold was chosen on; 1 to 20 are for that."""
LARGE = 50_000
"""Firms from which one world is enough, without its people."""
PRECISION, RECALL = 0.99, 0.90


@dataclass
class Score:
    """Pairs of one kind of record: that are one, that were found, and of these those that are one."""

    true: int = 0
    exact: int = 0
    exact_right: int = 0
    suggested: int = 0
    suggested_right: int = 0
    naive: int = 0
    naive_right: int = 0

    def figures(self) -> dict[str, float]:
        """Shares of 1; of the suggestions also without what the exact keys found."""
        found, right = self.exact + self.suggested, self.exact_right + self.suggested_right
        return {
            "precision": _share(right, found),
            "recall": _share(right, self.true),
            "precision_of_suggestions": _share(self.suggested_right, self.suggested),
            "recall_beyond_exact_keys": _share(self.suggested_right, self.true - self.exact_right),
            "recall_of_exact_keys": _share(self.exact_right, self.true),
            "naive_precision": _share(self.naive_right, self.naive),
            "naive_recall": _share(self.naive_right, self.true),
            "true_pairs": self.true,
        }


@dataclass(frozen=True)
class Resolution:
    """What the bench found; `ours` and `peer` are recall in per cent, told beside their precision."""

    name: str
    unit: str
    ours: float
    peer: float
    target: float
    holds: bool
    detail: Mapping[str, object] = field(default_factory=dict)

    def line(self) -> str:
        """The bench's last line."""
        return json.dumps({**asdict(self), "ratio": round(self.ours / self.peer, 3) if self.peer else None})


def resolve_known(size: int) -> Resolution:
    """Finding accounts and contacts kept twice, on worlds with known truth, against equal names.

    `size` firms a world; from 50,000 on one world of accounts only. The peer takes for one what has the
    same name but for case and spaces. `ours` and `peer` are the lower recall of the two kinds; `holds` asks
    for a precision of 0.99 and a recall of 0.90 of each, exact keys and automatic suggestions together.
    """
    scores: dict[str, Score] = defaultdict(Score)
    seconds = records = compared = capped = 0.0
    seeds = JUDGED if size < LARGE else JUDGED[:1]
    for seed in seeds:
        known = known_truth.make(size, seed, people=size < LARGE)
        started = perf_counter()
        found, loaded = _found(known)
        seconds += perf_counter() - started - loaded
        for one in found:
            records, compared, capped = (
                records + one.records,
                compared + one.compared,
                capped + one.blocks.capped,
            )
            _count(scores[one.label], one, known)
    figures = {label: score.figures() for label, score in scores.items() if score.true}
    work = {
        "seeds": list(seeds), "firms_each": size, "records": int(records), "pairs_compared": int(compared),
        "blocks_too_large": int(capped), "seconds": round(seconds, 1),
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip
    holds = all(one["precision"] >= PRECISION and one["recall"] >= RECALL for one in figures.values())
    ours, peer = (min(one[name] for one in figures.values()) for name in ("recall", "naive_recall"))
    unit = "% of the true pairs found"
    return Resolution("resolve", unit, 100 * ours, 100 * peer, 100 * RECALL, holds, {**figures, **work})


def _found(known: Known) -> tuple[Sequence[Found], float]:
    """What is found in a lake of its own, and the seconds it took to fill that."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "lake")
        started = perf_counter()
        land_known(known, lake)
        loaded = perf_counter() - started
        kinds = ("Account", "Contact") if len(known.contacts) else ("Account",)
        return resolve(lake, kinds, merge_exact=False).found, loaded


def _count(score: Score, found: Found, known: Known) -> None:
    frame = known.accounts if found.label == "Account" else known.contacts
    truth = known.account_truth if found.label == "Account" else known.contact_truth
    score.true += _pairs_within(Counter(truth.values()).values())
    rows = found.table.select(["left", "right", "band"]).to_pydict()
    for left, right, band in zip(rows["left"], rows["right"], rows["band"], strict=True):
        right_one = truth[left] == truth[right]
        score.exact += band == EXACT
        score.exact_right += band == EXACT and right_one
        score.suggested += band == SUGGESTED
        score.suggested_right += band == SUGGESTED and right_one
    plain = frame["name"].str.casefold().str.replace(r"\s+", "", regex=True)
    named = pd.DataFrame({"name": plain, "truth": frame["truth"]})
    score.naive += _pairs_within(named.groupby("name").size())
    score.naive_right += _pairs_within(named.groupby(["name", "truth"]).size())


def _pairs_within(sizes: Iterable[int]) -> int:
    return int(sum(size * (size - 1) // 2 for size in sizes))


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
