"""Files for Neo4j's importer give the same graph as a publication, and the next publication sends nothing."""

import os
import subprocess
from datetime import date

import pandas as pd
import pytest

from graph.errors import BadInput
from graph.lake import Lake
from graph.neo4j_server import OPENED, java, neo4j_jars, open_neo4j
from graph.schema import COMMUNITY, IN_COMMUNITY, RUN, SCORES
from graph.statement import Statement
from ingest.publishing.offline import build_offline
from ingest.publishing.publish import publish
from tests.conftest import on_neo4j
from tests.ingest.publishing.test_publish_bulk import everything, lake, made_lake  # noqa: F401  fixtures

REASONS = '["3 of 14 left; more may follow", "a, \\"quoted\\" one", "两个"]'


@pytest.fixture
def analysed(lake):  # noqa: F811
    """The awkward lake with an older run and a newest one: scores with and without bounds and reasons."""
    for run_id, finished in (("r1", "2026-05-01T00:00:00"), ("r2", "2026-06-01T00:00:00")):
        with lake.writing(run_id) as writer:
            writer.append(
                RUN, pd.DataFrame([{"run_id": run_id, "as_of": date(2026, 5, 31), "finished": finished}])
            )
            writer.append(
                COMMUNITY, pd.DataFrame([{"run_id": run_id, "community_id": run_id + "c", "size": 2}])
            )
            held = [
                {"run_id": run_id, "source": key, "target": run_id + "c", "stability": 0.5}
                for key in ("m1", "m2")
            ]
            writer.append(IN_COMMUNITY, pd.DataFrame(held))
            scores = [
                {"id": "m1", "measure": "churn", "value": 0.4, "low": 0.3, "high": 0.5, "reasons": REASONS},
                {"id": "m1", "measure": "pagerank", "value": 0.1},
                {"id": "m2", "measure": "pagerank", "value": 0.7},
            ]
            writer.append(
                SCORES, pd.DataFrame([{"run_id": run_id, "kind": "Member", **one} for one in scores])
            )
    return lake


def run_import(build, home):
    """Run the command that the build tells, by the importer's class: no `neo4j-admin` is installed here."""
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
    words = [
        str(java()),
        "-Xmx512m",
        "-XX:TieredStopAtLevel=1",
        *opened,
        "-cp",
        f"{neo4j_jars() / 'server'}/*",
    ]
    done = subprocess.run(
        [*words, "org.neo4j.cli.AdminTool", *build.arguments()],
        env={**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home)},
        cwd=home,  # where it leaves its import.report
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.server
@pytest.mark.neo4j
def test_what_neo4j_imports_is_the_published_graph(analysed, neo4j_store, tmp_path):
    publish(analysed, neo4j_store)
    wanted = everything(neo4j_store)
    marks = Statement("MATCH (p:Published) RETURN p.table AS table, p.state AS state ORDER BY table")

    build = build_offline(analysed, tmp_path / "客户 files")
    home = tmp_path / "neo4j"
    home.mkdir()
    (home / "neo4j.conf").write_text("")
    run_import(build, home)
    with open_neo4j(home, "1g", short_lived=True) as server, on_neo4j(server) as store:
        assert everything(store) == wanted
        assert store.rows(marks) == neo4j_store.rows(marks)
        assert publish(analysed, store).rows() == []
        assert everything(store) == wanted


def test_the_files_stream_what_is_known_on_the_day(analysed, tmp_path):
    files = {one.file: one.rows for one in build_offline(analysed, tmp_path, as_of=date(2026, 2, 28)).files}
    # Of the ties of January, February and March, those of March are not known yet.
    assert files["TIE-Member-Member.csv"] == 234
    assert files["Member.csv"] == 40
    header = (tmp_path / "header-TIE-Member-Member.csv").read_text()
    assert header.startswith(":START_ID(Member),:END_ID(Member),key:string,calls:long")
    first = (tmp_path / "TIE-Member-Member.csv").read_text().splitlines()[0].split(",")
    assert first[2] == '""'  # an edge without parallels has an empty key, which is not the same as none


def test_an_empty_lake_has_nothing_to_import(tmp_path):
    build = build_offline(Lake(tmp_path / "lake"), tmp_path / "files")
    assert build.files == ()


def test_a_folder_that_the_importer_cannot_take_is_refused(tmp_path):
    with pytest.raises(BadInput, match="has a comma"):
        build_offline(Lake(tmp_path / "lake"), tmp_path / "a,b")
