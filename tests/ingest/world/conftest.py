"""The small world, made once for all tests that only look at it."""

from __future__ import annotations

import pytest

from ingest.world.make import World, make


@pytest.fixture(scope="session")
def world() -> World:
    return make(seed=7)
