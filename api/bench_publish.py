"""The bench of publishing: a whole lake into an empty graph, against a plain loop over the same rows."""

from __future__ import annotations

import json
import resource
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from time import perf_counter

import numpy as np
import pyarrow as pa

from graph import write
from graph.bolt import BoltStore
from graph.connect import connect, prepare
from graph.dialect import NEO4J
from graph.lake import Lake
from graph.landing import arrow_schema
from graph.model import EdgeType, NodeType
from graph.neo4j_server import missing, open_neo4j
from graph.schema import MEMBER, TIE
from graph.settings import settings
from graph.store import GraphStore, sweep
from ingest.publishing.publish import publish
from ingest.publishing.shown import shown

EMBEDDED_RATE, NEO4J_RATIO = 100_000, 3.0
"""What is promised: records a second of the embedded server, and how many times the loop's rate of Neo4j."""

WARM = 20
"""A twentieth of the work goes first, on both sides: a Java that has just started is slower for a while."""

LOOP_ON_EMBEDDED = 100_000
"""Ties from which on the loop on the embedded server writes only so many: it takes minutes for a million."""

TOO_FEW = 10_000
"""Ties below which Neo4j is left out: its start would take longer than all the rest."""

BATCH = 2_000


@dataclass(frozen=True)
class Side:
    """One server: records a second, whether what is promised holds, and what each turn took."""

    ours: float
    peer: float
    target: str
    holds: bool
    detail: Mapping[str, object]

    def figures(self) -> dict[str, object]:
        return {**asdict(self), "ratio": round(self.ours / self.peer, 3)}


@dataclass(frozen=True)
class Published:
    """What the bench found; `ours` and `peer` are those of the embedded server."""

    name: str
    unit: str
    embedded: Side
    neo4j: Side | str
    detail: Mapping[str, object] = field(default_factory=dict)

    @property
    def ours(self) -> float:
        return self.embedded.ours

    @property
    def peer(self) -> float:
        return self.embedded.peer

    def line(self) -> str:
        """The bench's last line."""
        servers = {
            "embedded": self.embedded.figures(),
            "neo4j": {"left_out": self.neo4j} if isinstance(self.neo4j, str) else self.neo4j.figures(),
        }
        holds = self.embedded.holds and (isinstance(self.neo4j, str) or self.neo4j.holds)
        figures = {"name": self.name, "unit": self.unit, "ours": self.ours, "peer": self.peer}
        ratio = round(self.ours / self.peer, 3)
        return json.dumps({**figures, "ratio": ratio, "holds": holds, "servers": servers, **self.detail})


