"""`guanxi tariff` and `guanxi value` on a small lake: rows to standard output, the rest beside them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import typer

from api.commands.rehearsing import check, rehearse, terms
from api.commands.valuing import accounts
from api.scored import churn_known
from api.show import Format
from graph.errors import NotFound
from graph.lake import Lake
from graph.schema import RUN, SCORES
from tests.analytics.tariff.town import APRIL, bill, holds, price, town, use
from tests.analytics.tariff.town import terms as priced
from tests.analytics.worlds import START, member

DAY = "2026-04-30"


@pytest.fixture
def lake(home: Path) -> Lake:
    """m1 and m2 pay 60 for the line and 0.10 a minute; m2 was billed a cent too much."""
    town(
        home / "lake",
        members=[member(name, joined=START, plan_id="P1") for name in ("m1", "m2")],
        tariffs=priced("P1", START, price("voice", "on_net", "peak", 0.10)),
        subscriptions=[holds("m1", 60.0), holds("m2", 60.0)],
        usage=[use("m1", "on_net", minutes=100.0), use("m2", "on_net", minutes=50.0)],
        bills=[
            bill("m1", 70.0, voice=10.0, data=0.0, line=60.0, paid=70.0),
            bill("m2", 65.01, voice=5.01, data=0.0, line=60.0, paid=65.01),
        ],
    )
    return Lake(home / "lake")


def test_a_bill_that_differs_is_counted_and_ends_with_a_fault(
    lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        check(as_of=DAY, form=Format.json)
    said = capsys.readouterr()
    assert ended.value.exit_code == 1
    assert json.loads(said.out) == [
        {"month": "2026-04-01", "bills": 2, "equal": 1, "unrated": 0, "rated": 135.0, "billed": 135.01}
    ]
    assert "1 of 2 bills from 2026-04 to 2026-04 are equal to the cent" in said.err
    with pytest.raises(typer.Exit):
        check(as_of=DAY, differences=True, form=Format.json)
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["member_id"], row["voice"], row["billed_voice"]) == ("m2", 5.0, 5.01)
    check(as_of=DAY, audience=f"members:{_listed(lake, 'm1')}", form=Format.json)
    assert json.loads(capsys.readouterr().out)[0]["equal"] == 1


def _listed(lake: Lake, *names: str) -> Path:
    path = lake.folder.parent / "who.txt"
    path.write_text("\n".join(names), encoding="utf-8")
    return path


def test_terms_written_to_a_file_can_be_rehearsed(
    lake: Lake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terms("P1", as_of=DAY, as_file=True)
    file = tmp_path / "new.toml"
    file.write_text(capsys.readouterr().out.replace("[[0, 0.1]]", "[[0, 0.2]]"), encoding="utf-8")
    rehearse(file, as_of=DAY, form=Format.json)
    said = capsys.readouterr()
    rows = {row["figure"]: row["value"] for row in json.loads(said.out)}
    assert (rows["revenue_old"], rows["revenue_new"], rows["losers"]) == (135, 150, 2)
    assert rows["revenue_change.account=a1"] == 15
    assert "use is supposed to stay as it was" in said.err
    rehearse(file, as_of=DAY)
    assert "the share that left of late" in capsys.readouterr().err


def test_a_day_before_any_usage_says_so(lake: Lake) -> None:
    with pytest.raises(NotFound, match="no usage in the 3 months up to 2026-02"):
        check(as_of="2026-03-15")


def test_accounts_are_listed_with_their_value(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    accounts(as_of=DAY, form=Format.json)
    said = capsys.readouterr()
    (row,) = json.loads(said.out)
    assert (row["account_id"], row["arpa"], row["arpu"]) == ("a1", 135.01, 67.505)
    assert (row["class"], row["recorded_class"], row["stage"]) == ("commercial", None, "steady")
    assert "margin and discount are declared, not measured" in said.err
    accounts(as_of=DAY)
    assert "commercial" in capsys.readouterr().out


def test_only_runs_that_looked_no_further_give_churn(lake: Lake) -> None:
    rows = [
        {"run_id": run, "kind": "Member", "id": "m1", "measure": "churn", "value": value}
        for run, value in (("r1", 0.1), ("r2", 0.2), ("r3", 0.3))
    ]
    runs = [
        {"run_id": "r1", "as_of": date(2026, 3, 1), "finished": "1"},
        {"run_id": "r2", "as_of": date(2026, 4, 1), "finished": "2", "parameters": '{"horizon_days": 30}'},
        {"run_id": "r3", "as_of": date(2026, 5, 1), "finished": "3"},
    ]
    assert churn_known(lake.view(APRIL)) == (None, 60)
    with lake.writing("runs") as writer:
        writer.append(RUN, pd.DataFrame(runs))
        writer.append(SCORES, pd.DataFrame(rows))
    found, days = churn_known(lake.view(date(2026, 4, 30)))
    assert found is not None
    assert (found["value"].tolist(), days) == ([0.2], 30)
