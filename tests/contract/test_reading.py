"""What a read may not do on either server: write, run on past its limits."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from graph import write
from graph.bolt import BoltStore
from graph.errors import BadInput, Forbidden, GuanxiError, TimedOut
from graph.schema import MEMBER
from graph.statement import Statement
from tests.contract.speaking import ask

pytestmark = pytest.mark.server

# Hours of work that needs no data, and little memory.
HEAVY = Statement(
    "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a, b WHERE a * b < 0 RETURN count(*) AS n"
)
LATER = 0.5  # seconds that a busy machine may add


def running(store: BoltStore) -> list[str]:
    texts = [
        str(row["text"]) for row in ask(store, "SHOW TRANSACTIONS YIELD currentQuery AS text RETURN text")
    ]
    return [text for text in texts if "UNWIND range" in text]


# --- the read-only gate ---


@pytest.mark.parametrize(
    "text",
    [
        "CREATE (n:Member {member_id: 'forbidden'})",
        "MERGE (n:Member {member_id: 'forbidden'}) RETURN n",
        "MATCH (n:Member {member_id: 'g1'}) SET n.plan_id = 'changed'",
        "MATCH (n:Member {member_id: 'g1'}) REMOVE n.plan_id",
        "MATCH (n:Member {member_id: 'g1'}) DETACH DELETE n",
        "MATCH (n:Member {member_id: 'g1'}) FOREACH (x IN [1] | SET n.plan_id = 'changed')",
        "MATCH (n:Member {member_id: 'g1'}) CALL (n) { SET n.plan_id = 'changed' } RETURN n",
        "CREATE (n:Invented {x: 1})",
        "CREATE CONSTRAINT invented IF NOT EXISTS FOR (n:Invented) REQUIRE n.x IS UNIQUE",
        "CREATE USER eve SET PASSWORD 'eve-eve-eve' CHANGE NOT REQUIRED",
        "MATCH (n:Member {member_id: 'g1'}) CALL (n) { DETACH DELETE n } IN TRANSACTIONS",
        "CREATE INDEX invented IF NOT EXISTS FOR (n:Member) ON (n.plan_id)",
        "DROP CONSTRAINT members_key IF EXISTS",
    ],
)
def test_a_read_cannot_write(either_store: BoltStore, text: str) -> None:
    either_store.bulk(write.merge_nodes(MEMBER), [{"id": "g1", "props": {"plan_id": "p"}}])
    before = everything(either_store)
    with pytest.raises(Forbidden, match="only reading is allowed"):
        ask(either_store, text)
    assert everything(either_store) == before


def test_to_explain_a_change_of_the_schema_changes_nothing(either_store: BoltStore) -> None:
    before = everything(either_store)
    text = "EXPLAIN CREATE CONSTRAINT invented IF NOT EXISTS FOR (n:Invented) REQUIRE n.x IS UNIQUE"
    if either_store.dialect == "arcadedb":
        with pytest.raises(Forbidden, match="only reading is allowed"):
            ask(either_store, text)
    else:
        assert ask(either_store, text) == []
    assert everything(either_store) == before


def test_a_read_fetches_nothing_from_files_and_addresses(either_store: BoltStore, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("s3cret\n")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        port = listening.getsockname()[1]
        for url in (f"file://{tmp_path}/secret.csv", f"http://127.0.0.1:{port}/x.csv"):
            with pytest.raises((BadInput, Forbidden)) as caught:
                ask(either_store, "LOAD CSV FROM $url AS line RETURN line", url=url)
            assert "s3cret" not in str(caught.value)
        with pytest.raises(TimeoutError):
            listening.accept()


def everything(store: BoltStore) -> tuple[object, ...]:
    return (
        ask(store, "MATCH (n) RETURN count(n) AS n"),
        ask(store, "MATCH (n:Member {member_id: 'g1'}) RETURN n"),
        ask(store, "MATCH ()-[e]->() RETURN count(e) AS n"),
        ask(store, "SHOW INDEXES YIELD name, state RETURN name, state ORDER BY name"),
    )


# --- limits ---


def test_a_heavy_query_ends_at_its_time_limit_and_is_gone(either_store: BoltStore) -> None:
    ended, gone = zip(*(time_of_ending(either_store) for _ in range(3)), strict=True)
    assert min(ended) >= 1.0
    assert min(ended) < 1.3  # the best of three: what a busy machine adds is not the product's
    assert max(ended) < 1.5 + LATER
    assert max(gone) < 2.0 + LATER
    assert ask(either_store, "RETURN 1 AS one") == [{"one": 1}]


def time_of_ending(store: BoltStore) -> tuple[float, float]:
    """Seconds until a query with one second's time has ended, and until the server knows it no more."""
    started = time.monotonic()
    with pytest.raises(TimedOut, match="time limit"):
        store.rows(HEAVY, timeout=1.0)
    ended = time.monotonic() - started
    while running(store):
        assert time.monotonic() - started < 10.0
    return ended, time.monotonic() - started


def test_ctrl_c_ends_the_query_on_the_server_too(either_store: BoltStore) -> None:
    interrupt = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    started = time.monotonic()
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        either_store.rows(HEAVY, timeout=60.0)
    while running(either_store):
        assert time.monotonic() - started < 2.5 + LATER
    assert ask(either_store, "RETURN 1 AS one") == [{"one": 1}]


@pytest.mark.parametrize("after", [0.0, 0.0005, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.01, 0.05])
def test_ctrl_c_ends_the_query_wherever_it_meets_it(either_store: BoltStore, after: float) -> None:
    for _ in range(3):
        interrupt = threading.Timer(after, os.kill, (os.getpid(), signal.SIGINT))
        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012  the interrupt may be early
            interrupt.start()
            either_store.rows(HEAVY, timeout=60.0)
        while running(either_store):
            assert time.monotonic() - started < 2.5 + LATER
    assert ask(either_store, "RETURN 1 AS one") == [{"one": 1}]


def test_many_heavy_queries_do_not_keep_others_out(either_store: BoltStore) -> None:
    ended: list[GuanxiError] = []

    def heavy() -> None:
        try:
            either_store.rows(HEAVY, timeout=1.0)
        except GuanxiError as error:
            ended.append(error)

    threads = [threading.Thread(target=heavy) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert either_store.rows(Statement("RETURN 1 AS one"), timeout=5.0) == [{"one": 1}]
    for thread in threads:
        thread.join(70)
    assert [type(error) for error in ended] == [TimedOut] * 4, ended
    assert running(either_store) == []


def test_a_result_is_cut_at_the_limit_without_working_out_the_rest(either_store: BoltStore) -> None:
    endless = Statement("UNWIND range(1, 100000) AS y UNWIND range(1, 100000) AS x RETURN x")
    started = time.monotonic()
    assert either_store.rows(endless, limit=3) == [{"x": 1}, {"x": 2}, {"x": 3}]
    assert time.monotonic() - started < 1.0 + LATER
    assert running(either_store) == []


@pytest.mark.parametrize(("limit", "count"), [(None, 5), (0, 0), (4, 4), (5, 5), (6, 5)])
def test_one_more_than_shown_tells_whether_there_are_more(
    either_store: BoltStore, limit: int | None, count: int
) -> None:
    statement = Statement("UNWIND range(1, 5) AS x RETURN x")
    assert len(either_store.rows(statement, timeout=5.0, limit=limit)) == count


def test_more_rows_than_are_fetched_at_once_come_in_order(either_store: BoltStore) -> None:
    found = ask(either_store, "UNWIND range(1, 3500) AS x RETURN x")
    assert [row["x"] for row in found] == list(range(1, 3501))
