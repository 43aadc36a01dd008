"""The engine on a server: what it leaves behind, what it says when it fails, and the validation graphs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from graphdatascience import GraphDataScience

from analytics.engines import ldbc
from analytics.engines import measures as ask_for
from analytics.engines.choose import open_engine
from analytics.engines.engine import Unsupported
from analytics.engines.gds_server import client, projected, told
from analytics.engines.network import of_edges
from analytics.engines.result import Trace
from analytics.engines.run import answer
from graph.errors import Unavailable
from graph.neo4j_server import Neo4jServer
from graph.settings import Settings

pytestmark = pytest.mark.neo4j

PAIR = of_edges(pd.DataFrame({"source": ["a"], "target": ["b"]}), directed=True)


@pytest.fixture(scope="module")
def gds(neo4j_server: Neo4jServer) -> Iterator[GraphDataScience]:
    login = (neo4j_server.user, neo4j_server.password.get_secret_value())
    with client(neo4j_server.url, login, "neo4j") as opened:
        yield opened


def settings_of(server: Neo4jServer) -> Settings:
    return Settings(graph_url=server.url, graph_user=server.user, graph_password=server.password)


def test_a_projection_is_gone_whatever_happens(gds: GraphDataScience) -> None:
    def failing() -> None:
        with projected(gds, PAIR, Trace(), undirected=False) as held:
            assert (held.graph.node_count(), held.graph.relationship_count()) == (2, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert gds.graph.list() == []


def test_why_a_procedure_failed_is_told(gds: GraphDataScience, neo4j_server: Neo4jServer) -> None:
    says = r"could not do components: .*not-there.* does not exist"
    with pytest.raises(Unavailable, match=says), told(neo4j_server.url, "components"):
        gds.run_cypher("CALL gds.wcc.stream('not-there')")


def test_a_wrong_password_is_told(neo4j_server: Neo4jServer) -> None:
    wrong = client(neo4j_server.url, (neo4j_server.user, "wrong"), "neo4j")
    with pytest.raises(Unavailable, match="refused the log-in"), wrong:
        pass


@pytest.mark.data
def test_it_passes_the_validation_graphs_that_it_offers(neo4j_server: Neo4jServer, public_data: Path) -> None:
    folder = public_data / "ldbc-graphalytics"
    passed: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    with open_engine("gds", settings_of(neo4j_server)) as engine:
        for pair in ldbc.pairs(folder):
            case = ldbc.case(folder, pair)
            try:
                frame = answer(engine, case.network, case.ask).frame
            except Unsupported:
                refused[pair.algorithm] += 1
            else:
                assert ldbc.difference(case, frame) is None, str(pair)
                passed[pair.algorithm] += 1
    assert passed == {"BFS": 4, "WCC": 4, "SSSP": 4, "LCC": 2}
    assert refused == {"CDLP": 4, "PR": 4, "LCC": 2}


def test_where_the_seconds_went_is_told(neo4j_server: Neo4jServer) -> None:
    with open_engine("gds", settings_of(neo4j_server)) as engine:
        told_of = answer(engine, PAIR, ask_for.Components()).provenance
    assert told_of.engine_version == "gds 2.13.9"
    assert min(told_of.load_seconds, told_of.run_seconds, told_of.read_seconds) > 0
