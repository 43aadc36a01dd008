"""The command line's own promises: documented, and rows in three shapes with nothing beside them."""

import json
from datetime import date
from pathlib import Path

import pytest
import typer.main

from api.cli import app
from api.reference import commands_page
from api.show import Format, show

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
