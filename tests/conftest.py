"""What tests share: one graph server for the whole run, the public data sets, a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from graph import write
from graph.bolt import BoltStore
from graph.connect import on_embedded, prepare
from graph.dialect import NEO4J
from graph.embedded import EmbeddedServer, open_embedded
from graph.errors import Unavailable
from graph.neo4j_server import Neo4jServer, neo4j_jars, open_neo4j
from graph.store import sweep

REPOSITORY = Path(__file__).parents[1]

# Most servers of tests live for seconds, and half of a start is Java's compiling.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")


def skip_or_fail(what: str, reason: str) -> NoReturn:
    """Skip with the reason, unless GUANXI_TEST_DEMAND (such as "data,browser") asks for it."""
    demanded = os.environ.get("GUANXI_TEST_DEMAND", "").replace(",", " ").split()
    if what in demanded:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def graph_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A server of its own for this run, in a folder whose name has a space and Chinese characters."""
    with open_embedded(tmp_path_factory.mktemp("graph") / "客户 图", "512m") as server:
        yield server


@pytest.fixture(scope="module")
def graph_store(graph_server: EmbeddedServer) -> Iterator[BoltStore]:
    """An empty graph with its constraints; what a module writes is gone before the next one starts."""
    with on_embedded(graph_server) as store:
        yield emptied(store)


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """A Neo4j of its own for this run; see `graph.neo4j_server` for what it needs."""
    try:
        neo4j_jars()
    except Unavailable as error:
        skip_or_fail("neo4j", str(error))
    with open_neo4j(tmp_path_factory.mktemp("neo4j") / "客户 图", "1g", short_lived=True) as server:
        yield server


@pytest.fixture(scope="module")
def neo4j_store(neo4j_server: Neo4jServer) -> Iterator[BoltStore]:
    """As `graph_store`, on Neo4j."""
    with on_neo4j(neo4j_server) as store:
        yield emptied(store)


@pytest.fixture(scope="module", params=["arcadedb", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def either_store(request: pytest.FixtureRequest) -> BoltStore:
    """An empty graph on each server in turn: whatever takes this is the contract of both."""
    own = {"arcadedb": "graph_store", "neo4j": "neo4j_store"}
    store: BoltStore = request.getfixturevalue(own[request.param])
    return store


def on_neo4j(server: Neo4jServer) -> BoltStore:
    return BoltStore(server.url, (server.user, server.password), database="neo4j", dialect=NEO4J)


def emptied(store: BoltStore) -> BoltStore:
    prepare(store)
    sweep(store, write.empty_graph())
    return store


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder of the public data sets, beside the repository."""
    beside = REPOSITORY.parent / "shared" / "data"
    folder = Path(os.environ.get("GUANXI_TEST_DATA") or beside)
    if not folder.is_dir():
        skip_or_fail("data", f"the public data sets are not beside the repository ({folder})")
    return folder


@pytest.fixture(scope="session")
def browser_path() -> Path:
    """The path of a Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        skip_or_fail("browser", "no Chromium found; `apt-get install chromium` provides one")
    return Path(found)
