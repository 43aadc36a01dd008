"""Decisions as a user makes them: what they change in the view, the graph and the next load; taken back."""

import shutil
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from graph.errors import BadInput, Conflict, NotFound
from graph.lake import Lake
from graph.landing import arrow_schema
from graph.model import UNDATED
from graph.schema import TABLES
from graph.statement import Statement
from graph.store import sweep
from graph.write import empty_graph
from ingest.publishing.publish import publish
from ingest.resolve.decisions import accept, differ, merge, undo
from ingest.resolve.run import candidates, resolve
from ingest.world.names import credit_code
from ingest.world.regions import REGIONS

CODES = [credit_code(REGIONS[0], "energy", n) for n in (5, 6)]
TODAY = datetime.now(UTC).date()


def land(lake, feed, **tables):
    with lake.writing(feed) as writer:
        for table, rows in tables.items():
            kind = TABLES[table]
            dated = [{"known_from": UNDATED, **row} for row in rows]
            writer.land(kind, pa.Table.from_pylist(dated, schema=arrow_schema(kind)), feed)
        writer.append(TABLES["loads"], pa.table({"load_id": [feed], "feed": [feed]}))


@pytest.fixture(scope="module")
def made_lake(tmp_path_factory):
    """a and b are one firm by its code; c is another, and d one that may be c."""
    lake = Lake(tmp_path_factory.mktemp("made") / "lake")
    land(
        lake, "crm",
        accounts=[
            {"account_id": "a", "name": "广州华信能源有限公司", "credit_code": CODES[0], "region": "440103"},
            {"account_id": "c", "name": "深圳远达物流有限公司", "credit_code": CODES[1], "region": "440305"},
        ],
        contacts=[{"contact_id": "p", "name": "李建国"}],
        positions=[{"source": "p", "target": "a"}],
    )  # fmt: skip
    land(
        lake, "erp",
        accounts=[
            {"account_id": "b", "name": "華信能源", "credit_code": CODES[0], "industry": "energy"},
            {"account_id": "d", "name": "远达物流", "region": "440305"},
        ],
        contacts=[{"contact_id": "q", "name": "王伟"}],
        positions=[{"source": "q", "target": "b"}, {"source": "q", "target": "d"}],
    )  # fmt: skip
    return lake


@pytest.fixture
def lake(made_lake, tmp_path):
    """A copy of that lake which a test may change."""
    return Lake(shutil.copytree(made_lake.folder, tmp_path / "lake"))


def keys(lake, day=None):
    return sorted(lake.view(day).arrow("accounts", ["account_id"])["account_id"].to_pylist())


def test_only_exact_keys_are_merged_by_a_look_and_they_can_be_undone(lake):
    report = resolve(lake, ("Account",))
    assert [(one.alias, one.canonical) for one in report.accepted["Account"].merged] == [("b", "a")]
    assert keys(lake) == ["a", "c", "d"]
    assert {(row["left"], row["right"]) for row in candidates(lake)} == {("c", "d")}
    undo(lake, "b", "a", "somebody")
    assert keys(lake) == ["a", "b", "c", "d"]


def test_a_second_look_brings_nothing_that_is_decided(lake):
    resolve(lake, ("Account",))
    differ(lake, "c", "d", "somebody")
    again = resolve(lake, ("Account",))
    assert again.rows()[0]["records"] == 3
    assert again.rows()[0]["merged"] == 0
    assert candidates(lake) == []


def test_nothing_is_merged_on_request_to_merge_nothing(lake):
    report = resolve(lake, ("Account",), merge_exact=False)
    assert report.rows()[0]["exact_keys"] == 1
    assert keys(lake) == ["a", "b", "c", "d"]


