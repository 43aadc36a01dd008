"""Two keys decided to be one thing: what a view shows before, while and after the decision stands."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as some

from graph.identities import aliases, standing
from graph.lake import Lake
from graph.landing import arrow_schema
from graph.schema import TABLES

DAY, MERGED = date(2026, 1, 1), date(2026, 3, 10)
BEFORE = date(2026, 3, 9)


def decided(alias, canonical, verdict="same", day=MERGED, at="2026-03-10T09:00:00", label="Account"):
    return {
        "about_label": label, "about": alias, "canonical": canonical,
        "date": day, "verdict": verdict, "who": "somebody", "at": at,
    }  # fmt: skip


def land(lake, **given_rows):
    with lake.writing("test") as writer:
        for table, rows in given_rows.items():
            kind = TABLES[table]
            writer.land(kind, pa.Table.from_pylist(rows, schema=arrow_schema(kind)), "load-1")


def rows(view, table, *columns):
    found = view.arrow(table, columns or None).to_pylist()
    return sorted((tuple(row.values()) for row in found), key=repr)


@pytest.fixture
def lake(tmp_path):
    """A and B are one firm as two sources know it; P is the group above, Z has nothing to do with it."""
    lake = Lake(tmp_path / "lake")
    land(
        lake,
        accounts=[
            {"account_id": "A", "known_from": DAY, "name": "华信能源", "industry": "energy"},
            {"account_id": "B", "known_from": date(2026, 2, 1), "name": "华信能源有限公司", "staff": 80},
            {"account_id": "P", "known_from": DAY, "name": "华信集团"},
            {"account_id": "Z", "known_from": DAY, "name": "远达"},
        ],
        contacts=[
            {"contact_id": "c1", "known_from": DAY, "name": "李建国"},
            {"contact_id": "c2", "known_from": DAY, "name": "李建國", "title": "总经理"},
        ],
        account_parents=[
            {"source": "A", "target": "P", "since": DAY},
            {"source": "B", "target": "P", "since": DAY},
            {"source": "B", "target": "A", "since": DAY},
        ],
        positions=[
            {"source": "c1", "target": "A", "since": DAY, "role": "decision"},
            {"source": "c2", "target": "B", "since": DAY},
            {"source": "c2", "target": "Z", "since": DAY},
        ],
        products=[{"product_id": "p", "known_from": DAY}],
        members=[{"member_id": "B", "known_from": DAY}],
        subscriptions=[
            {"source_label": "Account", "source": "B", "target": "p", "fee": 5.0, "since": DAY},
            {"source_label": "Member", "source": "B", "target": "p", "fee": 1.0, "since": DAY},
        ],
        surveys=[
            {"about_label": "Account", "about": key, "date": DAY, "question": "q", "score": score}
            for key, score in (("A", 9.0), ("B", 3.0))
        ],
    )
    return lake


@pytest.fixture
def merged(lake):
    land(lake, identities=[decided("B", "A"), decided("c2", "c1", label="Contact")])
    return lake


def test_two_rows_become_one_with_the_newest_values_and_gaps_filled(merged):
    found = merged.view().sql("SELECT * FROM accounts WHERE account_id IN ('A', 'B')").to_dict("records")
    assert len(found) == 1
    known = (found[0]["account_id"], found[0]["known_from"].date())
    assert known == ("A", date(2026, 2, 1))
    # The alias is the newer row; the industry is only the older one's to tell.
    assert (found[0]["name"], found[0]["industry"], found[0]["staff"]) == ("华信能源有限公司", "energy", 80)
    contacts = rows(merged.view(), "contacts", "contact_id", "name", "title")
    assert contacts == [("c1", "李建国", "总经理")], "of one day, the kept key's own row is the newer"


def test_what_has_ended_in_one_source_has_not_ended(lake):
    end = {"known_from": date(2026, 3, 1), "closed": date(2026, 3, 1), "closed_reason": "kept twice"}
    land(lake, accounts=[{"account_id": "B", **end}], identities=[decided("B", "A")])
    assert rows(lake.view(), "accounts", "account_id", "closed", "closed_reason")[0] == ("A", None, None)
    end = {"known_from": date(2026, 4, 1), "closed": date(2026, 4, 1), "closed_reason": "wound up"}
    land(lake, accounts=[{"account_id": "A", **end}])
    assert rows(lake.view(), "accounts", "account_id", "closed", "closed_reason")[0] == (
        "A", date(2026, 4, 1), "wound up",
    )  # fmt: skip


def test_edges_follow_the_key_are_kept_once_and_never_join_a_thing_to_itself(merged):
    view = merged.view()
    assert rows(view, "account_parents", "source", "target") == [("A", "P")]
    positions = rows(view, "positions", "source", "target", "role")
    assert positions == [("c1", "A", "decision"), ("c1", "Z", None)], "the kept keys' own row is the one kept"


def test_only_the_merged_kind_of_node_is_renamed(merged):
    found = rows(merged.view(), "subscriptions", "source_label", "source", "fee")
    assert found == [("Account", "A", 5.0), ("Member", "B", 1.0)]
    assert rows(merged.view(), "members", "member_id") == [("B",)]


def test_facts_about_both_are_kept_once(merged):
    assert rows(merged.view(), "surveys", "about", "score") == [("A", 9.0)]


def test_a_day_before_the_decision_knows_nothing_of_it(lake):
    tables = ("accounts", "contacts", "account_parents", "positions", "subscriptions", "surveys")
    before = {table: rows(lake.view(BEFORE), table) for table in tables}
    land(lake, identities=[decided("B", "A"), decided("c2", "c1", label="Contact")])
    assert {table: rows(lake.view(BEFORE), table) for table in tables} == before
    assert len(rows(lake.view(MERGED), "accounts")) == 3


def test_undoing_a_merge_gives_back_every_row(lake):
    tables = [name for name in lake.commit().tables if name != "identities"]
    before = {table: rows(lake.view(), table) for table in tables}
    land(lake, identities=[decided("B", "A"), decided("c2", "c1", label="Contact")])
    assert {table: rows(lake.view(), table) for table in tables} != before
    land(
        lake,
        identities=[
            decided("B", "A", "undone", at="2026-03-10T10:00:00"),
            decided("c2", "c1", "undone", at="2026-03-10T10:00:00", label="Contact"),
        ],
    )
    assert {table: rows(lake.view(), table) for table in tables} == before


def test_the_rows_of_the_sources_stay_as_they_came(merged):
    keys = set(merged.view().every_row("accounts")["account_id"].to_pylist())
    assert keys == {"A", "B", "P", "Z"}
    assert rows(merged.view().as_landed(), "accounts", "account_id") == [("A",), ("B",), ("P",), ("Z",)]


def test_a_decision_does_not_move_the_last_day_of_the_record(merged):
    assert merged.view().latest_day() == date(2026, 2, 1)
    assert merged.view().first_day() == DAY


def test_chains_lead_to_their_last_and_later_decisions_win():
    chain = [decided("a", "b"), decided("b", "c"), decided("x", "b")]
    assert aliases(chain) == {("Account", "a"): "c", ("Account", "b"): "c", ("Account", "x"): "c"}
    # The pair is the same whichever way round it is named.
    apart = [*chain, decided("c", "b", "different", at="2026-03-10T12:00:00")]
    assert aliases(apart) == {("Account", "a"): "b", ("Account", "x"): "b"}
    assert [row["verdict"] for row in standing(apart).values()] == ["same", "different", "same"]


KEYS = some.sampled_from("abcdef")


@given(some.lists(some.tuples(KEYS, KEYS, some.sampled_from(["same", "different", "undone"])), max_size=20))
def test_whatever_was_decided_nothing_stands_for_an_alias(decisions):
    found = aliases(decided(a, b, verdict, at=f"{n:04d}") for n, (a, b, verdict) in enumerate(decisions))
    kept = {("Account", key) for key in found.values()}
    assert not kept & set(found)


def test_feeds_of_keys_are_told(merged):
    with merged.writing("a load") as writer:
        writer.append(TABLES["loads"], pa.table({"load_id": ["load-1"], "feed": ["crm"]}))
    assert sorted(map(tuple, (row.values() for row in merged.view().feeds("contacts").to_pylist()))) == [
        ("c1", "crm"),
        ("c2", "crm"),
    ]
