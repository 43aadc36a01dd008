"""Watches one server process, so that it never outlives the processes that use it.

Run by `graph.launch` as `python -I -S supervise.py LEASE LOCK COMMAND…`. Every process that uses the
server holds a shared lock on the file LEASE; the kernel drops it however that process ends, so that
getting the exclusive lock means that nobody is left. LOCK is the number of an inherited descriptor
with the lock that says "a server runs in this folder"; it is only held, here and by the server.

It imports nothing of ours: it has to start in a few hundredths of a second, before any server.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
from functools import partial
from io import BufferedReader

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.25
GRACE_SECONDS = 10.0
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(arguments: list[str]) -> int:
    """Start the command, print its process id, and end it with its last user; return its status."""
    lease_path, lock, *command = arguments
    os.umask(0o077)
    signal.pthread_sigmask(signal.SIG_BLOCK, [*ENDING, signal.SIGCHLD])
    with open(lease_path, "rb") as lease:
        child = subprocess.Popen(  # noqa: S603 - the command is put together by graph.launch
            command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            pass_fds=(int(lock),),
            preexec_fn=partial(end_with, os.getpid()),  # noqa: PLW1509 - there is one thread
        )
        print(child.pid, flush=True)
        watch(child, lease)
        end(child)  # with the lease in our hands, so that a newcomer waits instead of borrowing
    return abs(int(child.returncode))


def end_with(supervisor: int) -> None:
    """In the child: be killed when the supervisor dies, and take signals as usual."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:  # it died before the line above
        os._exit(1)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [*ENDING, signal.SIGCHLD])


def watch(child: subprocess.Popen[bytes], lease: BufferedReader) -> None:
    """Return when the child has ended, nobody holds the lease, or we are asked to end."""
    while child.poll() is None and not unused(lease):
        woken = signal.sigtimedwait([*ENDING, signal.SIGCHLD], POLL_SECONDS)
        if woken is not None and woken.si_signo in ENDING:
            return


def unused(lease: BufferedReader) -> bool:
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def end(child: subprocess.Popen[bytes]) -> None:
    """SIGTERM first: the server then closes its database and needs no recovery."""
    child.terminate()
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
