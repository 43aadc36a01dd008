"""Benches of the arrays and the structural measures, against a peer on the same ties in the same run."""

from __future__ import annotations

import json
import os
import resource
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from analytics import position
from analytics.communities import leiden
from analytics.csr import TieGraph, lake_graph, tie_graph
from analytics.csr_cache import cached_graph
from api.bench_growth import QUICK, cost_of, exponent_of
from api.generated_graph import Drawn, graph_of, land, random_ties, table_of
from api.graph_peers import ROUNDS, SOURCES, Peer, Turn, peer
from api.show import say
from graph.errors import NotFound, Unavailable, one_of
from graph.lake import Lake

Made = TypeVar("Made")

PEERS = ("gds", "igraph", "networkx")
ARCS = 10
"""Ties per member; the bench of the arrays has twice as many."""
PEER_MOST = 100_000
"""Members up to which a peer of the arrays is given them: networkx needs 30 GB for 20 million ties."""
DOUBLINGS = 4
STEEPEST = 1.15
"""The exponent of the cost at most: 1 is twice the time for twice the ties."""
COLD, WARM = 30.0, 2.0
"""Seconds for a million members and 20 million ties, from the lake and from the cache."""
LAST_DAY = date(2025, 12, 31)
RATIOS = {
    ("pagerank", "gds"): 4.0,
    ("pagerank", "networkx"): 100.0,
    ("leiden", "gds"): 3.0,
    ("leiden", "networkx"): 100.0,
}


@dataclass(frozen=True)
class Side:
    """Seconds to hold the ties and to compute."""

    load: float
    compute: float

    @property
    def whole(self) -> float:
        return self.load + self.compute

    def seconds(self, whole: bool) -> float:
        return self.whole if whole else self.compute

    def figures(self) -> dict[str, float]:
        return {
            "load_s": _rounded(self.load),
            "compute_s": _rounded(self.compute),
            "end_to_end_s": _rounded(self.whole),
        }


@dataclass(frozen=True)
class Compared:
    """What a bench found; `ours` and `peer` are ties a second of what is judged, None for a peer left out."""

    name: str
    unit: str
    ours: float
    peer: float | None
    holds: bool
    detail: Mapping[str, object] = field(default_factory=dict)

    def line(self) -> str:
        """The bench's last line."""
        ratio = round(self.ours / self.peer, 3) if self.peer else None
        told = {"name": self.name, "unit": self.unit, "ours": round(self.ours)}
        told |= {"peer": None if self.peer is None else round(self.peer), "ratio": ratio, "holds": self.holds}
        return json.dumps({**told, **self.detail})


def bench_csr(size: int, against: str = "networkx", threads: int | None = None) -> Compared:
    """Ties from the lake as arrays: `size` members and 20 times as many ties, cold and from the cache.

    The peer loads text keys from memory, at most 100,000 members; ours comes from the lake's files.
    """
    _known(against)
    drawn = random_ties(size, 2 * ARCS * size)
    with tempfile.TemporaryDirectory() as folder:
        cold, warm, memory = _from_lake(Path(folder), drawn)
        costs = [_cold_cost(Path(folder), one) for one in (*_halves(size), size)]
    exponent = exponent_of([*_halves(size), size], costs)
    arcs = len(drawn.source)
    share = min(size, PEER_MOST) / size
    theirs, left_out = _peer_load(against, random_ties(min(size, PEER_MOST), int(share * arcs)), threads)
    limit = COLD * max(1.0, arcs / 20_000_000)
    holds = cold <= limit and warm <= WARM and exponent <= STEEPEST
    detail = {
        "against": against, "nodes": size, "arcs": arcs, "cold_s": _rounded(cold), "warm_s": _rounded(warm),
        "target": f"cold <= {limit:g} s, warm <= {WARM:g} s, exponent <= {STEEPEST}",
        "peer_nodes": min(size, PEER_MOST), "left_out": left_out,
        "exponent": exponent, "peak_mb": memory, "busy": _busy(),
    }  # fmt: skip
    rate = None if theirs is None else int(share * arcs) / theirs
    return Compared("csr", "ties a second into memory", arcs / cold, rate, holds, detail)


