"""Rebuilding mends whatever is wrong with a graph, for the day it stood for, however often it is cut off."""

from datetime import date

import pytest

from graph.errors import TimedOut, Unavailable
from graph.statement import Statement
from ingest.keeping.rebuild import empty, rebuild
from ingest.keeping.verify import verify
from ingest.publishing.publish import publish
from tests.ingest.keeping.small_lake import emptied, small_lake

pytestmark = pytest.mark.server


@pytest.fixture
def lake(tmp_path):
    return small_lake(tmp_path / "lake")


@pytest.fixture
def store(graph_store):
    return emptied(graph_store)


class Cut:
    """The store, until it has written so many times; then it fails as a server that is gone."""

    def __init__(self, store, writes):
        self.store, self.writes = store, writes

    def __getattr__(self, name):
        return getattr(self.store, name)

    def write(self, statement):
        self._count()
        return self.store.write(statement)

    def bulk(self, *given):
        self._count()
        return self.store.bulk(*given)

    def _count(self):
        self.writes -= 1
        if self.writes < 0:
            raise Unavailable("the graph server does not answer")


def hashes(report):
    return {one.type: (one.in_graph, one.graph_sha256) for one in report.types}


def spoil(store):
    for text in (
        "MATCH (n:Member {member_id: 'a'}) DETACH DELETE n",
        "CREATE (:Odd {name: 'somebody else'})-[:LIKES]->(:Member {member_id: 'zz'})",
        "MATCH (a:Account) SET a.name = 'x'",
        "MATCH (p:Published) SET p.state = 'another 99 '",
    ):
        store.write(Statement(text))


def test_rebuilding_mends_everything(lake, either_store):
    store = emptied(either_store)
    publish(lake, store)
    before = verify(lake, store)
    spoil(store)
    assert not verify(lake, store).same
    report = rebuild(lake, store)
    assert report.same
    assert hashes(report) == hashes(before)


def test_rebuilding_keeps_the_day_the_graph_stood_for_or_takes_another(lake, store):
    day = date(2026, 4, 1)
    publish(lake, store, as_of=day)
    before = verify(lake, store)
    report = rebuild(lake, store)
    assert (report.same, report.as_of, hashes(report)) == (True, day, hashes(before))
    report = rebuild(lake, store, as_of=date(2026, 1, 31))
    assert (report.same, report.as_of) == (True, date(2026, 1, 31))


@pytest.mark.parametrize("writes", [1, 30])
def test_a_rebuild_that_was_cut_off_is_completed_by_another(writes, lake, store):
    """While emptying, between emptying and publishing, and half-way through publishing."""
    day = date(2026, 4, 1)
    publish(lake, store, as_of=day)
    before = verify(lake, store)
    with pytest.raises(Unavailable):
        rebuild(lake, Cut(store, writes))
    assert not verify(lake, store).same
    report = rebuild(lake, store)
    assert (report.same, report.as_of, hashes(report)) == (True, day, hashes(before))


def test_emptying_tells_how_far_it_is(lake, store):
    publish(lake, store)
    steps = []
    empty(store, lambda *step: steps.append(step))
    nodes = steps[-1][2]
    assert steps[-1] == ("emptying", nodes, nodes)
    assert store.rows(Statement("MATCH (n) RETURN count(n) AS n")) == [{"n": 0}]


def test_emptying_takes_fewer_at_once_where_the_server_has_no_time_for_more(lake, store):
    class Slow(Cut):
        def write(self, statement):
            if statement.params["k"] > 31:
                raise TimedOut("the query was stopped at its time limit")
            return super().write(statement)

    publish(lake, store)
    empty(Slow(store, 1000))
    assert store.rows(Statement("MATCH (n) RETURN count(n) AS n")) == [{"n": 0}]
