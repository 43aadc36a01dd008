"""The embedded server's batch endpoint: values arrive as they were, and edges where they belong."""

from datetime import date

import duckdb
import pytest

from graph import arcade_batch, write
from graph.errors import Unavailable
from graph.schema import ACCOUNT, MEMBER, PRODUCT, TIE
from graph.statement import Statement
from tests.conftest import emptied

pytestmark = pytest.mark.server


@pytest.fixture
def store(graph_store):
    return emptied(graph_store)


def lines(expression, rows, columns):
    """The lines that an expression of SQL makes of rows of text."""
    with duckdb.connect() as connection:
        declared = ", ".join(f'"{name}" {kind}' for name, kind in columns)
        connection.execute(f"CREATE TABLE given ({declared})")
        connection.executemany(f"INSERT INTO given VALUES ({', '.join('?' * len(columns))})", rows)
        for batch in connection.sql(f"SELECT {expression} FROM given").to_arrow_reader(1000):
            yield from (batch.slice(row, 1) for row in range(batch.num_rows))


def members(store, keys):
    columns = [(MEMBER.id, "VARCHAR")] + [(field.name, sql(field)) for field in MEMBER.properties]
    rows = [[key] + [None] * len(MEMBER.properties) for key in keys]
    return arcade_batch.load(store.batch_endpoint, lines(arcade_batch.node_line(MEMBER), rows, columns))


def sql(field):
    return {"text": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN", "date": "DATE"}[
        field.kind
    ]


def test_values_arrive_as_they_were_and_those_that_are_none_not_at_all(store):
    arcade_batch.declare(store.batch_endpoint, MEMBER)
    columns = [(MEMBER.id, "VARCHAR")] + [(field.name, sql(field)) for field in MEMBER.properties]
    days = {"joined": date(1948, 2, 29), "left": None}
    rows = [["m\n1"] + [days.get(field.name) for field in MEMBER.properties]]
    loaded = arcade_batch.load(store.batch_endpoint, lines(arcade_batch.node_line(MEMBER), rows, columns))
    assert loaded == 1
    found = store.rows(Statement("MATCH (m:Member) WHERE m.joined = $day RETURN properties(m) AS m",
                                 {"day": date(1948, 2, 29)}))  # fmt: skip
    assert found == [{"m": {"member_id": "m\n1", "joined": date(1948, 2, 29)}}]


def test_a_number_that_is_none_is_left_out(store):
    arcade_batch.declare(store.batch_endpoint, PRODUCT)
    columns = [(PRODUCT.id, "VARCHAR")] + [(field.name, sql(field)) for field in PRODUCT.properties]
    rows = [
        [key] + [fee if field.name == "monthly_fee" else None for field in PRODUCT.properties]
        for key, fee in (("a", float("nan")), ("b", float("inf")), ("c", 1e300))
    ]
    arcade_batch.load(store.batch_endpoint, lines(arcade_batch.node_line(PRODUCT), rows, columns))
    found = store.rows(Statement("MATCH (p:Product) RETURN properties(p) AS p ORDER BY p.product_id"))
    assert [row["p"] for row in found] == [
        {"product_id": "a"},
        {"product_id": "b"},
        {"product_id": "c", "monthly_fee": 1e300},
    ]


def test_ids_of_all_nodes_come_in_pages(store, monkeypatch):
    keys = [f"m{number}" for number in range(25)]
    assert members(store, keys) == 25
    monkeypatch.setattr(arcade_batch, "IDS_AT_ONCE", 10)
    pages = list(arcade_batch.ids(store.batch_endpoint, MEMBER))
    assert [page.num_rows for page in pages] == [10, 10, 5]
    assert sorted(key for page in pages for key in page["id"].to_pylist()) == sorted(keys)
    assert list(arcade_batch.ids(store.batch_endpoint, ACCOUNT)) == []


def test_a_large_load_is_cut_into_requests(store, monkeypatch):
    monkeypatch.setattr(arcade_batch, "REQUEST_BYTES", 100)  # two lines of about 50 bytes
    posted = []
    post = arcade_batch._post
    monkeypatch.setattr(arcade_batch, "_post", lambda *given: posted.append(post(*given)) or posted[-1])
    assert members(store, [f"m{number}" for number in range(7)]) == 7
    assert sum(posted) == 7
    assert len(posted) > 2


def test_a_key_that_is_there_is_refused_without_a_word_of_it(store):
    members(store, ["secret"])
    with pytest.raises(Unavailable, match="refused a bulk load \\(409 DuplicatedKeyException\\)") as raised:
        members(store, ["secret"])
    assert "secret" not in str(raised.value)


def test_edges_join_what_their_ids_say_and_can_be_merged_afterwards(store):
    members(store, ["a", "b"])
    (page,) = arcade_batch.ids(store.batch_endpoint, MEMBER)
    rid = dict(zip(page["id"].to_pylist(), page["rid"].to_pylist(), strict=True))
    arcade_batch.declare(store.batch_endpoint, TIE)
    columns = [("source", "VARCHAR"), ("target", "VARCHAR")]
    columns += [(field.name, sql(field)) for field in TIE.properties]
    row = [rid["a"], rid["b"]] + [3 if field.name == "calls" else None for field in TIE.properties]
    text = arcade_batch.edge_line(TIE, "source", "target", "''")
    assert arcade_batch.load(store.batch_endpoint, lines(text, [row], columns)) == 1

    store.bulk(
        write.merge_edges(TIE, "Member", "Member"),
        [{"source": "a", "target": "b", "key": "", "props": {"messages": 1}}],
    )
    found = store.rows(Statement("MATCH (b)<-[t:TIE]-(a) RETURN a.member_id AS a, properties(t) AS t"))
    assert found == [{"a": "a", "t": {"key": "", "calls": 3, "messages": 1}}]
