"""From a name to an engine."""

from __future__ import annotations

import socket

import pytest

from analytics.engines.choose import open_engine
from graph.errors import BadInput, NotFound, Unavailable
from graph.settings import Settings


def test_an_unknown_engine_is_told_the_known_ones() -> None:
    with (
        pytest.raises(NotFound, match="no engine named 'spark'; known: gds, local, networkx"),
        open_engine("spark"),
    ):
        pass


def test_the_server_s_engine_needs_a_server_that_can_have_it() -> None:
    embedded = Settings(graph_url="embedded")
    with pytest.raises(BadInput, match="needs a Neo4j with Graph Data Science"), open_engine("gds", embedded):
        pass


def test_a_server_that_does_not_answer_is_named() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"bolt://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Unavailable, match=url), open_engine("gds", Settings(graph_url=url)):
            pass
