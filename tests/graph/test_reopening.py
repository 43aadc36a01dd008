"""A server that has died and cannot be started again: no queue of hopeless starts."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from graph.embedded import EmbeddedServer, open_embedded
from graph.errors import Unavailable
from graph.reopening import FIRST_REST, EmbeddedStore
from graph.statement import Statement

ONE = Statement("RETURN 1 AS one")

pytestmark = pytest.mark.server


class Starts:
    """Opens the folder's server, or counts the tries and fails."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.tries, self.broken = folder, 0, False

    def __call__(self) -> EmbeddedServer:
        self.tries += 1
        if self.broken:
            raise Unavailable("no memory is left")
        return open_embedded(self.folder, "256m")


def test_a_start_that_failed_is_not_tried_again_at_once(tmp_path: Path) -> None:
    starts = Starts(tmp_path / "graph")
    store = EmbeddedStore(starts)
    try:
        with open_embedded(starts.folder) as running:
            os.kill(running.pid, signal.SIGKILL)
        starts.broken = True
        with pytest.raises(Unavailable, match=r"no memory is left$"):
            store.rows(ONE)
        failed = time.monotonic()
        for _ in range(5):
            with pytest.raises(Unavailable, match=r"no memory is left; it is tried again in [01] s"):
                store.rows(ONE)
        assert time.monotonic() - failed < FIRST_REST
        assert starts.tries == 2
        starts.broken = False
        time.sleep(max(0.0, failed + FIRST_REST - time.monotonic()))
        assert store.rows(ONE) == [{"one": 1}]
    finally:
        store.close()
