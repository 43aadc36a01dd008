"""Circles on the account's page and on the command line: what became of them, and the groups inside."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from analytics.communities.continuity import EVENTS
from api.app import create_app
from api.commands.communities import tell_changes, tell_inside
from api.pages.circles import lines_of
from api.pages.words import Language, speaker
from api.show import Format
from graph.embedded import EmbeddedServer
from graph.errors import BadInput, NotFound
from graph.lake import Lake
from graph.schema import COMMUNITY, COMMUNITY_EVENTS, IN_COMMUNITY, INNER_CIRCLES
from graph.settings import Settings
from tests.api.served import small_graph, small_lake
from tests.queries.small_world import RUN_ID


@pytest.fixture
def lake(home: Path) -> Lake:
    """The small world; by its newest run k1 came of k1 and k9, and has two groups, one with a group in it."""
    lake = small_lake(home / "lake")
    merged = {
        "run_id": RUN_ID,
        "event": "merged",
        "community_id": "k1",
        "moved": 2,
        "size": 4,
        "size_before": 2,
    }
    died = {"run_id": RUN_ID, "event": "died", "earlier_id": "k8", "moved": 0, "size_before": 3}
    placed = [
        ("m01", "k1.1", "k1", 1),
        ("m02", "k1.1", "k1", 1),
        ("m02", "k1.1.1", "k1.1", 2),
        ("m05", "k1.2", "k1", 1),
    ]
    inner = pd.DataFrame(placed, columns=["member_id", "community_id", "parent_id", "level"])
    with lake.writing("circles") as writer:
        events = pd.DataFrame([merged | {"earlier_id": "k9"}, merged | {"earlier_id": "k1"}, died])
        writer.append(COMMUNITY_EVENTS, events.astype({"size": "Int64"}))
        writer.append(INNER_CIRCLES, inner.assign(run_id=RUN_ID))
        writer.append(
            COMMUNITY, pd.DataFrame([{"run_id": RUN_ID, "community_id": "k1", "size": 4, "label": "华信"}])
        )
        writer.append(IN_COMMUNITY, pd.DataFrame([{"run_id": "run-0", "source": "m01", "target": "k9"}]))
    return lake


def test_the_page_tells_it_beside_the_circle(lake: Lake, graph_server: EmbeddedServer) -> None:
    with small_graph(graph_server) as store:
        client = TestClient(create_app(lake, store, Settings(_env_file=None)))
        chinese, english = (client.get(f"/?account=a1&lang={language}").text for language in ("zh", "en"))
    beside = r'/communities/k1">.*?</a>(?: <span class="beside">([^<]*)</span>)+'
    assert re.search(beside, english)[0].count("beside") == 2  # type: ignore[index]
    assert "由 k1、k9 合并而成</span>" in chinese
    assert "内含 2 个小组</span>" in chinese
    assert "merged from k1, k9</span>" in english
    assert "2 groups inside</span>" in english


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("event", [event for event in EVENTS if event != "died"])
def test_every_event_of_a_living_circle_has_words(event: str, language: Language) -> None:
    found = {"event": event, "earlier": ["c3"], "kept": 0.75, "inside": 0}
    (said,) = lines_of(found, speaker(language), language)
    assert ("75%" if event == "continued" else "c3" if event != "born" else "") in said
    assert lines_of({"event": None, "earlier": None, "inside": 0}, speaker(language), language) == []


@pytest.mark.usefixtures("lake")
def test_changes_in_each_form_and_what_was_compared_beside(capsys: pytest.CaptureFixture[str]) -> None:
    tell_changes(form=Format.json)
    said = capsys.readouterr()
    rows = json.loads(said.out)
    assert [(row["event"], row["earlier_id"], row["label"], row["kept"]) for row in rows] == [
        ("merged", "k1", "华信", 1.0),
        ("merged", "k9", "华信", 1.0),
        ("died", "k8", None, 0.0),
    ]
    assert said.err.splitlines() == [
        "run run-1 as of 2026-10-31, compared with run run-0 as of 2026-09-30",
        "circles: 0 continued, 0 born, 1 died, 0 split, 1 merged",
    ]
    tell_changes(form=Format.csv, limit=1)
    said = capsys.readouterr()
    assert list(csv.reader(io.StringIO(said.out)))[1:] == [
        ["merged", "k1", "k1", "华信", "4", "2", "2", "1.0"]
    ]
    assert "1 of 3 rows; --limit shows more" in said.err
    tell_changes(as_of="2026-10-01", form=Format.table)
    said = capsys.readouterr()
    assert "size_before" in said.out
    assert said.err.splitlines()[0] == "run run-0 has no run before it to be compared with"


@pytest.mark.usefixtures("lake")
def test_the_groups_inside_a_circle(capsys: pytest.CaptureFixture[str]) -> None:
    tell_inside("k1", form=Format.json)
    said = capsys.readouterr()
    assert [
        (row["community_id"], row["level"], row["size"], row["of_parent"]) for row in json.loads(said.out)
    ] == [
        ("k1.1", 1, 2, 0.5),
        ("k1.1.1", 2, 1, 0.5),
        ("k1.2", 1, 1, 0.25),
    ]
    assert said.err.splitlines() == ["run run-1 as of 2026-10-31"]
    tell_inside("k1.2", run_id=RUN_ID, form=Format.csv)
    said = capsys.readouterr()
    assert said.out == "community_id,parent_id,level,size,of_parent,accounts,largest\n"
    assert said.err.startswith("no group stands out among the 1 members of k1.2")
    with pytest.raises(NotFound, match="no community 'k7' in run run-1"):
        tell_inside("k7")
    with pytest.raises(BadInput, match="give one of them"):
        tell_inside("k1", as_of="2026-10-31", run_id=RUN_ID)


@pytest.mark.usefixtures("home")
def test_without_a_run_it_says_what_to_do() -> None:
    with pytest.raises(NotFound, match="no run yet, so no communities: guanxi refresh finds them"):
        tell_changes()
