"""A world's own statistics beside those published for the networks that it is made after.

Exact, except that above 20,000 members clustering is that of about so many of them, and overlap that of
as many ties.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from graph.progress import Progress
from ingest.world.association import naive_ratio
from ingest.world.record import Record
from ingest.world.size import Floats, Ints
from ingest.world.ties import clustering

WINDOW = 4  # months that come nearest to the 18 weeks of the published mutual-call graph
OVERLAPS = 20_000  # ties of which overlap is looked at
COPENHAGEN = "Copenhagen calls, computed"
ONNELA = "Onnela 2007, from memory"
DESIGN = "design, to be replaced by customers' data"


@dataclass(frozen=True)
class Fact:
    """One statistic: what it should be, and between which values it counts as met (None: open)."""

    name: str
    value: float
    target: float | None
    low: float | None
    high: float | None
    source: str

    @property
    def within(self) -> bool | None:
        """None where nothing is asked."""
        if self.low is None and self.high is None:
            return None
        above = self.low is None or self.value >= self.low
        return above and (self.high is None or self.value <= self.high)


def facts(record: Record, naive: float | None = None, progress: Progress | None = None) -> list[Fact]:
    """Every calibration fact; `naive` is the naive ratio wanted, where one is. Needs five months."""
    parts: tuple[Callable[[], list[Fact]], ...] = (
        lambda: _of_accounts(record),
        lambda: _of_a_month(record),
        lambda: _of_the_window(record),
        lambda: _of_leaving(record, naive),
    )
    found: list[Fact] = []
    for done, part in enumerate(parts):
        if progress:
            progress("measure", done, len(parts))
        found += part()
    return found


def near(name: str, value: float, target: float, source: str) -> Fact:
    """A fact that is met within 10 %."""
    return Fact(name, value, target, 0.9 * target, 1.1 * target, source)


def _of_accounts(record: Record) -> list[Fact]:
    sizes = np.sort(np.bincount(record.account[record.account >= 0]))[::-1]
    sizes = sizes[sizes > 0]
    top = max(1, round(len(sizes) / 100))
    return [
        near("account_lines_median", float(np.median(sizes)), 15, DESIGN),
        Fact("account_lines_top_1_percent", float(sizes[:top].sum() / sizes.sum()), 0.2, 0.2, None, DESIGN),
    ]


def _of_a_month(record: Record) -> list[Fact]:
    month = (len(record.months) - 1) // 2
    source, target, calls = record.ties(month)
    count = len(record.joined)
    directed = csr_array((np.ones(len(source), np.int32), (source, target)), shape=(count, count))
    both = np.asarray(directed.multiply(directed.T).sum())
    low, high = _pairs(source, target, count)
    degree = np.bincount(np.concatenate([low, high]), minlength=count)
    here = degree > 0
    inside = float((record.account[source] == record.account[target]).mean())
    chance = float(((np.bincount(record.account[record.account >= 0]) / count) ** 2).sum())
    heavy = np.sort(calls)[::-1]
    return [
        Fact("degree_mean", float(degree[here].mean()), None, None, None, "one month, either direction"),
        Fact("degree_median", float(np.median(degree[here])), None, None, None, "one month"),
        Fact("degree_p99_over_median", float(np.quantile(degree[here], 0.99) / np.median(degree[here])),
             None, 3, None, "skewed: Seshadri 2008"),
        near("reciprocity", float(both) / len(source), 0.66, COPENHAGEN),
        Fact("clustering", clustering(low, high, count) / here.mean(), 0.155, 0.14, 0.40,
             COPENHAGEN + "; design 0.15 to 0.40"),
        near("calls_of_strongest_fifth", float(heavy[: len(heavy) // 5].sum() / heavy.sum()), 0.61,
             COPENHAGEN),
        Fact("calls_median", float(np.median(calls)), 2, 1, 3, COPENHAGEN),
        Fact("calls_p90", float(np.quantile(calls, 0.9)), 8, 7, 9, COPENHAGEN),
        Fact("calls_max", float(calls.max()), 88, 79, None, COPENHAGEN + "; more members, more at most"),
        near("inside_account", inside, 0.347, "EU-core, computed"),
        Fact("inside_account_over_chance", inside / chance, 7.2, 3, None, "EU-core, computed"),
        Fact("frequent_circle", _circle(source, target, calls, count), 4, 3, 5, "Dataspora, second hand"),
        *_of_lasting(record, month, source, target, count),
        Fact("overlap_strong_over_weak", _overlap_ratio(low, high, source, target, calls, count), None,
             1.05, None, "rises: Onnela 2007"),
    ]  # fmt: skip


def _of_lasting(record: Record, month: int, source: Ints, target: Ints, count: int) -> list[Fact]:
    """Of the ties of people who are there in the month after, how many are there again."""
    after = np.unique(np.dot(np.array([count, 1]), np.array(record.ties(month + 1)[:2])))
    stay = record.left >= record.months[month + 2]
    here = stay[source] & stay[target]
    source, target = source[here], target[here]
    again = _in(source * count + target, after)
    mutual = _in(target * count + source, np.unique(source * count + target))
    lasting, of_both, of_one = (float(again[part].mean()) for part in (slice(None), mutual, ~mutual))
    return [
        Fact("persistence", lasting, None, 0.7, 0.97, "month to month"),
        Fact("persistence_returned_over_not", of_both / of_one, None, 1.02, None, "Hidalgo 2008"),
    ]


def _of_the_window(record: Record) -> list[Fact]:
    """Pairs who call each other, both ways, within four months in the middle of the record."""
    count = len(record.joined)
    first = max(0, (len(record.months) - 1) // 2 - WINDOW // 2)
    months = [record.ties(month) for month in range(first, min(first + WINDOW, len(record.months) - 1))]
    key = np.unique(np.concatenate([source * count + target for source, target, _ in months]))
    source, target = np.divmod(key, count)
    mutual = _in(target * count + source, key) & (source < target)
    low, high = source[mutual], target[mutual]
    degree = np.bincount(np.concatenate([low, high]), minlength=count)
    graph = csr_array((np.ones(len(low), np.int8), (low, high)), shape=(count, count))
    part = connected_components(graph, directed=False)[1]
    giant = np.bincount(part[degree > 0]).max() / (degree > 0).sum()
    return [
        Fact("mutual_degree_mean", float(degree[degree > 0].mean()), 3.3, None, None, ONNELA + "; not asked"),
        Fact("mutual_giant_part", float(giant), 0.84, 0.756, None, ONNELA),
    ]


def _of_leaving(record: Record, naive: float | None) -> list[Fact]:
    rates = []
    for first, after in zip(record.months[:-1], record.months[1:], strict=True):
        here = (record.joined < first) & (record.left >= first)
        rates.append(float((record.left[here] < after).mean()))
    ratio = naive_ratio(record)
    source = "Nitzan and Libai 2011"
    return [
        near("monthly_churn", float(np.mean(rates)), 0.0215, "Ferreira 2019, consumers"),
        near("naive_ratio", ratio, naive, source)
        if naive
        else Fact("naive_ratio", ratio, None, None, None, source + ": 1.8, asked of S3"),
    ]


def _pairs(source: Ints, target: Ints, count: int) -> tuple[Ints, Ints]:
    key = np.unique(np.minimum(source, target) * count + np.maximum(source, target))
    low, high = np.divmod(key, count)
    return low, high


def _in(keys: Ints, ordered: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    place = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
    return np.asarray(ordered[place] == keys)


def _circle(source: Ints, target: Ints, calls: Ints, count: int) -> float:
    """Median, over members, of how many people make up four in five of one's calls, in and out."""
    both = np.concatenate([source * count + target, target * count + source])
    key, place = np.unique(both, return_inverse=True)
    calls = np.bincount(place, np.tile(calls, 2)).astype(np.int64)
    source = key // count
    order = np.lexsort((-calls, source))
    source, calls = source[order], calls[order]
    total = np.bincount(source, calls, count)
    before = np.cumsum(calls) - calls
    start = np.cumsum(total) - total
    needed = before - start[source] < 0.8 * total[source]
    number = np.bincount(source[needed], minlength=count)
    return float(np.median(number[total > 0]))


def _overlap_ratio(low: Ints, high: Ints, source: Ints, target: Ints, calls: Ints, count: int) -> float:
    """Mean overlap of the fifth of ties with most calls over that of the others; ties by pair."""
    ends = (np.concatenate([low, high]), np.concatenate([high, low]))
    graph = csr_array((np.ones(2 * len(low), np.int32), ends), shape=(count, count))
    rng = np.random.default_rng(0)
    some = rng.permutation(len(source))[:OVERLAPS]
    a, b = source[some], target[some]
    shared: Floats = np.asarray(graph[a].multiply(graph[b]).sum(axis=1)).ravel()
    degree = np.diff(graph.indptr)
    overlap: Floats = shared / np.maximum(degree[a] + degree[b] - 2 - shared, 1)
    strong = calls[some] > np.quantile(calls[some], 0.8)
    return float(overlap[strong].mean() / max(overlap[~strong].mean(), 1e-12))
