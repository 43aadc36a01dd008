"""A query file is read as its header says, and refused in one sentence that names file and line."""

from __future__ import annotations

from datetime import date

import pytest

from graph.errors import BadInput
from queries.parameters import Param, Type
from queries.query import Column, parse

GOOD = """\
// title: Key contacts nobody met
// about: Whom to call first,
//   and whom next.
// for: group-account team | analyst
// param: account_id str — the account
// param: days int = 90 — days without a meeting
// param: region str = null — part of the country
// param: roles list of str = decision, influence — only these
// param: strict bool = true — leave out the unknown
// param: from_day date = 2026-01-31 — first day
// param: as_of date = run — day on which days are counted
// param: limit int = 20 — most rows
// returns: contact_id, last_met (any of us, by any
//   means), n
MATCH (c:Contact)  // $comment; with 'quotes
WHERE c.a = $account_id AND c.r IN $roles AND $strict AND c.d > $from_day AND c.t <> '$quoted; text'
  AND c.g STARTS WITH $region AND c.m < $as_of - duration({days: $days})
WITH c, count(*) AS n
RETURN c.contact_id AS contact_id, max([c.x, c.y][0]) AS last_met, n
ORDER BY contact_id LIMIT $limit
"""
SMALL = """\
// title: T
// about: A
// for: analyst
// param: x int — a number
// returns: a
RETURN $x AS a
ORDER BY a
"""

AUDIENCE = "group-account team | marketer | analyst"
HEADER = "a header line reads '// title: …', or goes on, indented, the one above"
ONE_STATEMENT = "one Cypher statement is wanted below the header"
NOT_HERE = "is not for the library"
INSTEAD = "write instead:"
WRITE = "MATCH … RETURN; facts come in through guanxi load"
LABELS = "the name itself, or type(r) IN $types, $label IN labels(n)"
KEYS = "the key of our model: n.account_id, n.member_id"
ENDS = "name both ends and add WHERE a <> b"


def test_a_file_is_read_whole() -> None:
    query = parse(GOOD, "contacts/find_unmet", "library/contacts/find_unmet.cypher")

    assert (query.name, query.topic, query.title) == (
        "contacts/find_unmet",
        "contacts",
        "Key contacts nobody met",
    )
    assert query.about == "Whom to call first, and whom next."
    assert query.audience == ("group-account team", "analyst")
    assert query.params == (
        Param("account_id", Type.STR, "the account"),
        Param("days", Type.INT, "days without a meeting", required=False, default=90),
        Param("region", Type.STR, "part of the country", required=False, default=None),
        Param("roles", Type.LIST, "only these", required=False, default=["decision", "influence"]),
        Param("strict", Type.BOOL, "leave out the unknown", required=False, default=True),
        Param("from_day", Type.DATE, "first day", required=False, default=date(2026, 1, 31)),
        Param("as_of", Type.DATE, "day on which days are counted", required=False, from_run=True),
        Param("limit", Type.INT, "most rows", required=False, default=20),
    )
    assert query.returns == (Column("contact_id"), Column("last_met", "any of us, by any means"), Column("n"))
    assert query.columns == ("contact_id", "last_met", "n")
    assert query.text.startswith("MATCH (c:Contact)")
    assert query.text.endswith("LIMIT $limit\n")
    assert (query.limit, set(query.counts)) == ("limit", {"limit"})