def bench_pagerank(size: int, against: str = "networkx", threads: int | None = None) -> Compared:
    """PageRank of 20 rounds among `size` members with 10 times as many ties; judged by the computing."""
    work = partial(position.pagerank, rounds=ROUNDS)
    one = Measure("pagerank", partial(work, threads=threads), directed=True, steepest=STEEPEST)
    return _measure(replace(one, alone=partial(work, threads=1)), size, against, threads)


def bench_components(size: int, against: str = "networkx", threads: int | None = None) -> Compared:
    """Connected components of `size` members with 10 times as many ties; judged by the computing."""
    return _measure(Measure("components", position.components), size, against, threads)


def bench_leiden(size: int, against: str = "networkx", threads: int | None = None) -> Compared:
    """One run of Leiden on `size` members with 10 times as many ties; judged end to end, and by modularity.

    networkx has no Leiden of its own and runs Louvain.
    """
    work = partial(leiden.find, seeds=(1,))
    return _measure(Measure("leiden", work, whole=True, steepest=STEEPEST), size, against, threads)


def bench_betweenness(size: int, against: str = "networkx", threads: int | None = None) -> Compared:
    """Betweenness from 64 sources, `size` members with 10 times as many ties; judged by the computing."""
    work = partial(position.betweenness, exact_up_to=0, pivots=SOURCES)
    one = Measure("betweenness", partial(work, threads=threads), alone=partial(work, threads=1))
    return _measure(one, size, against, threads)


@dataclass(frozen=True)
class Measure:
    """What is measured: whether on directed ties, judged end to end, and how steep the cost may be.

    `alone` is the same work on one thread, where it has several: small graphs are given one anyway, and two
    that share a memory cost more of the processor than one, which says nothing of how the cost grows.
    """

    name: str
    work: Callable[[TieGraph], object]
    directed: bool = False
    whole: bool = False
    steepest: float | None = None
    alone: Callable[[TieGraph], object] | None = None


def _measure(one: Measure, size: int, against: str, threads: int | None) -> Compared:
    """Ours and the peer's turns at one measure, by turns, and the exponent of ours."""
    _known(against)
    table = table_of(random_ties(size, ARCS * size))
    one.work(graph_of(random_ties(10, 20)))  # compiled, if that is to be done
    load, graph = _timed(lambda: tie_graph(table))
    left_out: str | None = None
    other: Side | None = None
    theirs: Turn | None = None
    try:
        with peer(against, table, graph, one.directed, threads or _cores()) as held:
            theirs, mine, found = _turns(held, one, graph)
            other = Side(held.loaded, theirs.seconds)
    except Unavailable as error:
        left_out = str(error)
        say(f"{against} is left out: {left_out}")
        mine, found = _best(lambda: one.work(graph))
    quality = _quality(graph, found, theirs)
    compared = _compared(
        one, against, Side(load, mine), other, quality, _steepness(one.alone or one.work, size), size
    )
    return replace(compared, detail={**compared.detail, "left_out": left_out, "threads": threads or _cores()})


def _compared(
    one: Measure,
    against: str,
    ours: Side,
    other: Side | None,
    quality: Mapping[str, float],
    exponent: float,
    size: int,
) -> Compared:
    """Both sides and what is promised of them."""
    wanted = RATIOS.get((one.name, against), 1.0)
    judged, theirs = ours.seconds(one.whole), other.seconds(one.whole) if other else None
    holds = (
        (theirs is None or theirs >= wanted * judged)
        and (one.steepest is None or exponent <= one.steepest)
        and quality.get("ours", 0.0) >= quality.get("peer", 0.0)
    )
    target = f"ratio >= {wanted:g}" + (f", exponent <= {one.steepest}" if one.steepest else "")
    arcs = ARCS * size
    told = "end to end" if one.whole else "compute"
    detail = {
        "against": against, "nodes": size, "arcs": arcs, "judged": told,
        "target": target + (", modularity at least the peer's" if quality else ""),
        "ours_s": ours.figures(), "peer_s": other.figures() if other else None,
        "compute_ratio": round(other.compute / ours.compute, 2) if other else None,
        "end_to_end_ratio": round(other.whole / ours.whole, 2) if other else None,
        **({"modularity": quality} if quality else {}),
        "exponent": exponent, "busy": _busy(),
    }  # fmt: skip
    rate = None if theirs is None else arcs / theirs
    return Compared(one.name, f"ties a second, {told}", arcs / judged, rate, holds, detail)


