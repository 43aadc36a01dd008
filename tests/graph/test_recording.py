"""The recording store: what it keeps, what it answers, and what it hands on."""

from __future__ import annotations

from graph import write
from graph.connect import prepare
from graph.recording import Recorded, RecordingStore
from graph.schema import ACCOUNT, NODES
from graph.statement import Statement


def test_a_dry_run_keeps_texts_and_row_counts_and_writes_nothing() -> None:
    store = RecordingStore()
    prepare(store)
    seen: list[int] = []
    sent = store.bulk(write.merge_nodes(ACCOUNT), ({"id": f"a{i}"} for i in range(7)), seen.append)

    assert (sent, seen) == (7, [7])
    assert store.recorded[-1] == Recorded("bulk", write.merge_nodes(ACCOUNT), 7)
    made = len(NODES) + len(write.indexes())
    assert [one.method for one in store.recorded] == ["write"] * made + ["rows", "bulk"]
    assert "// bulk, 7 rows\nUNWIND $rows AS r" in store.script()


def test_without_a_server_it_answers_as_an_empty_graph() -> None:
    with RecordingStore() as store:
        assert store.rows(write.count_nodes(ACCOUNT)) == [{"n": 0}]
        assert store.rows(Statement("MATCH (n) RETURN n")) == []
        assert store.write(write.empty_graph()) == [{"n": 0}]
        assert store.describe()["edition"] == "recording"


def test_answers_may_be_given_and_are_cut_at_the_limit() -> None:
    store = RecordingStore(answers=lambda _: [{"id": "a1"}, {"id": "a2"}])
    assert store.rows(Statement("MATCH (n) RETURN n.id AS id"), limit=1) == [{"id": "a1"}]


def test_a_wrapped_store_does_the_work() -> None:
    inner = RecordingStore(answers=lambda _: [{"n": 3}])
    outer = RecordingStore(inner)
    assert outer.rows(write.count_nodes(ACCOUNT)) == [{"n": 3}]
    assert outer.write(write.empty_graph()) == [{"n": 3}]
    assert outer.bulk(write.merge_nodes(ACCOUNT), [{"id": "a1"}]) == 1
    assert outer.recorded == inner.recorded
    assert outer.dialect == inner.dialect == "recording"