def test_usage_is_written_as_declared() -> None:
    shown = [param.usage for param in parse(GOOD, "a/b", "f").params]
    assert shown == [
        "account_id str",
        "days int = 90",
        "region str = null",
        "roles list of str = decision, influence",
        "strict bool = true",
        "from_day date = 2026-01-31",
        "as_of date = run",
        "limit int = 20",
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("// title: T\n", "", 1, "there is no '// title: …'"),
        ("// title: T\n", "// title:\n", 1, "there is no '// title: …'"),
        ("// title: T\n", "// title: T\n// title: U\n", 2, "a second '// title: …'; one is enough"),
        ("// about: A\n", "", 1, "there is no '// about: …'"),
        ("// for: analyst\n", "", 1, "there is no '// for: …'"),
        ("analyst", "analyst | boss", 3, f"no audience 'boss'; known: {AUDIENCE}"),
        ("// returns: a\n", "", 1, "there is no '// returns: …'"),
        ("returns: a", "result: a", 5, "no header entry 'result'; known: title, about, for, param, returns"),
        ("// title", "//   T\n// title", 1, HEADER),
        ("x int", "x number", 4, "no type 'number'; known: str, int, float, bool, date, list of str"),
        ("x int — a number", "x int", 4, "parameter 'x' has no description after ' — '"),
        ("x int — a number", "x", 4, "a parameter reads '// param: name type [= default] — description'"),
        ("x int — a", "x int = many — a", 4, "the default 'many' is no int"),
        ("x int — a", "x int = run — a", 4, "the default 'run' is no int"),
        ("// returns", "// param: x str — b\n// returns", 5, "parameter 'x' is declared twice"),
        ("// returns", "// param: y int — b\n// returns", 5, "parameter 'y' is declared and not used"),
        ("$x AS a\n", "$x\n  + $z AS a\n", 7, "$z is used and not declared by '// param: z …'"),
        ("returns: a", "returns: a, a", 5, "column 'a' is declared twice"),
        ("returns: a", "returns: a (x) b", 5, "a column reads 'name' or 'name (description)', not 'a (x) b'"),
        ("returns: a", "returns: a, b", 5, "'returns' lists a, b; RETURN gives a"),
        ("RETURN $x AS a", "RETURN $x AS b", 5, "'returns' lists a; RETURN gives b"),
        ("RETURN $x AS a", "RETURN $x + 1", 5, "'returns' lists a; RETURN gives $x + 1"),
        ("RETURN $x AS a", "WITH $x AS a RETURN *", 6, "there is no RETURN with named columns"),
        ("RETURN $x AS a\nORDER BY a\n", "", 6, f"{ONE_STATEMENT}, found 0"),
        ("ORDER BY a", "ORDER BY a; RETURN 1 AS a", 6, f"{ONE_STATEMENT}, found 2"),
        ("ORDER BY a", "", 6, "no ORDER BY after RETURN: the rows would come in any order"),
        (
            "RETURN",
            "MATCH (n)\nSET n.a = 1 RETURN",
            7,
            f"'SET n.a = 1' {NOT_HERE} (write); {INSTEAD} {WRITE}",
        ),
        ("RETURN", "MATCH (n:$($x)) RETURN", 6, f"'$($x)' {NOT_HERE} (dynamic-name); {INSTEAD} {LABELS}"),
        ("$x", "elementId($x)", 6, f"'elementId($x)' {NOT_HERE} (identity); {INSTEAD} {KEYS}"),
        (
            "RETURN",
            "MATCH p = shortestPath((m)-[*]-(n)) RETURN",
            6,
            f"'shortestPath((m)-[*]-(n))' {NOT_HERE} (shortest-same-ends); {INSTEAD} {ENDS}",
        ),
        ("ORDER BY a", "ORDER a", 7, "column 7: 'a' cannot stand here"),
    ],
)
def test_a_fault_is_told_with_file_and_line(old: str, new: str, line: int, why: str) -> None:
    text = SMALL.replace(old, new, 1)
    assert text != SMALL
    with pytest.raises(BadInput) as caught:
        parse(text, "a/b", "library/a/b.cypher")
    assert str(caught.value) == f"library/a/b.cypher, line {line}: {why}"


def test_a_property_named_like_a_clause_in_quotes_is_no_fault() -> None:
    text = SMALL.replace(
        "RETURN $x AS a", "MATCH (n {b: 'SET apoc.x'}) /* DELETE */ RETURN n.`set` + $x AS a"
    )
    assert parse(text, "a/b", "f").columns == ("a",)


def test_a_return_inside_braces_is_not_the_last() -> None:
    text = SMALL.replace("RETURN $x AS a", "CALL () { RETURN $x AS q ORDER BY q } RETURN q AS a")
    assert parse(text, "a/b", "f").columns == ("a",)
