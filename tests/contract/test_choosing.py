"""Which server is used: by setting, by `--graph`, and what the doctor finds there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graph.neo4j_server import GDS_VERSION, VERSION, Neo4jServer
from tests.end_to_end.command_line import forked

NOWHERE = "bolt://127.0.0.1:1"


@pytest.mark.neo4j
def test_the_doctor_tells_of_a_neo4j(
    neo4j_server: Neo4jServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANXI_GRAPH_URL", NOWHERE)
    monkeypatch.setenv("GUANXI_GRAPH_PASSWORD", neo4j_server.password.get_secret_value())
    done = forked(tmp_path, "--graph", neo4j_server.url, "doctor", "--format", "json")
    found = {row["check"]: row for row in json.loads(done.stdout)}
    told = f"server Neo4j, version {VERSION}, edition community, address {neo4j_server.url}"
    assert found["graph"] == {"check": "graph", "state": "good", "detail": told}
    assert found["graph science"]["detail"] == f"Graph Data Science {GDS_VERSION}"
    assert "db.transaction.timeout 0s" in found["graph limits"]["detail"]
    assert found["graph constraints"]["state"] in ("good", "note")
    assert neo4j_server.password.get_secret_value() not in done.stdout + done.stderr


@pytest.mark.neo4j
def test_a_command_asks_the_neo4j_that_is_named(
    neo4j_server: Neo4jServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANXI_GRAPH_PASSWORD", neo4j_server.password.get_secret_value())
    text = "CALL dbms.components() YIELD edition RETURN edition"
    done = forked(tmp_path, "--graph", neo4j_server.url, "cypher", text, "--format", "csv")
    assert (done.returncode, done.stdout.split()) == (0, ["edition", "community"])


def test_what_is_named_wins_over_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_GRAPH_URL", "embedded")
    done = forked(tmp_path, "--graph", NOWHERE, "cypher", "RETURN 1 AS one")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"guanxi: the graph server at {NOWHERE} does not answer; check that it runs and that its address is"
        " right\n"
    )


def test_an_address_of_another_kind_is_a_mistake(tmp_path: Path) -> None:
    done = forked(tmp_path, "--graph", "http://here", "cypher", "RETURN 1 AS one")
    assert done.returncode == 2
    assert "what works is 'embedded', or bolt://host:7687" in done.stderr
