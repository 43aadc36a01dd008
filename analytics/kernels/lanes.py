"""Parts of a work on several threads: kernels leave Python's lock, so that plain threads do.

Not numba's own threads: those wait for each other by turning round and round, which costs a multiple of
the work where others use the machine too, and a server's threads may not enter them together.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from typing import TypeVar

Part = TypeVar("Part")


@dataclass(frozen=True)
class Lanes:
    """So many threads, the caller's among them, and the pool that has the others."""

    count: int
    pool: ThreadPoolExecutor


def in_lanes(work: Callable[[int], Part], parts: int, given: Lanes | None) -> list[Part]:
    """What `work` returns for each part, in the order of the parts, whoever did which.

    Each thread takes the next part when it is done with one: handing out every part costs more than many a
    part. Other threads have a copy of the caller's context: whoever watches is told of what they compile.
    """
    if given is None:
        return [work(part) for part in range(parts)]
    found: dict[int, Part] = {}
    rest = iter(range(parts))

    def lane() -> None:
        for part in rest:
            found[part] = work(part)

    others = [given.pool.submit(copy_context().run, lane) for _ in range(min(given.count, parts) - 1)]
    try:
        lane()
    finally:
        for other in others:
            other.result()
    return [found[part] for part in range(parts)]


@contextmanager
def lanes(threads: int | None = None) -> Iterator[Lanes]:
    """So many threads, by default as many as this process may use cores."""
    count = threads or len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(max(1, count - 1)) as pool:
        yield Lanes(count, pool)
