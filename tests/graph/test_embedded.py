"""The embedded server's life: who starts it, who may use it, and that nothing outlives its users."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from neo4j import GraphDatabase, Session
from neo4j.exceptions import AuthError, ClientError, Neo4jError

from graph import embedded, launch
from graph.embedded import EmbeddedServer, open_embedded
from graph.errors import BadInput, Conflict, GuanxiError, Unavailable

pytestmark = pytest.mark.server

REPOSITORY = Path(__file__).parents[2]

HOLDER = """
import json, sys
from pathlib import Path
from graph.embedded import open_embedded
server = open_embedded(Path(sys.argv[1]), "512m")
print(json.dumps([server.pid, server.supervisor_pid, server.owned]), flush=True)
sys.stdin.read()
"""


class Holder:
    """Another process that opens the folder and holds it until told to let go."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait_open(self) -> tuple[int, int, bool]:
        """The server's process id, its supervisor's, and whether this holder started it."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the other process could not open the folder"
        pid, supervisor, owned = json.loads(line)
        return pid, supervisor, owned

    def end(self, by: signal.Signals) -> None:
        self.process.send_signal(by)
        self.process.communicate()


@contextmanager
def session(server: EmbeddedServer, principal: str = "root") -> Iterator[Session]:
    at = server.address
    user, password = {
        "root": (at.user, at.password.get_secret_value()),
        "reader": (at.reader, at.reader_password.get_secret_value()),
    }[principal]
    with (
        GraphDatabase.driver(at.bolt_url, auth=(user, password)) as driver,
        driver.session(database=at.database) as opened,
    ):
        yield opened


def counted(server: EmbeddedServer, label: str, principal: str = "root") -> int:
    with session(server, principal) as opened:
        found = opened.run(f"MATCH (n:{label}) RETURN count(n) AS n").single()
    assert found is not None
    return int(found["n"])


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and awaits its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone_within(seconds: float, *pids: int) -> bool:
    deadline = time.monotonic() + seconds
    while any(alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def listening(pid: int) -> set[tuple[str, int]]:
    """The addresses and ports a process listens on, from the kernel's own tables."""
    links = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()]
    inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
    found = set()
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and fields[9] in inodes:
                host, port = fields[1].split(":")
                found.add((host_of(host), int(port, 16)))
    return found


def host_of(digits: str) -> str:
    """An address as the kernel writes it: words of four bytes in the machine's order."""
    words = [bytes.fromhex(digits[at : at + 8])[::-1] for at in range(0, len(digits), 8)]
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    return socket.inet_ntop(family, b"".join(words)).removeprefix("::ffff:")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- what stands in the machine -------------------------------------------------------------------


def test_it_listens_on_this_machine_only(graph_server: EmbeddedServer) -> None:
    at = graph_server.address
    assert listening(graph_server.pid) == {("127.0.0.1", at.bolt_port), ("127.0.0.1", at.http_port)}


def test_its_files_are_the_owners_alone(graph_server: EmbeddedServer) -> None:
    folder = graph_server.folder
    assert mode(folder) == 0o700
    found = list(folder.rglob("*"))
    assert {path.name for path in found} >= {"secrets.json", "server.json", "java.log", "crm"}
    open_to_others = [path for path in found if mode(path) & 0o077]
    assert open_to_others == []
    assert mode(folder / "secrets.json") == 0o600


def test_passwords_stand_in_their_own_file_only(graph_server: EmbeddedServer) -> None:
    at = graph_server.address
    for word in (at.password.get_secret_value(), at.reader_password.get_secret_value()):
        assert len(word) >= 40
        for pid in (graph_server.pid, graph_server.supervisor_pid):
            for part in ("cmdline", "environ"):
                assert word.encode() not in Path(f"/proc/{pid}/{part}").read_bytes()
        holding = [
            path.name
            for path in graph_server.folder.rglob("*")
            if path.is_file() and word.encode() in path.read_bytes()
        ]
        assert holding == ["secrets.json"]
        assert word not in repr(at)


def test_a_wrong_password_is_refused(graph_server: EmbeddedServer) -> None:
    at = graph_server.address
    with (
        GraphDatabase.driver(at.bolt_url, auth=(at.user, "playwithdata")) as driver,
        pytest.raises(AuthError),
    ):
        driver.verify_connectivity()


# --- the two principals ---------------------------------------------------------------------------


