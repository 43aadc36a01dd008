"""A Neo4j server with Graph Data Science on loopback, out of jars that Maven fetches.

It is for tests, benches and tools on a machine that has only a JDK and Maven; users run Neo4j's own packages
or image, see `compose.yaml`. The server ends with the process that opened it, however that ends: see
`graph.supervise`.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import logging
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from graph.bolt import BoltStore
from graph.dialect import NEO4J
from graph.errors import BadInput, Conflict, Unavailable
from graph.launch import end, java_log, spawn, telling_line, write_private
from graph.statement import Statement

VERSION, GDS_VERSION = "5.26.30", "2.13.9"
COPYING = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
OLDEST_JAVA = 17
HOST, USER, FIRST_PASSWORD = "127.0.0.1", "neo4j", "neo4j"
START_SECONDS = 300.0  # ten on an idle machine; one that fails is noticed at once
PAGE_CACHE = "512m"
RESOURCES = Path(__file__).with_name("neo4j")

# Graph Data Science brings its own of these, and the server's, of another version, must win.
LEFT_OUT = ("jackson-*", "commons-*", "slf4j-*", "eclipse-collections*", "caffeine-*", "javassist-*")

OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.util", "java.lang")
"""Packages of Java's own that Neo4j reaches into."""

logger = logging.getLogger(__name__)


class Neo4jServer:
    """A running server, held until `stop`, the end of the `with` block or of the process.

    `url` is its Bolt address on loopback, `password` that of the user `user`, who may do everything;
    `home` is its folder and `pid` Java's process id.
    """

    def __init__(
        self,
        home: Path,
        port: int,
        password: SecretStr,
        supervisor: subprocess.Popen[str],
        pid: int,
        lease: int,
    ) -> None:
        self.home = home
        self.url = f"bolt://{HOST}:{port}"
        self.user = USER
        self.password = password
        self.pid = pid
        self._supervisor = supervisor
        self._lease: int | None = lease
        self._holder = os.getpid()
        atexit.register(self.stop)

    def stop(self) -> None:
        """End the server and wait for that; may be repeated."""
        if self._lease is None or os.getpid() != self._holder:  # a forked child holds nothing
            return
        lease, self._lease = self._lease, None
        atexit.unregister(self.stop)
        end(self._supervisor)
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


def open_neo4j(folder: Path, heap: str = "1g", *, short_lived: bool = False) -> Neo4jServer:
    """Start a server whose data lie in `folder`, and return when it answers and has a password of its own.

    `heap` is a Java memory size such as "1g". The password is made at the folder's first start and kept
    in it, readable by its owner only. A `short_lived` server starts in half the time, and works less fast
    later on. Raises BadInput for a heap that is no memory size, Conflict when a
    server runs on the folder, and Unavailable where none can be started here (see `missing`) or this one
    does not start.
    """
    if not re.fullmatch(r"[1-9][0-9]*[kmgKMG]", heap):
        raise BadInput(f"{heap!r} is no memory size; write a whole number and m or g, such as 512m or 1g")
    jars = neo4j_jars()
    home = folder.absolute()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.ExitStack() as undo:
        lock = _locked(home / "server.lock", fcntl.LOCK_EX, undo)
        lease = _locked(home / "server.lease", fcntl.LOCK_SH, undo)
        port = _free_port()
        write_private(home / "neo4j.conf", _settings(port, jars))
        supervisor, pid = spawn(home, _command(home, heap, jars, short_lived), home / "server.lease", lock)
        undo.callback(end, supervisor)
        password = _own_password(home, port, supervisor)
        undo.pop_all()
    os.close(lock)  # the supervisor and the server keep theirs
    return Neo4jServer(home, port, password, supervisor, pid, lease)


def missing() -> str | None:
    """Why no Neo4j can be started here, in one sentence, or None where it can."""
    if java() is None:
        return f"Neo4j needs a JDK {OLDEST_JAVA} or newer; on Debian: apt-get install openjdk-17-jdk-headless"
    if not _cache().is_dir() and shutil.which("mvn") is None:
        return "the jars of Neo4j are fetched by Maven, which is not here; on Debian: apt-get install maven"
    return None


def neo4j_jars() -> Path:
    """The folder that holds the jars, in `server` and `plugins`, fetched by Maven where it is not there yet.

    It lies in `~/.cache/guanxi`, or in the folder that GUANXI_NEO4J_CACHE names. Raises Unavailable where
    they cannot be fetched.
    """
    reason = missing()
    if reason is not None:
        raise Unavailable(reason)
    folder = _cache()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_name(folder.name + ".lock"), "w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not folder.is_dir():
            _fetch(folder)
    return folder


