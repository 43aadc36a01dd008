"""What the engine `gds` needs of a server: the client, a projection for each measure, and plain errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pydantic import SecretStr
from scipy import sparse

from analytics.engines.network import Network
from analytics.engines.result import Trace
from graph.bolt import BoltStore
from graph.bolt_errors import translated
from graph.dialect import NEO4J
from graph.errors import Unavailable
from graph.statement import Statement

if TYPE_CHECKING:
    from graphdatascience import GraphDataScience
    from graphdatascience.graph import Graph

PROJECT = """
UNWIND range(0, size($source) - 1) AS i
WITH $source[i] AS source, $target[i] AS target, $weight[i] AS weight
RETURN gds.graph.project($name, source, target,
  CASE WHEN target IS NULL THEN null ELSE {relationshipProperties: {weight: weight}} END,
  {undirectedRelationshipTypes: $undirected}) AS projected
"""
INSTALLED = Statement("SHOW FUNCTIONS YIELD name WHERE name = 'gds.version' RETURN name")
DROP = "CALL gds.graph.drop($name, false) YIELD graphName RETURN graphName"


@dataclass(frozen=True)
class Projected:
    """A graph in the server's catalogue. `weight` names the property to use, None where there are no arcs."""

    gds: GraphDataScience
    graph: Graph
    weight: str | None


@contextmanager
def client(url: str, login: tuple[str, str], database: str) -> Iterator[GraphDataScience]:
    """The client of a server, closed at the end.

    Raises Unavailable where the server does not answer, refuses the log-in or has no Graph Data Science,
    and BadInput where it is no Neo4j.
    """
    from graphdatascience import GraphDataScience  # noqa: PLC0415  it takes seconds, and few need it

    # The client tries a silent server for half a minute; our own store asks once.
    with BoltStore(url, (login[0], SecretStr(login[1])), database=database, dialect=NEO4J) as store:
        store.check()
        if not store.rows(INSTALLED):
            raise Unavailable(f"the server at {url} has no Graph Data Science; install its plugin")
    with told(url, "the log-in"):
        gds = GraphDataScience(
            url, auth=login, database=database, aura_ds=False, arrow=False, show_progress=False
        )
    try:
        yield gds
    finally:
        gds.close()


@contextmanager
def told(url: str, what: str) -> Iterator[None]:
    """Raise what the server complains of as errors of ours; those of a procedure with its own reason."""
    try:
        yield
    except Exception as error:
        if str(getattr(error, "code", "")).endswith("ProcedureCallFailed"):
            cause = str(error).rpartition("Caused by: ")[2].rstrip("}.")
            raise Unavailable(f"Graph Data Science could not do {what}: {cause}") from None
        if not type(error).__module__.startswith("neo4j."):
            raise
        with translated(url, NEO4J):
            raise


@contextmanager
def projected(
    gds: GraphDataScience, graph: Network, trace: Trace, *, undirected: bool
) -> Iterator[Projected]:
    """The graph's arcs as they stand, or as undirected relationships, each pair once."""
    name = f"guanxi-{uuid4().hex}"
    try:
        with trace.timed("load"):
            gds.run_cypher(*sent(_projection(name, graph, undirected)))
            catalogued = gds.graph.get(name)
        yield Projected(gds, catalogued, "weight" if graph.arcs.nnz else None)
    finally:
        gds.run_cypher(*sent(Statement(DROP, {"name": name})))


def _projection(name: str, graph: Network, undirected: bool) -> Statement:
    arcs = sparse.triu(graph.both, format="coo") if undirected else graph.arcs.tocoo()
    alone: list[None] = [None] * graph.size
    return Statement(
        PROJECT,
        {
            "name": name,
            "source": [*range(graph.size), *arcs.row.tolist()],
            "target": [*alone, *arcs.col.tolist()],
            "weight": [*alone, *arcs.data.tolist()],
            "undirected": ["*"] if undirected else [],
        },
    )


def sent(statement: Statement) -> tuple[str, dict[str, Any]]:
    """A statement as the client takes it."""
    return statement.text, dict(statement.params)
