"""The addresses and pages of loads, over a lake with three months of them; no graph is asked."""

import csv
import io
import re

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.pages.loads_drawn import columns, line, parts, reaches
from api.pages.loads_words import LOADS_WORDS, SENTENCES_ZH, WHY_ZH
from api.pages.words import Language, speaker
from graph.lake import Lake
from graph.recording import RecordingStore
from graph.settings import Settings
from ingest.quality.kept import COLUMNS
from ingest.quality.words import SENTENCES, WHY
from tests.ingest.quality.monthly import PRIVATE, months_of_loads


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """The lake and its loads, the oldest first."""
    return months_of_loads(tmp_path_factory.mktemp("monthly"), 200, 3)


@pytest.fixture(scope="module")
def client(loaded):
    return over(loaded[0])


def over(lake):
    app = create_app(lake, RecordingStore(), Settings(_env_file=None))
    return TestClient(app, raise_server_exceptions=False)


def test_loads_come_newest_first_as_json_and_csv(client, loaded):
    ids = [load.load_id for load in reversed(loaded[1])]
    answer = client.get("/api/loads").json()
    assert [row["load_id"] for row in answer["rows"]] == ids
    assert [row["rows_in"] for row in answer["rows"]] == [load.rows_in for load in reversed(loaded[1])]
    assert answer["rows"][0]["alarms"] > 0
    assert answer["rows"][1]["alarms"] == 0
    text = client.get("/api/loads?format=csv").content.decode("utf-8-sig")
    assert [row["load_id"] for row in csv.DictReader(io.StringIO(text))] == ids
    assert tuple(text.splitlines()[0].split(",")) == COLUMNS


def test_a_report_comes_as_it_was_written(client, loaded):
    newest, before = loaded[1][-1], loaded[1][-2]
    report = client.get(f"/api/loads/{newest.load_id}/quality").json()
    assert (report["load_id"], report["compared_with"]) == (newest.load_id, before.load_id)
    assert [file["rows"] for file in report["files"]] == [file.rows for file in newest.files]
    assert {table["table"] for table in report["tables"]} == {"members", "bills"}
    codes = {finding["code"] for finding in report["findings"]}
    assert {"nulls_more", "values_new", "shifted_numbers", "waiting", "months_missing", "repeated"} <= codes


def test_the_report_is_declared_field_by_field(client, loaded):
    document = client.get("/openapi.json").json()
    said = document["paths"]["/api/loads/{load_id}/quality"]["get"]["responses"]["200"]
    assert said["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Report"}
    report = client.get(f"/api/loads/{loaded[1][0].load_id}/quality").json()
    assert set(document["components"]["schemas"]["Report"]["properties"]) == set(report)


@pytest.mark.parametrize("path", ["/api/loads/nope/quality", "/loads/nope"])
def test_an_unknown_load_is_not_found(client, loaded, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert loaded[1][-1].load_id in answer.text


def test_an_empty_lake_says_how_to_load(tmp_path):
    client = over(Lake(tmp_path / "lake"))
    assert client.get("/api/loads").json()["rows"] == []
    assert "guanxi load" in client.get("/loads?lang=en").text


@pytest.mark.parametrize("language", Language)
def test_the_list_leads_to_each_load(client, loaded, language):
    page = client.get(f"/loads?lang={language}").text
    say = speaker(language)
    for load in loaded[1]:
        assert f"/loads/{load.load_id}?lang={language}" in page
    assert page.count("<tr data-load>") == 3
    assert say("verdict_good") in page


@pytest.mark.parametrize("language", Language)
def test_the_page_of_a_load_says_every_finding(client, loaded, language):
    load_id, say = loaded[1][-1].load_id, speaker(language)
    page = client.get(f"/loads/{load_id}?lang={language}").text
    findings = client.get(f"/api/loads/{load_id}/quality").json()["findings"]
    grave = [each for each in findings if each["severity"] != "note"]
    assert page.count("<li data-finding>") == len(grave) > 5
    if language is Language.en:
        assert [each["sentence"] for each in findings if each["sentence"] not in page] == []
    assert re.findall(r'data-view="(\w+)"', page) == [
        "completeness", "validity", "duplicates", "references", "freshness", "drift",
    ]  # fmt: skip
    assert page.count('<details class="card table" open>') == 2
    assert say("severity_alarm") in page


def test_the_page_of_the_first_load_is_calm(client, loaded):
    page = client.get(f"/loads/{loaded[1][0].load_id}?lang=en").text
    assert "Nothing needs your attention." in page
    assert "the feed&#39;s first load; nothing to compare with" in page
    assert '<details class="card table" open>' not in page


@pytest.mark.parametrize("path", ["/loads", "/loads/{}", "/api/loads", "/api/loads/{}/quality"])
def test_nothing_that_may_be_about_a_person_leaves(client, loaded, path):
    text = client.get(path.format(loaded[1][-1].load_id)).text
    assert [word for word in PRIVATE if word in text] == []


@pytest.mark.parametrize("path", ["/loads", "/loads/{}"])
def test_every_table_has_a_caption_and_every_header_a_scope(client, loaded, path):
    page = client.get(path.format(loaded[1][-1].load_id)).text
    assert page.count("<table") == page.count("<caption") > 0
    assert re.findall(r"<th(?![^>]*scope=)[ >]", page) == []
    for svg in re.findall(r"<svg[^>]*>", page):
        assert 'aria-hidden="true"' in svg or 'role="img"' in svg


def test_every_finding_and_every_reason_has_its_chinese_words():
    assert SENTENCES_ZH.keys() == SENTENCES.keys()
    assert WHY_ZH.keys() == WHY.keys()
    holes = {
        key: [set(re.findall(r"{(\w+)", text)) for text in pair]
        for key, pair in LOADS_WORDS.items()
        if key.startswith("finding_")
    }
    assert [key for key, (zh, en) in holes.items() if zh != en] == []


def test_drawings_are_to_scale():
    assert line([5], "one") is None
    drawn = line([0, 10, 5], "x")
    assert drawn.points == "4,22.0 16,4.0 28,13.0"
    assert drawn.last == (28, 13.0)
    assert {part.kind: part.width for part in parts([("a", 9_999), ("b", 1)], 100)} == {"a": 98.0, "b": 2.0}
    assert [bar.height for bar in columns([("x", 10), ("y", 5), ("z", 0)], height=20)] == [20, 10, 0]
    assert [reach.x for reach in reaches([("now", -10, 0, 100)])] == [0.0]
