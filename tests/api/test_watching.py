"""`guanxi watch` and `guanxi partners` on small lakes: rows to standard output, the rest beside them."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.commands.selling import partners
from api.commands.watching import Speech, tell_alerts, tell_rules, tell_scorecard
from api.show import Format
from graph.errors import BadInput, NotFound
from tests.analytics.worlds import belongs, lake_of, member

DAY = date(2026, 10, 31)
BEGUN = date(2024, 1, 1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A contract that ends in 45 days, ten lines in arrears that D1 sold, one of which left in September."""
    folder = tmp_path_factory.mktemp("made")
    lines = [f"m{n}" for n in range(10)]
    lake_of(
        folder,
        accounts=[
            {"account_id": "a", "known_from": BEGUN, "name": "东风", "contract_end": DAY + timedelta(days=45)}
        ],
        members=[member(key, joined=BEGUN, left=date(2026, 9, 9) if key == "m9" else None) for key in lines],
        memberships=[belongs(key, "a") for key in lines],
        bills=[
            {"about": key, "month": date(2026, month, 1), "total": 100.0, "paid": 0.0}
            for key in lines
            for month in (6, 7)
        ],
        partners=[{"partner_id": "D1", "known_from": BEGUN, "name": "星火通讯"}],
        sales=[
            {"source": "D1", "target_label": "Member", "target": key, "date": BEGUN, "product_id": "p"}
            for key in lines
        ],
        surveys=[{"about_label": "Account", "about": "a", "date": DAY, "question": "q", "score": 7.0}],
    )
    return folder


@pytest.fixture
def lake(made: Path, home: Path) -> None:
    shutil.copytree(made, home / "lake")


@pytest.mark.usefixtures("lake")
def test_warnings_are_rows_with_reasons_and_value(capsys: pytest.CaptureFixture[str]) -> None:
    tell_alerts(as_of="2026-10-31", rules=None, form=Format.json)
    said = capsys.readouterr()
    (row,) = json.loads(said.out)
    assert (row["rule"], row["id"], row["account"], row["since"]) == (
        "contract_ends",
        "a",
        "东风",
        "2026-09-16",
    )
    assert row["state"] == "new"
    assert row["value_at_risk"] is None
    assert row["reasons"] == [
        "the contract of 东风 ends on 2026-12-15, +45 days from now",
        "value unknown: no bill and no fee",
    ]
    assert "single_threaded: not evaluated: the lake has no visits and no positions" in said.err
    assert said.err.splitlines()[-1] == "1 warnings as of 2026-10-31"


@pytest.mark.usefixtures("lake")
def test_the_day_the_rule_and_the_language_are_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    tell_alerts(as_of="2026-07-31", rule="member_owes", language=Speech.zh, limit=3, form=Format.json)
    said = capsys.readouterr()
    rows = json.loads(said.out)
    assert [row["id"] for row in rows] == ["m0", "m1", "m2"]
    assert rows[0]["reasons"][0] == "连续 2 个月账单未缴，近六个月欠费 200.00 元"
    assert "3 of 10 warnings; --limit shows more" in said.err
    with pytest.raises(NotFound, match="no rule named 'owes'; known: account_leaves"):
        tell_alerts(as_of="2026-07-31", rule="owes")


@pytest.mark.usefixtures("lake")
def test_own_rules_come_from_a_file_or_from_the_home_folder(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "rules.toml").write_text("[contract_ends]\nthresholds = { days = 44 }\n", encoding="utf-8")
    tell_alerts(as_of="2026-10-31", form=Format.json)
    assert json.loads(capsys.readouterr().out) == []
    tell_rules(form=Format.json)
    said = capsys.readouterr()
    rules = {row["rule"]: row for row in json.loads(said.out)}
    assert rules["contract_ends"]["thresholds"] == "days 44, days_past 30"
    assert len(rules) == 13
    assert said.err.strip() == f"the shipped rules, changed by {home / 'rules.toml'}"
    mine = tmp_path / "mine.toml"
    mine.write_text("[contract_ends]\noff = true\n", encoding="utf-8")
    tell_rules(rules=mine, language=Speech.zh, form=Format.table)
    shown = capsys.readouterr().out
    assert "合同临近到期" not in shown
    assert "成员欠费" in shown


@pytest.mark.usefixtures("lake")
def test_the_scorecard_tells_of_month_ends_with_a_whole_horizon(capsys: pytest.CaptureFixture[str]) -> None:
    tell_scorecard(as_of="2026-10-31", months=3, horizon=60, rule="member_owes", form=Format.json)
    said = capsys.readouterr()
    (row,) = json.loads(said.out)
    assert (row["warnings"], row["followed"], row["precision"], row["recall"]) == (10, 1, 0.1, 0.5)
    assert row["base_rate"] == pytest.approx(
        2 / 30
    )  # m9 at the ends of July and August, of ten on three days
    assert (
        said.err.splitlines()[-1]
        == "month-ends 2026-06-30 to 2026-08-31, each judged by the 60 days after it"
    )


@pytest.mark.usefixtures("lake")
def test_partners_are_told_with_what_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    partners(as_of="2026-10-31", form=Format.json)
    said = capsys.readouterr()
    (row,) = json.loads(said.out)
    assert (row["partner"], row["name"], row["book"], row["net"]) == ("D1", "星火通讯", 9, 0)
    assert (row["kept_3"], row["largest"], row["share"], row["odd"]) == ("unknown", "a", 1.0, [])
    assert said.err.strip() == "1 partners as of 2026-10-31; unknown where fewer than 20 lines were watched"


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("command", [tell_alerts, tell_scorecard, partners])
def test_an_empty_lake_says_what_to_do(command) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadInput, match="the lake is empty; load a feed first"):
        command()
