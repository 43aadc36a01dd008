"""Every text that `graph.write` generates, run on either server, and what it leaves there."""

from __future__ import annotations

from datetime import date

import pytest

from graph import write
from graph.bolt import BoltStore
from graph.measures import MEASURES
from graph.model import EdgeType, Field, Kind, NodeType
from graph.schema import EDGES, NODE, NODES, TIE
from tests.contract.speaking import ask, put_members, swept

pytestmark = pytest.mark.server

OF_A_KIND = {
    Kind.TEXT: "上海（分）",
    Kind.INT: 2**40,
    Kind.FLOAT: 0.1,
    Kind.BOOL: True,
    Kind.DATE: date(2024, 2, 29),
}


def filled(fields: tuple[Field, ...]) -> dict[str, object]:
    return {field.name: OF_A_KIND[field.kind] for field in fields}


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.label)
def test_a_node_of_every_kind_is_merged_counted_and_deleted(either_store: BoltStore, node: NodeType) -> None:
    count = write.count_nodes(node)
    before = either_store.rows(count)
    rows = [{"id": f"every-{i}", "props": filled(node.properties)} for i in range(3)]
    for _ in range(2):
        assert either_store.bulk(write.merge_nodes(node), rows) == 3
    assert either_store.rows(count)[0]["n"] == before[0]["n"] + 3
    found = ask(either_store, f"MATCH (n:{node.label}) WHERE n.{node.id} = 'every-1' RETURN n")
    assert found == [{"n": {node.id: "every-1", **filled(node.properties)}}]
    either_store.bulk(write.delete_nodes(node), [{"id": row["id"]} for row in rows])
    assert either_store.rows(count) == before


@pytest.mark.parametrize(
    ("edge", "pair"),
    [(edge, pair) for edge in EDGES for pair in edge.pairs()],
    ids=lambda one: one.name if isinstance(one, EdgeType) else "-".join(one),
)
def test_an_edge_of_every_kind_is_merged_counted_and_deleted(
    either_store: BoltStore, edge: EdgeType, pair: tuple[str, str]
) -> None:
    count = write.count_edges(edge)
    before = either_store.rows(count)
    for label in pair:
        either_store.bulk(write.merge_nodes(NODE[label]), [{"id": i, "props": {}} for i in ("from", "to")])
    rows = [
        {"source": "from", "target": "to", "key": key, "props": filled(edge.properties)}
        for key in ("", "2:甲乙")
    ]
    for _ in range(2):
        assert either_store.bulk(write.merge_edges(edge, *pair), rows) == 2
    assert either_store.rows(count)[0]["n"] == before[0]["n"] + 2
    text = (
        f"MATCH (a:{pair[0]} {{{NODE[pair[0]].id}: 'from'}})-[e:{edge.name}]->(b:{pair[1]})"
        f" RETURN a.{NODE[pair[0]].id} AS a, b.{NODE[pair[1]].id} AS b, e ORDER BY e.key"
    )
    expected = [{"a": "from", "b": "to", "e": {"key": r["key"], **filled(edge.properties)}} for r in rows]
    assert ask(either_store, text) == expected
    either_store.bulk(write.delete_edges(edge, *pair), rows[:1])
    assert ask(either_store, text) == expected[1:]
    either_store.bulk(write.delete_edges(edge, *pair), rows)
    assert either_store.rows(count) == before


@pytest.mark.parametrize("label", sorted({label for measure in MEASURES for label in measure.about}))
def test_every_figure_is_set_and_cleared(either_store: BoltStore, label: str) -> None:
    node = NODE[label]
    either_store.bulk(write.merge_nodes(node), [{"id": "measured", "props": {}}])
    figures: dict[str, object] = {
        name: ["因为"] if name.endswith("_reasons") else 0.25 for name in write.measure_properties(label)
    } | {"run_id": "r1", "as_of": date(2026, 10, 31)}
    either_store.bulk(write.set_measures(label), [{"id": "measured", "props": figures}])
    found = f"MATCH (n:{label} {{{node.id}: 'measured'}}) RETURN n"
    assert ask(either_store, found) == [{"n": {node.id: "measured", **figures}}]
    assert swept(either_store, write.clear_measures(label), run_id="r1") == 0
    assert swept(either_store, write.clear_measures(label), run_id="r2") == 1
    assert ask(either_store, found) == [{"n": {node.id: "measured"}}]


def test_figures_under_an_index_stay_numbers(either_store: BoltStore) -> None:
    churns = {"n1": 1.0, "n2": 0.25, "n3": 0.5, "n4": None}
    put_members(either_store, *churns)
    rows = [{"id": key, "props": {"churn": value, "influence_rank": value}} for key, value in churns.items()]
    either_store.bulk(write.set_measures("Member"), rows)
    numbered = "MATCH (n:Member) WHERE n.member_id STARTS WITH 'n' AND n.churn"
    ordered = f"{numbered} IS NOT NULL RETURN n.churn AS c, n.influence_rank AS r ORDER BY c DESC LIMIT 2"
    assert ask(either_store, ordered) == [{"c": 1.0, "r": 1.0}, {"c": 0.5, "r": 0.5}]
    assert ask(either_store, f"{numbered} >= $least RETURN count(n) AS n", least=1) == [{"n": 1}]
    assert ask(either_store, f"{numbered} > $least RETURN count(n) AS n", least=0) == [{"n": 3}]
    assert ask(either_store, f"{numbered} IS NULL RETURN n.member_id AS id") == [{"id": "n4"}]


def test_the_graph_is_emptied_piece_by_piece(either_store: BoltStore) -> None:
    put_members(either_store, "e1", "e2", "e3")
    row = {"source": "e1", "target": "e2", "key": "", "props": {}}
    either_store.bulk(write.merge_edges(TIE, "Member", "Member"), [row])
    held = int(str(ask(either_store, "MATCH (n) RETURN count(n) AS n")[0]["n"]))
    assert swept(either_store, write.empty_graph(), k=-(-held // 3)) == held
    assert ask(either_store, "MATCH (n) RETURN count(n) AS n") == [{"n": 0}]
    assert either_store.rows(write.count_edges(TIE)) == [{"n": 0}]
