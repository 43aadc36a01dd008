"""What a full or locked disk does to the lake, said in one sentence."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from deltalake.exceptions import DeltaError

from graph.errors import NoSpace, Unavailable

FULL = (errno.ENOSPC, errno.EDQUOT)
RESERVE = 2**20
"""Bytes of disk that must stay free beside what is written: for commit files and the tables' logs."""


@contextmanager
def disk_faults(folder: Path) -> Iterator[None]:
    """Say in one sentence that the disk is full or that the folder cannot be used, and why."""
    try:
        yield
    except (OSError, DeltaError, duckdb.Error) as error:
        number = _errno(error)
        if number in FULL:
            raise _full(folder) from error
        if number is None and not isinstance(error, OSError):
            raise
        why = os.strerror(number) if number else str(error).partition("\n")[0]
        raise Unavailable(
            f"the lake {folder} cannot be used ({why}); set GUANXI_HOME to a folder that can be written"
        ) from error


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """Say in one sentence that the disk is full, whoever found out; all else comes out as it is."""
    try:
        yield
    except (OSError, DeltaError, duckdb.Error) as error:
        if _errno(error) in FULL:
            raise _full(folder) from error
        raise


def _errno(error: Exception) -> int | None:
    """The system's number for what went wrong; Delta and Arrow have it in their text only."""
    if isinstance(error, OSError) and error.errno:
        return error.errno
    found = re.search(r"os error (\d+)|errno (\d+)", str(error))
    if found:
        return int(found[1] or found[2])
    full = "No space left" in str(error) or "max_temp_directory_size" in str(error)  # DuckDB has it in words
    return errno.ENOSPC if full else None


def _full(folder: Path) -> NoSpace:
    return NoSpace(
        f"the disk of the lake {folder} is too full for what was to be written; nothing of it was kept."
        " Free some space or set GUANXI_HOME to a larger disk, and try again"
    )


def make_sure_it_fits(folder: Path, size: int) -> None:
    """Raise NoSpace before the disk is full: delta-rs fails on a full one with a panic on the terminal.

    Twice the rows' size in memory is more than their compressed file takes, with its copy in flight.
    """
    if shutil.disk_usage(folder).free < 2 * size + RESERVE:
        raise _full(folder)
