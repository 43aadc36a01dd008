"""Ends a query at its time limit: one server heeds no limit of the driver's, the other heeds it late."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from neo4j import Driver
from neo4j.exceptions import DriverError, Neo4jError

from graph.aside import Aside
from graph.dialect import TAG, TERMINATE, Dialect
from graph.errors import Unavailable

AGAIN_SECONDS = 0.1
ABANDON_SECONDS = 2.0
SILENT_SECONDS = 20.0
"""A server that answers nothing for so long after a query's limit has gone silent."""
STUBBORN_SECONDS = 60.0
"""A server that answers, but is so long in ending a query, does not end it at all."""

T = TypeVar("T")


class Watchdog:
    """Watches one query, known by its tag, and ends it over a connection of its own.

    `woke` tells afterwards whether it may have ended the query.
    """

    def __init__(self, driver: Driver, database: str, dialect: Dialect, tag: str) -> None:
        self._driver = driver
        self._dialect = dialect
        self._database = database
        self._tag = tag
        self._answered = -math.inf
        self.woke = False

    def tagged(self, text: str) -> str:
        """The text to run instead."""
        return f"/* gx:{self._tag} */ {text}" if self._dialect.tags_in_text else text

    @property
    def metadata(self) -> dict[str, str] | None:
        """What the query's transaction is to carry."""
        return None if self._dialect.tags_in_text else {TAG: self._tag}

    def watch(self, query: Callable[[], T], seconds: float | None, address: str) -> T:
        """Run the query, which fails with the code Terminated at the limit, or on an interrupt.

        Raises Unavailable where the server does not even do that.
        """
        running = Aside(query)
        try:
            running.start()
            if not running.wait(seconds):
                self._end(running, SILENT_SECONDS, STUBBORN_SECONDS)
        except BaseException:
            self._end(running, ABANDON_SECONDS, ABANDON_SECONDS)  # nobody waits for it any more
            raise
        if not running.wait(0):
            raise self._still_running(address)
        return running.found()

    def terminate(self) -> None:
        """End the query now; it may have ended already, or not have reached the server yet.

        Users see and end their own queries only, so the connection must be the query's user's.
        """
        with self._driver.session(database=self._database) as session:
            for query in session.run(self._dialect.running.text).data():
                if self._tag in (query["tag"] or ""):
                    session.run(TERMINATE.text, id=query["id"]).consume()

    def _end(self, running: Aside[T], silent: float, stubborn: float) -> None:
        """Try to end the query until it has ended, the server is silent or `stubborn` seconds are up."""
        self.woke = True  # before the first try: the tag must not be another query's while one goes on
        began = time.monotonic()
        Aside(lambda: self._hunt(running, began + stubborn)).start()
        while not running.wait(AGAIN_SECONDS):
            now = time.monotonic()
            if now > began + stubborn or now > max(began, self._answered) + silent:
                return

    def _hunt(self, running: Aside[T], until: float) -> None:
        while time.monotonic() < until:
            with suppress(Neo4jError, DriverError):
                self.terminate()
                self._answered = time.monotonic()
            if running.wait(AGAIN_SECONDS):
                return

    def _still_running(self, address: str) -> Unavailable:
        if self._answered > time.monotonic() - SILENT_SECONDS:
            return Unavailable(
                f"the graph server at {address} had not ended a query {STUBBORN_SECONDS:.0f} seconds"
                " after its time limit, though told to; if it stays so, restart the server"
            )
        return Unavailable(
            f"the graph server at {address} went silent: {SILENT_SECONDS:.0f} seconds after the"
            " time limit it had not ended the query; check that it runs and can be reached"
        )
