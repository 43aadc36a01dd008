"""Ends a query at its time limit: one server heeds no limit of the driver's, the other heeds it late."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from neo4j import Driver
from neo4j.exceptions import DriverError, Neo4jError

from graph.dialect import TAG, TERMINATE, Dialect

AGAIN_SECONDS = 0.1
ABANDON_SECONDS = 1.0


class Watchdog:
    """Watches one query, known by its tag, from a thread and a connection of its own.

    Use as a `with` block around the query, which fails with the code Terminated at the limit.
    `seconds` None watches nothing, and only `terminate` acts. `woke` tells afterwards whether the
    limit was reached.
    """

    def __init__(
        self, driver: Driver, database: str, dialect: Dialect, tag: str, seconds: float | None
    ) -> None:
        self._driver = driver
        self._dialect = dialect
        self._database = database
        self._tag = tag
        self._seconds = seconds
        self._done = threading.Event()
        self.woke = False

    def __enter__(self) -> Self:
        if self._seconds is not None:
            threading.Thread(target=self._watch, name="query watchdog", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()

    def tagged(self, text: str) -> str:
        """The text to run instead."""
        return f"/* gx:{self._tag} */ {text}" if self._dialect.tags_in_text else text

    @property
    def metadata(self) -> dict[str, str] | None:
        """What the query's transaction is to carry."""
        return None if self._dialect.tags_in_text else {TAG: self._tag}

    def terminate(self) -> bool:
        """End the query now and tell whether it was running; it may have ended already.

        Users see and end their own queries only, so the connection must be the query's user's.
        """
        found = False
        with self._driver.session(database=self._database) as session:
            for query in session.run(self._dialect.running.text).data():
                if self._tag in (query["tag"] or ""):
                    session.run(TERMINATE.text, id=query["id"]).consume()
                    found = True
        return found

    def abandon(self) -> None:
        """End a query that nobody waits for any more, though it may not have reached the server yet."""
        deadline = time.monotonic() + ABANDON_SECONDS
        while not self.terminate() and time.monotonic() < deadline:
            time.sleep(AGAIN_SECONDS)

    def _watch(self) -> None:
        if self._done.wait(self._seconds):
            return
        self.woke = True  # before looking whether it is done: then nothing is ended that woke hides
        while not self._done.is_set():  # at the first try it may not have reached the server yet
            with suppress(Neo4jError, DriverError):
                self.terminate()
            self._done.wait(AGAIN_SECONDS)
