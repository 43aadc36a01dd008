"""What a read may not do on the real embedded server: write, run on past its limits."""

from __future__ import annotations

import threading
import time

import pytest

from graph import write
from graph.bolt import BoltStore
from graph.dialect import ARCADEDB, RUNNING
from graph.embedded import EmbeddedServer
from graph.errors import BadInput, Forbidden, GuanxiError, TimedOut
from graph.schema import MEMBER
from graph.statement import Statement

pytestmark = pytest.mark.server

# Hours of work that needs no data, and little memory.
HEAVY = Statement(
    "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a, b WHERE a * b < 0 RETURN count(*) AS n"
)
LATER = 0.5  # seconds that a busy machine may add


def ask(store: BoltStore, text: str, **params: object) -> list[dict[str, object]]:
    return store.rows(Statement(text, params))


def running(store: BoltStore) -> list[str]:
    texts = [str(row["text"]) for row in store.rows(RUNNING)]
    return [text for text in texts if "gx:" in text and "UNWIND range" in text]


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
        "EXPLAIN CREATE CONSTRAINT invented IF NOT EXISTS FOR (n:Invented) REQUIRE n.x IS UNIQUE",
        "CREATE INDEX invented IF NOT EXISTS FOR (n:Member) ON (n.plan_id)",
        "DROP CONSTRAINT members_key IF EXISTS",
    ],
)
def test_a_read_cannot_write(graph_store: BoltStore, text: str) -> None:
    graph_store.bulk(write.merge_nodes(MEMBER), [{"id": "g1", "props": {"plan_id": "p"}}])
    before = everything(graph_store)
    with pytest.raises(Forbidden, match="only reading is allowed"):
        ask(graph_store, text)
    assert everything(graph_store) == before


def everything(store: BoltStore) -> tuple[object, ...]:
    return (
        ask(store, "MATCH (n) RETURN count(n) AS n"),
        ask(store, "MATCH (n:Member {member_id: 'g1'}) RETURN n"),
        ask(store, "MATCH ()-[e]->() RETURN count(e) AS n"),
        ask(store, "SHOW INDEXES YIELD name, state RETURN name, state ORDER BY name"),
    )


def test_a_store_without_its_reader_is_refused(graph_server: EmbeddedServer) -> None:
    address = graph_server.address
    with pytest.raises(BadInput, match="second user that may only read"):
        BoltStore(
            address.bolt_url,
            (address.user, address.password),
            database=address.database,
            dialect=ARCADEDB,
        )


# --- limits ---


def test_a_heavy_query_ends_at_its_time_limit_and_is_gone(graph_store: BoltStore) -> None:
    started = time.monotonic()
    with pytest.raises(TimedOut, match="time limit"):
        graph_store.rows(HEAVY, timeout=1.0)
    assert 1.0 <= time.monotonic() - started < 1.5 + LATER
    while running(graph_store):
        assert time.monotonic() - started < 2.0 + LATER
    assert ask(graph_store, "RETURN 1 AS one") == [{"one": 1}]


def test_many_heavy_queries_do_not_keep_others_out(graph_store: BoltStore) -> None:
    ended: list[type] = []

    def heavy() -> None:
        try:
            graph_store.rows(HEAVY, timeout=1.0)
        except GuanxiError as error:
            ended.append(type(error))

    threads = [threading.Thread(target=heavy) for _ in range(6)]
    for thread in threads:
        thread.start()
    assert graph_store.rows(Statement("RETURN 1 AS one"), timeout=5.0) == [{"one": 1}]
    for thread in threads:
        thread.join(10)
    assert ended == [TimedOut] * 6
    assert running(graph_store) == []


def test_a_result_is_cut_at_the_limit_without_working_out_the_rest(graph_store: BoltStore) -> None:
    endless = Statement("UNWIND range(1, 100000) AS y UNWIND range(1, 100000) AS x RETURN x")
    started = time.monotonic()
    assert graph_store.rows(endless, limit=3) == [{"x": 1}, {"x": 2}, {"x": 3}]
    assert time.monotonic() - started < 1.0 + LATER
    assert running(graph_store) == []


@pytest.mark.parametrize(("limit", "count"), [(None, 5), (0, 0), (4, 4), (5, 5), (6, 5)])
def test_one_more_than_shown_tells_whether_there_are_more(
    graph_store: BoltStore, limit: int | None, count: int
) -> None:
    statement = Statement("UNWIND range(1, 5) AS x RETURN x")
    assert len(graph_store.rows(statement, timeout=5.0, limit=limit)) == count


def test_more_rows_than_are_fetched_at_once_come_in_order(graph_store: BoltStore) -> None:
    found = ask(graph_store, "UNWIND range(1, 3500) AS x RETURN x")
    assert [row["x"] for row in found] == list(range(1, 3501))
