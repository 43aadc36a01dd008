"""Work on a thread of its own, so that an interrupt never meets a driver halfway through a message.

A driver that is interrupted there waits for an answer to what it has not finished asking, for ever.
"""

from __future__ import annotations

import _thread
import math
import time
from collections.abc import Callable
from typing import Generic, TypeVar, cast

LOOK_SECONDS = 0.2
"""How late an interrupt may be noticed: one that comes just before a wait does not end that wait."""

T = TypeVar("T")


class Aside(Generic[T]):
    """Work for a thread of its own; whoever waits for it may be interrupted.

    Made of bare locks and threads: an interrupt within `threading.Event` or `Thread.start` can leave
    their own locks held.

    >>> Aside(lambda: 6 * 7).result()
    42
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._found: T | None = None
        self._error: BaseException | None = None
        self._ended = False
        self._running = _thread.allocate_lock()
        self._running.acquire()

    def start(self) -> None:
        """Begin; not in the constructor, since an interrupt here must find somebody who knows the work."""
        _thread.start_new_thread(self._run, ())

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the work's end, at most so long, and tell whether it has ended; several may wait."""
        deadline = time.monotonic() + (math.inf if seconds is None else seconds)
        while not self._ended:  # not asked of the lock: another who waits may hold it for a moment
            if self._running.acquire(timeout=max(0.0, min(LOOK_SECONDS, deadline - time.monotonic()))):
                self._running.release()
            elif time.monotonic() >= deadline:
                break
        return self._ended

    def result(self, *, grace: float = 0.0) -> T:
        """Begin, wait for what the work returns, or raise what it raised.

        An interrupt is raised once the work has ended, at most `grace` seconds later.
        """
        try:
            self.start()
            self.wait()
        except BaseException:
            self.wait(grace)
            raise
        return self.found()

    def found(self) -> T:
        """What the ended work returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return cast(T, self._found)

    def _run(self) -> None:
        try:
            self._found = self._work()
        except BaseException as error:  # to be raised where it is waited for
            self._error = error
        finally:
            self._ended = True
            self._running.release()
