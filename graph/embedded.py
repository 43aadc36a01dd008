"""The embedded graph server and who holds it: started by the first process, ended after the last.

A folder has at most one server. Whoever opens the folder while one runs borrows it. Two lock files
decide everything, because the kernel lets go of a lock however its process ends:

- `server.lock` is held by the server and its supervisor: if it is free, no server runs here and
  whatever `server.json` says is stale;
- `server.lease` is held, shared, by every process that uses the server: if nobody holds it, the
  supervisor ends the server.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import fcntl
import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from graph.arcade_http import address_of, answers
from graph.errors import Conflict, NoSpace, Unavailable
from graph.launch import (
    START_SECONDS,
    STOP_SECONDS,
    Launched,
    launch,
    read_passwords,
    write_private,
)


class EmbeddedServer:
    """A running server, held open until `stop`, the end of the `with` block or of the process.

    `owned` tells whether this object started it; `pid` is Java's process id, `version` the server's.
    """

    def __init__(self, folder: Path, launched: Launched, lease: int, *, owned: bool) -> None:
        self.folder = folder
        self.address = launched.address
        self.pid = launched.pid
        self.supervisor_pid = launched.supervisor
        self.version = launched.version
        self.owned = owned
        self._child = launched.child
        self._lease: int | None = lease
        self._holder = os.getpid()
        self._stopping = threading.RLock()
        atexit.register(self.stop)

    def stop(self) -> None:
        """Let go of the server; the last holder also ends it and waits for that. May be repeated."""
        with self._stopping:
            if self._lease is None or os.getpid() != self._holder:  # a forked child holds nothing
                return
            lease, self._lease = self._lease, None
            atexit.unregister(self.stop)
            try:
                if _lock(lease, fcntl.LOCK_EX):  # nobody else holds it, and newcomers wait
                    _end(self.folder)
                    if self._child is not None:
                        with contextlib.suppress(subprocess.TimeoutExpired):
                            self._child.wait(1)  # it has let go of its lock, so it is ending
            finally:
                os.close(lease)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def open_embedded(folder: Path, heap: str = "1g") -> EmbeddedServer:
    """Borrow the server that runs on `folder`, or start one with `heap` of memory and own it.

    The folder is made if need be and closed to other users. Raises BadInput for a heap that is no
    memory size, Conflict when the folder is held by a server that does not answer, NoSpace on a full
    disk and Unavailable when the server cannot start.
    """
    folder = folder.absolute()
    deadline = time.monotonic() + START_SECONDS
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        while time.monotonic() < deadline:
            server = _borrow_or_start(folder, heap)
            if server is not None:
                return server
            time.sleep(0.1)  # another process starts or ends it at this moment
    except OSError as error:
        kind = NoSpace if error.errno in (errno.ENOSPC, errno.EDQUOT) else Unavailable
        raise kind(
            f"the graph's folder {folder} cannot be used: {error.strerror}; "
            "set GUANXI_HOME to a folder you may write to"
        ) from None
    raise Conflict(
        f"the graph's folder {folder} is held by a server that does not answer; "
        "end that process or set GUANXI_HOME to another folder"
    )


def _borrow_or_start(folder: Path, heap: str) -> EmbeddedServer | None:
    lease = _open(folder / "server.lease")
    try:
        server = _with_lease(folder, heap, lease) if _lock(lease, fcntl.LOCK_SH) else None
    except BaseException:
        os.close(lease)
        raise
    if server is None:
        os.close(lease)
    return server


def _with_lease(folder: Path, heap: str, lease: int) -> EmbeddedServer | None:
    lock = _open(folder / "server.lock")
    try:
        if _lock(lock, fcntl.LOCK_EX):
            (folder / "server.json").unlink(missing_ok=True)
            launched = launch(folder, heap, folder / "server.lease", lock)
            _write_state(folder, launched)
            return EmbeddedServer(folder, launched, lease, owned=True)
    finally:
        os.close(lock)  # the supervisor and the server keep theirs
    running = _running(folder)
    return EmbeddedServer(folder, running, lease, owned=False) if running else None


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_state(folder: Path, launched: Launched) -> None:
    """The file by which others find the server; the passwords stay in their own file."""
    state = {
        "pid": launched.pid,
        "supervisor": launched.supervisor,
        "bolt_port": launched.address.bolt_port,
        "http_port": launched.address.http_port,
        "version": launched.version,
    }
    write_private(folder / "server.json", json.dumps(state))


def _read_state(folder: Path) -> dict[str, Any] | None:
    try:
        state: dict[str, Any] = json.loads((folder / "server.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return state


def _running(folder: Path) -> Launched | None:
    """The server that `server.json` tells of, if it answers."""
    state = _read_state(folder)
    if state is None:
        return None
    address = address_of(state["bolt_port"], state["http_port"], read_passwords(folder))
    running = Launched(address, state["pid"], state["supervisor"], state["version"])
    return running if answers(address) else None


def _end(folder: Path) -> None:
    """End the folder's server through its supervisor and return when both are gone.

    Called with the lease to ourselves, so that no other process starts one meanwhile. The supervisor
    is looked up anew: ours may have been killed and the server started again by somebody else.
    """
    state = None if _gone(folder, 0.0) else _read_state(folder)
    (folder / "server.json").unlink(missing_ok=True)
    if state is None:
        return
    for ending in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(state["supervisor"], ending)
        if _gone(folder, STOP_SECONDS):
            return


def _gone(folder: Path, seconds: float) -> bool:
    """Whether no server runs in the folder, or none any more after at most so many seconds."""
    lock = _open(folder / "server.lock")
    deadline = time.monotonic() + seconds
    try:
        while not _lock(lock, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True
    finally:
        os.close(lock)
