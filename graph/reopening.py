"""A store on the embedded server that outlives the server's death."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable

from graph.arcade_http import Address
from graph.bolt import BoltStore
from graph.bolt_errors import connection_lost
from graph.dialect import ARCADEDB
from graph.embedded import EmbeddedServer
from graph.errors import GuanxiError, NoSpace, Unavailable
from graph.statement import Statement
from graph.store import Row

NEARLY_FULL = 16 * 2**20
"""Bytes free on the disk below which a commit that failed is put down to it."""

FIRST_REST, LONGEST_REST = 1.0, 30.0
"""Seconds after a failed start in which no other is tried; doubled each time."""

logger = logging.getLogger(__name__)


class Rest:
    """Keeps from doing again at once what has just failed."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._until = 0.0
        self._failed: GuanxiError | None = None

    def around(self, work: Callable[[], EmbeddedServer]) -> EmbeddedServer:
        """Do the work, or raise what it raised last where that was a moment ago."""
        left = self._until - time.monotonic()
        if self._failed and left > 0:
            raise type(self._failed)(f"{self._failed}; it is tried again in {left:.0f} s")
        try:
            done = work()
        except GuanxiError as error:
            self._seconds = min(LONGEST_REST, max(FIRST_REST, 2 * self._seconds))
            self._until, self._failed = time.monotonic() + self._seconds, error
            raise
        self._seconds, self._failed = 0.0, None
        return done


class EmbeddedStore(BoltStore):
    """A `BoltStore` on the server that `open_server` starts or borrows; closing lets go of it.

    When the server has died, the next call opens it again, once, and does its work on the new one. A
    write is done again only if it cannot have been committed. Where it cannot be opened, calls fail at
    once for a while with the reason, instead of queueing for one hopeless start after another.
    """

    def __init__(self, open_server: Callable[[], EmbeddedServer]) -> None:
        self._open_server = open_server
        self._reopening = threading.Lock()
        self._closed = False
        self._rest = Rest()
        self._server = server = open_server()
        address = server.address
        super().__init__(
            address.bolt_url,
            (address.user, address.password),
            reader=(address.reader, address.reader_password),
            database=address.database,
            dialect=ARCADEDB,
        )

    @property
    def batch_endpoint(self) -> Address | None:
        """See `GraphStore.batch_endpoint`; that of the server of the moment."""
        return self._server.address

    def write(self, statement: Statement) -> list[Row]:
        """Run one write; see `GraphStore.write`. Raises NoSpace where a full disk is the likely cause."""
        try:
            return super().write(statement)
        except Unavailable as error:
            folder = self._server.folder
            if shutil.disk_usage(folder).free > NEARLY_FULL:
                raise
            raise NoSpace(
                f"the disk of the graph's folder {folder} is full, so the graph cannot be written;"
                " free some space or set GUANXI_HOME to a larger disk, and try again"
            ) from error

    def close(self) -> None:
        """Close all connections and let go of the server; may be repeated."""
        with self._reopening:
            self._closed = True
            super().close()
            self._server.stop()

    def _retried(self, text: str, work: Callable[[], list[Row]]) -> list[Row]:
        used = self._server
        try:
            return super()._retried(text, work)
        except Unavailable as error:
            if not connection_lost(error):
                raise
            self._reopen(used, error)
            return super()._retried(text, work)

    def _reopen(self, lost: EmbeddedServer, error: Unavailable) -> None:
        """Turn to a living server, unless another thread has done so or the store was closed."""
        with self._reopening:
            if self._closed:
                raise error
            if self._server is not lost:
                return
            logger.warning("the embedded graph server is gone; opening it again")
            self._server = server = self._rest.around(self._open_server)
            old = {self._writer, self._reader}
            address = server.address
            self._open(
                address.bolt_url,
                (address.user, address.password),
                (address.reader, address.reader_password),
            )
            for driver in old:
                driver.close()
            lost.stop()  # only its share in the lease: the new server's holders keep that one alive
