"""`guanxi campaign` and `guanxi referrals` on small lakes: rows to standard output, the rest beside them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import typer

from api.commands.campaigning import make_plan, show_plan, tell_learned, tell_result
from api.commands.referring import About, Credit, commands, tell_referrals, tell_tree
from api.show import Format
from graph.errors import BadInput, Conflict, NotFound
from tests.analytics.campaign.worlds import market, star_market, touch

DAY = "2000-06-30"


@pytest.fixture
def stars(home: Path) -> Path:
    star_market(home / "lake")
    audience = home / "audience.toml"
    audience.write_text("[spread]\nruns = 50\n[control]\nshare = 0.25\n")
    return audience


def test_a_plan_is_made_frozen_and_shown_again(stars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_plan(36, "spring", stars, freeze=True, as_of=DAY, form=Format.json)
    said = capsys.readouterr()
    rows = json.loads(said.out)
    assert len(rows) == 12
    assert {row["arm"] for row in rows} == {"treat", "control"}
    assert said.err.splitlines()[0].startswith("84 active members, 84 selected; left out: nobody; 84 may be")
    assert (
        "12 listed for 36.00 of 36.00 yuan: 9 to contact for 27.00 yuan, 3 kept back to compare" in said.err
    )
    assert "of the best possible" in said.err
    assert "top degree" in said.err
    show_plan("spring", form=Format.json)
    again = capsys.readouterr()
    assert [row["id"] for row in json.loads(again.out)] == [row["id"] for row in rows]
    assert again.err.splitlines()[-1].endswith("the list is as it was frozen")
    with pytest.raises(Conflict, match="'spring' is frozen already"):
        make_plan(39, "spring", stars, freeze=True, as_of=DAY, form=Format.json)


def test_a_budget_that_buys_nobody_is_one_sentence(stars: Path) -> None:
    with pytest.raises(BadInput, match="a budget of 2 yuan buys nobody: the cheapest of the 84"):
        make_plan(2, "small", stars, as_of=DAY)
    with pytest.raises(NotFound, match="no frozen plan named 'small'; known: none"):
        show_plan("small")


def test_a_campaign_without_a_contrast_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = date(2000, 1, 5)
    touches = [touch("K", f"m{i}", "treat", first, channel="call", outcome="declined") for i in (1, 2, 3)]
    campaign = {"campaign_id": "K", "known_from": first, "starts": first}
    market(home / "lake", campaigns=[campaign], touches=touches)
    with pytest.raises(BadInput, match="K has no randomised contrast: all 3 members are in one arm"):
        tell_result("K", as_of=DAY, horizon=30)
    tell_learned(as_of=DAY, form=Format.json)
    rows = json.loads(capsys.readouterr().out)
    assert [(row["channel"], row["class"], row["contacts"]) for row in rows] == [
        ("call", "large", 2),
        ("call", "public", 1),
    ]


def test_referrals_are_told_with_reasons_and_as_trees(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = {"source_label": "Member", "target_label": "Member"}
    referrals = [
        {**told, "source": "m1", "target": "m2", "date": date(2000, 2, 1)},
        {**told, "source": "m2", "target": "m3", "date": date(2000, 3, 1)},
    ]
    market(home / "lake", referrals=referrals)
    alone = typer.Context(typer.main.get_command(commands))
    tell_referrals(alone, About.crv, Credit.linear, as_of=DAY, form=Format.json)
    rows = json.loads(capsys.readouterr().out)
    assert {row["id"]: row["reasons"][0][:26] for row in rows} == {
        "m1": "brought m2 on 2000-02-01, ",
        "m2": "brought m3 on 2000-03-01, ",
    }
    tell_tree("m1", as_of=DAY, form=Format.json)
    said = capsys.readouterr()
    assert [(row["depth"], row["id"], row["by"]) for row in json.loads(said.out)] == [
        (0, "m1", None),
        (1, "m2", "m1"),
        (2, "m3", "m2"),
    ]
    assert said.err.splitlines()[-1] == "m1 was brought by nobody; 1 under it, 2 in 2 generations"


@pytest.mark.usefixtures("home")
def test_an_empty_lake_says_what_to_do() -> None:
    for call in (lambda: make_plan(5, "x"), lambda: tell_result("K"), lambda: tell_tree("m1")):
        with pytest.raises(BadInput, match="the lake is empty; load a feed first"):
            call()