def _turns(held: Peer, one: Measure, graph: TieGraph) -> tuple[Turn, float, object]:
    """The best turn of each side, taken by turns: what else the machine does meets both."""
    first = held.run(one.name)
    theirs = [first] if first.seconds > QUICK else []  # a quick first turn is a Java that warms up
    mine: list[tuple[float, object]] = []
    for _ in range(3):
        mine.append(_timed(lambda: one.work(graph)))
        if first.seconds <= QUICK or (len(theirs) < 2 and first.seconds < 10 * QUICK):
            theirs.append(held.run(one.name))
    best = min(theirs, key=lambda turn: turn.seconds)
    seconds, found = min(mine, key=lambda pair: pair[0])
    return best, seconds, found


def _timed(work: Callable[[], Made]) -> tuple[float, Made]:
    started = perf_counter()
    found = work()
    return perf_counter() - started, found


def _best(work: Callable[[], Made]) -> tuple[float, Made]:
    """The quickest of three turns, or the only one where it is not quick."""
    turns = [_timed(work)]
    while len(turns) < 3 and turns[0][0] < QUICK:
        turns.append(_timed(work))
    return min(turns, key=lambda pair: pair[0])


def _steepness(work: Callable[[TieGraph], object], size: int) -> float:
    """The exponent of a measure's cost; cost is time of the processor, which other work disturbs least."""
    sizes = [*_halves(size), size]
    graphs = (graph_of(random_ties(one, ARCS * one)) for one in sizes)
    return exponent_of(sizes, [cost_of(partial(work, graph)) for graph in graphs])


def _quality(graph: TieGraph, found: object, theirs: Turn | None) -> dict[str, float]:
    """Modularity of both partitions, by one and the same formula; Graph Data Science tells its own."""
    if not isinstance(found, leiden.Partition):
        return {}
    told = {"ours": round(found.modularity, 5)}
    if theirs is not None and theirs.modularity is not None:
        told["peer"] = round(theirs.modularity, 5)
    elif theirs is not None and theirs.circle is not None:
        told["peer"] = round(leiden.modularity(graph.undirected, theirs.circle), 5)
    return told


def _from_lake(folder: Path, drawn: Drawn) -> tuple[float, float, int]:
    """Seconds cold and warm, and the most memory by then in MiB."""
    lake = Lake(folder / "lake")
    land(drawn, lake)
    tie_graph(table_of(random_ties(10, 20)))
    view, kept = lake.view(LAST_DAY), folder / "csr"
    cold, _ = _timed(lambda: cached_graph(view, kept))
    warm = min(_timed(lambda: cached_graph(lake.view(LAST_DAY), kept))[0] for _ in range(3))
    return cold, warm, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _cold_cost(folder: Path, size: int) -> float:
    """Seconds of the processor from the lake to arrays, of each size alike and none kept."""
    lake = Lake(folder / f"lake{size}")
    land(random_ties(size, 2 * ARCS * size), lake)
    return cost_of(lambda: lake_graph(lake.view(LAST_DAY)))


def _peer_load(against: str, drawn: Drawn, threads: int | None) -> tuple[float | None, str | None]:
    """Seconds that a peer needs to hold the ties, or why it cannot."""
    table = table_of(drawn)
    try:
        with peer(against, table, tie_graph(table), True, threads or _cores()) as held:
            return held.loaded, None
    except Unavailable as error:
        say(f"{against} is left out: {error}")
        return None, str(error)


def _halves(size: int) -> list[int]:
    """The sizes before this one, each half of the next, as far as there are ties to measure."""
    return [one for one in (size >> step for step in range(DOUBLINGS, 0, -1)) if one >= 100]


def _known(against: str) -> None:
    if against not in PEERS:
        raise NotFound(one_of("peer", against, PEERS))


def _rounded(seconds: float) -> float:
    return float(f"{seconds:.4g}")


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _busy() -> float:
    """Processes that wanted a core over the last minute, ours among them."""
    return round(os.getloadavg()[0], 1)
