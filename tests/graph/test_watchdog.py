"""A server that answers but does not end a query; what real servers do is in the contract's tests."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from graph import watchdog
from graph.dialect import NEO4J
from graph.errors import Unavailable
from graph.watchdog import Watchdog


class Deaf(Watchdog):
    """Told to end a query it says yes, and goes on."""

    def terminate(self) -> None:
        pass


def test_a_server_that_is_told_and_does_not_end_a_query_is_called_so(monkeypatch):
    monkeypatch.setattr(watchdog, "STUBBORN_SECONDS", 0.5)
    asked = Deaf(SimpleNamespace(), "neo4j", NEO4J, "tag")
    began = time.monotonic()
    with pytest.raises(Unavailable, match=r"bolt://there had not ended a query .* though told to"):
        asked.watch(lambda: time.sleep(3), 0.1, "bolt://there")
    assert 0.5 < time.monotonic() - began < 2.5
    assert asked.woke


def test_a_query_that_ends_after_its_limit_is_found_by_then():
    asked = Deaf(SimpleNamespace(), "neo4j", NEO4J, "tag")
    assert asked.watch(lambda: time.sleep(0.4) or "late", 0.1, "bolt://there") == "late"
