"""What the graph shows of a small lake worked out by hand, and that publishing is repeatable."""

import shutil
from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from graph.lake import Lake
from graph.landing import arrow_schema
from graph.schema import (
    ACCOUNT,
    BELONGS_TO,
    COMMUNITY,
    IN_COMMUNITY,
    MEMBER,
    PRODUCT,
    RUN,
    SCORES,
    SUBSCRIBES,
    TIE,
)
from graph.statement import Statement
from graph.store import sweep
from graph.write import empty_graph
from ingest.publishing.publish import publish

pytestmark = pytest.mark.server

DAY = date(2026, 1, 1)


def land(lake, **given):
    kinds = {k.table: k for k in (ACCOUNT, BELONGS_TO, MEMBER, PRODUCT, SUBSCRIBES, TIE)}
    with lake.writing("test") as writer:
        for table, rows in given.items():
            writer.land(kinds[table], pa.Table.from_pylist(rows, schema=arrow_schema(kinds[table])), "load-1")


def member(key, **known):
    return {"member_id": key, "known_from": DAY, **known}


def tie(source, target, month, calls=None, messages=None):
    return {
        "source": source,
        "target": target,
        "month": date(2026, month, 1),
        "calls": calls,
        "messages": messages,
        "days_active": 1,
    }


def run(lake, run_id, circle, scores, finished):
    with lake.writing(run_id) as writer:
        row = {"run_id": run_id, "as_of": date(2026, 5, 31), "finished": finished}
        writer.append(RUN, pd.DataFrame([row]))
        writer.append(COMMUNITY, pd.DataFrame([{"run_id": run_id, "community_id": circle, "size": 2}]))
        edges = [{"run_id": run_id, "source": key, "target": circle, "stability": 1.0} for key in "ab"]
        writer.append(IN_COMMUNITY, pd.DataFrame(edges))
        writer.append(
            SCORES, pd.DataFrame([{"run_id": run_id, "kind": "Member", **score} for score in scores])
        )


@pytest.fixture(scope="module")
def made_lake(tmp_path_factory):
    """Three members of one account; a and b in touch both ways, a with c one way and long ago."""
    lake = Lake(tmp_path_factory.mktemp("made") / "lake")
    land(
        lake,
        accounts=[{"account_id": "A", "known_from": DAY, "name": "华信集团"}],
        members=[
            member("a", joined=date(2020, 5, 1)),
            member("b"),
            member("c"),
            {"member_id": "c", "known_from": date(2026, 4, 2), "left": date(2026, 4, 2)},
        ],
        memberships=[{"source": key, "target": "A", "since": DAY} for key in "abc"],
        products=[{"product_id": "p", "known_from": DAY, "monthly_fee": 58.0}],
        subscriptions=[
            {"source_label": "Member", "source": "a", "target": "p", "fee": 50.0, "since": DAY},
            {"source_label": "Account", "source": "A", "target": "p", "fee": 500.0, "since": DAY},
        ],
        ties=[
            tie("a", "b", 1, calls=4, messages=2),
            tie("a", "b", 5, calls=6),
            tie("b", "a", 5, messages=3),
            tie("a", "c", 2, calls=1),
        ],
    )
    return lake


@pytest.fixture
def lake(made_lake, tmp_path):
    """A copy of that lake which a test may change."""
    return Lake(shutil.copytree(made_lake.folder, tmp_path / "lake"))


@pytest.fixture
def store(either_store):
    """The graph on each server, emptied for each test."""
    sweep(either_store, empty_graph())
    return either_store


def ask(store, text):
    return store.rows(Statement(text))


def test_ties_are_summed_over_the_months(lake, store):
    publish(lake, store)
    found = ask(
        store,
        "MATCH (x:Member)-[t:TIE]->(y:Member) RETURN x.member_id + y.member_id AS pair, t.calls AS calls,"
        " t.messages AS messages, t.contacts AS contacts, t.recent_contacts AS recent, t.months AS months,"
        " t.first_month AS first, t.last_month AS last, t.reciprocity AS reciprocity ORDER BY pair",
    )
    may, january, february = date(2026, 5, 1), date(2026, 1, 1), date(2026, 2, 1)
    assert [tuple(row.values()) for row in found] == [
        # The last three months are March to May: of 12 contacts from a to b, 6 are recent.
        ("ab", 10, 2, 12, 6, 2, january, may, 3 / 12),
        ("ac", 1, None, 1, 0, 1, february, february, 0.0),
        ("ba", None, 3, 3, 3, 1, may, may, 3 / 12),
    ]


def test_nodes_carry_the_newest_version_and_nothing_unknown(lake, store):
    publish(lake, store)
    found = ask(store, "MATCH (m:Member) RETURN properties(m) AS m ORDER BY m.member_id")
    assert [row["m"] for row in found] == [
        {"member_id": "a", "joined": date(2020, 5, 1)},
        {"member_id": "b"},
        {"member_id": "c", "left": date(2026, 4, 2)},
    ]


def test_an_edge_with_several_kinds_of_end_joins_each(lake, store):
    publish(lake, store)
    found = ask(
        store,
        "MATCH (x)-[s:SUBSCRIBES]->(:Product)"
        " RETURN labels(x)[0] AS kind, s.fee AS fee, s.since AS since ORDER BY kind",
    )
    assert [tuple(row.values()) for row in found] == [("Account", 500.0, DAY), ("Member", 50.0, DAY)]


