"""A Neo4j of our own: who may use it, what it is, and that it ends with whoever started it."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from graph import neo4j_server
from graph.connect import connect, prepare
from graph.errors import BadInput, Conflict, Unavailable
from graph.examine import examine
from graph.neo4j_server import GDS_VERSION, VERSION, Neo4jServer, missing, open_neo4j
from graph.settings import Settings


def settings_of(server: Neo4jServer, **other: object) -> Settings:
    known = {"graph_url": server.url, "graph_user": server.user, "graph_password": server.password}
    return Settings(_env_file=None, **{**known, **other})


@pytest.mark.neo4j
def test_it_is_a_neo4j_with_graph_data_science(neo4j_server: Neo4jServer) -> None:
    with connect(settings_of(neo4j_server)) as store:
        prepare(store)
        told, examined = store.describe(), examine(store)
    assert told == {
        "server": "Neo4j",
        "version": VERSION,
        "edition": "community",
        "address": neo4j_server.url,
    }
    assert examined.science == GDS_VERSION
    assert examined.limits["server.memory.pagecache.size"].startswith("512")
    assert examined.lacking == ()


@pytest.mark.neo4j
def test_the_password_everybody_knows_is_changed(neo4j_server: Neo4jServer) -> None:
    with pytest.raises(Unavailable, match="refused the log-in"):
        connect(settings_of(neo4j_server, graph_password=SecretStr("neo4j")))


@pytest.mark.neo4j
def test_a_database_that_is_not_there_is_named_as_such(neo4j_server: Neo4jServer) -> None:
    with pytest.raises(Unavailable, match="has no such database"):
        connect(settings_of(neo4j_server, graph_database="nosuch"))


@pytest.mark.neo4j
def test_its_folder_is_its_own(neo4j_server: Neo4jServer) -> None:
    home = neo4j_server.home
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "password").stat().st_mode) == 0o600
    command = Path(f"/proc/{neo4j_server.pid}/cmdline").read_text()
    assert neo4j_server.password.get_secret_value() not in command
    with pytest.raises(Conflict, match=r"runs on .* already"):
        open_neo4j(home)


@pytest.mark.neo4j
@pytest.mark.usefixtures("neo4j_server")
def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from graph.neo4j_server import open_neo4j;"
        "open_neo4j(Path(sys.argv[1]), '512m')"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "graph")])
    try:
        java = wait_for(lambda: java_below(tmp_path), 20)
    finally:
        child.kill()  # in the middle of the start: nobody has the server's object yet
        child.wait()
    wait_for(lambda: not Path(f"/proc/{java}").exists(), 20)
    assert java_below(tmp_path) is None


def java_below(folder: Path) -> int | None:
    """The process that runs Neo4j on a folder below this one."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # ended since
            words = (process / "cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"java") and any(word.startswith(bytes(folder)) for word in words):
                return int(process.name)
    return None


def wait_for(found: Callable[[], object], seconds: float) -> object:
    deadline = time.monotonic() + seconds
    while not (what := found()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return what


def test_a_heap_that_is_no_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="'much' is no memory size"):
        open_neo4j(tmp_path, "much")


@pytest.mark.parametrize(
    ("tools", "says"),
    [((), "apt-get install openjdk-17-jdk-headless"), (("java", "javac"), "apt-get install maven")],
)
def test_what_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tools: tuple[str, ...], says: str
) -> None:
    for name in tools:
        (tmp_path / name).write_text("#!/bin/sh\necho 'openjdk version \"17.0.1\"' >&2\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("GUANXI_NEO4J_CACHE", str(tmp_path / "cache"))
    neo4j_server.java.cache_clear()
    try:
        assert says in str(missing())
        with pytest.raises(Unavailable, match=says):
            open_neo4j(tmp_path / "graph")
    finally:
        monkeypatch.undo()
        neo4j_server.java.cache_clear()


def test_an_old_java_is_not_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("java", "javac"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    neo4j_server.java.cache_clear()
    try:
        assert "needs a JDK 17 or newer" in str(missing())
    finally:
        monkeypatch.undo()
        neo4j_server.java.cache_clear()


def test_maven_that_fails_leaves_no_half_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "#!/bin/sh\necho '[ERROR] repository not reached'\nexit 1\n"
    (tmp_path / "mvn").write_text(script)
    (tmp_path / "mvn").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("GUANXI_NEO4J_CACHE", str(tmp_path / "cache"))
    if neo4j_server.java() is None:
        pytest.skip("there is no JDK here, so Maven would not be asked")
    with pytest.raises(Unavailable, match=r"jars of server.xml: repository not reached; check"):
        neo4j_server.neo4j_jars()
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".lock"]
