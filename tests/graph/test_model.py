"""The declarations refuse contradictions, and the vocabulary is the one of the model's page."""

from pathlib import Path

import pytest

from graph.model import Dating, EdgeType, Field, Kind, NodeType
from graph.reference import model_page
from graph.schema import BELONGS_TO, EDGES, NODES, RAISED, SOLD, SUBSCRIBES, TABLES, TIE

DOCS = Path(__file__).resolve().parents[2] / "docs"


def node(**changes: object) -> NodeType:
    declared = {
        "table": "things",
        "label": "Thing",
        "doc": "a thing",
        "fields": (Field("thing_id"), Field("known_from", Kind.DATE)),
        "key": ("thing_id", "known_from"),
        "dating": Dating.VERSION,
        "dated_by": "known_from",
    }
    return NodeType(**{**declared, **changes})


def test_a_sound_declaration_is_taken():
    assert node().id == "thing_id"
    assert [field.name for field in node().properties] == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"label": "thing"}, "UpperCamelCase"),
        ({"table": "Things"}, "lower_snake_case"),
        ({"key": ("other_id", "known_from")}, "no column 'other_id'"),
        ({"dated_by": "born"}, "no column 'born'"),
        (
            {"fields": (Field("thing_id"), Field("thing_id"), Field("known_from", Kind.DATE))},
            "declared twice",
        ),
        (
            {"fields": (Field("thing_id"), Field("known_from", Kind.DATE), Field("why", hidden_until="end"))},
            "hidden until an unknown date",
        ),
    ],
)
def test_a_contradiction_is_refused_when_declared(changes, told):
    with pytest.raises(ValueError, match=told):
        node(**changes)


def test_only_text_has_choices():
    with pytest.raises(ValueError, match="only text has choices"):
        Field("size", Kind.INT, choices=("1", "2"))


def test_an_edge_needs_labels_at_both_ends():
    with pytest.raises(ValueError, match="an end has no label"):
        EdgeType("t", "d", (Field("date", Kind.DATE),), ("date",), Dating.EVENT, "date", name="T")


def test_an_end_with_several_labels_says_which():
    assert [field.name for field in SUBSCRIBES.columns][:3] == ["source_label", "source", "target"]
    assert [field.name for field in BELONGS_TO.columns][:2] == ["source", "target"]
    assert SOLD.pairs() == (("Partner", "Member"), ("Partner", "Account"))


def test_what_tells_parallel_edges_apart():
    assert BELONGS_TO.parallel == ("since",)
    assert SOLD.parallel == ("date", "product_id")
    assert RAISED.parallel == ("date",)
    assert TIE.parallel == (), "the graph has one tie for each ordered pair"


def test_the_vocabulary_of_the_business_is_whole():
    labels = {n.label for n in NODES}
    assert labels >= {
        "Account",
        "Member",
        "Contact",
        "Product",
        "Partner",
        "Manager",
        "Campaign",
        "Community",
    }
    assert {e.name for e in EDGES} >= {
        "PART_OF", "BELONGS_TO", "WORKS_AT", "REPORTS_TO", "MANAGES", "VISITED", "TIE", "SUBSCRIBES",
        "SOLD", "SUPPLIED_BY", "REFERRED", "RAISED", "TOUCHED",
    }  # fmt: skip
    assert set(TABLES) >= {
        "accounts", "members", "contacts", "products", "partners", "managers", "campaigns", "account_parents",
        "memberships", "positions", "reports_to", "management", "visits", "ties", "subscriptions", "sales",
        "partner_chain", "referrals", "cases", "surveys", "bills", "usage", "competitor_ties", "touches",
        "tariffs", "feedback", "runs", "scores", "communities", "seeds", "alerts", "simulations",
    }  # fmt: skip


def test_every_edge_joins_declared_labels():
    labels = {n.label for n in NODES}
    assert all(end in labels for edge in EDGES for end in (*edge.sources, *edge.targets))


def test_the_reference_page_is_the_one_generated():
    assert (DOCS / "model.md").read_text(encoding="utf-8") == model_page(), "run `make docs`"
