"""Parts of a work on several threads: kernels leave Python's lock, so that plain threads do.

Not numba's own threads: those wait for each other by turning round and round, which costs a multiple of
the work where others use the machine too, and a server's threads may not enter them together.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

Part = TypeVar("Part")


def in_lanes(work: Callable[[int], Part], parts: int, pool: ThreadPoolExecutor | None) -> list[Part]:
    """What `work` returns for each part, in the order of the parts, whoever was done first.

    Threads have a copy of the caller's context: whoever watches is told of what they compile.
    """
    if pool is None:
        return [work(part) for part in range(parts)]
    made = [pool.submit(copy_context().run, work, part) for part in range(parts)]
    return [one.result() for one in made]


def lanes(threads: int | None = None) -> ThreadPoolExecutor:
    """So many threads, by default as many as this process may use cores."""
    return ThreadPoolExecutor(threads or len(os.sched_getaffinity(0)))
