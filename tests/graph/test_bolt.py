"""The Bolt store where the servers differ: starts, ends, codes. See `tests/contract` for the rest."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from neo4j.exceptions import Neo4jError
from pydantic import SecretStr

from graph.bolt import BoltStore
from graph.bolt_errors import from_server, may_succeed_later
from graph.bolt_values import batches, size_of
from graph.connect import connect, prepare
from graph.dialect import ARCADEDB, NEO4J
from graph.embedded import EmbeddedServer, open_embedded
from graph.errors import BadInput, Forbidden, NoSpace, TimedOut, Unavailable
from graph.settings import Settings
from graph.statement import Statement
from tests.contract.speaking import ask, put_members

pytestmark = pytest.mark.server


# --- errors ---


def test_a_store_without_its_reader_is_refused(graph_server: EmbeddedServer) -> None:
    address = graph_server.address
    with pytest.raises(BadInput, match="second user that may only read"):
        BoltStore(
            address.bolt_url,
            (address.user, address.password),
            database=address.database,
            dialect=ARCADEDB,
        )


def test_a_server_that_is_not_there_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        free_port = taken.getsockname()[1]
    url = f"bolt://127.0.0.1:{free_port}"
    settings = Settings(graph_url=url, graph_password=SecretStr("s3cret"))
    with pytest.raises(Unavailable, match=f"{url} does not answer") as caught:
        connect(settings)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgres://me:s3cret@here", "what works is 'embedded', or bolt://"),
        ("bolt://me:s3cret@here:7687", "without user and password"),
        ("bolt://", "bolt://host:port"),
    ],
)
def test_an_address_that_cannot_be_used_is_bad_input(url: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence) as caught:
        connect(Settings(graph_url=url))
    assert "s3cret" not in str(caught.value)


def test_another_kind_of_server_than_named_is_refused(graph_server: EmbeddedServer) -> None:
    address = graph_server.address
    settings = Settings(
        graph_url=address.bolt_url,
        graph_user=address.user,
        graph_password=address.password,
        graph_database=address.database,
    )
    with pytest.raises(BadInput, match=r"calls itself .*ArcadeDB.*, not Neo4j"):
        connect(settings)


def test_connecting_starts_the_embedded_server_and_closing_ends_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", graph_heap="256m")
    with connect(settings) as store:
        prepare(store)
        told = store.describe()
        assert (told["server"], told["edition"], told["address"]) == ("ArcadeDB", "embedded", store.address)
        assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+.*", str(told["version"]))
        with connect(settings) as borrowed:
            put_members(borrowed, "m1")
        assert ask(store, "MATCH (n) RETURN count(n) AS n") == [{"n": 1}]
    nobody = ("nobody", SecretStr(""))
    with (
        BoltStore(store.address, nobody, reader=nobody, database=store.database, dialect=ARCADEDB) as late,
        pytest.raises(Unavailable, match="does not answer"),
    ):
        late.check()


def test_a_store_outlives_its_servers_death(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", graph_heap="256m")
    count = Statement("MATCH (n:Member) RETURN count(n) AS n")
    with connect(settings) as store:
        prepare(store)
        put_members(store, "m1")
        for known, work in enumerate((store.rows, store.write), 1):
            with open_embedded(settings.graph_folder) as running:
                os.kill(running.pid, signal.SIGKILL)
            began = time.monotonic()
            with ThreadPoolExecutor(4) as pool:
                found = list(pool.map(work, [count] * 4))
            assert found == [[{"n": known}]] * 4
            assert time.monotonic() - began < 15  # 3.4 s on an idle machine
            put_members(store, f"more-{known}")
        with open_embedded(settings.graph_folder) as running:
            assert store.address == running.address.bolt_url
            assert not running.owned
    with pytest.raises(Unavailable, match="does not answer"):
        store.rows(count)
    with open_embedded(settings.graph_folder, "256m") as anew:
        assert anew.owned, "closing ended the last server, and a closed store starts none"


def test_a_graph_whose_disk_is_full_says_so(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", graph_heap="256m")
    folder = settings.graph_folder
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small file system can only be mounted by root")
    try:
        with connect(settings) as store:
            prepare(store)
            put_members(store, "m1")
            (folder / "ballast").write_bytes(bytes(shutil.disk_usage(folder).free - 2**18))
            with pytest.raises(NoSpace, match=f"disk of the graph's folder {folder} is full"):
                put_members(store, *(f"{n:08d}" * 20 for n in range(20_000)))
            (folder / "ballast").unlink()
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("Neo.ClientError.Statement.AccessMode", Forbidden),
        ("Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration", TimedOut),
        ("Neo.ClientError.Transaction.TransactionTimedOut", TimedOut),
        ("Neo.ClientError.Security.CredentialsExpired", Unavailable),
        ("Neo.ClientError.Database.DatabaseNotFound", Unavailable),
        ("Neo.TransientError.Transaction.DeadlockDetected", Unavailable),
        ("Neo.DatabaseError.General.UnknownError", Unavailable),
        ("Neo.ClientError.Procedure.ProcedureNotFound", BadInput),
    ],
)
def test_codes_that_only_neo4j_gives_have_their_meaning(code: str, kind: type) -> None:
    error = Neo4jError._basic_hydrate(neo4j_code=code, message="value 13800138000 and more")
    ours = from_server(error, "bolt://here:7687", NEO4J)
    assert type(ours) is kind
    assert "13800138000" not in str(ours)


def test_only_a_merge_is_tried_again_after_a_collision() -> None:
    def failed(code: str) -> Neo4jError:
        return Neo4jError._basic_hydrate(neo4j_code=code, message="")

    collision = failed("Neo.ClientError.Schema.ConstraintValidationFailed")
    assert may_succeed_later(collision, "MERGE (n:Member {member_id: $id})")
    assert not may_succeed_later(collision, "CREATE (n:Member {member_id: $id})")
    assert may_succeed_later(failed("Neo.TransientError.Transaction.DeadlockDetected"), "CREATE (n)")
    assert not may_succeed_later(failed("Neo.ClientError.Statement.SyntaxError"), "MERGE")


# --- batches ---


def test_batches_are_cut_by_rows_and_by_bytes() -> None:
    rows = [{"id": "客" * 100} for _ in range(10)]  # about 420 bytes each
    assert [len(batch) for batch in batches(rows, 4, 10_000)] == [4, 4, 2]
    assert [len(batch) for batch in batches(rows, 100, 1_000)] == [2, 2, 2, 2, 2]
    assert [len(batch) for batch in batches(rows, 100, 10)] == [1] * 10
    assert list(batches([], 4, 10)) == []


def test_sizes_are_not_underestimated() -> None:
    assert size_of({"id": "客户", "n": 1}) >= len('{"id":"客户","n":1}'.encode())
    assert size_of(["x" * 1000, b"y" * 1000]) >= 2000