@cache
def java() -> Path | None:
    """The `java` of a JDK that can run the server, from JAVA_HOME or the PATH; None where there is none."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home, "bin")) if home else None)
    if found is None or not Path(found).resolve().with_name("javac").exists():
        return None
    said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
    version = re.search(r'version "(\d+)', said)
    return Path(found) if version and int(version[1]) >= OLDEST_JAVA else None


# --- the jars -------------------------------------------------------------------------------------


def _cache() -> Path:
    above = os.environ.get("GUANXI_NEO4J_CACHE") or Path.home() / ".cache" / "guanxi"
    return Path(above).expanduser().absolute() / f"neo4j-{VERSION}-gds-{GDS_VERSION}"


def _fetch(folder: Path) -> None:
    """Fill the folder, whole or not at all."""
    logger.warning("fetching Neo4j %s and Graph Data Science %s into %s", VERSION, GDS_VERSION, folder)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="draft-") as place:
        draft = Path(place, "jars")
        _copy_jars(RESOURCES / "server.xml", draft / "server")
        _copy_jars(RESOURCES / "gds.xml", draft / "plugins")
        _leave_out(draft / "plugins", {jar.name for jar in (draft / "server").iterdir()})
        draft.rename(folder)


def _copy_jars(pom: Path, into: Path) -> None:
    """All jars that the pom names, with those that they need at run time."""
    with tempfile.TemporaryDirectory() as work:  # Maven may write beside the pom, which may be read-only
        own = Path(shutil.copy(pom, work))
        words = ["mvn", "-B", "-q", "-f", str(own), f"{COPYING}:copy-dependencies"]
        words += ["-DincludeScope=runtime", f"-DoutputDirectory={into}"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode or not into.is_dir():
        said = [line for line in done.stdout.splitlines() if line.startswith("[ERROR]")]
        raise Unavailable(
            f"Maven could not fetch the jars of {pom.name}: {said[0][8:] if said else 'it gave no reason'};"
            " check that it reaches its repository, and try again"
        )


def _leave_out(plugins: Path, known: set[str]) -> None:
    """Take away what the server has already: two versions of a class on the path do not go together."""
    for jar in plugins.iterdir():
        if jar.name in known or any(fnmatch(jar.name, pattern) for pattern in LEFT_OUT):
            jar.unlink()


# --- the process ----------------------------------------------------------------------------------


def _locked(path: Path, kind: int, undo: contextlib.ExitStack) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    undo.callback(os.close, descriptor)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Conflict(
            f"a Neo4j server runs on {path.parent} already; stop it or take another folder"
        ) from None
    return descriptor


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _settings(port: int, jars: Path) -> str:
    settings = {
        "server.bolt.enabled": "true",
        "server.bolt.listen_address": f"{HOST}:{port}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "server.directories.plugins": jars / "plugins",
        "server.memory.pagecache.size": PAGE_CACHE,
        "server.config.strict_validation.enabled": "false",
        "db.tx_log.preallocate": "false",  # else each new folder takes half a gigabyte of disk
        "dbms.security.auth_enabled": "true",
        "dbms.security.procedures.unrestricted": "gds.*",
        # A query may fetch no file and no address (LOAD CSV): any user may run any read.
        "dbms.security.allow_csv_import_from_file_urls": "false",
        "internal.dbms.cypher_ip_blocklist": "0.0.0.0/0,::/0",
        "dbms.usage_report.enabled": "false",
        # At its end it would wait ten seconds for connections, with its databases closed already.
        "internal.dbms.bolt.netty_server_shutdown_quiet_period": 0,
        "internal.server.bolt.thread_pool_shutdown_wait_time": "1s",
    }
    return "".join(f"{key}={str(value).replace(chr(92), chr(92) * 2)}\n" for key, value in settings.items())


def _command(home: Path, heap: str, jars: Path, short_lived: bool) -> list[str]:
    return [
        str(java()),
        *(["-XX:TieredStopAtLevel=1"] if short_lived else []),  # half of a start is Java's compiling
        f"-Xmx{heap}",
        "-XX:+UseG1GC",
        "-XX:-UsePerfData",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED),
        *("-cp", f"{jars / 'server'}/*:{jars / 'plugins'}/*"),
        str(RESOURCES / "Launcher.java"),
        str(home),
        str(home / "neo4j.conf"),
    ]


# --- the password ---------------------------------------------------------------------------------


def _own_password(home: Path, port: int, supervisor: subprocess.Popen[str]) -> SecretStr:
    """Wait until the server answers, and see that it knows the folder's own password and no other."""
    kept = home / "password"
    if not kept.exists():
        write_private(kept, secrets.token_urlsafe(32))
    own = SecretStr(kept.read_text())
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if supervisor.poll() is not None:
            raise _failed(home, "it ended without a word")
        with contextlib.suppress(Unavailable):
            _take_over(f"bolt://{HOST}:{port}", own)
            return own
        time.sleep(0.2)
    raise _failed(home, f"it was not ready within {START_SECONDS:.0f} seconds")


def _take_over(url: str, own: SecretStr) -> None:
    """Log in with our password; a server that has none yet is given it."""
    try:
        with BoltStore(url, (USER, own), database="neo4j", dialect=NEO4J) as store:
            store.check()
    except Unavailable:
        first = SecretStr(FIRST_PASSWORD)
        with BoltStore(url, (USER, first), database="system", dialect=NEO4J) as store:
            values = {"first": FIRST_PASSWORD, "own": own.get_secret_value()}
            store.write(Statement("ALTER CURRENT USER SET PASSWORD FROM $first TO $own", values))


def _failed(home: Path, otherwise: str) -> Unavailable:
    log = java_log(home)
    cause = telling_line(log.read_text(errors="replace")) or otherwise
    return Unavailable(f"Neo4j did not start: {cause.rstrip('.')} (log: {log})")
