"""`guanxi churn evaluate` on a small lake: figures to standard output, the rest beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.commands.churning import evaluate
from api.show import Format
from graph.errors import BadInput
from tests.analytics.worlds import random_world


def test_the_ladder_is_told(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.churn.ladder.MOST_WINDOWS", 3)
    random_world(home / "lake", members=600, months=14, extra_ties=4)
    evaluate(as_of="2001-02-28", draws=20, form=Format.json)
    said = capsys.readouterr()
    rows = {row["model"]: row for row in json.loads(said.out)}
    assert len(rows) == 9
    best = rows["boosted, all features"]
    assert best["auc_low"] <= best["auc"] <= best["auc_high"]
    assert {"auprc", "base_rate", "brier", "slope", "lift_1", "lift_5", "empc", "empb_share"} <= set(best)
    lines = said.err.splitlines()
    assert lines[0].startswith("train: ")
    assert any(line.startswith("judge: ") for line in lines)
    assert lines[-1].startswith("leak checks: labels scrambled, AUC 0.")


@pytest.mark.usefixtures("home")
def test_an_empty_lake_says_what_to_do() -> None:
    with pytest.raises(BadInput, match="the lake is empty; load a feed first"):
        evaluate()
