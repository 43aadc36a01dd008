"""The main job on real mail, through the command line: load, load again, refresh, ask."""

import csv
import json
import shutil
from datetime import UTC, date, datetime

import pytest

from analytics.refresh import refresh
from graph.embedded import open_embedded
from graph.lake import Lake
from graph.store import sweep
from graph.write import empty_graph
from ingest.publishing.publish import publish
from ingest.run import load
from queries.catalog import catalog
from queries.run import ask
from tests.end_to_end import command_line

pytestmark = [pytest.mark.data, pytest.mark.server]

AS_OF = date(2001, 10, 31)


@pytest.fixture(scope="module")
def guanxi(tmp_path_factory, public_data):
    """Run the command line with a home of its own: `guanxi("load", ...)` gives the finished process."""
    home = tmp_path_factory.mktemp("home")

    def run(*words):
        done = command_line.forked(home, *words)
        assert done.returncode == 0, done.stderr
        return done

    # Held open here, the server is borrowed by each command instead of being started by it.
    with open_embedded(home / "graph", "512m"):
        yield run


@pytest.fixture(scope="module")
def loaded(guanxi, public_data):
    """The report of the first load, as rows."""
    return json.loads(guanxi("load", "enron", "--data", public_data / "enron", "--format", "json").stdout)


@pytest.fixture(scope="module")
def refreshed(guanxi, loaded):
    """The figures of a refresh as of the end of October 2001."""
    shown = guanxi("refresh", "--as-of", AS_OF.isoformat(), "--format", "json").stdout
    return {row["figure"]: row["value"] for row in json.loads(shown)}


def asked(guanxi, *words):
    return json.loads(guanxi("ask", *words, "--format", "json").stdout)


def counted(guanxi, text):
    return json.loads(guanxi("cypher", text, "--format", "json").stdout)[0]


def exported(guanxi, folder):
    return json.loads(guanxi("export", folder, "--format", "json").stdout)


def test_every_row_in_is_landed_unchanged_or_set_aside(loaded):
    assert loaded
    for row in loaded:
        assert row["rows_in"] == row["landed"] + row["unchanged"] + row["set_aside"], row


def test_the_graph_holds_exactly_the_people_departments_and_pairs(guanxi, loaded):
    assert counted(guanxi, "MATCH (m:Member) RETURN count(m) AS n") == {"n": 156}
    assert counted(guanxi, "MATCH (a:Account) RETURN count(a) AS n") == {"n": 16}
    ties = counted(
        guanxi, "MATCH (:Member)-[t:TIE]->(:Member) RETURN count(t) AS pairs, sum(t.messages) AS sent"
    )
    assert ties == {"pairs": 2715, "sent": 38388}


def test_the_second_load_changes_nothing(guanxi, loaded, public_data, tmp_path):
    before = exported(guanxi, tmp_path / "before")
    again = json.loads(guanxi("load", "enron", "--data", public_data / "enron", "--format", "json").stdout)
    assert all(row["landed"] == 0 for row in again)
    assert sum(row["unchanged"] for row in again) == sum(row["landed"] for row in loaded)
    assert exported(guanxi, tmp_path / "after") == before
    ties = counted(
        guanxi, "MATCH (:Member)-[t:TIE]->(:Member) RETURN count(t) AS pairs, sum(t.messages) AS sent"
    )
    assert ties == {"pairs": 2715, "sent": 38388}


def test_influencers_and_members_at_risk_come_with_reasons(guanxi, refreshed):
    for query in ("influencers/top_of_region", "members/list_at_risk"):
        rows = asked(guanxi, query)
        assert rows, query
        assert all(row["reasons"] for row in rows), query


def test_rows_come_as_one_json_array_and_nothing_else(guanxi, refreshed):
    done = guanxi("ask", "members/list_at_risk", "limit=3", "--format", "json")
    rows = json.loads(done.stdout)
    assert isinstance(rows, list)
    assert len(rows) == 3
    assert all(isinstance(row, dict) for row in rows)


def cut_after(source, folder, day):
    """The mail as it stood at the end of that day (UTC)."""
    shutil.copytree(source, folder)
    end = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC).timestamp()
    messages = (folder / "messages.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in messages if int(line.split("\t")[2]) <= end]
    known = {line.split("\t")[0] for line in kept}
    recipients = (folder / "recipients.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "messages.tsv").write_text("".join(kept), encoding="utf-8")
    (folder / "recipients.tsv").write_text(
        "".join(line for line in recipients if line.split("\t")[0] in known), encoding="utf-8"
    )
    return folder


def run_of(data, home):
    """The mail loaded and refreshed as of the day: the lake."""
    lake = Lake(home / "lake")
    load("enron", data, lake, home / "quarantine", None)
    assert refresh(lake, AS_OF, None).as_of == AS_OF
    return lake


def results(lake):
    """Every row of every result, as text, without the run's id."""
    tables = {}
    for table in ("scores", "communities", "community_profiles", "seeds"):
        rows = lake.view().arrow(table).to_pylist()
        assert rows
        tables[table] = sorted(
            json.dumps({k: v for k, v in row.items() if k != "run_id"}, sort_keys=True) for row in rows
        )
    return tables


def answers(lake, store):
    """What every question of the library answers on the lake published as of the day."""
    sweep(store, empty_graph())
    publish(lake, store, as_of=AS_OF)
    given = {
        "account_id": "enron-ena-west-power",
        "member_id": "enron-7",
        "contact_id": "enron-7",
        "community_id": "c1",
        "ids": ["enron-7", "enron-103"],
        "id": "enron-7",
        "source": "enron-7",
        "target": "enron-103",
    }
    found = {}
    for name, query in catalog().items():
        required = [param.name for param in query.params if param.required]
        if all(param in given for param in required):
            found[name] = ask(store, query, {param: given[param] for param in required}).rows
    return found


@pytest.fixture(scope="module")
def whole_and_cut(public_data, tmp_path_factory):
    """Two lakes refreshed as of the same day: one of all mail, one of the mail until that day."""
    cut = cut_after(public_data / "enron", tmp_path_factory.mktemp("mail") / "cut", AS_OF)
    assert len((cut / "messages.tsv").read_text(encoding="utf-8").splitlines()) < 21_635
    return (
        run_of(public_data / "enron", tmp_path_factory.mktemp("whole")),
        run_of(cut, tmp_path_factory.mktemp("cut")),
    )


def test_nothing_in_a_run_comes_from_mail_after_its_date(whole_and_cut):
    whole, cut = whole_and_cut
    assert results(whole) == results(cut)


def test_no_answer_after_a_refresh_comes_from_mail_after_its_date(whole_and_cut, graph_store):
    whole, cut = (answers(lake, graph_store) for lake in whole_and_cut)
    assert len(whole) > 20
    assert {name for name in whole if whole[name] != cut[name]} == set()
    assert whole["members/list_at_risk"]
    assert whole["influencers/top_of_region"]


def test_csv_has_a_header_and_as_many_rows(guanxi, refreshed):
    shown = guanxi("ask", "influencers/top_of_region", "limit=5", "--format", "csv").stdout
    rows = list(csv.DictReader(shown.splitlines()))
    assert len(rows) == 5
    assert all(row["reasons"] for row in rows)