def test_the_reader_reads_what_root_writes_also_types_made_later(
    graph_server: EmbeddedServer,
) -> None:
    with session(graph_server, "reader") as reader:
        with session(graph_server) as root:
            root.run("UNWIND range(1, 1500) AS i CREATE (:LaterType {key: toString(i)})").consume()
        found = reader.run("MATCH (n:LaterType) RETURN count(n) AS n, max(n.key) AS k").single()
        # 1,500 also shows that no limit cuts a scan short.
        assert found is not None
        assert (found["n"], found["k"]) == (1500, "999")


@pytest.mark.parametrize(
    "text",
    [
        "CREATE (:Stranger {key: '1'})",
        "MERGE (:Kept {key: '2'})",
        "MATCH (n:Kept) SET n.name = 'changed'",
        "MATCH (n:Kept) DETACH DELETE n",
        "CREATE CONSTRAINT strange IF NOT EXISTS FOR (n:Kept) REQUIRE n.key IS UNIQUE",
        "CREATE INDEX strange IF NOT EXISTS FOR (n:Kept) ON (n.key)",
        "CREATE USER eve SET PASSWORD 'evesdropping'",
        "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
        "LOAD CSV FROM 'https://example.org/x.csv' AS line RETURN line",
    ],
)
def test_the_reader_is_refused(graph_server: EmbeddedServer, text: str) -> None:
    with session(graph_server) as root:
        root.run("MERGE (n:Kept {key: '1'}) SET n.name = 'as it was'").consume()
    with session(graph_server, "reader") as reader, pytest.raises(Neo4jError) as refused:
        reader.run(text).consume()
    assert refused.value.code == "Neo.ClientError.Security.Forbidden"
    with session(graph_server, "reader") as reader:
        kept = reader.run("MATCH (n:Kept) RETURN n.key AS key, n.name AS name").data()
    assert kept == [{"key": "1", "name": "as it was"}]


def test_even_root_fetches_no_address(graph_server: EmbeddedServer) -> None:
    with session(graph_server) as root, pytest.raises(ClientError) as refused:
        root.run("LOAD CSV FROM 'https://example.org/x.csv' AS line RETURN line").consume()
    assert refused.value.code == "Neo.ClientError.Security.Forbidden"


# --- who holds it ---------------------------------------------------------------------------------


def test_a_second_opener_borrows_and_leaves_it_running(graph_server: EmbeddedServer) -> None:
    with open_embedded(graph_server.folder, "512m") as borrowed:
        assert graph_server.owned
        assert not borrowed.owned
        assert (borrowed.pid, borrowed.address) == (graph_server.pid, graph_server.address)
    borrowed.stop()
    assert counted(graph_server, "Nothing") == 0


def test_of_two_processes_one_starts_it_and_it_ends_when_both_are_killed(tmp_path: Path) -> None:
    first, second = Holder(tmp_path), Holder(tmp_path)
    (pid, supervisor, first_owns), (same_pid, _, second_owns) = (
        first.wait_open(),
        second.wait_open(),
    )
    assert pid == same_pid
    assert sorted([first_owns, second_owns]) == [False, True]

    owner, borrower = (first, second) if first_owns else (second, first)
    borrower.end(signal.SIGTERM)
    time.sleep(1.0)  # four times the supervisor's interval
    assert alive(pid), "its owner still uses it"
    owner.end(signal.SIGKILL)
    assert gone_within(12, pid, supervisor)


