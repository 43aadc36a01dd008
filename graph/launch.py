"""Starts one ArcadeDB server as a supervised child process: its settings, passwords and principals.

The server comes with the wheel `arcadedb-embedded`, which bundles a Java runtime. It is never loaded
into Python: an in-process start hangs at exit.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from graph.arcade_http import (
    DATABASE,
    HOST,
    REQUEST_BYTES,
    REQUIRED,
    Address,
    address_of,
    bolt_answers,
    http_ready,
    set_up,
)
from graph.errors import BadInput, Conflict, Damaged, GuanxiError, NoSpace, Unavailable

START_SECONDS = 60.0
STOP_SECONDS = 15.0  # the supervisor gives the server ten and then kills it
KEPT = ("PATH", "HOME", "TZ", "JDK_JAVA_OPTIONS")
"""What a server is told of our environment; the last is how Java itself takes further options."""
WORDS_SECONDS = 0.5  # for the rest of what Java says of a failed start: it writes word by word
PORT_TAKEN = "Unable to listen"

# The server's own log, apart from what Java prints, so that it is bounded: two files of 8 MB.
LOGGING = """\
handlers=java.util.logging.FileHandler
.level=INFO
io.undertow.level=WARNING
org.xnio.level=WARNING
org.jboss.level=WARNING
java.util.logging.FileHandler.pattern=log/server.log
java.util.logging.FileHandler.formatter=com.arcadedb.log.LogFormatter
java.util.logging.FileHandler.limit=8000000
java.util.logging.FileHandler.count=2
"""


@dataclass(frozen=True)
class Launched:
    """A server that is ready: its address, and the process ids of Java and of its supervisor."""

    address: Address
    pid: int
    supervisor: int
    version: str
    child: subprocess.Popen[str] | None = None  # the supervisor, in the process that started it


def launch(folder: Path, heap: str, lease: Path, lock: int) -> Launched:
    """Start a server on `folder` and return when both principals can log in.

    `heap` is a Java memory size such as "1g"; `lease` and `lock` are described in `graph.supervise`.
    Raises BadInput for a heap that is no size, Conflict when another server has the folder open,
    NoSpace on a full disk, and Unavailable for every other start that fails.
    """
    if not re.fullmatch(r"[1-9][0-9]*[kmgKMG]", heap):
        raise BadInput(
            f"GUANXI_GRAPH_HEAP: {heap!r} is no memory size; write a whole number and m or g, "
            "such as 512m or 1g"
        )
    for last_try in (False, False, True):
        try:
            return _launch(folder, heap, lease, lock)
        except Unavailable as error:  # somebody took a port between our choice and Java's bind
            if last_try or PORT_TAKEN not in error.message:
                raise
    raise AssertionError("unreachable")


def _launch(folder: Path, heap: str, lease: Path, lock: int) -> Launched:
    java, jars = runtime()
    address = free_address(make_passwords(folder))
    argument_file = folder / "server.args"
    write_private(folder / "logging.properties", LOGGING)
    write_private(argument_file, arguments(address, heap, jars))
    try:
        supervisor, pid = spawn(folder, [str(java), f"@{argument_file.name}"], lease, lock)
        try:
            wait_ready(supervisor, address, java_log(folder))
            version = set_up(address)
        except BaseException:
            end(supervisor)
            raise
    finally:
        argument_file.unlink(missing_ok=True)  # it holds a password, and Java has read it by now
    return Launched(address, pid, supervisor.pid, version, supervisor)


def runtime() -> tuple[Path, Path]:
    """The wheel's Java program and its folder of jars, found without importing it (that loads Java)."""
    spec = importlib.util.find_spec("arcadedb_embedded")
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise Unavailable(
            "the embedded graph server is not installed; run `pip install arcadedb-embedded`, "
            "or name a Neo4j server in GUANXI_GRAPH_URL"
        )
    java, jars = Path(places[0], "jre", "bin", "java"), Path(places[0], "jars")
    if not os.access(java, os.X_OK) or not jars.is_dir():
        raise Unavailable(
            f"the embedded graph server has no Java at {java}; reinstall arcadedb-embedded, "
            "or name a Neo4j server in GUANXI_GRAPH_URL"
        )
    return java, jars


def java_log(folder: Path) -> Path:
    """What Java itself prints, which is where a start that fails says why. Emptied at each start."""
    return folder / "log" / "java.log"


