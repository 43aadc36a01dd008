"""Verifying finds every way in which a graph can differ from its lake, and nothing where it does not."""

import json
from datetime import date
from hashlib import sha256

import pytest

from graph.lake import Lake
from graph.statement import Statement
from ingest.keeping import walks
from ingest.keeping.canonical import Sum, text_of
from ingest.keeping.verify import verify
from ingest.publishing.publish import publish
from tests.ingest.keeping.small_lake import DAY, add_run, emptied, land, member, small_lake, tie

pytestmark = pytest.mark.server

COUNTS = {
    "Account": 1,
    "Member": 3,
    "Product": 1,
    "BELONGS_TO": 3,
    "TIE": 3,
    "SUBSCRIBES": 3,
    "Run": 1,
    "Community": 1,
    "IN_COMMUNITY": 2,
    "figures of Member": 2,
}


@pytest.fixture
def lake(tmp_path):
    return small_lake(tmp_path / "lake")


@pytest.fixture
def store(either_store):
    return emptied(either_store)


@pytest.fixture
def published(lake, store):
    publish(lake, store)
    return store


def differing(report):
    return {one.type: one for one in report.types if not one.same}


def spoil(store, text):
    store.write(Statement(text))


def test_a_published_graph_is_the_same_on_both_sides(lake, published):
    report = verify(lake, published)
    assert differing(report) == {}
    assert (report.same, report.faults, report.notes) == (True, (), ())
    assert {one.type: one.in_lake for one in report.types if one.in_lake} == COUNTS
    assert all(one.in_lake == one.in_graph and one.sha256 == one.graph_sha256 for one in report.types)
    assert (report.number, report.as_of, report.run_id) == (2, None, "r1")


def test_the_hash_of_a_type_can_be_worked_out_by_hand(lake, published):
    """The memberships, from the rules in the docs of `canonical` alone."""
    total = 0
    for key in "abc":
        since = {"since": {"date": "2026-01-01"}}
        row = [["Member", key, "Account", "A", "10:2026-01-01"], since]
        total += int(sha256(json.dumps(row, separators=(",", ":")).encode()).hexdigest(), 16)
    expected = sha256(f"3:{total % 2**256:064x}".encode()).hexdigest()
    (found,) = (one for one in verify(lake, published).types if one.type == "BELONGS_TO")
    assert (found.sha256, found.graph_sha256) == (expected, expected)


