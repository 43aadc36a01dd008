"""Many rows in the server's fastest way leave the same graph as statements do, also after an interruption."""

import json
import os
import shutil
import signal
import time
from datetime import date, timedelta

import pyarrow as pa
import pytest

from graph import arcade_batch
from graph.connect import connect
from graph.errors import Unavailable
from graph.lake import Lake
from graph.landing import arrow_schema
from graph.schema import ACCOUNT, BELONGS_TO, MEMBER, PRODUCT, SUBSCRIBES, TIE, VISITED
from graph.settings import settings
from graph.statement import Statement
from graph.store import sweep
from graph.write import count_edges, empty_graph
from ingest.publishing import sending
from ingest.publishing.publish import publish

pytestmark = pytest.mark.server

DAY = date(2026, 1, 1)
NEVER = 10**9
AWKWARD = [
    "",
    "true",
    "0012",
    "3.5",
    "null",
    "华信 集团",
    'a "quoted", \\ and\nbroken\r\nline',
    "\t\u2028",
    "𠮷",
]
KINDS = {kind.table: kind for kind in (ACCOUNT, BELONGS_TO, MEMBER, PRODUCT, SUBSCRIBES, TIE, VISITED)}
MEMBERS = [f"m{number}" for number in range(40)]


def land(lake, **given):
    with lake.writing("test") as writer:
        for table, rows in given.items():
            kind = KINDS[table]
            writer.land(kind, pa.Table.from_pylist(rows, schema=arrow_schema(kind)), "load-1")


def tie(source, target, month, calls):
    return {"source": source, "target": target, "month": date(2026, month, 1), "calls": calls}


@pytest.fixture(scope="module")
def made_lake(tmp_path_factory):
    """Every kind of value, awkward texts in every place, parallel edges, ends of several kinds."""
    lake = Lake(tmp_path_factory.mktemp("made") / "lake")
    ends = [(one, other) for one in MEMBERS for other in MEMBERS[:9] if one != other]
    land(
        lake,
        accounts=[
            {"account_id": f"A{n}", "known_from": DAY, "name": text}
            for n, text in enumerate([*AWKWARD, None])
        ],
        members=[
            {
                "member_id": key,
                "known_from": DAY,
                "joined": None if n % 3 else date(1948, 2, 28) + timedelta(days=400 * n),
            }
            for n, key in enumerate(MEMBERS)
        ],
        memberships=[{"source": key, "target": "A1", "since": DAY} for key in MEMBERS],
        products=[
            {"product_id": f"p{n}", "known_from": DAY, "monthly_fee": fee}
            for n, fee in enumerate([0.1, 58.0, 1e300, 5e-324, None])
        ],
        subscriptions=[
            {"source_label": label, "source": source, "target": "p0", "fee": 50.0, "since": since}
            for label, source in (("Member", "m1"), ("Account", "A1"))
            for since in (DAY, date(2026, 2, 1))
        ],
        ties=[tie(one, other, 1 + n % 3, 2**53 + 1 if n == 7 else n) for n, (one, other) in enumerate(ends)],
    )
    return lake


@pytest.fixture
def lake(made_lake, tmp_path):
    """A copy of that lake which a test may change."""
    return Lake(shutil.copytree(made_lake.folder, tmp_path / "lake"))


@pytest.fixture
def store(either_store):
    clear(either_store)
    return either_store


@pytest.fixture
def embedded(graph_store):
    clear(graph_store)
    return graph_store


def clear(store):
    sweep(store, empty_graph())


def everything(store):
    """All nodes and edges with all they carry, read along both ends of the edges, in a fixed order."""
    nodes = store.rows(
        Statement("MATCH (n) WHERE NOT n:Published RETURN labels(n) AS labels, properties(n) AS props")
    )
    found = "RETURN properties(a) AS a, type(e) AS t, properties(e) AS e, properties(b) AS b"
    ways = ("MATCH (a)-[e]->(b)", "MATCH (b)<-[e]-(a)")
    edges = [store.rows(Statement(f"{way} {found}")) for way in ways]
    return [sorted(map(repr, map(ordered, rows))) for rows in (nodes, *edges)]


def ordered(value):
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    return value


def test_the_fastest_way_leaves_the_same_graph(lake, store):
    slow = publish(lake, store, bulk=NEVER).rows()
    wanted = everything(store)
    assert len(wanted[1]) == len(wanted[2]) > 350
    clear(store)
    assert publish(lake, store, bulk=1).rows() == slow
    assert everything(store) == wanted
    assert publish(lake, store, bulk=1).rows() == []


