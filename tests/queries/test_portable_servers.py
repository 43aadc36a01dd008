"""The differences are real, and the subset is the same: asked of both servers."""

from __future__ import annotations

import pytest

from graph.errors import BadInput, Forbidden, GuanxiError
from graph.statement import Statement
from graph.store import GraphStore, Row
from queries.run import read_cypher
from tests.queries import small_world
from tests.queries.cypher_files import FAILS, Refused, comparable, differences, ordinary

DIFFERENT = [case for case in differences() if case.neo4j is not None]
LIMIT = 50


@pytest.fixture(scope="module")
def embedded(graph_store: GraphStore) -> GraphStore:
    small_world.build(graph_store)
    return graph_store


@pytest.fixture(scope="module")
def neo4j(neo4j_store: GraphStore) -> GraphStore:
    small_world.build(neo4j_store)
    return neo4j_store


def answer(store: GraphStore, text: str) -> str | list[Row]:
    try:
        return comparable(store.rows(Statement(text), timeout=10, limit=LIMIT))
    except GuanxiError:
        return FAILS


@pytest.mark.server
@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: f"{case.rule}: {case.text}"[:90])
def test_the_embedded_server_answers_otherwise(embedded: GraphStore, case: Refused) -> None:
    """What stops differing after an upgrade may leave the table, and perhaps its rule."""
    assert answer(embedded, case.text) != case.neo4j


@pytest.mark.neo4j
@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: f"{case.rule}: {case.text}"[:90])
def test_neo4j_answers_as_written_down(neo4j: GraphStore, case: Refused) -> None:
    assert answer(neo4j, case.text) == case.neo4j


@pytest.mark.server
def test_ordinary_texts_run_on_the_embedded_server(embedded: GraphStore) -> None:
    for text in ordinary():
        reading = read_cypher(embedded, text, {}, seconds=20, limit=LIMIT)
        assert reading.columns or not reading.rows, text


@pytest.mark.neo4j
def test_ordinary_texts_answer_alike_on_neo4j(embedded: GraphStore, neo4j: GraphStore) -> None:
    asked = {text: (answer(embedded, text), answer(neo4j, text)) for text in ordinary()}
    assert [text for text, (_, theirs) in asked.items() if theirs == FAILS] == []
    assert [text for text, (ours, theirs) in asked.items() if steady(ours) != steady(theirs)] == []


def steady(value: object) -> object:
    """A value without what no server promises: the order of lists and keys, the last digits of sums."""
    if isinstance(value, dict):
        return sorted((key, steady(held)) for key, held in value.items())
    if isinstance(value, list):
        return sorted((steady(held) for held in value), key=repr)
    return round(value, 9) if isinstance(value, float) else value


@pytest.mark.server
def test_an_own_text_is_refused_on_the_embedded_server(embedded: GraphStore) -> None:
    text = "MATCH (n:Account)\nRETURN max(n.name) IS NULL AS none"
    assert answer(embedded, text) == [{"none": True}] * 7  # wrong, and in seven rows
    with pytest.raises(BadInput) as caught:
        read_cypher(embedded, text, {}, seconds=5, limit=10)
    assert str(caught.value) == (
        "your text, line 2, column 8: 'max(n.name)' does not mean the same on both servers"
        " (aggregate-tested); write instead: WITH the aggregate under a name first, then test or shape that"
        " name"
    )


@pytest.mark.neo4j
def test_an_own_text_on_neo4j_is_neo4js_affair(neo4j: GraphStore) -> None:
    text = "MATCH (n:Account)\nRETURN max(n.name) IS NULL AS none"
    assert read_cypher(neo4j, text, {}, seconds=5, limit=10).rows == [{"none": False}]


@pytest.mark.server
def test_a_slip_is_told_by_its_place_though_the_server_says_nothing(embedded: GraphStore) -> None:
    with pytest.raises(BadInput) as caught:
        read_cypher(embedded, "MATCH (n:Account)\nRETRUN n", {}, seconds=5, limit=10)
    assert str(caught.value) == "your text, line 2, column 1: 'RETRUN' cannot stand here"
    with pytest.raises(Forbidden) as caught_write:
        read_cypher(embedded, "CREATE (n:Account)", {}, seconds=5, limit=10)
    assert "would change the graph" in str(caught_write.value)
