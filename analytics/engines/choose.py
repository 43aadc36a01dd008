"""From a name to an engine that is ready."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from analytics.engines import gds, local, nx
from analytics.engines.engine import Engine, Offers
from graph.errors import NotFound, one_of
from graph.settings import Settings

OFFERED: Mapping[str, Offers] = {local.NAME: local.OFFERS, nx.NAME: nx.OFFERS, gds.NAME: gds.OFFERS}
"""What each engine offers, known without a server."""


@contextmanager
def open_engine(name: str, settings: Settings | None = None) -> Iterator[Engine]:
    """The engine of a name: "local", "networkx", or "gds" on the server that the settings name.

    Raises NotFound listing the engines, BadInput where `gds` is given no Neo4j, and Unavailable where the
    server does not answer or has no Graph Data Science.
    """
    if name == local.NAME:
        yield local.local_engine()
    elif name == nx.NAME:
        yield nx.networkx_engine()
    elif name == gds.NAME:
        with gds.from_settings(settings) as engine:
            yield engine
    else:
        raise NotFound(one_of("engine", name, OFFERED))
