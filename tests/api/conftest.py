from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from graph.settings import Settings, settings
from tests.api.served import small_graph, small_lake


@pytest.fixture(scope="module")
def served(graph_server, tmp_path_factory):
    """The application over the small world."""
    lake = small_lake(tmp_path_factory.mktemp("lake"))
    with small_graph(graph_server) as store:
        yield create_app(lake, store, Settings(_env_file=None))


@pytest.fixture(scope="module")
def client(served):
    """A client that gets an answer for every request, also where the server fails."""
    return TestClient(served, raise_server_exceptions=False)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The GUANXI_HOME of whatever the test runs."""
    monkeypatch.setenv("GUANXI_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()
