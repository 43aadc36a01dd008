import socket
import threading
import time

import pytest
import uvicorn

from api.app import create_app
from graph.settings import Settings
from tests.api.served import small_graph, small_lake


@pytest.fixture(scope="module")
def address(graph_server, tmp_path_factory):
    """The address of a server that shows the small world."""
    lake = small_lake(tmp_path_factory.mktemp("lake"))
    with small_graph(graph_server) as store, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        app = create_app(lake, store, Settings(_env_file=None))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.05)
        assert server.started, "the server did not start within 20 seconds"
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)