SPOILT = {
    "a deleted edge": (
        "MATCH (:Member {member_id: 'a'})-[e:BELONGS_TO]->() DELETE e",
        "BELONGS_TO",
        (1, 0, 0),
        "only in the lake: Member a to Account A, 10:2026-01-01",
    ),
    "a changed property of a node": (
        "MATCH (n:Account) SET n.staff = 13, n.name = '华信集团'",
        "Account",
        (0, 0, 1),
        "differs: A: name, staff",
    ),
    "a whole number in place of a fraction": (
        "MATCH (n:Product) SET n.monthly_fee = 58",
        "Product",
        (0, 0, 1),
        "differs: p: monthly_fee",
    ),
    "another date, as text": (
        "MATCH (:Member {member_id: 'b'})-[e:TIE]->() SET e.last_month = '2026-05-02'",
        "TIE",
        (0, 0, 1),
        "differs: Member b to Member a: last_month",
    ),
    "a property that the model does not have": (
        "MATCH (n:Member {member_id: 'b'}) SET n.nickname = 'x'",
        "Member",
        (0, 0, 1),
        "differs: b: nickname",
    ),
    "an extra node": ("CREATE (:Member {member_id: 'zz'})", "Member", (0, 1, 0), "only in the graph: zz"),
    "a node without a key": (
        "CREATE (:Member {plan_id: 'p'})",
        "Member",
        (0, 1, 0),
        "1 more in the graph, without a key that is text or at ends of another kind",
    ),
    "an edge twice": (
        "MATCH (a:Member {member_id: 'a'}), (c:Member {member_id: 'c'}) MATCH (a)-[e:TIE]->(c)"
        " CREATE (a)-[f:TIE]->(c) SET f = properties(e)",
        "TIE",
        (0, 1, 0),
        "only in the graph: Member a to Member c",
    ),
    "an edge between the wrong kinds of node": (
        "MATCH (a:Member {member_id: 'a'}), (p:Product) CREATE (a)-[:TIE {key: ''}]->(p)",
        "TIE",
        (0, 1, 0),
        "1 more in the graph, without a key that is text or at ends of another kind",
    ),
    "missing figures": (
        "MATCH (n:Member {member_id: 'b'}) SET n += {churn: null, churn_reasons: null, core: null,"
        " run_id: null, as_of: null}",
        "figures of Member",
        (1, 0, 0),
        "only in the lake: b",
    ),
    "figures nobody computed": (
        "MATCH (n:Member {member_id: 'c'}) SET n.pagerank = 0.9",
        "figures of Member",
        (0, 1, 0),
        "only in the graph: c",
    ),
    "a figure that is off in its last digit": (
        "MATCH (n:Member {member_id: 'a'}) SET n.churn = 0.4000000000000001",
        "figures of Member",
        (0, 0, 1),
        "differs: a: churn",
    ),
    "reasons in another order of words": (
        "MATCH (n:Member {member_id: 'a'}) SET n.churn_reasons = ['2 of 1 left']",
        "figures of Member",
        (0, 0, 1),
        "differs: a: churn_reasons",
    ),
    "a lost membership of a circle": (
        "MATCH (:Member {member_id: 'a'})-[e:IN_COMMUNITY]->() DELETE e",
        "IN_COMMUNITY",
        (1, 0, 0),
        "only in the lake: Member a to Community c1, 2:r1",
    ),
    "a lost run": ("MATCH (r:Run) DETACH DELETE r", "Run", (1, 0, 0), "only in the lake: r1"),
}


def rounds():
    """The cases in as few rounds as there are cases of one type, so that each round has a type once."""
    left = dict(SPOILT)
    while left:
        found = {}
        for what, case in left.items():
            found.setdefault(case[1], (what, case))
        yield [case for _, case in found.values()]
        for what, _ in found.values():
            del left[what]


@pytest.mark.parametrize("cases", list(rounds()), ids=lambda cases: f"{len(cases)} types")
def test_a_difference_is_found_counted_and_named(cases, lake, published):
    for text, *_ in cases:
        spoil(published, text)
    report = verify(lake, published)
    assert not report.same
    found = differing(report)
    assert set(found) == {kind for _, kind, _, _ in cases}
    for _, kind, counts, example in cases:
        one = found[kind]
        assert (one.missing, one.extra, one.differing) == counts
        assert one.examples == (example,)
        assert one.sha256 != one.graph_sha256 or one.in_lake != one.in_graph


def test_two_rows_that_swap_a_value_are_both_found(lake, published):
    spoil(published, "MATCH (:Account)-[s:SUBSCRIBES]->() SET s.fee = 950.0 - s.fee")
    (found,) = differing(verify(lake, published)).values()
    assert (found.type, found.differing, found.in_lake) == ("SUBSCRIBES", 2, found.in_graph)


def test_what_the_model_does_not_have_is_found(lake, published):
    spoil(published, "CREATE (:Odd {id: 1}), (:Member:Odd {member_id: 'b2'}), ({id: 1})")
    spoil(published, "MATCH (p:Product) CREATE (p)-[:LIKES]->(p)")
    report = verify(lake, published)
    assert not report.same
    assert [fault.removesuffix(", which the model does not have") for fault in report.faults] == [
        "1 edges of the type LIKES",
        "1 nodes labelled Member:Odd",
        "1 nodes labelled Odd",
        "1 nodes without a label",
    ]
    assert list(differing(report)) == ["Member"]