def test_the_report_says_what_was_sent_and_what_the_graph_holds(lake, store):
    rows = {row["type"]: (row["sent"], row["in_graph"]) for row in publish(lake, store).rows()}
    assert rows["Member"] == (3, 3)
    assert rows["TIE"] == (3, 3)
    assert rows["BELONGS_TO"] == (3, 3)


def test_only_what_changed_travels(lake, store):
    publish(lake, store)
    assert publish(lake, store).rows() == []
    land(lake, members=[member("d")])
    assert [row["type"] for row in publish(lake, store).rows()] == ["Member"]
    assert ask(store, "MATCH (m:Member) RETURN count(m) AS n") == [{"n": 4}]


def test_a_graph_that_lost_everything_is_published_whole_again(lake, store):
    before = publish(lake, store).rows()
    sweep(store, empty_graph())
    assert publish(lake, store).rows() == before


def test_the_graph_can_show_an_earlier_day_and_come_back(lake, store):
    newest = publish(lake, store).rows()
    ties = "MATCH (x)-[t:TIE]->(y) RETURN x.member_id + y.member_id AS pair, t.contacts AS n ORDER BY pair"
    today = ask(store, ties)

    publish(lake, store, as_of=date(2026, 4, 1))
    assert [tuple(row.values()) for row in ask(store, ties)] == [("ab", 6), ("ac", 1)]
    assert ask(store, "MATCH (m:Member {member_id: 'c'}) RETURN m.left AS left") == [{"left": None}]

    publish(lake, store, as_of=date(2025, 12, 31))
    assert ask(store, "MATCH (n) WHERE n.account_id IS NOT NULL OR n.member_id IS NOT NULL RETURN n") == []

    publish(lake, store)
    assert ask(store, ties) == today
    held = "MATCH (:Member)-[b:BELONGS_TO]->(:Account) RETURN count(b) AS n"
    assert ask(store, held) == [{"n": 3}]
    counts = {row["type"]: row["in_graph"] for row in newest}
    assert counts == {"Account": 1, "Member": 3, "Product": 1, "BELONGS_TO": 3, "SUBSCRIBES": 2, "TIE": 3}


def test_only_rows_that_differ_travel(lake, store):
    publish(lake, store)
    land(lake, ties=[tie("a", "b", 5, calls=7), tie("c", "b", 5, calls=1)])
    (row,) = publish(lake, store).rows()
    # c to b is new; a to b and, through its reciprocity, b to a have changed; a to c has not.
    assert (row["type"], row["sent"], row["removed"]) == ("TIE", 3, 0)


def test_an_edge_waits_for_its_ends(lake, store):
    land(lake, memberships=[{"source": "late", "target": "A", "since": DAY}])
    publish(lake, store)
    held = "MATCH (m:Member)-[:BELONGS_TO]->(:Account) RETURN count(m) AS n"
    assert ask(store, held) == [{"n": 3}]
    land(lake, members=[member("late")])
    publish(lake, store)
    assert ask(store, held) == [{"n": 4}]


def test_another_lake_is_not_mistaken_for_this_one(lake, store, tmp_path):
    publish(lake, store)
    other = Lake(tmp_path / "other")
    land(other, members=[member("z")])
    assert [row["type"] for row in publish(other, store).rows()] == ["Member"]


def test_a_new_run_takes_the_place_of_the_one_before(lake, store):
    first = [
        {"id": "a", "measure": "churn", "value": 0.4, "low": 0.3, "high": 0.5, "reasons": '["1 of 2 left"]'},
        {"id": "b", "measure": "churn", "value": 0.1},
        {"id": "b", "measure": "pagerank", "value": 0.7},
    ]
    run(lake, "r1", "c1", first, "2026-06-01T00:00:00")
    publish(lake, store)
    shown = ask(
        store,
        "MATCH (m:Member) WHERE m.run_id IS NOT NULL RETURN m.member_id AS id, m.churn AS churn,"
        " m.churn_low AS low, m.churn_reasons AS why, m.pagerank AS rank, m.as_of AS day ORDER BY id",
    )
    assert [tuple(row.values()) for row in shown] == [
        ("a", 0.4, 0.3, ["1 of 2 left"], None, date(2026, 5, 31)),
        ("b", 0.1, None, None, 0.7, date(2026, 5, 31)),
    ]

    run(lake, "r2", "c1", [{"id": "b", "measure": "churn", "value": 0.2}], "2026-07-01T00:00:00")
    publish(lake, store)
    figures = (
        "MATCH (m:Member) RETURN m.member_id AS id, m.churn AS churn, m.run_id AS run, m.as_of AS day"
        " ORDER BY id"
    )
    assert [tuple(row.values()) for row in ask(store, figures)] == [
        ("a", None, None, None),
        ("b", 0.2, "r2", date(2026, 5, 31)),
        ("c", None, None, None),
    ]
    assert ask(store, "MATCH (r:Run) RETURN r.run_id AS id") == [{"id": "r2"}]
    circles = (
        "MATCH (:Member)-[e:IN_COMMUNITY]->(c:Community)"
        " RETURN c.community_id AS id, c.run_id AS run, count(e) AS n"
    )
    assert ask(store, circles) == [{"id": "c1", "run": "r2", "n": 2}]


def test_a_run_that_is_shown_is_not_sent_again(lake, store):
    run(lake, "r1", "c1", [{"id": "a", "measure": "churn", "value": 0.4}], "2026-06-01T00:00:00")
    assert any(row["type"] == "Run" for row in publish(lake, store).rows())
    assert publish(lake, store).rows() == []