@pytest.fixture(scope="module")
def survivor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that several tests start a server on, one after another; it holds one node."""
    folder = tmp_path_factory.mktemp("survivor")
    with open_embedded(folder, "512m") as server, session(server) as root:
        root.run("CREATE (:Survivor {key: '1'})").consume()
    return folder


def test_the_last_user_stops_it_and_nothing_is_left_but_passwords_and_data(survivor: Path) -> None:
    words = (survivor / "secrets.json").read_text()
    owner = Holder(survivor)
    pid, supervisor, owned = owner.wait_open()
    borrowed = open_embedded(survivor, "512m")
    assert (owned, borrowed.owned) == (True, False)
    owner.end(signal.SIGTERM)
    assert counted(borrowed, "Survivor", "reader") == 1

    began = time.monotonic()
    borrowed.stop()
    borrowed.stop()
    assert time.monotonic() - began < 10
    assert not alive(pid)
    assert not alive(supervisor)
    assert (survivor / "secrets.json").read_text() == words
    assert not (survivor / "server.json").exists()
    assert not (survivor / "server.args").exists()


def test_an_ordinary_exit_without_stop_ends_it(survivor: Path) -> None:
    holder = Holder(survivor)
    pid, supervisor, _ = holder.wait_open()
    holder.process.communicate()  # its input ends, and with it the program
    assert holder.process.returncode == 0
    assert not alive(pid)
    assert not alive(supervisor)
    assert "ArcadeDB Server is down" in (survivor / "log" / "java.log").read_text()


def test_after_a_kill_the_next_start_finds_the_data(survivor: Path) -> None:
    first = open_embedded(survivor, "512m")
    with session(first) as root:
        root.run("CREATE (:Survivor {key: '2'})").consume()
    os.kill(first.pid, signal.SIGKILL)
    assert gone_within(12, first.pid, first.supervisor_pid)
    assert (survivor / "server.json").exists(), "nobody could tidy up"

    second = open_embedded(survivor, "512m")
    assert second.owned
    assert second.pid != first.pid
    assert counted(second, "Survivor") == 2
    first.stop()  # its server is gone; the new one must not suffer for it
    assert counted(second, "Survivor") == 2
    os.kill(second.supervisor_pid, signal.SIGKILL)
    assert gone_within(12, second.pid, second.supervisor_pid)
    second.stop()

    (survivor / "secrets.json").write_text("{")  # and now the passwords are lost as well
    with open_embedded(survivor, "512m") as third:
        assert third.address.password != first.address.password
        assert counted(third, "Survivor", "reader") == 2


# --- what cannot start ----------------------------------------------------------------------------


def refusal(folder: Path, kind: type[GuanxiError], heap: str = "512m") -> str:
    with pytest.raises(kind) as refused:
        open_embedded(folder, heap)
    message = refused.value.message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("heap", ["lots", "", "1.5g", "1g -version", "-1", "0m"])
def test_a_heap_that_is_no_size_is_told_by_its_variable(tmp_path: Path, heap: str) -> None:
    assert refusal(tmp_path, BadInput, heap) == (
        f"GUANXI_GRAPH_HEAP: {heap!r} is no memory size; write a whole number and m or g, such as 512m or 1g"
    )


@pytest.mark.parametrize(
    ("heap", "cause"),
    [
        ("1k", "Too small maximum heap"),
        ("900000g", "Could not reserve enough space"),
        ("8m", "OutOfMemoryError: Java heap space"),
    ],
)
def test_a_heap_that_does_not_fit_is_told_in_javas_words(
    tmp_path: Path, heap: str, cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JDK_JAVA_OPTIONS")  # what makes tests start sooner takes room of its own
    message = refusal(tmp_path, Unavailable, heap)
    assert message.startswith(f"the embedded graph server did not start: {cause}")
    assert str(tmp_path / "log" / "java.log") in message
    assert "GUANXI_GRAPH_HEAP" in message
    assert not (tmp_path / "server.args").exists()


def test_a_database_open_elsewhere_is_a_conflict(survivor: Path) -> None:
    with (survivor / "databases" / "crm" / "database.lck").open("a") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)  # what a server started by hand would hold
        message = refusal(survivor, Conflict)
    assert "locked by another process" in message
    assert "GUANXI_HOME" in message


def test_a_server_that_never_answers_is_a_conflict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "START_SECONDS", 0.5)
    with (tmp_path / "server.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        message = refusal(tmp_path, Conflict)
    assert message.startswith(f"the graph's folder {tmp_path} is held by a server that does not")


def test_a_port_taken_in_between_is_chosen_again(survivor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choose, taken = launch.free_address, []
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        def unlucky_once(passwords: dict[str, str]) -> launch.Address:
            if taken:
                return choose(passwords)
            taken.append(port)
            return launch.address_of(port, choose(passwords).http_port, passwords)

        monkeypatch.setattr(launch, "free_address", unlucky_once)
        with open_embedded(survivor, "512m") as server:
            assert taken == [port]
            assert server.address.bolt_port != port
            assert counted(server, "Survivor") == 2


def test_a_folder_that_cannot_be_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    message = refusal(tmp_path / "file" / "graph", Unavailable)
    assert message.startswith(f"the graph's folder {tmp_path}/file/graph cannot be used: Not a dir")
    assert "GUANXI_HOME" in message


def test_a_missing_java_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "arcadedb_embedded").mkdir()
    (tmp_path / "arcadedb_embedded" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    message = refusal(tmp_path / "graph", Unavailable)
    assert f"no Java at {tmp_path}/arcadedb_embedded/jre/bin/java" in message
    assert "GUANXI_GRAPH_URL" in message


def test_the_supervisor_starts_in_a_blink(tmp_path: Path) -> None:
    (tmp_path / "lease").write_text("")
    program = REPOSITORY / "graph" / "supervise.py"
    times = []
    for _ in range(5):
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-I", "-S", str(program), str(tmp_path / "lease"), "0", "/bin/true"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        times.append(time.monotonic() - began)
    assert min(times) < 0.25  # 0.05 s on an idle machine
