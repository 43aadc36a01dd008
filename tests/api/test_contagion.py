"""`guanxi contagion` on a small lake: figures to standard output, the finding beside them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.commands.spreading import contagion, contagion_paths, protect
from api.show import Format
from graph.errors import BadInput, NotFound
from tests.analytics.worlds import belongs, lake_of, member, tie

FIRST = date(2000, 3, 1)
PAIRS = 200


def lake_of_pairs(home: Path, following: int) -> None:
    """Pairs of a caller and who is called; of the first so many the called leaves, then the caller.

    Pairs share no account. The called leave from the 3rd of March on, two a day; callers ten days later.
    """
    members, ties, accounts, homes = [], [], [], []
    for pair in range(PAIRS):
        gone = FIRST + timedelta(days=2 + pair // 2) if pair < following else None
        later = gone + timedelta(days=10) if gone else None
        for key, day in ((f"a{pair:03d}", later), (f"b{pair:03d}", gone)):
            members.append(member(key, left=day, joined=date(1999, 1, 1)))
            homes.append(belongs(key, f"g{pair:03d}"))
        accounts.append({"account_id": f"g{pair:03d}", "known_from": date(2000, 1, 1)})
        ties += [tie(f"a{pair:03d}", f"b{pair:03d}", date(2000, month, 1), 9) for month in (1, 2, 3)]
    lake_of(home / "lake", members=members, ties=ties, accounts=accounts, memberships=homes)


def test_the_figures_and_the_finding_are_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake_of_pairs(home, following=60)
    contagion(as_of="2000-04-30", months=2, form=Format.json)
    said = capsys.readouterr()
    rows = {row["method"]: row for row in json.loads(said.out)}
    # Weeks are counted from the 1st of January: the first begins on the 4th of March, two had left by then.
    assert rows["naive"]["n"] == 118
    assert rows["naive"]["low"] > 1
    assert rows["naive"]["controls_for"] == "nothing"
    assert rows["stratified by account"]["low"] is None  # nobody else is at an account to compare with
    lines = said.err.splitlines()
    assert lines[-3].split(":")[0] in {"associated beyond similarity", "not shown", "shared shock"}
    assert "近五周" in lines[-2]
    assert lines[-1] == "departures from 2000-03-01 to 2000-04-30"
    contagion(as_of="2000-04-30", months=2, form=Format.table)
    assert "ratio of risks" in capsys.readouterr().out


def test_too_few_departures_are_said_and_no_figure_is_given(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake_of_pairs(home, following=5)
    contagion(as_of="2000-04-30", months=2, form=Format.json)
    said = capsys.readouterr()
    assert json.loads(said.out) == []
    assert "too few departures: " in said.err


@pytest.mark.usefixtures("home")
def test_an_empty_lake_says_what_to_do() -> None:
    with pytest.raises(BadInput, match="the lake is empty; load a feed first"):
        contagion()


def test_paths_are_told_with_their_evidence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake_of_pairs(home, following=60)
    contagion_paths("a050", as_of="2000-03-31", form=Format.json)
    said = capsys.readouterr()
    (row,) = json.loads(said.out)
    # b050 left on the 28th; three months of nine calls; the only tie has strength 1.
    assert (row["leaver"], row["left"], row["contacts"], row["months"]) == ("b050", "2000-03-28", 27, 3)
    assert (row["strength"], row["share"]) == (1.0, 1.0)
    assert "1 members who left in the five weeks up to 2000-03-31 make up 100% of the exposure" in said.err
    contagion_paths("b199", as_of="2000-03-31", form=Format.json)
    assert "nobody whom b199 was in touch with left" in capsys.readouterr().err
    with pytest.raises(NotFound):
        contagion_paths("x1")


def test_whom_to_keep_and_what_it_saves(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake_of_pairs(home, following=60)
    protect(3, as_of="2000-04-30", ratio=1.8, form=Format.json)
    said = capsys.readouterr()
    rows = json.loads(said.out)
    # All leave at one rate. To keep one of a pair is worth most, the other then less: three pairs.
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert len({row["member_id"][1:] for row in rows}) == 3
    assert "no churn scores by that day" in said.err
    assert "saved (causal ratio)" in said.err
    assert "adjusted hazard ratio 1.80; no experiment backs it" in said.err
    with pytest.raises(NotFound, match="no run by 2000-04-30 has scores of the measure clv"):
        protect(3, as_of="2000-04-30", ratio=1.8, value="clv")