def write_private(path: Path, text: str) -> None:
    """Write a file only its owner may read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


# --- passwords and address ------------------------------------------------------------------------


def read_passwords(folder: Path) -> dict[str, str]:
    """The passwords by principal. Raises Damaged when the file cannot be read."""
    path = folder / "secrets.json"
    try:
        found = json.loads(path.read_text())
        return {"root": str(found["root"]), "reader": str(found["reader"])}
    except (OSError, ValueError, KeyError, TypeError):
        raise Damaged(
            f"{path} does not hold the graph server's passwords; end the server, and the next start "
            "makes new ones"
        ) from None


def make_passwords(folder: Path) -> dict[str, str]:
    """The passwords kept from an earlier start, or new ones if there are none."""
    try:
        return read_passwords(folder)
    except Damaged:
        made = {"root": secrets.token_urlsafe(32), "reader": secrets.token_urlsafe(32)}
        # The server takes root's password only when it has no users, so the old ones must go.
        (folder / "config" / "server-users.jsonl").unlink(missing_ok=True)
        write_private(folder / "secrets.json", json.dumps(made))
        return made


def free_address(passwords: Mapping[str, str]) -> Address:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for each in sockets:
            each.bind((HOST, 0))
        bolt_port, http_port = (each.getsockname()[1] for each in sockets)
    return address_of(bolt_port, http_port, passwords)


# --- the process ----------------------------------------------------------------------------------


def arguments(address: Address, heap: str, jars: Path) -> str:
    """The text of Java's argument file. Not the command line: other users could read that."""
    settings = {
        "arcadedb.server.rootPassword": address.password.get_secret_value(),
        "arcadedb.server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "arcadedb.server.mode": "production",
        "arcadedb.server.defaultDatabases": f"{DATABASE}[root]",
        "arcadedb.server.httpIncomingHost": HOST,  # the default of both hosts is 0.0.0.0
        "arcadedb.server.httpIncomingPort": address.http_port,
        "arcadedb.server.httpBodyContentMaxSize": 2 * REQUEST_BYTES,
        "arcadedb.bolt.host": HOST,
        "arcadedb.bolt.port": address.bolt_port,
        "arcadedb.bolt.defaultDatabase": DATABASE,
        "arcadedb.bolt.maxMessageSize": 64 * 1024 * 1024,
        "arcadedb.queryMaxConcurrent": 16,
        **REQUIRED,
        "java.util.logging.config.file": "logging.properties",
    }
    words = [
        f"-Xmx{heap}",
        "-XX:-UsePerfData",  # else the arguments stand in a file under /tmp
        *("-cp", f"{jars}/*"),
        *("--add-modules", "jdk.incubator.vector"),
        *(f"-D{key}={_spelled(value)}" for key, value in settings.items()),
        "com.arcadedb.server.ArcadeDBServer",
    ]
    return "".join(f"{_quoted(word)}\n" for word in words)


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(word: str) -> str:
    """A word of a Java argument file: a path may hold spaces, and a backslash escapes there."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def spawn(folder: Path, command: list[str], lease: Path, lock: int) -> tuple[subprocess.Popen[str], int]:
    """Start the supervisor, which starts the command; return it and the command's process id."""
    log = java_log(folder)
    log.parent.mkdir(mode=0o700, exist_ok=True)
    program = Path(__file__).with_name("supervise.py")
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        supervisor = subprocess.Popen(  # noqa: S603 - our own program and the wheel's Java
            [sys.executable, "-I", "-S", str(program), str(lease), str(lock), *command],
            cwd=folder,
            env={**kept, "LC_ALL": "C.UTF-8"},  # Java reads file names by it, Chinese ones too
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=out,
            text=True,
            pass_fds=(lock,),
            start_new_session=True,  # Ctrl-C in a terminal is for us, not for the server
        )
    assert supervisor.stdout is not None  # noqa: S101 - for the type checker
    with supervisor.stdout as first_line:
        pid = first_line.readline().strip()
    if not pid:
        supervisor.wait()
        raise failure(log, "the supervisor ended at once")
    return supervisor, int(pid)


def end(supervisor: subprocess.Popen[str]) -> None:
    supervisor.terminate()
    try:
        supervisor.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        supervisor.kill()  # Java is killed with it
        supervisor.wait()


def wait_ready(supervisor: subprocess.Popen[str], address: Address, log: Path) -> None:
    """Return when HTTP says ready and Bolt shakes hands; raise what `failure` makes of the log."""
    deadline = time.monotonic() + START_SECONDS
    while not (http_ready(address) and bolt_answers(address)):
        ended = supervisor.poll() is not None
        # Java lives on after its main thread has died, for example when a port is taken.
        if ended or 'Exception in thread "main"' in log.read_text(errors="replace"):
            time.sleep(WORDS_SECONDS)
            raise failure(log, "it ended without a word")
        if time.monotonic() > deadline:
            raise failure(log, f"it was not ready within {START_SECONDS:.0f} seconds")
        time.sleep(0.05)


def failure(log: Path, otherwise: str) -> GuanxiError:
    """The error for a start that failed: its cause in the log's own words, and the log's path."""
    cause = telling_line(log.read_text(errors="replace")) or otherwise
    sentence = f"the embedded graph server did not start: {cause.rstrip('.')} (log: {log})"
    if "locked by another process" in cause:
        return Conflict(f"{sentence}; end the other server or set GUANXI_HOME to another folder")
    if "No space left" in cause:
        return NoSpace(f"{sentence}; free some space there")
    if any(word in cause for word in ("heap", "OutOfMemory", "reserve", "memory")):
        return Unavailable(f"{sentence}; set GUANXI_GRAPH_HEAP to a size that fits, such as 1g")
    return Unavailable(sentence)


def telling_line(text: str) -> str:
    """The one line that says why Java failed: its deepest cause, else its first own word.

    >>> telling_line("Error occurred during initialization of VM\\nToo small maximum heap\\n")
    'Too small maximum heap'
    >>> telling_line('Exception in thread "main" x.A: a\\n\\tat x\\nCaused by: y.LockException: busy')
    'LockException: busy'
    """
    causes = re.findall(r"^Caused by: (.+)$", text, re.MULTILINE)
    causes = causes or re.findall(r'Exception in thread "main" (.+)$', text, re.MULTILINE)
    if causes:
        return re.sub(r"^(?:\w+\.)+(?=\w+(?::|$))", "", str(causes[-1]))
    dull = ("NOTE: ", "WARNING:", "Error occurred during", "Error: Could not create", "Error: A fatal")
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if line and not line.startswith(dull)), "")
