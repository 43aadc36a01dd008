"""How this house compiles: once per machine, kept on disk, and saying so when a user has to wait for it.

A kernel takes arrays and numbers, never checks what it is given, and lets other threads run meanwhile.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from numba import njit
from numba.core import event

from graph.progress import Progress

COMPILING = "compiling for this machine, this first time only"

Taken = ParamSpec("Taken")
Given = TypeVar("Given")

_watcher: ContextVar[Progress | None] = ContextVar("watcher", default=None)
_folders: set[Path] = set()


def compiled(function: Callable[Taken, Given]) -> Callable[Taken, Given]:
    """Compile at the first call; what was compiled is kept on disk until a file beside it changes.

    Numba's cache looks only at the function's own file; one kernel calls others, so every Python file of
    the folder counts here. Kept in the folder's `__pycache__`, in the user's cache where that cannot be
    written, or where NUMBA_CACHE_DIR says.
    """
    kernel: Any = njit(cache=True, nogil=True, error_model="numpy")(function)
    folder = Path(function.__code__.co_filename).parent
    _folders.add(folder)
    kernel._cache._cache_file._source_stamp = _stamp(folder)
    return cast(Callable[Taken, Given], kernel)


@contextmanager
def watched(progress: Progress | None) -> Iterator[None]:
    """Tell `progress`, not standard error, should anything be compiled within."""
    before = _watcher.set(progress)
    try:
        yield
    finally:
        _watcher.reset(before)


@cache
def _stamp(folder: Path) -> tuple[float, int]:
    """Newest change and bytes in all of a folder's Python files; numba keeps the same pair of one file."""
    known = [path.stat() for path in sorted(folder.glob("*.py"))]
    return max(one.st_mtime for one in known), sum(one.st_size for one in known)


class _Compiling(event.Listener):
    """Hears of a kernel that was not found on disk before numba begins with it."""

    said = False

    def on_start(self, event: event.Event) -> None:
        source = Path(event.data["dispatcher"].py_func.__code__.co_filename)
        if self.said or source.parent not in _folders:
            return
        self.said = True
        watcher = _watcher.get()
        if watcher:
            watcher(COMPILING, 0, 1)
        else:
            print(COMPILING, file=sys.stderr, flush=True)

    def on_end(self, event: event.Event) -> None:
        """Nothing to say."""


event.register("numba:compile", _Compiling())  # type: ignore[no-untyped-call]
