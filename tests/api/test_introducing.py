"""`guanxi paths` on a small lake: rows to standard output, what is said beside them to standard error."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest

from api.commands.introducing import paths
from api.show import Format
from graph.errors import BadInput
from tests.analytics.worlds import lake_of, member, tie


@pytest.fixture
def calls(home: Path) -> None:
    """a calls b, b calls c; both in January."""
    day = date(2000, 1, 1)
    people = [member(key) for key in "abcd"]
    lake_of(home / "lake", members=people, ties=[tie("a", "b", day, 10), tie("b", "c", day, 30)])


@pytest.mark.usefixtures("calls")
def test_each_form_has_the_steps_and_the_chain_is_told_beside(capsys: pytest.CaptureFixture[str]) -> None:
    paths("a", "c", form=Format.json)
    said = capsys.readouterr()
    rows = json.loads(said.out)
    assert [(row["from_id"], row["to_id"], row["contacts"], row["last_contact"]) for row in rows] == [
        ("a", "b", 10, "2000-01-31"),
        ("b", "c", 30, "2000-01-31"),
    ]
    assert said.err.splitlines() == ["1: a → b → c, strength 0.375", "as of 2000-01-31"]
    paths("a", "c", form=Format.csv)
    assert list(csv.reader(io.StringIO(capsys.readouterr().out)))[1][:8] == [
        "1",
        "1",
        "a",
        "a",
        "b",
        "b",
        "tie",
        "",
    ]
    paths("a", "c", form=Format.table)
    assert "10 calls and messages, last in 2000-01" in capsys.readouterr().out


@pytest.mark.usefixtures("calls")
def test_no_chain_is_an_empty_answer_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    paths("a", "d", form=Format.json)
    said = capsys.readouterr()
    assert json.loads(said.out) == []
    assert said.err.splitlines()[0] == "nothing links d to anybody"
    paths("a", "c", without=["b"], form=Format.json)
    assert "no chain at all without what is left out" in capsys.readouterr().err


@pytest.mark.usefixtures("home")
def test_an_empty_lake_says_what_to_do() -> None:
    with pytest.raises(BadInput, match="the lake is empty; load a feed first"):
        paths("a", "b")
