"""A graph database over Bolt: reads that cannot write, and writes that are retried and batched."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from types import TracebackType
from typing import Self, TypeVar
from uuid import uuid4

from neo4j import (
    READ_ACCESS,
    WRITE_ACCESS,
    Driver,
    GraphDatabase,
    NotificationMinimumSeverity,
    Session,
)
from neo4j.exceptions import DriverError, Neo4jError
from pydantic import SecretStr

from graph.arcade_http import Address
from graph.aside import Aside
from graph.bolt_errors import OutOfMemory, may_succeed_later, translated
from graph.bolt_values import batches, row
from graph.dialect import ARCADEDB, Dialect
from graph.errors import BadInput, Forbidden
from graph.lines import LINE
from graph.statement import Statement
from graph.store import Progress, Row
from graph.watchdog import Watchdog

BATCH_ROWS = 2_000
BATCH_BYTES = 4 * 2**20
FETCHED_AT_ONCE = 1_000
TRIES = 8
COMMIT_SECONDS = 30.0
"""How long an interrupt waits for the batch under way to be written or refused."""
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 1.0  # seconds

logger = logging.getLogger(__name__)

Auth = tuple[str, SecretStr]
T = TypeVar("T")


class BoltStore:
    """A `graph.store.GraphStore` on a server that speaks Bolt.

    May be shared by threads: each call takes a session of its own from the drivers' pools. Must not
    be used by a forked child: connections would be read by both; let the child open its own.

    `reader` is the user that reads log in as, and must be given where the dialect has one.
    """

    def __init__(
        self,
        url: str,
        auth: Auth,
        *,
        database: str,
        dialect: Dialect,
        reader: Auth | None = None,
        batch_endpoint: Address | None = None,
    ) -> None:
        if dialect.separate_reader and reader is None:
            raise BadInput(f"{dialect.server} needs a second user that may only read; none is given")
        self.dialect = dialect.name
        self.database = database
        self._dialect = dialect
        self._batch_endpoint = batch_endpoint
        self._tags: list[str] = []
        self._open(url, auth, reader)

    @property
    def batch_endpoint(self) -> Address | None:
        """See `GraphStore.batch_endpoint`."""
        return self._batch_endpoint

    def rows(
        self, statement: Statement, *, timeout: float | None = None, limit: int | None = None
    ) -> list[Row]:
        """Run a read; see `GraphStore.rows`."""
        return self._retried(statement.text, lambda: self._read(statement, timeout, limit))

    def write(self, statement: Statement) -> list[Row]:
        """Run one write; see `GraphStore.write`."""
        return self._retried(statement.text, lambda: self._write(statement))

    def bulk(
        self,
        statement: Statement,
        rows: Iterable[Mapping[str, object]],
        progress: Progress | None = None,
    ) -> int:
        """Run a statement over batches of rows; see `GraphStore.bulk`."""
        written = 0
        for batch in batches(rows, BATCH_ROWS, BATCH_BYTES):
            self._in_parts(statement, batch, list)
            written += len(batch)
            if progress is not None:
                progress(len(batch))
        return written

    def write_lines(self, statement: Statement, lines: Sequence[str]) -> int:
        """Write one batch of lines; see `GraphStore.write_lines`."""
        self._in_parts(statement, lines, LINE.join)
        return len(lines)

    def describe(self) -> Row:
        """What the server says of itself; see `GraphStore.describe`."""
        with translated(self.address, self._dialect):
            agent = self._writer.get_server_info().agent
        _, _, inner = agent.partition("(")  # Neo4j/5.26.0 compatible (ArcadeDB 26.10.2)
        version = (inner.rstrip(")") or agent).replace("/", " ").rpartition(" ")[2]
        return {
            "server": self._dialect.server,
            "version": version,
            "edition": self._edition(),
            "address": self.address,
        }

    def check(self) -> None:
        """Raise Unavailable where the server does not answer or refuses one of the log-ins.

        Raises BadInput where another kind of server answers: its reads might write.
        """
        with translated(self.address, self._dialect):
            agent = Aside(self._greet).result()
        if (ARCADEDB.server in agent) != (self._dialect is ARCADEDB):
            raise BadInput(
                f"the server at {self.address} calls itself {agent}, not {self._dialect.server};"
                " give the address of such a server, or 'embedded'"
            )

    def close(self) -> None:
        """Close all connections; may be repeated."""
        self._reader.close()
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _in_parts(
        self, statement: Statement, rows: Sequence[T], sent: Callable[[Sequence[T]], object]
    ) -> None:
        """Write rows in one transaction, or in halves of halves where the server lacks memory for it."""
        try:
            self.write(Statement(statement.text, {**statement.params, "rows": sent(rows)}))
        except OutOfMemory:
            if len(rows) == 1:
                raise
            logger.info("too much at once for the server's memory: %d rows go in two parts", len(rows))
            middle = len(rows) // 2
            self._in_parts(statement, rows[:middle], sent)
            self._in_parts(statement, rows[middle:], sent)

    def _greet(self) -> str:
        """Log in as each user, and return what the server calls itself."""
        for driver in {self._writer, self._reader}:
            with driver.session(database=self.database) as session:
                session.run("RETURN 1 AS one").consume()
        return self._writer.get_server_info().agent

    def _open(self, url: str, auth: Auth, reader: Auth | None) -> None:
        """Make the drivers, which connect when they are first used."""
        self.address = url
        self._writer = _driver(url, auth, self._dialect)
        self._reader = _driver(url, reader, self._dialect) if reader else self._writer

    def _read(self, statement: Statement, timeout: float | None, limit: int | None) -> list[Row]:
        """Read in time, by a tag that no other running query has.

        Tags are used again, since the server keeps the plan of a text that it has seen before: a
        look-up takes half the time. Not after the watchdog woke: it might end the next query.
        """
        try:
            tag = self._tags.pop()
        except IndexError:
            tag = uuid4().hex
        watchdog = Watchdog(self._reader, self.database, self._dialect, tag)
        found = watchdog.watch(
            lambda: self._answer(watchdog, statement, timeout, limit), timeout, self.address
        )
        if not watchdog.woke:
            self._tags.append(tag)
        return found

    def _answer(
        self, watchdog: Watchdog, statement: Statement, timeout: float | None, limit: int | None
    ) -> list[Row]:
        with self._session(self._reader, READ_ACCESS, limit) as session:
            transaction = session.begin_transaction(metadata=watchdog.metadata, timeout=timeout)
            try:
                result = transaction.run(watchdog.tagged(statement.text), dict(statement.params))
                found = [row(record) for record in islice(result, limit)]
                if len(found) != limit:
                    if result.consume().counters.contains_updates:
                        raise Forbidden("the text would change the graph; only reading is allowed")
                elif not self._dialect.drops_unread:
                    watchdog.terminate()  # told to discard the rest, ArcadeDB works it out first
                return found
            finally:
                with suppress(Neo4jError, DriverError):
                    transaction.rollback()

    def _write(self, statement: Statement) -> list[Row]:
        return Aside(lambda: self._commit(statement)).result(grace=COMMIT_SECONDS)

    def _commit(self, statement: Statement) -> list[Row]:
        # Never without an explicit transaction: on ArcadeDB a text of its own is not atomic.
        with self._session(self._writer, WRITE_ACCESS) as session:
            with session.begin_transaction() as transaction:
                result = transaction.run(statement.text, dict(statement.params))
                found = [row(record) for record in result]
                transaction.commit()
            return found

    def _session(self, driver: Driver, access: str, limit: int | None = None) -> Session:
        fetched = min(limit or FETCHED_AT_ONCE, FETCHED_AT_ONCE)
        return driver.session(database=self.database, default_access_mode=access, fetch_size=fetched)

    def _retried(self, text: str, work: Callable[[], list[Row]]) -> list[Row]:
        """Do the work, again after a pause where the server says so; each time from the start."""
        with translated(self.address, self._dialect):
            for attempt in range(1, TRIES):
                try:
                    return work()
                except (Neo4jError, DriverError) as error:
                    if not may_succeed_later(error, text):
                        raise
                    logger.info("try %d failed: %s", attempt, getattr(error, "code", error))
                    time.sleep(_pause(attempt))
            return work()

    def _edition(self) -> str:
        if self._dialect.name != "neo4j":
            return "embedded"
        found = self.rows(Statement("CALL dbms.components() YIELD edition RETURN edition"))
        return str(found[0]["edition"])


def _driver(url: str, auth: Auth, dialect: Dialect) -> Driver:
    user, password = auth
    with translated(url, dialect):
        return GraphDatabase.driver(
            url,
            auth=(user, password.get_secret_value()),
            connection_timeout=15.0,
            connection_acquisition_timeout=15.0,
            liveness_check_timeout=30.0,  # a pooled connection may outlive a server's restart
            notifications_min_severity=NotificationMinimumSeverity.OFF,
            user_agent="guanxi",
            telemetry_disabled=True,
        )


def _pause(attempt: int) -> float:
    """Seconds to wait after a failed try: doubling, and different for writers that collided."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)
    return random.uniform(longest / 2, longest)  # noqa: S311  no secret
