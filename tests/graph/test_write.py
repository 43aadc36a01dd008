"""The generated Cypher: its shape by the golden file, its rules by property."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from graph import write
from graph.measures import MEASURES
from graph.schema import ACCOUNT, COMMUNITY, EDGES, IN_COMMUNITY, NODES, RUN, TIE
from graph.statement import Statement

GOLDEN = Path(__file__).parents[1] / "golden" / "writes.cypher"
UPDATE = "GUANXI_UPDATE_GOLDEN=1 pytest tests/graph/test_write.py"
MEASURED = sorted({label for measure in MEASURES for label in measure.about})


def generated() -> str:
    """Every text that `graph.write` makes of the declared model, in one file."""
    parts: list[tuple[str, list[Statement]]] = [
        ("constraints", write.constraints()),
        ("indexes", write.indexes()),
        ("nodes", [write.merge_nodes(node) for node in NODES]),
        ("edges", [write.merge_edges(edge, *pair) for edge in EDGES for pair in edge.pairs()]),
        ("nodes no longer shown", [write.delete_nodes(node) for node in NODES]),
        (
            "edges no longer shown",
            [write.delete_edges(edge, *pair) for edge in EDGES for pair in edge.pairs()],
        ),
        ("set figures", [write.set_measures(label) for label in MEASURED]),
        ("clear figures of other runs", [write.clear_measures(label) for label in MEASURED]),
        ("sweep edges of other runs", [write.sweep_edges(IN_COMMUNITY)]),
        ("sweep nodes of other runs", [write.sweep_nodes(node) for node in (COMMUNITY, RUN)]),
        ("empty the graph", [write.empty_graph()]),
        ("count", [*map(write.count_nodes, NODES), *map(write.count_edges, EDGES)]),
    ]
    sections = (
        f"// {title}\n" + "".join(f"{statement.text};\n" for statement in statements)
        for title, statements in parts
    )
    return "\n".join(sections)


def test_every_generated_text_is_as_reviewed() -> None:
    if os.environ.get("GUANXI_UPDATE_GOLDEN"):
        GOLDEN.write_text(generated(), encoding="utf-8")
    assert generated() == GOLDEN.read_text(encoding="utf-8"), (
        f"the generated Cypher changed; if it is meant, run `{UPDATE}` and review the difference"
    )


def test_nodes_are_merged_by_key_and_rows_without_one_passed_over() -> None:
    assert write.merge_nodes(ACCOUNT).text == (
        "UNWIND $rows AS r WITH r WHERE r.id IS NOT NULL"
        " MERGE (n:`Account` {`account_id`: r.id}) SET n += coalesce(r.props, {})"
    )


def test_an_edge_is_written_from_the_end_with_fewer_edges() -> None:
    by_name = {edge.name: edge for edge in EDGES}
    belongs = write.merge_edges(by_name["BELONGS_TO"], "Member", "Account").text
    manages = write.merge_edges(by_name["MANAGES"], "Manager", "Account").text
    assert "MERGE (a)-[e:`BELONGS_TO` {`key`: r.key}]->(b)" in belongs  # a member is in few groups
    assert "MERGE (b)<-[e:`MANAGES` {`key`: r.key}]-(a)" in manages  # a manager has many accounts


def test_every_label_that_an_edge_joins_has_its_place_among_the_crowds() -> None:
    joined = {label for edge in EDGES for pair in edge.pairs() for label in pair}
    assert joined <= set(write.CROWDS)


def test_an_edge_between_labels_that_it_does_not_join_is_refused() -> None:
    with pytest.raises(ValueError, match="TIE does not join Member to Account"):
        write.merge_edges(TIE, "Member", "Account")


@pytest.mark.parametrize("sweep", [lambda: write.sweep_nodes(ACCOUNT), lambda: write.sweep_edges(TIE)])
def test_what_belongs_to_no_run_is_never_swept(sweep: object) -> None:
    with pytest.raises(ValueError, match="belongs to no run"):
        sweep()  # type: ignore[operator]


def test_figures_of_a_node_are_blanked_before_they_are_set() -> None:
    statement = write.set_measures("Account")
    assert statement.text.endswith("SET n += $blank SET n += r.props")
    names = {measure.name for measure in MEASURES if "Account" in measure.about}
    assert {"referrals", "churn_expected", "arpa", "value_class"} <= names
    assert statement.params["blank"] == {
        f"{name}{suffix}": None for name in names for suffix in ("", "_low", "_high", "_reasons")
    } | {"run_id": None, "as_of": None}


def test_an_edge_key_leads_each_value_by_its_length() -> None:
    assert write.edge_key([]) == ""
    assert write.edge_key([None]) == write.edge_key([""]) == "0:"
    assert write.edge_key([date(2024, 1, 31), "p7"]) == "10:2024-01-31,2:p7"


parts = some.lists(some.text(alphabet="0123456789:,-ab客", max_size=6), max_size=4)


@given(parts, parts)
def test_different_values_never_give_the_same_edge_key(one: list[str], other: list[str]) -> None:
    assert (write.edge_key(one) == write.edge_key(other)) == (one == other)
