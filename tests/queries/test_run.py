"""Asking: what stands beside the rows, where they are cut off, and texts of one's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graph.errors import BadInput
from graph.settings import Settings, settings
from graph.store import GraphStore
from queries.catalog import find
from queries.run import ask, newest_run, read_cypher
from tests.queries import small_world

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def world(either_store: GraphStore) -> GraphStore:
    small_world.build(either_store)
    return either_store


@pytest.fixture
def small_cap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("GUANXI_QUERY_ROWS", "3")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def test_an_answer_tells_what_was_asked(world: GraphStore) -> None:
    query = find("members/list_at_risk")
    answer = ask(world, query, {"at_least": "0.45"})
    assert answer.query is query
    assert answer.params == {"account_id": None, "region": None, "at_least": 0.45, "limit": 50}
    assert answer.columns == query.columns
    assert [row["member_id"] for row in answer.rows] == ["m01", "m12"]
    assert (answer.as_of, answer.run_id, answer.truncated) == (small_world.AS_OF, small_world.RUN_ID, False)


@pytest.mark.parametrize(
    ("limit", "rows", "truncated"), [(9, 9, True), (10, 10, False), (11, 10, False), (0, 0, True)]
)
def test_a_limit_is_told_from_an_end(world: GraphStore, limit: int, rows: int, truncated: bool) -> None:
    answer = ask(world, find("members/list_at_risk"), {"limit": limit})
    assert (len(answer.rows), answer.truncated, answer.params["limit"]) == (rows, truncated, limit)


@pytest.mark.usefixtures("small_cap")
def test_the_settings_cap_every_question(world: GraphStore) -> None:
    limited = ask(world, find("members/list_at_risk"), {})
    whole = ask(world, find("graph/count_types"), {})
    exact = ask(world, find("contacts/find_unmet"), {"days": 200})
    assert (len(limited.rows), limited.truncated) == (3, True)
    assert (len(whole.rows), whole.truncated) == (3, True)
    assert (len(exact.rows), exact.truncated) == (3, False)


def test_whoever_asks_may_set_the_limits(world: GraphStore) -> None:
    own = Settings(_env_file=None, query_rows=2)
    answer = ask(world, find("members/list_at_risk"), {}, own)
    assert (len(answer.rows), answer.truncated) == (2, True)


def test_a_bad_parameter_is_refused_before_anything_is_asked(world: GraphStore) -> None:
    with pytest.raises(BadInput) as caught:
        ask(world, find("accounts/show_360"), {"account_id": "a1", "as_of": "tomorow"})
    says = "parameter 'as_of' of accounts/show_360 takes a date such as 2026-10-31, not 'tomorow'"
    assert str(caught.value) == says


def test_the_newest_run(world: GraphStore) -> None:
    assert newest_run(world, seconds=5) == (small_world.RUN_ID, small_world.AS_OF)


def test_a_text_of_ones_own(world: GraphStore) -> None:
    text = (
        "MATCH (a:Account) WHERE a.region STARTS WITH $r RETURN a.name AS zz, a.account_id AS aa ORDER BY aa;"
    )
    reading = read_cypher(world, text, {"r": "4401"}, seconds=5, limit=2)
    assert reading.columns == ("zz", "aa")
    assert [tuple(row.values()) for row in reading.rows] == [("华信集团", "a1"), ("粤海银行", "a3")]
    assert reading.truncated


def test_a_text_without_rows_keeps_its_columns(world: GraphStore) -> None:
    reading = read_cypher(world, "MATCH (n:Account {name: ';'}) RETURN n.name AS name, 1 AS one", {}, 5, 10)
    assert (reading.columns, reading.rows, reading.truncated) == (("name", "one"), [], False)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the text has no statement; give one such as MATCH (n) RETURN count(n) AS n"),
        (" ; // nothing\n", "the text has no statement; give one such as MATCH (n) RETURN count(n) AS n"),
        ("RETURN 1 AS a; RETURN 2 AS b", "the text has 2 statements; give one, without ';' between"),
        ("RETURN 1 AS a,\n  $b AS b", "line 2 of the text uses $b, and no value is given for it"),
    ],
)
def test_a_text_that_cannot_be_asked(world: GraphStore, text: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_cypher(world, text, {}, seconds=5, limit=10)
    assert str(caught.value) == says
