"""From a setting to an open graph store, ready for its first row."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from graph.bolt import BoltStore
from graph.dialect import ARCADEDB, INDEXES, NEO4J
from graph.embedded import EmbeddedServer, open_embedded
from graph.errors import BadInput, Unavailable
from graph.reopening import EmbeddedStore
from graph.settings import Settings
from graph.store import GraphStore
from graph.write import constraints, indexes

INDEX_SECONDS = 60.0


def connect(settings: Settings) -> BoltStore:
    """Open the graph that `settings.graph_url` names; close it, or use it as a `with` block.

    "embedded" starts the server of `settings.graph_folder`, or borrows it where it runs already;
    closing ends it with its last user, and a call that finds it dead starts it anew. Raises BadInput
    for an address that cannot be used, and Unavailable where no server answers or the log-in is refused.
    """
    scheme = settings.graph_url.partition("://")[0]
    if scheme not in OPENERS:
        raise BadInput(
            f"GUANXI_GRAPH_URL {_without_login(settings.graph_url)!r} cannot be used; what works is"
            " 'embedded', or bolt://host:7687 or neo4j://host:7687 of a Neo4j server"
        )
    return OPENERS[scheme](settings)


def on_embedded(server: EmbeddedServer) -> BoltStore:
    """A store on a running embedded server that somebody else holds; closing it leaves that alone."""
    address = server.address
    return BoltStore(
        address.bolt_url,
        (address.user, address.password),
        reader=(address.reader, address.reader_password),
        database=address.database,
        dialect=ARCADEDB,
        batch_endpoint=address,
    )


def prepare(store: GraphStore) -> None:
    """Put the constraints and indexes in force and wait until they serve; a second time changes nothing.

    Raises Unavailable where an index is not ready after a minute.
    """
    for made in (*constraints(), *indexes()):
        store.write(made)
    deadline = time.monotonic() + INDEX_SECONDS
    while waiting := [row["name"] for row in store.rows(INDEXES) if row["state"] != "ONLINE"]:
        if time.monotonic() > deadline:
            raise Unavailable(
                f"the graph's indexes {', '.join(map(str, waiting))} are not ready after"
                f" {INDEX_SECONDS:.0f} s; see the server's log"
            )
        time.sleep(0.1)


def _open_embedded(settings: Settings) -> BoltStore:
    return _checked(EmbeddedStore(partial(open_embedded, settings.graph_folder, settings.graph_heap)))


def _open_neo4j(settings: Settings) -> BoltStore:
    parts = urlsplit(settings.graph_url)
    if parts.username or not parts.hostname:
        raise BadInput(
            "GUANXI_GRAPH_URL is bolt://host:port without user and password;"
            " these go into GUANXI_GRAPH_USER and GUANXI_GRAPH_PASSWORD"
        )
    store = BoltStore(
        settings.graph_url,
        (settings.graph_user, settings.graph_password),
        database=settings.graph_database,
        dialect=NEO4J,
    )
    return _checked(store)


def _checked(store: BoltStore) -> BoltStore:
    try:
        store.check()
    except BaseException:
        store.close()
        raise
    return store


def _without_login(url: str) -> str:
    """The address without what stands before the @, which may be a password."""
    scheme, mark, rest = url.partition("://")
    return scheme + mark + rest.rpartition("@")[2]


OPENERS: dict[str, Callable[[Settings], BoltStore]] = {
    "embedded": _open_embedded,
    "bolt": _open_neo4j,
    "bolt+s": _open_neo4j,
    "neo4j": _open_neo4j,
    "neo4j+s": _open_neo4j,
}
