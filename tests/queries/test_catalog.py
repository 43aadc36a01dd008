"""The library as a whole: names, near misses, files that break the rules, and the page made from it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graph.errors import BadInput, NotFound
from graph.schema import EDGE, NODE, PUBLISHED
from queries.catalog import catalog, find, load, page
from queries.query import AUDIENCES

REPOSITORY = Path(__file__).parents[2]


def test_every_audience_finds_questions() -> None:
    asked = [who for query in catalog().values() for who in query.audience]
    assert len(catalog()) >= 18
    assert all(asked.count(who) >= 5 for who in AUDIENCES)


def test_names_are_topic_and_verb_noun() -> None:
    assert all(re.fullmatch(r"[a-z]+/[a-z0-9]+(_[a-z0-9]+)+", name) for name in catalog())
    assert list(catalog()) == sorted(catalog())


def test_labels_and_types_are_the_models() -> None:
    """A misspelt label finds nothing and says nothing."""
    for query in catalog().values():
        for found in re.findall(r"\((?:\w+)?:(\w+)", query.text):
            assert found in NODE, query.name
        for names in re.findall(r"\[\w*:([A-Z_|]+)", query.text):
            assert set(names.split("|")) <= set(EDGE), query.name


def test_what_is_known_of_is_looked_for_under_every_label() -> None:
    """Publishing's own mark is no knowledge."""
    looked_for = set(re.findall(r"\(n:(\w+)\)", find("graph/list_kinds").text))
    assert looked_for == set(NODE) - {PUBLISHED.label}


def test_imports_of_a_subquery_are_not_used_after_its_with() -> None:
    """One server forgets them there, the other would not let them be named again."""
    for query in catalog().values():
        for imported, body in re.findall(r"CALL \(([\w, ]+)\) \{(.*?)\n\}", query.text, re.DOTALL):
            for branch in body.split("UNION"):
                after = branch.partition("\n  WITH ")[2]
                after = re.split(r"\b(?:MATCH|ORDER|RETURN|UNWIND|WHERE)\b", after, maxsplit=1)[-1]
                named = set(re.findall(r"(?<![.\w$])\w+", after))
                assert not named & set(imported.split(", ")), (query.name, imported)


def test_the_catalog_is_read_once() -> None:
    assert catalog() is catalog()


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("accounts/show360", "accounts/show_360"),
        ("list_at_risk", "members/list_at_risk or accounts/list_ties"),
        ("contacts/list_at_risk", "contacts/list_contacts or members/list_at_risk or accounts/list_ties"),
    ],
)
def test_a_near_miss_is_answered_with_the_name(asked: str, near: str) -> None:
    with pytest.raises(NotFound) as caught:
        find(asked)
    known = "known: accounts/find_ending_contracts, "
    assert str(caught.value).startswith(f"no query named '{asked}'; did you mean {near}? {known}")


def test_a_name_like_nothing_is_answered_with_all() -> None:
    with pytest.raises(NotFound) as caught:
        find("zzz")
    assert str(caught.value) == f"no query named 'zzz'; known: {', '.join(catalog())}"


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "library" / "accounts" / "show_nothing.cypher"
    file.parent.mkdir(parents=True)
    file.write_text("// about: nothing\nRETURN 1 AS a\n", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load(tmp_path / "library")
    assert str(caught.value) == "library/accounts/show_nothing.cypher, line 1: there is no '// title: …'"


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / "library" / "accounts" / "show_nothing.cypher"
    file.parent.mkdir(parents=True)
    file.write_bytes("// title: 集团\n".encode("gb18030"))
    with pytest.raises(BadInput, match=r"show_nothing\.cypher: byte 10 is not UTF-8; save the file as UTF-8"):
        load(tmp_path / "library")


def test_the_page_is_up_to_date() -> None:
    written = (REPOSITORY / "docs" / "queries.md").read_text(encoding="utf-8")
    assert written == page(), "run: python -m queries.catalog > docs/queries.md"


def test_the_page_tells_every_query_parameter_and_column() -> None:
    text = page()
    for query in catalog().values():
        section = text.split(f"### {query.name}\n", 1)[1].split("\n##", 1)[0]
        assert query.title in section
        assert all(f"`{param.usage}`" in section for param in query.params)
        assert all(f"`{name}`" in section for name in query.columns)
