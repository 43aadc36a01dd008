"""Every engine in turn, for the contract of engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from analytics.engines.choose import open_engine
from analytics.engines.engine import Engine
from analytics.engines.gds import gds_engine
from graph.neo4j_server import Neo4jServer


@pytest.fixture(scope="session")
def gds(neo4j_server: Neo4jServer) -> Iterator[Engine]:
    login = (neo4j_server.user, neo4j_server.password.get_secret_value())
    with gds_engine(neo4j_server.url, login) as engine:
        yield engine


@pytest.fixture(params=["local", "networkx", pytest.param("gds", marks=pytest.mark.neo4j)])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "gds":
        yield request.getfixturevalue("gds")
        return
    with open_engine(request.param) as opened:
        yield opened
