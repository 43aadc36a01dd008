"""Peers of the structural measures: each loads the same ties and tells how long a measure takes.

A peer is given what suits it best, so that no ratio is won by a clumsy hand-over: numbers in place of keys
to igraph and to Graph Data Science, a projection that never touches the database's store.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analytics.csr import TieGraph, upper
from graph.bolt import BoltStore
from graph.dialect import NEO4J
from graph.errors import Unavailable
from graph.neo4j_server import missing, open_neo4j
from graph.statement import Statement

ROUNDS = 20
SOURCES = 64
GDS_MOST = 4
"""Threads that the free Graph Data Science uses at most."""


@dataclass(frozen=True)
class Turn:
    """One run of a measure by a peer: seconds of computing, of Leiden also each node's community or, where
    the peer tells nothing else, the modularity.
    """

    seconds: float
    circle: npt.NDArray[np.int64] | None = None
    modularity: float | None = None


class Peer(Protocol):
    """A library or a server that holds the ties."""

    loaded: float
    """Seconds it took to hold them."""

    def run(self, measure: str) -> Turn:
        """Do pagerank, components, leiden or betweenness once."""


class Networkx:
    """networkx, from a frame of text keys; Louvain for Leiden, of which it has none of its own."""

    def __init__(self, ties: pa.Table, graph: TieGraph, directed: bool) -> None:
        self._keys = graph.keys
        frame = ties.to_pandas() if directed else _pairs(graph)
        started = perf_counter()
        kind = nx.DiGraph if directed else nx.Graph
        self._graph = nx.from_pandas_edgelist(frame, edge_attr="weight", create_using=kind)
        self.loaded = perf_counter() - started

    def run(self, measure: str) -> Turn:
        """See `Peer`; its PageRank says that it has not converged, which no finite number of rounds does."""
        started = perf_counter()
        circles: list[set[str]] = []
        match measure:
            case "pagerank":
                with suppress(nx.PowerIterationFailedConvergence):
                    nx.pagerank(self._graph, max_iter=ROUNDS, tol=0.0)
            case "components":
                list(nx.connected_components(self._graph))
            case "leiden":
                circles = nx.community.louvain_communities(self._graph, seed=1)
            case "betweenness":
                nx.betweenness_centrality(self._graph, k=min(SOURCES, len(self._graph)), seed=1)
        seconds = perf_counter() - started
        if not circles:
            return Turn(seconds)
        circle_of = {key: number for number, circle in enumerate(circles) for key in circle}
        return Turn(seconds, np.array([circle_of[key] for key in self._keys], dtype=np.int64))


def _arcs(
    graph: TieGraph, directed: bool
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    if not directed:
        return upper(graph.undirected)
    arcs = graph.directed.tocoo()
    return arcs.row.astype(np.int64), arcs.col.astype(np.int64), arcs.data.astype(np.float64)


def _pairs(graph: TieGraph) -> pd.DataFrame:
    """Each pair in touch once, with the weight of both directions."""
    source, target, weight = upper(graph.undirected)
    return pd.DataFrame({"source": graph.keys[source], "target": graph.keys[target], "weight": weight})


class Igraph:
    """python-igraph, where somebody has installed it beside Guanxi, of which it is no part."""

    def __init__(self, graph: TieGraph, directed: bool) -> None:
        try:
            import igraph  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415
        except ImportError:
            raise Unavailable("igraph is not installed here; pip install igraph") from None
        started = perf_counter()
        source, target, weight = _arcs(graph, directed)
        self._graph = igraph.Graph(graph.size, np.column_stack([source, target]), directed=directed)
        self._weight = weight.tolist()
        self.loaded = perf_counter() - started

    def run(self, measure: str) -> Turn:
        """See `Peer`."""
        started = perf_counter()
        circle: npt.NDArray[np.int64] | None = None
        match measure:
            case "pagerank":
                self._graph.pagerank(weights=self._weight)
            case "components":
                self._graph.connected_components(mode="weak")
            case "leiden":
                found = self._graph.community_leiden(
                    objective_function="modularity", weights=self._weight, n_iterations=5
                )
                circle = np.array(found.membership, dtype=np.int64)
            case "betweenness":
                chosen = np.random.default_rng(1).choice(self._graph.vcount(), SOURCES, replace=False)
                self._graph.betweenness(directed=False, sources=chosen.tolist())
        return Turn(perf_counter() - started, circle)


PROJECT = """
       UNWIND range(0, size($source) - 1) AS i
       WITH $source[i] AS source, $target[i] AS target, $weight[i] AS weight
       RETURN gds.graph.project('bench', source, target, {relationshipProperties: {weight: weight}},
                                {undirectedRelationshipTypes: $undirected}) AS projected"""
MEASURES = {
    "pagerank": Statement(
        """CALL gds.pageRank.stats('bench', {concurrency: $threads, maxIterations: $rounds, tolerance: 1e-12,
             relationshipWeightProperty: 'weight'}) YIELD computeMillis
           RETURN computeMillis AS millis, null AS modularity"""
    ),
    "components": Statement(
        """CALL gds.wcc.stats('bench', {concurrency: $threads}) YIELD computeMillis
           RETURN computeMillis AS millis, null AS modularity"""
    ),
    "leiden": Statement(
        """CALL gds.leiden.stats('bench', {concurrency: $threads, relationshipWeightProperty: 'weight',
             randomSeed: 1}) YIELD computeMillis, modularity
           RETURN computeMillis AS millis, modularity"""
    ),
    "betweenness": Statement(
        """CALL gds.betweenness.stats('bench', {concurrency: $threads, samplingSize: $sources,
             samplingSeed: 1}) YIELD computeMillis
           RETURN computeMillis AS millis, null AS modularity"""
    ),
}


class Gds:
    """Graph Data Science on a Neo4j started for it; the ties go into its catalogue in one statement."""

    def __init__(self, store: BoltStore, graph: TieGraph, directed: bool, threads: int) -> None:
        self._store = store
        self._values = {"threads": min(threads, GDS_MOST), "rounds": ROUNDS, "sources": SOURCES}
        started = perf_counter()
        source, target, weight = _arcs(graph, directed)
        ends = {"source": source.tolist(), "target": target.tolist(), "weight": weight.tolist()}
        store.write(Statement(PROJECT, {**ends, "undirected": [] if directed else ["*"]}))
        self.loaded = perf_counter() - started

    def run(self, measure: str) -> Turn:
        """See `Peer`; the time that the server tells, without the way there and back."""
        row: Mapping[str, Any] = self._store.write(replace(MEASURES[measure], params=self._values))[0]
        return Turn(row["millis"] / 1000, modularity=row["modularity"])


@contextmanager
def peer(name: str, ties: pa.Table, graph: TieGraph, directed: bool, threads: int) -> Iterator[Peer]:
    """The peer of that name, holding the ties. Raises Unavailable where it cannot be had here."""
    if name == "networkx":
        yield Networkx(ties, graph, directed)
    elif name == "igraph":
        yield Igraph(graph, directed)
    else:
        reason = missing()
        if reason is not None:
            raise Unavailable(reason)
        with (
            tempfile.TemporaryDirectory() as folder,
            open_neo4j(Path(folder) / "neo4j", "4g") as server,
            BoltStore(server.url, (server.user, server.password), database="neo4j", dialect=NEO4J) as store,
        ):
            yield Gds(store, graph, directed, threads)
