"""Every query of the library, asked of a world small enough to answer by hand."""

from __future__ import annotations

from datetime import date

import pytest

from graph.store import GraphStore
from queries.catalog import catalog, find
from queries.run import ask
from tests.queries import small_world
from tests.queries.expected import accounts, market, members, paths
from tests.queries.expected.case import Case
from tests.queries.noise import NOISE

CASES = [*accounts.CASES, *members.CASES, *market.CASES, *paths.CASES]


@pytest.fixture(scope="module")
def world(either_store: GraphStore) -> GraphStore:
    small_world.build(either_store)
    small_world.join(either_store, NOISE)
    return either_store


def test_every_query_is_asked() -> None:
    assert {case.query for case in CASES} == set(catalog())


@pytest.mark.server
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.query}: {case.why}")
def test_rows(world: GraphStore, case: Case) -> None:
    answer = ask(world, find(case.query), case.params)

    columns = case.columns.split()
    assert set(columns) <= set(answer.columns)
    assert [tuple(row[name] for name in columns) for row in answer.rows] == [near(row) for row in case.rows]
    assert (answer.run_id, answer.as_of) == (small_world.RUN_ID, small_world.AS_OF)


@pytest.mark.server
@pytest.mark.parametrize("name", sorted(catalog()))
def test_columns_come_in_declared_order(world: GraphStore, name: str) -> None:
    case = next(case for case in CASES if case.query == name and case.rows)
    answer = ask(world, find(name), case.params)
    assert all(tuple(row) == find(name).columns for row in answer.rows)


def near(row: tuple[object, ...]) -> tuple[object, ...]:
    """The row with its floats compared to within rounding."""
    return tuple(pytest.approx(value) if isinstance(value, float) else value for value in row)


def test_near_tells_numbers_apart() -> None:
    assert (0.1 + 0.2, "a", date(2026, 1, 1)) == near((0.3, "a", date(2026, 1, 1)))
    assert near((0.3,)) != (0.31,)
