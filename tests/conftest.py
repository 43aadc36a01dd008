"""What tests share: one graph server for the whole run, the public data sets, a browser."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from graph import write
from graph.bolt import BoltStore
from graph.connect import on_embedded, prepare
from graph.dialect import NEO4J
from graph.embedded import EmbeddedServer, open_embedded
from graph.errors import Unavailable
from graph.neo4j_server import Neo4jServer, neo4j_jars, open_neo4j
from graph.store import sweep
from tests import java_classes

REPOSITORY = Path(__file__).parents[1]

# Most servers of tests live for seconds, and half of a start is Java's compiling.
QUICK_JAVA = "-XX:TieredStopAtLevel=1"
os.environ.setdefault("JDK_JAVA_OPTIONS", f"{QUICK_JAVA} {java_classes.OPTION}")

FIRST = ("tests/end_to_end", "tests/faults", "tests/ingest/publishing", "tests/ingest/keeping")
"""What takes long goes out first: handed out last, it would keep one worker busy alone."""


NEO4J_WORDS = ("neo4j", "gds", "graph_data_science")
"""One of them stands in the name of every test that needs a Neo4j: who hands tests out sees names only."""


class OneNeo4j(LoadFileScheduling):
    """Give a worker whole files, and one of them all that needs a Neo4j: it starts for half a minute."""

    def _split_scope(self, nodeid: str) -> str:
        return "neo4j" if says_neo4j(nodeid) else super()._split_scope(nodeid)


def says_neo4j(nodeid: str) -> bool:
    return any(word in nodeid for word in NEO4J_WORDS)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    return OneNeo4j(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as of what runs in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("numprocesses", default=None):
        words = [sys.executable, "-m", java_classes.__name__]
        making = subprocess.Popen(words, cwd=REPOSITORY, stdin=subprocess.DEVNULL)
        config.add_cleanup(lambda: ended(making))


def ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.get_closest_marker("neo4j") and not says_neo4j(item.nodeid):
        raise pytest.UsageError(f"{item.nodeid} needs a Neo4j: name it so, with one of {NEO4J_WORDS}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several workers share the tests, `OneNeo4j` hands them out in this order."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: (not says_neo4j(item.nodeid), not item.nodeid.startswith(FIRST)))


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
    with pytest.MonkeyPatch.context() as its_own:
        its_own.setenv("JDK_JAVA_OPTIONS", QUICK_JAVA)  # the classes are the other server's
        server = open_neo4j(tmp_path_factory.mktemp("neo4j") / "客户 图", "1g", short_lived=True)
    with server:
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
