"""Nothing in the graph, or only part of it: a question is answered with no rows, never with an error."""

from __future__ import annotations

from datetime import date

import pytest

from graph.statement import Statement
from graph.store import GraphStore
from queries.catalog import catalog, find
from queries.query import Query
from queries.run import ask

pytestmark = pytest.mark.server


def required(query: Query) -> dict[str, str]:
    return {param.name: "nobody" for param in query.params if param.required}


@pytest.mark.parametrize("name", sorted(catalog()))
def test_no_rows_in_an_empty_graph(either_store: GraphStore, name: str) -> None:
    answer = ask(either_store, find(name), required(find(name)))
    assert (answer.rows, answer.truncated, answer.as_of, answer.run_id) == ([], False, None, None)


def test_the_default_date_is_today_where_nothing_ran(either_store: GraphStore) -> None:
    answer = ask(either_store, find("accounts/list_accounts"), {})
    assert answer.params["as_of"] == date.today()


def test_one_account_alone_has_a_head(either_store: GraphStore) -> None:
    """The figures of an account without members, contacts, products, partners or a run."""
    either_store.write(Statement("CREATE (:Account {account_id: 'lone'})"))

    [row] = ask(either_store, find("accounts/show_360"), {"account_id": "lone"}).rows

    known = {name: value for name, value in row.items() if value not in (None, [])}
    counts = ("members", "members_left", "contacts", "communities", "open_cases")
    assert known == {"account_id": "lone", **dict.fromkeys(counts, 0)}
    assert row["products"] == row["partners"] == row["managers"] == row["riskiest"] == []
