"""Writing on either server: the same rows leave the same graph, however often and by how many."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date

import pytest

from graph import write
from graph.bolt import BATCH_ROWS, BoltStore
from graph.connect import prepare
from graph.dialect import CONSTRAINTS, INDEXES
from graph.errors import Conflict
from graph.schema import (
    ACCOUNT,
    BELONGS_TO,
    COMMUNITY,
    IN_COMMUNITY,
    MEMBER,
    NODES,
    TIE,
)
from graph.statement import Statement, identifier
from tests.contract.speaking import ask, put_members, swept

pytestmark = pytest.mark.server


def test_writing_three_times_leaves_the_same_graph(either_store: BoltStore) -> None:
    people = [{"id": f"t{i}", "props": {"plan_id": f"套餐{i % 3}"}} for i in range(60)]
    pairs = [(f"t{i}", f"t{(7 * i + k) % 60}") for i in range(60) for k in (1, 2, 3)]
    ties = [{"source": a, "target": b, "key": "", "props": {"calls": 1}} for a, b in set(pairs)]
    counts = []
    for _ in range(3):
        assert either_store.bulk(write.merge_nodes(MEMBER), people) == 60
        either_store.bulk(write.merge_edges(TIE, "Member", "Member"), ties)
        text = "MATCH (a:Member)-[e:TIE]->() WHERE a.member_id STARTS WITH 't' RETURN count(e) AS n"
        counts.append((ask(either_store, text)[0]["n"], ask(either_store, "MATCH (n) RETURN count(n) AS n")))
    assert counts[0] == counts[1] == counts[2]
    assert counts[0][0] == len(set(pairs))


def test_parallel_edges_are_told_apart_by_their_key(either_store: BoltStore) -> None:
    put_members(either_store, "k1")
    either_store.bulk(write.merge_nodes(ACCOUNT), [{"id": "k2", "props": {}}])
    rows = [
        {"source": "k1", "target": "k2", "key": write.edge_key([day]), "props": {"since": day}}
        for day in (date(2020, 1, 1), date(2022, 1, 1), None, date(2020, 1, 1))
    ]
    either_store.bulk(write.merge_edges(BELONGS_TO, "Member", "Account"), rows)
    found = ask(either_store, "MATCH (:Member {member_id: 'k1'})-[e]->() RETURN e.since AS s ORDER BY s")
    assert found == [{"s": date(2020, 1, 1)}, {"s": date(2022, 1, 1)}, {"s": None}]


def test_rows_without_key_or_with_unknown_ends_write_nothing(either_store: BoltStore) -> None:
    before = ask(either_store, "MATCH (n) RETURN count(n) AS n")
    either_store.bulk(write.merge_nodes(MEMBER), [{"id": None, "props": {"plan_id": "x"}}])
    row = {"source": "nobody", "target": "none", "key": "", "props": {}}
    either_store.bulk(write.merge_edges(TIE, "Member", "Member"), [row])
    assert ask(either_store, "MATCH (n) RETURN count(n) AS n") == before


def test_bulk_takes_an_iterator_in_batches_and_tells_of_each(either_store: BoltStore) -> None:
    taken = 0
    ahead = []

    def rows() -> Iterator[dict[str, object]]:
        nonlocal taken
        for i in range(2 * BATCH_ROWS + 5):
            taken += 1
            yield {"id": f"b{i}", "props": {}}

    done: list[int] = []

    def progress(written: int) -> None:
        done.append(written)
        ahead.append(taken - sum(done))

    assert either_store.bulk(write.merge_nodes(MEMBER), rows(), progress) == 2 * BATCH_ROWS + 5
    assert done == [BATCH_ROWS, BATCH_ROWS, 5]
    assert max(ahead) <= 1  # one row is taken to see that the batch is full
    assert either_store.bulk(write.merge_nodes(MEMBER), []) == 0


def test_figures_replace_those_of_the_run_before(either_store: BoltStore) -> None:
    put_members(either_store, "f1", "f2", "f3")
    figures = write.set_measures("Member")
    old = {"churn": 0.5, "churn_reasons": ["少联系"], "core": 3.0, "run_id": "r1"}
    either_store.bulk(figures, [{"id": one, "props": old} for one in ("f1", "f2")])
    new = {"churn": 0.25, "run_id": "r2"}
    either_store.bulk(figures, [{"id": one, "props": new} for one in ("f1", "f3", "unknown")])
    assert swept(either_store, write.clear_measures("Member"), run_id="r2") == 1
    text = "UNWIND ['f1', 'f2', 'f3', 'unknown'] AS i MATCH (n:Member {member_id: i}) RETURN n ORDER BY i"
    assert ask(either_store, text) == [
        {"n": {"member_id": "f1", **new}},
        {"n": {"member_id": "f2"}},
        {"n": {"member_id": "f3", **new}},
    ]


def test_sweeping_leaves_only_the_newest_run(either_store: BoltStore) -> None:
    put_members(either_store, "s1")
    for run in ("r1", "r2"):
        circles = [{"id": f"{run}-c", "props": {"run_id": run}}, {"id": "lasting", "props": {"run_id": run}}]
        either_store.bulk(write.merge_nodes(COMMUNITY), circles)
        rows = [
            {"source": "s1", "target": circle["id"], "key": write.edge_key([run]), "props": {"run_id": run}}
            for circle in circles
        ]
        either_store.bulk(write.merge_edges(IN_COMMUNITY, "Member", "Community"), rows)
    one_at_a_time = Statement(write.sweep_edges(IN_COMMUNITY).text, {"k": 1})
    assert swept(either_store, one_at_a_time, run_id="r2") == 2
    assert swept(either_store, write.sweep_nodes(COMMUNITY), run_id="r2") == 1
    found = ask(either_store, "MATCH (:Member {member_id: 's1'})-->(c) RETURN c.community_id AS c ORDER BY c")
    assert found == [{"c": "lasting"}, {"c": "r2-c"}]


def test_writers_that_collide_lose_nothing(either_store: BoltStore) -> None:
    errors: list[BaseException] = []

    def writer(number: int) -> None:
        try:
            for start in range(5):
                keys = [f"w{(start * 7 + i) % 20}" for i in range(20)]
                if number % 2:
                    keys.reverse()
                put_members(either_store, *keys)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=writer, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    text = "MATCH (n:Member) WHERE n.member_id STARTS WITH 'w' RETURN count(n) AS n"
    assert ask(either_store, text) == [{"n": 20}]


# --- constraints ---


def test_every_key_is_held_unique(either_store: BoltStore) -> None:
    for node in NODES:
        text = f"CREATE (n:{identifier(node.label)} {{{identifier(node.id)}: $id}})"
        either_store.write(Statement(text, {"id": "held once"}))
        with pytest.raises(Conflict, match="already holds a node with this key"):
            either_store.write(Statement(text, {"id": "held once"}))
        assert ask(
            either_store, f"MATCH (n:{node.label} {{{node.id}: 'held once'}}) RETURN count(n) AS n"
        ) == [{"n": 1}]


def test_preparing_again_changes_nothing(either_store: BoltStore) -> None:
    def schema() -> tuple[set[object], dict[object, object]]:
        named = {row["name"] for row in either_store.rows(CONSTRAINTS)}
        return named, {row["name"]: row["state"] for row in either_store.rows(INDEXES)}

    before = schema()
    prepare(either_store)
    assert schema() == before
    constraints, indexes = before
    # ArcadeDB also lists, as constraints, the types that indexed properties have got.
    own = {name for name in constraints if not str(name).startswith("constraint_")}
    assert own == {f"{node.table}_key" for node in NODES}
    assert {"contacts_member_id", "members_churn", "members_influence_rank"} <= set(indexes)
    assert set(indexes.values()) == {"ONLINE"}