def publish_graph(size: int) -> Published:
    """Publishing a lake of `size` ties among a tenth as many members, against UNWIND … MERGE in one session.

    Records are nodes and edges; all that `guanxi publish` does counts, from the lake to the graph. On each
    server a small load warms both, then ours, the loop and ours again fill an empty graph in turn.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        lakes = [random_lake(home / "small", max(20, size // WARM)), random_lake(home / "large", size)]
        embedded = _embedded(home, lakes, size)
        neo4j = _neo4j(home, lakes, size)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Published("publish", "records a second", embedded, neo4j, {"ties": size, "peak_mb": peak})


def _embedded(home: Path, lakes: list[Lake], size: int) -> Side:
    scratch = settings().model_copy(update={"home": home, "graph_url": "embedded"})
    with connect(scratch) as store:
        ours, peer, detail = _turns(store, lakes, min(size, LOOP_ON_EMBEDDED))
    return Side(ours, peer, f"ours >= {EMBEDDED_RATE}", ours >= EMBEDDED_RATE, detail)


def _neo4j(home: Path, lakes: list[Lake], size: int) -> Side | str:
    reason = missing()
    if size < TOO_FEW:
        reason = f"fewer than {TOO_FEW} ties say nothing of it"
    if reason is not None:
        return reason
    with (
        open_neo4j(home / "neo4j", "2g") as server,
        BoltStore(server.url, (server.user, server.password), database="neo4j", dialect=NEO4J) as store,
    ):
        ours, peer, detail = _turns(store, lakes, size)
    return Side(ours, peer, f"ratio >= {NEO4J_RATIO}", ours / peer >= NEO4J_RATIO, detail)


def _turns(store: GraphStore, lakes: list[Lake], ties: int) -> tuple[float, float, dict[str, object]]:
    """Rates of ours (the mean of two turns) and of the loop between them, and of the first small load."""
    small, large = lakes
    cold = _rate(store, lambda: _ours(small, store))
    _rate(store, lambda: _loop(small, store, ties))
    first = _rate(store, lambda: _ours(large, store))
    peer = _rate(store, lambda: _loop(large, store, ties))
    second = _rate(store, lambda: _ours(large, store))
    detail = {"cold": round(cold), "turns": [round(first), round(second)], "loop_ties": ties}
    return round(2 / (1 / first + 1 / second)), round(peer), detail


def _rate(store: GraphStore, work: Callable[[], int]) -> float:
    """Records a second into an empty graph."""
    sweep(store, write.empty_graph())
    prepare(store)
    started = perf_counter()
    return work() / (perf_counter() - started)


def _ours(lake: Lake, store: GraphStore) -> int:
    return sum(one.sent for one in publish(lake, store).published)


def _loop(lake: Lake, store: GraphStore, ties: int) -> int:
    """What one would write first: batches of rows, MERGE, one session, one after the other."""
    view = lake.view()
    members = _rows(shown(view, MEMBER), MEMBER)
    edges = _rows(shown(view, TIE).slice(0, ties), TIE)
    return store.bulk(write.merge_nodes(MEMBER), members) + store.bulk(
        write.merge_edges(TIE, "Member", "Member"), edges
    )


def _rows(table: pa.Table, kind: NodeType | EdgeType) -> Iterator[dict[str, object]]:
    names = [one.name for one in kind.properties]
    for batch in table.to_batches(max_chunksize=BATCH):
        for row in batch.to_pylist():
            ends = {"id": row["member_id"]} if kind is MEMBER else {
                "source": row["source"], "target": row["target"], "key": ""
            }  # fmt: skip
            yield {**ends, "props": {name: row[name] for name in names}}


def random_lake(folder: Path, ties: int) -> Lake:
    """A lake of ties between different pairs of a tenth as many members, as spread as chance has it."""
    chance = np.random.default_rng(7)
    members = max(10, ties // 10)
    pairs = np.empty(0, dtype=np.int64)
    while len(pairs) < ties:
        drawn = chance.integers(0, members * members, size=2 * ties)
        pairs = np.unique(np.concatenate([pairs, drawn[drawn // members != drawn % members]]))
        if len(pairs) >= members * (members - 1):
            break
    pairs = chance.permutation(pairs)[:ties]
    ends = [pa.array(np.char.add("m", (half).astype(str))) for half in (pairs // members, pairs % members)]
    count = len(pairs)
    joined = np.datetime64("2015-01-01") + chance.integers(0, 3000, members).astype("timedelta64[D]")
    lake = Lake(folder)
    with lake.writing("bench") as writer:
        ids = pa.array(np.char.add("m", np.arange(members).astype(str)))
        writer.land(
            MEMBER,
            _table(MEMBER, members, member_id=ids, known_from=date(2026, 1, 1), joined=joined),
            "bench",
        )
        figures = {
            name: chance.integers(1, 100, count) for name in ("calls", "seconds", "messages", "days_active")
        }
        writer.land(
            TIE,
            _table(TIE, count, source=ends[0], target=ends[1], month=date(2026, 1, 1), **figures),
            "bench",
        )
    return lake


def _table(kind: NodeType | EdgeType, rows: int, **given: object) -> pa.Table:
    """A table of the lake out of some of its columns; a single value stands for a column of it."""
    schema = arrow_schema(kind)
    columns = []
    for one in schema:
        value = given.get(one.name)
        if isinstance(value, pa.Array | np.ndarray):
            columns.append(pa.array(value).cast(one.type))
        else:
            columns.append(pa.array([value], one.type).take(pa.array(np.zeros(rows, dtype=np.int64))))
    return pa.Table.from_arrays(columns, schema=schema)
