"""Listening: the socket is taken before any work is done, so that a busy port is known at once."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from api.show import say
from graph.errors import BadInput, Conflict
from graph.lake import Lake
from graph.settings import Settings
from graph.store import GraphStore


@contextmanager
def listener(host: str, port: int) -> Iterator[socket.socket]:
    """A bound socket. Raises Conflict for a busy port and BadInput for an address that is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
            bound.listen(128)
        except OSError as error:
            raise _refused(host, port, error) from None
        yield bound


def address(bound: socket.socket) -> str:
    """The socket's URL."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def run_server(lake: Lake, store: GraphStore, settings: Settings, bound: socket.socket) -> None:
    """Serve until interrupted; requests under way are finished first."""
    import uvicorn

    from api.app import create_app

    config = uvicorn.Config(
        create_app(lake, store, settings),
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    say(f"guanxi serves {address(bound)} (Ctrl-C ends it)")
    with suppress(KeyboardInterrupt):  # raised anew by uvicorn once it has stopped: the way to end it
        uvicorn.Server(config).run(sockets=[bound])


def _refused(host: str, port: int, error: OSError) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return Conflict(f"port {port} of {host} is in use; --port 0 picks a free one")
    if error.errno == errno.EACCES:
        return Conflict(f"port {port} of {host} is not allowed to this user; take one above 1023")
    return BadInput(f"cannot listen on {host} ({error.strerror}); 127.0.0.1 always works")
