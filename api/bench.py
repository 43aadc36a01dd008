"""Measurements against a peer: the same work, in the same run, on the same server.

Each bench prints what it measured and ends with one JSON object on a line of its own: `name`, `ours`,
`peer` (rates, more is better), `ratio` = ours ÷ peer, and `holds`, whether the ratio reached its target.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

from api.show import say
from graph import write
from graph.connect import connect, prepare
from graph.errors import NotFound, one_of
from graph.schema import MEMBER, TIE
from graph.settings import settings
from graph.statement import Statement
from graph.store import GraphStore

Row = Mapping[str, object]

NAIVE = Statement(
    "MATCH (a:Member {member_id: $source}) MATCH (b:Member {member_id: $target})"
    " MERGE (a)-[e:TIE {key: $key}]->(b) SET e += $props"
)


@dataclass(frozen=True)
class Ratio:
    """What a bench found; `ours` and `peer` are in `unit`."""

    name: str
    unit: str
    ours: float
    peer: float
    target: float
    detail: Mapping[str, object]

    def line(self) -> str:
        """The bench's last line."""
        ratio = self.ours / self.peer
        return json.dumps({**asdict(self), "ratio": round(ratio, 3), "holds": ratio >= self.target})


def run_bench(name: str, size: int, only_json: bool = False) -> None:
    """Run one bench. Raises NotFound listing the benches."""
    if name == "list":
        for known, bench in BENCHES.items():
            print(f"{known}  {(bench.__doc__ or '').splitlines()[0]}")
        return
    if name not in BENCHES:
        raise NotFound(one_of("bench", name, BENCHES))
    found = BENCHES[name](size)
    if not only_json:
        say(f"{found.name}: ours {found.ours:,.0f}, peer {found.peer:,.0f} {found.unit}")
    print(found.line())


def publish_ties(size: int) -> Ratio:
    """Publishing ties: our batches against one MERGE a row, over the same Bolt connection.

    `size` ties are written by each, to pairs that neither has written before, in four turns.
    """
    with tempfile.TemporaryDirectory() as folder:
        scratch = settings().model_copy(update={"home": Path(folder), "graph_url": "embedded"})
        with connect(scratch) as store:
            prepare(store)
            pairs = _pairs(size)
            people = sorted({str(pair[end]) for pair in pairs for end in ("source", "target")})
            store.bulk(write.merge_nodes(MEMBER), [{"id": one, "props": {}} for one in people])
            return _measured(store, pairs)


def _measured(store: GraphStore, pairs: Sequence[Row]) -> Ratio:
    turns = 4
    ours = peer = 0.0
    share = len(pairs) // (2 * turns)
    for turn in range(turns):
        start = 2 * turn * share
        ours += _timed(lambda part: store.bulk(write.merge_edges(TIE, "Member", "Member"), part),
                       pairs[start : start + share])  # fmt: skip
        peer += _timed(lambda part: _one_by_one(store, part), pairs[start + share : start + 2 * share])
    done = share * turns
    return Ratio("publish", "ties a second", done / ours, done / peer, 3.0, {"ties_each": done})


def _timed(work: Callable[[Sequence[Row]], object], part: Sequence[Row]) -> float:
    started = perf_counter()
    work(part)
    return perf_counter() - started


def _one_by_one(store: GraphStore, rows: Sequence[Row]) -> None:
    for row in rows:
        store.write(Statement(NAIVE.text, row))


def _pairs(size: int) -> list[Row]:
    """Twice `size` different ordered pairs among a tenth as many members, in random order."""
    chance = random.Random(7)  # noqa: S311  a fixed order, not a secret
    members = max(10, size // 10)
    wanted = 2 * size
    found: dict[tuple[int, int], None] = {}
    while len(found) < wanted:
        pair = (chance.randrange(members), chance.randrange(members))
        if pair[0] != pair[1]:
            found[pair] = None
    props = {"messages": 1, "contacts": 1, "months": 1}
    return [{"source": f"m{a}", "target": f"m{b}", "key": "", "props": props} for a, b in found]


BENCHES: dict[str, Callable[[int], Ratio]] = {"publish": publish_ties}
