"""Parsing: what is no Cypher is told by its place, and no text, however hostile, does more than that."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from graph.errors import BadInput
from queries.grammar import MOST_BYTES, NoCypher, parse

HOSTILE = {
    "brackets, as many as allowed": "RETURN " + "(" * 200 + "1" + ")" * 200 + " AS x",
    "brackets, one more": "RETURN " + "(" * 201 + "1" + ")" * 201 + " AS x",
    "brackets that never close": "(" * 5000,
    "brackets that never open": "RETURN 1" + ")" * 5000,
    "brackets in a text": "RETURN '" + "(" * 5000 + "' AS x",
    "lists": "RETURN " + "[" * 199 + "]" * 199 + " AS x",
    "maps": "RETURN " + "{a:" * 199 + "1" + "}" * 199 + " AS x",
    "subqueries": "CALL { " * 150 + "RETURN 1 AS x" + "} RETURN x " * 150,
    "CASE, which has no brackets": "RETURN " + "CASE WHEN true THEN " * 80 + "1" + " END" * 80 + " AS x",
    "NOT": "RETURN " + "NOT " * 2000 + "true AS x",
    "list expressions": "RETURN " + "[x IN " * 30 + "y" + " | 1]" * 30 + " AS x",
    "OR": "RETURN " + " OR ".join(["a.b = 1"] * 500) + " AS x",
    "properties": "RETURN a" + ".b" * 3000 + " AS x",
    "a path": "MATCH (a)" + "-->()" * 1000 + " RETURN a",
    "UNION": " UNION ".join(["RETURN 1 AS x"] * 400),
    "signs": "RETURN " + "- " * 5000 + "1 AS x",
    "too long": "RETURN '" + "x" * MOST_BYTES + "' AS x",
    "too long in bytes": "RETURN '" + "字" * (MOST_BYTES // 3) + "' AS x",
    "half a character": "RETURN '\ud800' AS x",
    "no character": "RETURN '\0' AS x",
    "nothing": "",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_read_or_refused_within_seconds(name: str) -> None:
    before, started = sys.getrecursionlimit(), time.thread_time()
    with suppress(BadInput):
        parse(HOSTILE[name])
    assert time.thread_time() - started < 6
    assert sys.getrecursionlimit() == before


NESTED = "MATCH (a) WHERE " + "EXISTS { MATCH (a) WHERE " * 150 + "true" + "}" * 150 + " RETURN a"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HOSTILE["brackets, one more"], "line 1: brackets are nested deeper than 200; split it with WITH"),
        (
            HOSTILE["brackets that never close"],
            "line 1: brackets are nested deeper than 200; split it with WITH",
        ),
        (HOSTILE["too long"], "the text has 32,782 bytes; 32,768 at most, long lists go into parameters"),
        (NESTED, "the text takes more than 2 s to read; make it simpler"),
    ],
    ids=("depth", "depth without end", "length", "time"),
)
def test_a_limit_is_told(text: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert str(caught.value) == says


def test_as_deep_as_allowed_is_read() -> None:
    assert len(list(parse(HOSTILE["brackets, as many as allowed"]).all("ParenthesizedExpression"))) == 200


@pytest.mark.parametrize(
    ("text", "line", "column", "why"),
    [
        ("RETURN 1 +", 1, 11, "the text ends too early"),
        ("MATCH (n RETURN n", 1, 10, "'RETURN' cannot stand here"),
        ("MATCH (n)\nRETRUN n", 2, 1, "'RETRUN' cannot stand here"),
        ("MATCH (n:客户\n  RETURN n", 2, 3, "'RETURN' cannot stand here, expected '$', '{', ')', WHERE"),
        ("RETURN 'it''s' AS a", 1, 12, "\"'s'\" cannot stand here"),
        ("", 1, 1, "the text ends too early"),
        ("hello", 1, 1, "'hello' cannot stand here"),
    ],
)
def test_what_is_no_cypher_is_told_by_its_place(text: str, line: int, column: int, why: str) -> None:
    with pytest.raises(NoCypher) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column, caught.value.why) == (line, column, why)
    assert str(caught.value) == f"line {line}, column {column}: {why}"


def test_a_node_knows_its_words_and_its_place() -> None:
    tree = parse("MATCH (客户:Account)\nRETURN 客户.name AS 名称")
    (item,) = tree.all("ReturnItem")
    assert (item.text, item.line, item.column, item.start) == ("客户.name AS 名称", 2, 8, 26)
    assert [node.text for node in tree.all("Variable")] == ["客户", "客户", "名称"]


def test_threads_may_parse_at_once() -> None:
    texts = [f"MATCH (n:L{i}) WHERE n.x{i} = {i} OR n.y IN [1, 2] RETURN count(n) AS c{i}" for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        trees = list(pool.map(parse, texts))
    assert [next(tree.all("LabelName")).text for tree in trees] == [f"L{i}" for i in range(40)]