@pytest.mark.neo4j
def test_neo4j_tells_its_own_ids_in_as_many_pieces_as_it_takes(lake, neo4j_store, monkeypatch):
    clear(neo4j_store)
    publish(lake, neo4j_store, bulk=NEVER)
    wanted = everything(neo4j_store)
    clear(neo4j_store)
    monkeypatch.setattr(sending, "RIDS_AT_ONCE", 7)
    publish(lake, neo4j_store, bulk=1)
    assert everything(neo4j_store) == wanted


def test_statements_go_on_where_the_fastest_way_was_taken(lake, store):
    publish(lake, store, bulk=1)
    land(
        lake,
        members=[{"member_id": "m1", "known_from": date(2026, 2, 2), "left": date(2026, 2, 2)},
                 {"member_id": "new", "known_from": DAY}],
        ties=[tie("m1", "m2", 1, 5), tie("new", "m1", 2, 1)],
    )  # fmt: skip
    sent = {row["type"]: (row["sent"], row["removed"]) for row in publish(lake, store, bulk=NEVER).rows()}
    # m1 to m2 changes, and with its contacts the reciprocity of m2 to m1; new to m1 is new.
    assert sent == {"Member": (2, 0), "TIE": (3, 0)}
    grown = everything(store)
    clear(store)
    publish(lake, store, bulk=NEVER)
    assert everything(store) == grown


def test_a_large_change_of_what_is_there_goes_side_by_side(lake, store):
    publish(lake, store, bulk=1)
    land(lake, ties=[tie(one, other, 4, 1) for one in MEMBERS for other in MEMBERS if one != other])
    publish(lake, store, bulk=1)
    grown = everything(store)
    clear(store)
    publish(lake, store, bulk=NEVER)
    assert everything(store) == grown


class Cut(Exception):
    pass


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_creation_cut_off_between_two_pieces_is_begun_again(lake, store, monkeypatch, at):
    wanted = whole(lake, store)
    monkeypatch.setattr("ingest.publishing.changes.ROWS_AT_ONCE", 100)
    monkeypatch.setattr(sending, "LINES_AT_ONCE", 100)
    ties = []

    def cut(step, done, total):
        if step == "TIE":
            ties.append(done)
            if len(ties) == at:
                raise Cut

    with pytest.raises(Cut):
        publish(lake, store, cut, bulk=1)
    sent = {row["type"]: row["sent"] for row in publish(lake, store, bulk=1).rows()}
    assert sent == {"TIE": 351, "SUBSCRIBES": 4}
    assert everything(store) == wanted


def whole(lake, store):
    publish(lake, store, bulk=NEVER)
    found = everything(store)
    clear(store)
    return found


def test_a_text_that_holds_a_separator_goes_by_statements(lake, store):
    land(lake, accounts=[{"account_id": "odd", "known_from": DAY, "name": "one\x1fand\x1eanother"}])
    publish(lake, store, bulk=1)
    found = store.rows(Statement("MATCH (a:Account {account_id: 'odd'}) RETURN a.name AS name"))
    assert found == [{"name": "one\x1fand\x1eanother"}]


def test_an_answer_that_counts_too_few_is_not_believed(lake, embedded, monkeypatch):
    monkeypatch.setattr(arcade_batch, "_post", lambda address, body: sum(1 for _ in body))
    with pytest.raises(Unavailable, match="stored 1 of 10 records"):
        publish(lake, embedded, bulk=1)
    monkeypatch.undo()
    publish(lake, embedded, bulk=1)
    assert embedded.rows(count_edges(TIE)) == [{"n": 351}]


def test_a_server_killed_in_a_creation_is_filled_again(lake, tmp_path, monkeypatch):
    """Small flushes, so that edges are stored of which only their source knows when the server dies."""
    monkeypatch.setattr(arcade_batch, "OPTIONS", arcade_batch.OPTIONS + "&batchSize=20&commitEvery=20")
    monkeypatch.setattr("ingest.publishing.changes.ROWS_AT_ONCE", 50)
    own = settings().model_copy(update={"home": tmp_path, "graph_url": "embedded", "graph_heap": "256m"})
    with connect(own) as store:

        def kill(step, done, total):
            if step == "TIE" and done > 300:
                time.sleep(0.5)  # what was sent before is stored by now
                os.kill(json.loads((own.graph_folder / "server.json").read_text())["pid"], signal.SIGKILL)

        with pytest.raises(Unavailable, match="broke off a bulk load"):
            publish(lake, store, kill, bulk=1)
        monkeypatch.undo()
        assert publish(lake, store, bulk=1).rows()[0]["type"] == "TIE"
        found = everything(store)
        assert len(found[1]) == len(found[2]) == 395  # 351 ties, 40 memberships, 4 subscriptions
        (checked,) = arcade_batch.command(store.batch_endpoint, "CHECK DATABASE")
        assert (checked["totalActiveEdges"], checked["edgesMissingInReference"]) == (395, 0)
        clear(store)
        publish(lake, store, bulk=NEVER)
        assert everything(store) == found
