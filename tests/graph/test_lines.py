"""Rows as one text: the statements, what cannot travel so, and batches that are too much for a server."""

import pytest
from neo4j.exceptions import Neo4jError

from graph.bolt import BoltStore
from graph.bolt_errors import OutOfMemory, from_server, may_succeed_later
from graph.dialect import ARCADEDB, NEO4J
from graph.lines import FIELD, LINE, edges_of_lines, nodes_of_lines
from graph.schema import MEMBER, SUBSCRIBES, TIE
from graph.side_by_side import blocks, in_rounds, tournament
from graph.statement import Statement
from graph.write import count_nodes, merge_nodes
from tests.conftest import emptied


def test_new_nodes_are_created_whole_and_others_merged():
    assert nodes_of_lines(MEMBER, new=True).text.startswith(
        "UNWIND split($rows, $line) AS line WITH split(line, $field) AS f"
        " CREATE (n:`Member` {`member_id`: f[0], "
    )
    assert "MERGE (n:`Member` {`member_id`: f[0]}) SET n += {" in nodes_of_lines(MEMBER, new=False).text


def test_an_edge_between_other_labels_is_refused():
    with pytest.raises(ValueError, match="SUBSCRIBES does not join Product to Member"):
        edges_of_lines(SUBSCRIBES, "Product", "Member", new=True)


@pytest.mark.parametrize("groups", [2, 4, 8])
def test_every_pair_of_groups_meets_once_and_no_group_twice_in_a_round(groups):
    met = [pair for pairs in tournament(groups) for pair in pairs]
    assert sorted(met) == [(a, b) for a in range(groups) for b in range(a + 1, groups)]
    for pairs in tournament(groups):
        assert sorted(group for pair in pairs for group in pair) == list(range(groups))


def test_blocks_hold_every_combination_once():
    held = [pair for _, _, pairs in blocks(4) for pair in pairs]
    assert sorted(held) == [(a, b) for a in range(4) for b in range(a, 4)]


def test_an_error_in_a_round_ends_the_work():
    done = []

    def fails():
        raise KeyError("broken")

    with pytest.raises(KeyError):
        in_rounds([[fails, lambda: done.append(1) or 1], [lambda: done.append(2) or 1]])
    assert done == [1]


class Narrow(BoltStore):
    """A store on a real server that has memory for 300 rows at a time."""

    def write(self, statement):
        rows = statement.params.get("rows", [])
        if len(rows.split(LINE) if isinstance(rows, str) else rows) > 300:
            raise OutOfMemory("too little memory")
        return super().write(statement)


@pytest.mark.server
def test_what_is_too_much_for_a_transaction_goes_in_halves(graph_server, graph_store):
    address = graph_server.address
    writer, reader = (address.user, address.password), (address.reader, address.reader_password)
    emptied(graph_store)
    with Narrow(
        address.bolt_url, writer, reader=reader, database=address.database, dialect=ARCADEDB
    ) as store:
        rows = [{"id": f"m{number}", "props": {}} for number in range(1_000)]
        assert store.bulk(merge_nodes(MEMBER), rows) == 1_000
        with pytest.raises(OutOfMemory):
            store.write(Statement("UNWIND $rows AS r RETURN r", {"rows": rows}))
    assert graph_store.rows(count_nodes(MEMBER)) == [{"n": 1_000}]


@pytest.mark.server
@pytest.mark.neo4j
def test_lines_go_in_halves_on_neo4j_too(neo4j_server, neo4j_store):
    login = (neo4j_server.user, neo4j_server.password)
    with Narrow(neo4j_server.url, login, database="neo4j", dialect=NEO4J) as store:
        lines = [FIELD.join([f"m{number}", *[""] * len(MEMBER.properties)]) for number in range(1_000)]
        assert store.write_lines(nodes_of_lines(MEMBER, new=True), lines) == 1_000
    assert neo4j_store.rows(count_nodes(MEMBER)) == [{"n": 1_000}]


@pytest.mark.parametrize("title", ["General.MemoryPoolOutOfMemoryError", "General.OutOfMemoryError"])
def test_a_lack_of_memory_is_told_apart_from_a_busy_server(title):
    error = Neo4jError._hydrate_neo4j(code=f"Neo.TransientError.{title}", message="secret")
    assert not may_succeed_later(error, "MERGE (n)")
    assert isinstance(from_server(error, "bolt://x", NEO4J), OutOfMemory)


def test_separators_are_those_the_statements_are_told():
    statement = edges_of_lines(TIE, "Member", "Member", new=False)
    assert statement.params == {"line": LINE, "field": FIELD}
