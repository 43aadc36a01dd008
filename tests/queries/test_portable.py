"""What leaves the portable subset is refused, with the place and another spelling; the ordinary is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from graph.errors import BadInput, Forbidden
from queries.catalog import catalog, digests, load
from queries.portable import CHECKED, MOST_SHOWN, page, portable, refuse_unportable
from queries.portable_rules import RULES
from tests.queries.cypher_files import Refused, differences, ordinary

ROOT = Path(__file__).parents[2]
RULE = {rule.name: rule for rule in RULES}
REFUSED = differences()
ORDINARY = ordinary()
LIBRARY = """\
// title: T
// about: A
// for: analyst
// returns: a
MATCH (n:Account)
RETURN {shape} AS a
ORDER BY a
"""


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case.rule}: {case.text}"[:90])
def test_a_known_difference_is_refused_with_its_place_and_another_spelling(case: Refused) -> None:
    text = f"// a first line\n\n  {case.text}"
    first = portable(text)[0]
    assert (first.rule, first.line, first.instead) == (case.rule, 3, RULE[case.rule].instead)
    shown = first.construct.removesuffix("…")
    assert " ".join(case.text[first.column - 3 :].split()).startswith(shown)
    assert 0 < len(shown) <= MOST_SHOWN
    with pytest.raises((BadInput, Forbidden)) as caught:
        refuse_unportable(text, "your text")
    said = str(caught.value)
    assert said.startswith(f"your text, line 3, column {first.column}: '{first.construct}' ")
    if case.rule == "write":
        assert said.endswith("would change the graph; only reading is allowed")
    else:
        assert said.endswith(f"({case.rule}); write instead: {RULE[case.rule].instead}")


def test_enough_constructs_are_known_and_every_rule_has_one() -> None:
    assert len({case.text for case in REFUSED}) == len(REFUSED) >= 60
    assert {case.rule for case in REFUSED} == set(RULE)
    assert len([case for case in REFUSED if case.neo4j is not None]) >= 60


@pytest.mark.parametrize(
    ("text", "line", "column", "construct", "rule"),
    [
        ("MATCH (a)\nRETURN max(a.b)\n  IS NULL AS x", 2, 8, "max(a.b)", "aggregate-tested"),
        ("MATCH (客户) RETURN '银行' AS a,\n 1_000 AS b", 2, 2, "1_000", "grouped-digits"),
        ("MATCH (n:$(\n$t)) RETURN n", 1, 10, "$( $t)", "dynamic-name"),
        ("MATCH (n) // max(x) IS NULL\nRETURN elementId(n) AS x", 2, 8, "elementId(n)", "identity"),
        ("MATCH (n) RETURN `apoc`.`text`.join([n.a], '') AS x", 1, 18, "`apoc`.`text`.join", "apoc"),
        ("MATCH (n) RETURN apoc /* hidden */ . text.join([n.a]) AS x", 1, 18, None, "apoc"),
        ("explain MATCH (n) RETURN n", 1, 1, "explain", "prefix"),
        ("/* x */ Cypher 5 RETURN 1 AS a", 1, 9, "Cypher", "prefix"),
    ],
)
def test_places_are_those_of_the_text_as_written(
    text: str, line: int, column: int, construct: str | None, rule: str
) -> None:
    first = portable(text)[0]
    assert (first.line, first.column, first.rule) == (line, column, rule)
    assert construct in (None, first.construct)


def test_all_findings_come_in_the_order_of_the_text() -> None:
    found = portable("MATCH (n) WHERE n.x != 1 RETURN max(n.y) IS NULL AS a, 1_0 AS b, INF AS c")
    assert [finding.rule for finding in found] == [
        "not-equal-sign", "aggregate-tested", "grouped-digits", "infinity",
    ]  # fmt: skip


# The portable spelling of each kind of difference, and words that only look like one.
SPELLINGS = [
    "MATCH (n:Account) WITH max(n.name) AS most RETURN most IS NULL AS x",
    "MATCH (n:Account) WITH n.tier AS t, count(*) AS c RETURN t, c > 1 AND c < 3 AS x ORDER BY t",
    "MATCH (n:Account) WITH max(n.opened) AS last RETURN last.year AS x",
    "MATCH (n:Account) RETURN any(x IN collect(n.tier) WHERE x = 'national') AS x",
    "MATCH (n:Account) RETURN [x IN collect(n.tier) WHERE x IS NOT NULL | x] AS x",
    "MATCH (n:Account) RETURN collect(n.name)[0..2] AS x",
    "MATCH (n:Account) RETURN CASE WHEN count(*) > 3 THEN 'many' ELSE 'few' END AS x",
    "MATCH (n:Account) RETURN count(CASE WHEN n.tier IS NULL AND true THEN 1 END) AS x",
    "MATCH (n:Account) RETURN n.tier IS NULL AS none, count(*) AS c",
    "MATCH (n:Account) RETURN n.tier AS t, count(*) AS c ORDER BY count(*) DESC",
    "MATCH (n:Account) RETURN n.apoc AS apoc, n.`SHORTEST 2` AS `1_000`, 'CREATE (n)' AS `SET`",
    "MATCH (n:Account) RETURN n.count AS x, n.max IS NULL AS y",
    "MATCH (a), (b) MATCH p = shortestPath((a)-[*..3]-(b)) WHERE a <> b WITH p WHERE length(p) > 2 RETURN p",
    "MATCH (a), (b) WHERE NOT a = b MATCH p = shortestPath((a)-[*..3]-(b)) RETURN p",
    "MATCH (a:Member), (b:Account) MATCH p = shortestPath((a)-[*..3]-(b)) RETURN p",
    "MATCH (a)-[r WHERE r.x > 1]->(b) RETURN a",
    "MATCH (a) ((x)-[r:T]->(y) WHERE r.z > 1){1,3} (b) RETURN a",
    "MATCH (a) CALL (a) { MATCH (a)--(b) WITH a, b MATCH (b)--(c)--(a) RETURN c } RETURN c",
    "MATCH (a) CALL (a) { MATCH (a)--(b) WITH b WHERE b.x > a.x RETURN b } RETURN b",
    "MATCH (a) CALL (a) { MATCH (a)--(b) WITH count(b) AS n RETURN n } RETURN a, n",
    "MATCH (a) WITH a.x AS x MATCH (a)--(b) RETURN x, b",
    "MATCH (a) CALL { WITH a MATCH (a)--(b) WITH b MATCH (b)--(a) RETURN count(a) AS n } RETURN n",
    "RETURN duration.inDays(date('2026-01-01'), date('2026-03-01')).days > 30 AS x",
    "RETURN duration({days: 1}) = duration({days: 1}) AS x",
    "RETURN 'on ' + toString(date('2026-01-01')) AS x",
    "MATCH (n) RETURN substring(n.name, 0, 2) AS x, n.churn_reasons[0] AS y, n['name'] AS z",
    "MATCH (n) RETURN n.x AS x LIMIT 10",
    "MATCH (n) RETURN n.x AS x SKIP $skip LIMIT toInteger($limit)",
    "RETURN exists((:Account)--()) AS x",
    "CALL db.index.fulltext.queryNodes($index, $q) YIELD node, score RETURN node, score",
]  # fmt: skip


@pytest.mark.parametrize("text", SPELLINGS)
def test_the_other_spelling_is_let_through(text: str) -> None:
    assert portable(text) == ()


def test_no_ordinary_text_is_refused() -> None:
    assert len(set(ORDINARY)) >= 300
    assert [(text, found) for text in ORDINARY if (found := portable(text))] == []


def test_the_whole_library_keeps_to_the_subset() -> None:
    assert {name: portable(query.text) for name, query in catalog().items() if portable(query.text)} == {}


def test_the_list_of_checked_texts_is_the_librarys() -> None:
    assert CHECKED.read_text(encoding="utf-8") == digests(), "run `make docs`"


def test_a_library_file_is_refused_when_it_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "library" / "a").mkdir(parents=True)
    file = tmp_path / "library" / "a" / "b.cypher"
    file.write_text(LIBRARY.format(shape="max(n.name) IS NULL"))
    with pytest.raises(BadInput) as caught:
        load(tmp_path / "library")
    assert str(caught.value) == (
        "library/a/b.cypher, line 6: 'max(n.name)' is not for the library (aggregate-tested);"
        f" write instead: {RULE['aggregate-tested'].instead}"
    )
    file.write_text(LIBRARY.format(shape="max(n.name) IS 1"))
    with pytest.raises(BadInput) as caught:
        load(tmp_path / "library")
    assert str(caught.value).startswith("library/a/b.cypher, line 6: column 23: '1' cannot stand here")
    file.write_text(LIBRARY.format(shape="max(n.name)"))
    assert list(load(tmp_path / "library")) == ["a/b"]


def test_a_write_is_forbidden_rather_than_unportable() -> None:
    with pytest.raises(Forbidden) as caught:
        refuse_unportable("MATCH (n)\nDETACH DELETE n", "your text")
    says = "your text, line 2, column 1: 'DETACH DELETE n' would change the graph; only reading is allowed"
    assert str(caught.value) == says


def test_the_page_is_the_one_generated() -> None:
    assert (ROOT / "docs" / "portable-cypher.md").read_text(encoding="utf-8") == page(), "run `make docs`"


def test_the_grammar_is_not_loaded_before_it_is_needed() -> None:
    program = (
        "import sys, queries.run; from queries.catalog import catalog; catalog();"
        "print([name for name in sys.modules if name.startswith(('antlr4', 'neo4j_guard'))]);"
        "from queries.portable import portable; portable('RETURN 1 AS a');"
        "print('antlr4' in sys.modules, 'neo4j_guard' in sys.modules)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT
    )
    # neo4j_guard itself stays out for good: importing it patches the driver.
    assert printed.stdout.split("\n")[:2] == ["[]", "True False"]
