"""The command line's own promises: documented, and rows in three shapes with nothing beside them."""

import json
import math
import os
import subprocess
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
import typer.main
from neo4j.spatial import CartesianPoint
from neo4j.time import Duration
from typer.testing import CliRunner

from api.cli import app
from api.commands.asking import _more
from api.reference import commands_page
from api.show import Format, show
from queries.catalog import catalog, find
from queries.run import Answer

DOCS = Path(__file__).resolve().parents[2] / "docs"
COMMANDS = typer.main.get_group(app).commands
ROWS = [
    {
        "name": "华信集团",
        "left": date(2026, 10, 31),
        "reasons": ["3 of 14 left", "a, b"],
        "risk": 0.25,
        "n": 1200,
    },
    {"name": "[b]x", "left": None, "reasons": [], "risk": None, "n": 2},
]


def test_the_commands_page_is_the_one_generated():
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == commands_page(), "run `make docs`"


def test_every_command_of_the_main_job_is_there():
    assert set(COMMANDS) >= {
        "demo",
        "load",
        "publish",
        "refresh",
        "ask",
        "cypher",
        "serve",
        "doctor",
        "bench",
    }


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_parameter_says_what_it_is_for(name):
    assert COMMANDS[name].help
    assert [p.name for p in COMMANDS[name].params if not p.help] == []


def test_json_is_one_array_of_objects(capsys):
    show(ROWS, Format.json)
    printed = capsys.readouterr()
    assert printed.err == ""
    assert json.loads(printed.out)[0] == {**ROWS[0], "left": "2026-10-31"}
    assert "华信集团" in printed.out


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


def test_json_writes_every_value_of_cypher(capsys):
    odd = {
        "time": time(9, 30, tzinfo=UTC),
        "moment": datetime(2026, 10, 31, 9, 30, tzinfo=UTC),
        "span": Duration(days=1, hours=2),
        "point": CartesianPoint((1.0, 2.0)),
        "bytes": b"ab",
        "numbers": [math.nan, math.inf, -math.inf, 0.5],
        "node": {"seen": date(2026, 1, 2), "share": math.nan, "ok": True},
    }
    show([odd], Format.json)
    assert json.loads(capsys.readouterr().out, parse_constant=refuse) == [
        {
            "time": "09:30:00+00:00",
            "moment": "2026-10-31T09:30:00+00:00",
            "span": "P1DT2H",
            "point": "CartesianPoint(1.0, 2.0)",
            "bytes": "b'ab'",
            "numbers": [None, None, None, 0.5],
            "node": {"seen": "2026-01-02", "share": None, "ok": True},
        }
    ]


def run(*words, home, **environment):
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *words],
        env={**os.environ, "GUANXI_HOME": str(home), **environment},
        capture_output=True,
        check=False,
    )


def test_a_terminal_that_is_not_utf_8_gets_codes_for_what_it_cannot_show(tmp_path):
    done = run("doctor", "--format", "csv", home=tmp_path / "华é", PYTHONIOENCODING="latin-1")
    assert b"Traceback" not in done.stderr
    assert (tmp_path.name + "/\\u534e\xe9").encode("latin-1") in done.stdout


@pytest.mark.parametrize("form", Format)
def test_a_reader_that_is_gone_ends_the_command_quietly(form, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", "ask", "--format", form],
            env={**os.environ, "GUANXI_HOME": str(tmp_path), "PYTHONUNBUFFERED": ""},  # as at a user's
            stdout=gone,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.stderr, done.returncode) == (b"", 1)


def test_the_list_of_queries_says_whom_each_is_for():
    listed = json.loads(CliRunner().invoke(app, ["ask", "--format", "json"]).stdout)
    assert [set(row) for row in listed] == [{"query", "title", "for"}] * len(listed)
    assert {
        "query": "members/list_at_risk",
        "title": catalog()["members/list_at_risk"].title,
        "for": ", ".join(catalog()["members/list_at_risk"].audience),
    } in listed


@pytest.mark.parametrize(
    ("query", "params", "truncated", "said"),
    [
        ("members/list_at_risk", {"limit": 2}, True, "; more exist, raise limit="),
        (
            "members/list_at_risk",
            {"limit": 50},
            True,
            "; cut off there, a higher GUANXI_QUERY_ROWS shows more",
        ),
        ("graph/count_types", {}, True, "; cut off there, a higher GUANXI_QUERY_ROWS shows more"),
        ("members/list_at_risk", {"limit": 2}, False, ""),
    ],
)
def test_where_there_are_more_rows_it_says_what_shows_them(query, params, truncated, said):
    answer = Answer(find(query), params, ("n",), [{"n": 1}, {"n": 2}], truncated, None, None)
    assert _more(answer) == said


FEED = """name = "people"
title = "people"
[files.people]
path = "people.csv"
[[map]]
to = "members"
from = "people"
fields = { member_id = "id", known_from = "day" }
"""


@pytest.fixture
def people(tmp_path):
    """Load people from rows of id and day, into a home whose graph cannot be reached."""

    def load(*rows):
        (tmp_path / "people.toml").write_text(FEED, encoding="utf-8")
        (tmp_path / "people.csv").write_text("\n".join(["id,day", *rows, ""]), encoding="utf-8")
        words = ("load", str(tmp_path / "people.toml"), "--data", str(tmp_path), "--format", "json")
        return run(*words, home=tmp_path / "home", GUANXI_GRAPH_URL="http://localhost")

    return load


def test_a_load_stands_when_the_graph_cannot_be_reached(people, tmp_path):
    done = people("a,2026-01-01", "b,soon")
    assert [row["landed"] for row in json.loads(done.stdout)] == [1]
    said = done.stderr.decode().splitlines()
    assert said[0].startswith("2 rows in = 1 landed + 0 unchanged + 1 set aside")
    assert said[-1].endswith("; the load is kept: guanxi publish brings it to the graph")
    assert done.returncode == 2

    done = run("refresh", "--format", "json", home=tmp_path / "home", GUANXI_GRAPH_URL="http://localhost")
    refused = {row["figure"]: row["value"] for row in json.loads(done.stdout)}["churn.refused"]
    assert "20 are needed" in refused
    said = done.stderr.decode().splitlines()
    assert said[0] == f"no churn figures in this run: {refused}"
    assert said[1].endswith("; the run is kept: guanxi publish brings it to the graph")
    assert done.returncode == 2


def test_a_load_without_a_usable_row_ends_before_publishing(people):
    done = people("a,soon", "b,later")
    assert [row["set_aside"] for row in json.loads(done.stdout)] == [2]
    assert done.stderr.decode().splitlines()[-1].startswith("guanxi: every row was set aside")
    assert b"publish" not in done.stderr
    assert done.returncode == 2


def test_no_rows_are_an_empty_array_and_a_header(capsys):
    show([], Format.json)
    assert json.loads(capsys.readouterr().out) == []
    show([], Format.csv, ("a", "b"))
    assert capsys.readouterr().out == "a,b\n"


def test_csv_quotes_what_must_be_and_leaves_unknown_empty(capsys):
    show(ROWS, Format.csv)
    assert capsys.readouterr().out.splitlines() == [
        "name,left,reasons,risk,n",
        '华信集团,2026-10-31,"3 of 14 left; a, b",0.25,1200',
        "[b]x,,,,2",
    ]


def test_a_table_shows_text_as_it_is(capsys):
    show(ROWS, Format.table, ("name", "n"))
    printed = capsys.readouterr().out
    assert "[b]x" in printed, "what looks like markup is shown, not obeyed"
    assert "1,200" in printed