def test_at_most_five_examples_are_given_and_all_are_counted(lake, store):
    land(lake, members=[member(f"n{number}") for number in range(20)])
    publish(lake, store)
    spoil(store, "MATCH (n:Member) WHERE n.member_id STARTS WITH 'n' DETACH DELETE n")
    (found,) = differing(verify(lake, store)).values()
    assert (found.missing, len(found.examples)) == (20, 5)


def test_an_emptied_graph_says_that_it_was_never_published(lake, store):
    report = verify(lake, store)
    assert not report.same
    assert report.faults == (
        "the graph has no marks of a publication: it was never published, or emptied since",
    )
    assert {one.type: one.missing for one in report.types if one.missing} == COUNTS


def test_an_empty_lake_and_an_empty_graph_are_the_same(tmp_path, store):
    assert verify(Lake(tmp_path / "none"), store).same


def test_a_graph_is_compared_with_the_day_and_state_it_stands_for(lake, store):
    publish(lake, store, as_of=date(2026, 4, 1))
    report = verify(lake, store)
    assert (report.same, report.as_of, report.notes) == (True, date(2026, 4, 1), ())
    assert {one.type: one.in_graph for one in report.types}["TIE"] == 2

    land(lake, ties=[tie("c", "a", 3, 1)])
    report = verify(lake, store)
    assert report.same
    assert "guanxi publish brings it up to date" in " ".join(report.notes)


def test_a_newer_run_is_noted_and_no_difference(lake, published):
    add_run(lake, "r2", "2026-07-01T00:00:00", churn=0.6)
    report = verify(lake, published)
    assert (report.same, report.run_id) == (True, "r1")
    assert "the lake has a newer run, r2" in " ".join(report.notes)
    publish(lake, published)
    assert verify(lake, published).run_id == "r2"


def test_a_publication_that_was_cut_off_is_told(lake, published):
    spoil(published, "MATCH (p:Published {table: 'ties'}) DELETE p")
    report = verify(lake, published)
    assert report.faults == ("a publication of state 2 was cut off: ties do not stand for it",)
    publish(lake, published)
    assert verify(lake, published).same


def test_the_graph_of_another_lake_is_told(published, tmp_path):
    other = small_lake(tmp_path / "other")
    assert "does not have" in verify(other, published).faults[0]


def test_rows_are_compared_range_by_range(lake, store, monkeypatch):
    """Ranges of two rows, with several edges at one key, extra rows before, between and behind."""
    monkeypatch.setattr(walks, "CHUNK", 2)
    land(lake, members=[member(f"n{number:02}") for number in range(9)])
    land(lake, ties=[tie("a", f"n{number:02}", 3, number) for number in range(9)])
    publish(lake, store)
    steps = []
    report = verify(lake, store, lambda *step: steps.append(step))
    assert report.same
    assert [step for step in steps if step[0] == "TIE"][-1] == ("TIE", 12, 12)
    spoil(
        store, "CREATE (:Member {member_id: '0'}), (:Member {member_id: 'n035'}), (:Member {member_id: 'z'})"
    )
    (found,) = differing(verify(lake, store)).values()
    assert (found.extra, found.missing, found.in_lake, found.in_graph) == (3, 0, 12, 15)


def test_every_kind_of_value_has_its_own_text():
    values = [1, 1.0, True, "1", "true", DAY, DAY.isoformat(), [], ["1"], [1], 0.1, 0.1 + 2**-56, "", "无"]
    assert len({text_of(["k"], {"p": value}) for value in values}) == len(values)
    assert text_of(["k"], {"p": None}) == text_of(["k"], {}) == '[["k"],{}]'


def test_a_row_twice_is_not_a_row_none():
    once, thrice = Sum(), Sum()
    once.add("row")
    for _ in range(3):
        thrice.add("row")
    assert once.sha256() != thrice.sha256()
