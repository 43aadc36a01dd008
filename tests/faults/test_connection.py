"""Connections that break, stall and collide: every effect exactly once, every failure named, none endless."""

import logging
import threading
import time
from urllib.parse import urlsplit

import pytest

from graph import write
from graph.bolt import BoltStore
from graph.dialect import ARCADEDB, NEO4J
from graph.errors import GuanxiError, Unavailable
from graph.schema import ACCOUNT, BELONGS_TO, MEMBER
from graph.statement import Statement
from graph.watchdog import SILENT_SECONDS
from tests.faults.proxy import Proxy
from tests.ingest.keeping.small_lake import emptied

pytestmark = pytest.mark.server

ENDS = 30.0
"""Seconds by which every case must have ended."""


@pytest.fixture(scope="module", params=["arcadedb", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def server(request):
    """A server's (host, port), and what a store on it needs besides its address."""
    if request.param == "neo4j":
        neo4j = request.getfixturevalue("neo4j_server")
        request.getfixturevalue("neo4j_store")
        url = neo4j.url
        given = {"auth": (neo4j.user, neo4j.password), "database": "neo4j", "dialect": NEO4J}
    else:
        address = request.getfixturevalue("graph_server").address
        request.getfixturevalue("graph_store")
        url = address.bolt_url
        given = {
            "auth": (address.user, address.password),
            "reader": (address.reader, address.reader_password),
            "database": address.database,
            "dialect": ARCADEDB,
        }
    parts = urlsplit(url)
    return (parts.hostname, parts.port), given


@pytest.fixture
def direct(server):
    """A store that nothing disturbs, on an empty graph."""
    (host, port), given = server
    with BoltStore(f"bolt://{host}:{port}", **given) as store:
        yield emptied(store)


@pytest.fixture
def proxy(server):
    with Proxy(server[0]) as proxy:
        yield proxy


@pytest.fixture
def store(server, proxy, direct):
    """A store that speaks through the proxy."""
    with BoltStore(f"bolt://127.0.0.1:{proxy.port}", **server[1]) as store:
        yield store


def put(store, *ids):
    return store.bulk(write.merge_nodes(MEMBER), [{"id": one, "props": {}} for one in ids])


def number(store, text):
    return store.rows(Statement(text))[0]["n"]


def join(store, *members):
    """Edges from members to the hub, each with its own key; written twice they are still there once."""
    rows = [{"source": one, "target": "hub", "key": "", "props": {"since": None}} for one in members]
    return store.bulk(write.merge_edges(BELONGS_TO, "Member", "Account"), rows)


def cut_off(proxy, how, work, *given):
    """Have the proxy cut this work at its commit; on a busy machine a connection may fail before that."""
    proxy.cut_at_commit, cuts = how, proxy.cuts
    for _ in range(5):
        with pytest.raises(Unavailable) as told:
            work(*given)
        if proxy.cuts > cuts:
            break
    assert proxy.cuts == cuts + 1
    assert "not known whether the last batch was written, so run it again" in str(told.value)
    proxy.heal()


CUTS = {"sent": 100, "before": 20, "answered": 20}
THERE = {"sent": set(range(101)), "before": {0}, "answered": {20}}
"""How many of the effects may be there before the second run: of a COMMIT on its way nobody can know."""


@pytest.mark.parametrize("how", CUTS)
def test_what_is_cut_off_at_its_commit_is_there_exactly_once_when_it_is_run_again(how, store, proxy, direct):
    """So many times: a node, then its edge, each in a transaction cut at its commit and run again."""
    cuts = CUTS[how]
    direct.bulk(write.merge_nodes(ACCOUNT), [{"id": "hub", "props": {}}])
    nodes = "MATCH (n:Member) RETURN count(n) AS n"
    edges = "MATCH (:Member)-[e:BELONGS_TO]->(:Account {account_id: 'hub'}) RETURN count(e) AS n"
    there = 0
    for cut in range(cuts):
        work, count = (put, nodes) if cut % 2 == 0 else (join, edges)
        before = number(direct, count)
        cut_off(proxy, how, work, store, f"m{cut // 2}")
        there += number(direct, count) - before
        assert work(store, f"m{cut // 2}") == 1
        assert number(direct, count) == before + 1
    assert proxy.cuts == cuts
    assert (number(direct, nodes), number(direct, edges)) == (cuts / 2, cuts / 2)
    assert there in THERE[how]
    print(f"cut, COMMIT {how}: {cuts} of {cuts} exactly once; {there} were there before the second run")


def test_six_writers_on_one_hub_lose_and_double_nothing(direct, caplog):
    """1,800 edges in 36 batches of 50 by six threads, all to one node; attempts beyond 36 are retries."""
    caplog.set_level(logging.INFO, logger="graph.bolt")
    direct.bulk(write.merge_nodes(ACCOUNT), [{"id": "hub", "props": {}}])
    put(direct, *(f"m{i:04}" for i in range(1800)))
    failed, start = [], threading.Barrier(6)

    def work(writer):
        start.wait()
        try:
            for batch in range(6):
                first = 300 * writer + 50 * batch
                join(direct, *(f"m{i:04}" for i in range(first, first + 50)))
        except GuanxiError as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(6)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    assert failed == []
    count = "MATCH (m:Member)-[e:BELONGS_TO]->(:Account {account_id: 'hub'})"
    assert number(direct, f"{count} RETURN count(e) AS n") == 1800
    assert number(direct, f"{count} RETURN count(DISTINCT m.member_id) AS n") == 1800
    attempts = 36 + sum("failed" in record.message for record in caplog.records)
    print(f"1,800 edges at one hub: {took:.1f} s, {attempts} attempts for 36 batches")
    assert took < ENDS


@pytest.mark.parametrize("side", ["cut_sent", "cut_received"])
def test_a_connection_cut_after_any_byte_ends_in_one_sentence_or_well(side, store, proxy, direct):
    """From the greeting to the answer of a write: afterwards the same store works again."""
    told = 0
    for place in (0, 1, 7, 20, 30, 100, 200, 300, 400, 500, 700, 1000):
        put(store, "warm")
        setattr(proxy, side, place)
        began = time.monotonic()
        try:
            put(store, f"n{place}")
        except Unavailable:  # anything else is a failure of this test
            told += 1
        assert time.monotonic() - began < ENDS
        proxy.heal()
        put(store, f"n{place}")
    assert told > 0
    assert number(direct, "MATCH (n:Member) WHERE n.member_id <> 'warm' RETURN count(n) AS n") == 12


def test_a_slow_line_delays_and_breaks_nothing(store, proxy, direct):
    proxy.delay = 0.05
    assert put(store, *(f"s{i}" for i in range(100))) == 100
    assert number(store, "MATCH (n:Member) RETURN count(n) AS n") == 100


def test_a_server_that_is_gone_is_told_at_once(server, proxy):
    with BoltStore(f"bolt://127.0.0.1:{proxy.port}", **server[1]) as store:
        put(store, "x")
        proxy.__exit__()
        began = time.monotonic()
        with pytest.raises(Unavailable, match="does not answer"):
            put(store, "y")
        assert time.monotonic() - began < ENDS


def test_a_read_with_a_limit_does_not_wait_for_a_server_that_has_gone_silent(store, proxy, direct):
    """Nothing is refused and nothing answered, as behind a firewall that drops what it is sent."""
    put(store, "x")
    assert number(store, "MATCH (n:Member) RETURN count(n) AS n") == 1
    proxy.silent = True
    began = time.monotonic()
    with pytest.raises(Unavailable, match="went silent"):
        store.rows(Statement("MATCH (n:Member) RETURN count(n) AS n"), timeout=1.0)
    assert time.monotonic() - began < 1.0 + SILENT_SECONDS + 1.0