def test_accepting_never_joins_two_valid_codes_or_what_was_judged_different(lake):
    differ(lake, "d", "b", "somebody")
    done = accept(
        lake, "Account", [("a", "b", ""), ("c", "d", ""), ("b", "d", ""), ("a", "c", "")], "somebody"
    )
    assert [(one.alias, one.canonical) for one in done.merged] == [("b", "a"), ("d", "c")]
    assert [reason for _, _, reason in done.left] == [
        "keys among them were judged different",
        "keys among them were judged different",
    ]
    undo(lake, "d", "b", "somebody")
    left = accept(lake, "Account", [("a", "d", "")], "somebody").left
    assert left == (("a", "d", f"they would have different valid credit codes: {', '.join(sorted(CODES))}"),)


def test_a_merge_counts_from_its_day_and_can_be_dated_back(lake):
    yesterday = TODAY - timedelta(days=1)
    merge(lake, "a", "b", "somebody")
    assert (keys(lake, yesterday), keys(lake, TODAY)) == (["a", "b", "c", "d"], ["a", "c", "d"])
    merge(lake, "c", "d", "somebody", since=date(2020, 1, 1))
    assert keys(lake, date(2020, 1, 1)) == ["a", "b", "c"]
    undo(lake, "c", "d", "somebody")
    assert keys(lake) == ["a", "c", "d"]


def test_mistakes_are_refused_in_one_sentence(lake):
    merge(lake, "a", "b", "somebody")
    with pytest.raises(Conflict, match="b and a are merged already; guanxi resolve undo takes it back"):
        merge(lake, "a", "b", "somebody")
    with pytest.raises(Conflict, match="merged already"):
        merge(lake, "b", "a", "somebody")
    with pytest.raises(Conflict, match="b stands for a already; undo that first"):
        merge(lake, "c", "b", "somebody")
    with pytest.raises(Conflict, match="a and b are merged; undo that first"):
        differ(lake, "a", "b", "somebody")
    with pytest.raises(NotFound, match="no account or contact 'x'"):
        merge(lake, "a", "x", "somebody")
    with pytest.raises(BadInput, match="a is the key of an Account, p of a Contact"):
        merge(lake, "a", "p", "somebody")
    with pytest.raises(BadInput, match="a day to come"):
        merge(lake, "c", "d", "somebody", since=TODAY + timedelta(days=2))
    with pytest.raises(NotFound, match="no decision on c and d stands; none names either of them"):
        undo(lake, "c", "d", "somebody")
    differ(lake, "c", "d", "somebody")
    with pytest.raises(Conflict, match=r"c and d were judged different on .* by somebody; undo that first"):
        merge(lake, "c", "d", "somebody")


def test_an_alias_of_an_alias_is_the_last_key(lake):
    merge(lake, "c", "d", "somebody")
    merge(lake, "a", "c", "somebody")
    assert merge(lake, "d", "b", "somebody").canonical == "a"
    assert keys(lake) == ["a"]


def test_a_load_after_a_merge_finds_its_rows_unchanged(lake):
    merge(lake, "a", "b", "somebody")
    kind = TABLES["accounts"]
    with lake.writing("again") as writer:
        landed = writer.land(kind, lake.view().every_row(kind), "again")
    assert (landed.new, landed.changed, landed.unchanged) == (0, 0, 4)


@pytest.mark.server
def test_publishing_brings_a_merge_and_its_undoing_to_the_graph(lake, graph_store):
    sweep(graph_store, empty_graph())

    def shown():
        text = (
            "MATCH (c:Contact)-[w:WORKS_AT]->(a:Account) RETURN c.contact_id AS c, a.account_id AS a,"
            " a.industry AS industry ORDER BY c, a"
        )
        return [tuple(row.values()) for row in graph_store.rows(Statement(text))]

    publish(lake, graph_store)
    before = shown()
    assert before == [("p", "a", None), ("q", "b", "energy"), ("q", "d", None)]
    merge(lake, "a", "b", "somebody")
    publish(lake, graph_store)
    assert shown() == [("p", "a", "energy"), ("q", "a", "energy"), ("q", "d", None)]
    undo(lake, "a", "b", "somebody")
    publish(lake, graph_store)
    assert shown() == before
