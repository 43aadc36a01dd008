"""The differences between the servers are declared, each with its sentences, and told on one page."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from graph.dialect import ARCADEDB, DIFFERENCES, NEO4J, Dialect
from graph.reference import servers_page

DOCS = Path(__file__).parents[2] / "docs"
NAMES = {"name", "server"}


def test_the_page_is_the_one_generated() -> None:
    assert (DOCS / "servers.md").read_text(encoding="utf-8") == servers_page(), "run `make docs`"


def test_every_branch_of_the_code_is_a_difference_with_its_sentences() -> None:
    branches = {field.name for field in fields(Dialect)} - NAMES
    told = [one.field for one in DIFFERENCES if one.field]
    assert sorted(told) == sorted(branches)
    assert all(getattr(ARCADEDB, name) != getattr(NEO4J, name) for name in branches)


def test_the_list_is_short_and_each_side_says_something_of_its_own() -> None:
    assert len(DIFFERENCES) <= 12
    assert all(one.arcadedb != one.neo4j and one.arcadedb and one.neo4j for one in DIFFERENCES)
