"""The Bolt store on the real embedded server: what is written comes back, and what goes wrong."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from neo4j.exceptions import Neo4jError
from pydantic import SecretStr

from graph import write
from graph.bolt import BATCH_ROWS, BoltStore
from graph.bolt_errors import from_server, may_succeed_later
from graph.bolt_values import batches, size_of
from graph.connect import connect, prepare
from graph.dialect import ARCADEDB, NEO4J
from graph.embedded import EmbeddedServer, open_embedded
from graph.errors import BadInput, Conflict, Forbidden, NoSpace, TimedOut, Unavailable
from graph.schema import ACCOUNT, BELONGS_TO, COMMUNITY, IN_COMMUNITY, MEMBER, NODES, TIE
from graph.settings import Settings
from graph.statement import Statement

pytestmark = pytest.mark.server


def ask(store: BoltStore, text: str, **params: object) -> list[dict[str, object]]:
    return store.rows(Statement(text, params))


def put_members(store: BoltStore, *ids: str) -> None:
    store.bulk(write.merge_nodes(MEMBER), [{"id": one, "props": {}} for one in ids])


def swept(store: BoltStore, statement: Statement, **params: object) -> int:
    once = Statement(statement.text, {**statement.params, **params})
    total = 0
    for _ in range(10):
        n = int(str(store.write(once)[0]["n"]))
        total += n
        if n == 0:
            return total
    raise AssertionError(f"still {n} after ten times")


# --- what is written comes back ---


def test_values_come_back_as_they_were_written(graph_store: BoltStore) -> None:
    props = {
        "name": "上海浦东物流有限公司（分公司）`'\"\\ 🚚",
        "opened": date(2019, 2, 28),
        "staff": 2**53 + 1,
        "share": 0.1,
        "closed": None,
        "reasons": ["欠费", "少了 3 个联系人"],
        "active": True,
    }
    graph_store.bulk(write.merge_nodes(ACCOUNT), [{"id": "a1", "props": props}])
    found = ask(graph_store, "MATCH (n:Account {account_id: 'a1'}) RETURN n, n.opened AS opened")
    expected = {name: value for name, value in props.items() if value is not None}
    assert found == [{"n": {"account_id": "a1", **expected}, "opened": date(2019, 2, 28)}]
    assert type(found[0]["opened"]) is date


def test_stored_dates_compare_with_date_parameters(graph_store: BoltStore) -> None:
    graph_store.bulk(write.merge_nodes(ACCOUNT), [{"id": "a2", "props": {"opened": date(2020, 5, 1)}}])
    text = "MATCH (n:Account {account_id: 'a2'}) WHERE n.opened < $day RETURN count(n) AS n"
    assert ask(graph_store, text, day=date(2020, 5, 2)) == [{"n": 1}]
    assert ask(graph_store, text, day=date(2020, 5, 1)) == [{"n": 0}]


def test_a_null_takes_a_property_away_and_an_absent_one_leaves_it(graph_store: BoltStore) -> None:
    merge = write.merge_nodes(ACCOUNT)
    graph_store.bulk(merge, [{"id": "a3", "props": {"name": "甲", "tier": "national"}}])
    graph_store.bulk(merge, [{"id": "a3", "props": {"name": None}}])
    graph_store.bulk(merge, [{"id": "a3", "props": None}])
    found = ask(graph_store, "MATCH (n:Account {account_id: 'a3'}) RETURN n")
    assert found == [{"n": {"account_id": "a3", "tier": "national"}}]


def test_paths_edges_maps_times_and_points_come_back_plain(graph_store: BoltStore) -> None:
    put_members(graph_store, "p1", "p2")
    row = {"source": "p1", "target": "p2", "key": "", "props": {"months": 4}}
    graph_store.bulk(write.merge_edges(TIE, "Member", "Member"), [row])
    found = ask(
        graph_store,
        "MATCH p = (:Member {member_id: 'p1'})-[e:TIE]->() RETURN p, e, {nodes: nodes(p)} AS m,"
        " datetime('2024-01-02T03:04:05+08:00') AS t, duration('P1DT2H') AS d,"
        " point({x: 1, y: 2}) AS at",
    )
    one, other, edge = {"member_id": "p1"}, {"member_id": "p2"}, {"key": "", "months": 4}
    beijing = timezone(timedelta(hours=8))
    assert found == [
        {
            "p": [one, edge, other],
            "e": edge,
            "m": {"nodes": [one, other]},
            "t": datetime(2024, 1, 2, 3, 4, 5, tzinfo=beijing),
            "d": "P1DT2H",
            "at": [1.0, 2.0],
        }
    ]


# --- writes ---


def test_writing_three_times_leaves_the_same_graph(graph_store: BoltStore) -> None:
    people = [{"id": f"t{i}", "props": {"plan_id": f"套餐{i % 3}"}} for i in range(60)]
    pairs = [(f"t{i}", f"t{(7 * i + k) % 60}") for i in range(60) for k in (1, 2, 3)]
    ties = [{"source": a, "target": b, "key": "", "props": {"calls": 1}} for a, b in set(pairs)]
    counts = []
    for _ in range(3):
        assert graph_store.bulk(write.merge_nodes(MEMBER), people) == 60
        graph_store.bulk(write.merge_edges(TIE, "Member", "Member"), ties)
        text = "MATCH (a:Member)-[e:TIE]->() WHERE a.member_id STARTS WITH 't' RETURN count(e) AS n"
        counts.append((ask(graph_store, text)[0]["n"], ask(graph_store, "MATCH (n) RETURN count(n) AS n")))
    assert counts[0] == counts[1] == counts[2]
    assert counts[0][0] == len(set(pairs))


def test_parallel_edges_are_told_apart_by_their_key(graph_store: BoltStore) -> None:
    put_members(graph_store, "k1")
    graph_store.bulk(write.merge_nodes(ACCOUNT), [{"id": "k2", "props": {}}])
    rows = [
        {"source": "k1", "target": "k2", "key": write.edge_key([day]), "props": {"since": day}}
        for day in (date(2020, 1, 1), date(2022, 1, 1), None, date(2020, 1, 1))
    ]
    graph_store.bulk(write.merge_edges(BELONGS_TO, "Member", "Account"), rows)
    found = ask(graph_store, "MATCH (:Member {member_id: 'k1'})-[e]->() RETURN e.since AS s ORDER BY s")
    assert found == [{"s": date(2020, 1, 1)}, {"s": date(2022, 1, 1)}, {"s": None}]


def test_rows_without_key_or_with_unknown_ends_write_nothing(graph_store: BoltStore) -> None:
    before = ask(graph_store, "MATCH (n) RETURN count(n) AS n")
    graph_store.bulk(write.merge_nodes(MEMBER), [{"id": None, "props": {"plan_id": "x"}}])
    row = {"source": "nobody", "target": "none", "key": "", "props": {}}
    graph_store.bulk(write.merge_edges(TIE, "Member", "Member"), [row])
    assert ask(graph_store, "MATCH (n) RETURN count(n) AS n") == before


def test_bulk_takes_an_iterator_in_batches_and_tells_of_each(graph_store: BoltStore) -> None:
    taken = 0
    ahead = []

    def rows() -> Iterator[dict[str, object]]:
        nonlocal taken
        for i in range(2 * BATCH_ROWS + 5):
            taken += 1
            yield {"id": f"b{i}", "props": {}}

    done: list[int] = []

    def progress(written: int) -> None:
        done.append(written)
        ahead.append(taken - sum(done))

    assert graph_store.bulk(write.merge_nodes(MEMBER), rows(), progress) == 2 * BATCH_ROWS + 5
    assert done == [BATCH_ROWS, BATCH_ROWS, 5]
    assert max(ahead) <= 1  # one row is taken to see that the batch is full
    assert graph_store.bulk(write.merge_nodes(MEMBER), []) == 0


def test_figures_replace_those_of_the_run_before(graph_store: BoltStore) -> None:
    put_members(graph_store, "f1", "f2", "f3")
    figures = write.set_measures("Member")
    old = {"churn": 0.5, "churn_reasons": ["少联系"], "core": 3.0, "run_id": "r1"}
    graph_store.bulk(figures, [{"id": one, "props": old} for one in ("f1", "f2")])
    new = {"churn": 0.25, "run_id": "r2"}
    graph_store.bulk(figures, [{"id": one, "props": new} for one in ("f1", "f3", "unknown")])
    assert swept(graph_store, write.clear_measures("Member"), run_id="r2") == 1
    text = "UNWIND ['f1', 'f2', 'f3', 'unknown'] AS i MATCH (n:Member {member_id: i}) RETURN n ORDER BY i"
    assert ask(graph_store, text) == [
        {"n": {"member_id": "f1", **new}},
        {"n": {"member_id": "f2"}},
        {"n": {"member_id": "f3", **new}},
    ]


def test_sweeping_leaves_only_the_newest_run(graph_store: BoltStore) -> None:
    put_members(graph_store, "s1")
    for run in ("r1", "r2"):
        circles = [{"id": f"{run}-c", "props": {"run_id": run}}, {"id": "lasting", "props": {"run_id": run}}]
        graph_store.bulk(write.merge_nodes(COMMUNITY), circles)
        rows = [
            {"source": "s1", "target": circle["id"], "key": write.edge_key([run]), "props": {"run_id": run}}
            for circle in circles
        ]
        graph_store.bulk(write.merge_edges(IN_COMMUNITY, "Member", "Community"), rows)
    one_at_a_time = Statement(write.sweep_edges(IN_COMMUNITY).text, {"k": 1})
    assert swept(graph_store, one_at_a_time, run_id="r2") == 2
    assert swept(graph_store, write.sweep_nodes(COMMUNITY), run_id="r2") == 1
    found = ask(graph_store, "MATCH (:Member {member_id: 's1'})-->(c) RETURN c.community_id AS c ORDER BY c")
    assert found == [{"c": "lasting"}, {"c": "r2-c"}]


def test_writers_that_collide_lose_nothing(graph_store: BoltStore) -> None:
    errors: list[BaseException] = []

    def writer(number: int) -> None:
        try:
            for start in range(5):
                keys = [f"w{(start * 7 + i) % 20}" for i in range(20)]
                if number % 2:
                    keys.reverse()
                put_members(graph_store, *keys)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=writer, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    text = "MATCH (n:Member) WHERE n.member_id STARTS WITH 'w' RETURN count(n) AS n"
    assert ask(graph_store, text) == [{"n": 20}]


def test_preparing_again_changes_nothing(graph_store: BoltStore) -> None:
    before = ask(graph_store, "SHOW INDEXES YIELD name, state RETURN name, state")
    prepare(graph_store)
    assert ask(graph_store, "SHOW INDEXES YIELD name, state RETURN name, state") == before
    assert len(before) == len(NODES)
    assert {row["state"] for row in before} == {"ONLINE"}


# --- errors ---


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("RETRUN 1 AS one", "is not valid Cypher"),
        ("RETURN 1 AS one; RETURN 2 AS two", "is not valid Cypher"),
        ("MATCH (n) WHERE n.member_id = $absent RETURN n", "no value was given"),
        ("RETURN 1 / 0 AS x", "arithmetic"),
        ("RETURN date('tomorrow') AS x", "does not fit"),
    ],
)
def test_a_text_that_cannot_run_is_bad_input(graph_store: BoltStore, text: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence) as caught:
        ask(graph_store, text)
    assert "gives no further reason in production mode" in str(caught.value)


@pytest.mark.parametrize("value", [2**64, object(), {1: 2}])
def test_a_value_that_cannot_travel_is_bad_input_and_not_shown(graph_store: BoltStore, value: object) -> None:
    with pytest.raises(BadInput, match="a parameter cannot be sent") as caught:
        ask(graph_store, "RETURN $x AS x", x=["secret", value])
    assert "secret" not in str(caught.value)
    assert str(2**64) not in str(caught.value)


def test_creating_a_key_again_is_a_conflict(graph_store: BoltStore) -> None:
    put_members(graph_store, "c1")
    started = time.monotonic()
    with pytest.raises(Conflict, match="already holds a node with this key") as caught:
        graph_store.write(Statement("CREATE (n:Member {member_id: $id})", {"id": "c1"}))
    assert "c1" not in str(caught.value)
    assert time.monotonic() - started < 1.0  # only a MERGE is worth trying again


def test_a_wrong_password_is_named_as_such_and_not_shown(graph_server: EmbeddedServer) -> None:
    address = graph_server.address
    wrong = SecretStr("wrong-password")
    with BoltStore(
        address.bolt_url, (address.user, wrong), reader=(address.reader, wrong),
        database=address.database, dialect=ARCADEDB,
    ) as store, pytest.raises(Unavailable, match="refused the log-in") as caught:  # fmt: skip
        store.check()
    assert "wrong-password" not in str(caught.value)


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
