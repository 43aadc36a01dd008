"""The ladder of models on a world with a planted signal, and what must not leak."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.churn.ladder import ALL, ATTRIBUTE_ONLY, Ladder, evaluate, folds
from analytics.churn.windows import Window, together
from graph.errors import BadInput
from tests.analytics.worlds import lake_of, member, random_world

AS_OF = date(2001, 2, 28)


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Ladder:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("analytics.churn.ladder.MOST_WINDOWS", 3)
        return evaluate(random_world(tmp_path_factory.mktemp("lake")).view, AS_OF, draws=30)


def test_every_model_is_judged_on_the_same_later_window(ladder: Ladder) -> None:
    table = ladder.table.set_index("model")
    assert len(table) == 9
    assert table["leavers"].nunique() == table["members"].nunique() == 1
    assert [part["use"] for part in ladder.windows][-2:] == ["tune", "judge"]
    days = [part["day"] for part in ladder.windows]
    assert days == sorted(days)
    assert (table["auc_low"] <= table["auc"]).all()
    assert (table["auc"] <= table["auc_high"]).all()
    assert table.loc[ALL, "auc"] > 0.6
    assert table.loc[ALL, "auc"] > table.loc["logistic, tenure and contract", "auc"]


def test_gains_are_those_of_the_full_model(ladder: Ladder) -> None:
    table, gains = ladder.table.set_index("model"), ladder.gains.set_index("against")
    assert set(gains.index) == set(table.index) - {ALL}
    gap = table.loc[ALL, "auc"] - table.loc[ATTRIBUTE_ONLY, "auc"]
    assert gains.loc[ATTRIBUTE_ONLY, "auc"] == pytest.approx(gap, abs=0.02)


def test_nothing_of_the_future_gets_in(ladder: Ladder) -> None:
    assert ladder.leaks["scrambled_auc"] == pytest.approx(0.5, abs=0.06)
    assert ladder.leaks["shifted_auc"] <= ladder.leaks["auc"]
    assert ladder.leaks["accounts_on_both_sides"] == 0


def frame(accounts: list[str | None]) -> Window:
    rows = pd.DataFrame({"account_id": accounts}, index=[f"m{i}" for i in range(len(accounts))])
    return Window(AS_OF, rows, np.arange(len(accounts)) % 3 == 0)


def test_no_account_stands_on_both_sides_of_a_split() -> None:
    rows = frame([f"a{i % 9}" for i in range(50)] + [None] * 5)
    seen = np.zeros(55)
    for inside, outside in folds(rows):
        seen += inside
        assert not set(outside) & set(rows.frame["account_id"][~inside].dropna())
    assert (seen == 1).all()


def test_stayers_drawn_stand_for_all_of_them() -> None:
    rows = frame(["x"] * 3000)
    found = together([rows], most=1500)
    assert found.left.sum() == rows.left.sum()
    assert len(found.left) == pytest.approx(1500, abs=80)
    assert found.weight[~found.left].sum() == pytest.approx(2000, rel=0.1)
    assert (found.weight[found.left] == 1).all()


def test_too_few_leavers_are_said_in_words(tmp_path: Path) -> None:
    members = [member(f"m{i}", left=date(2000, 11, 20) if i < 3 else None) for i in range(50)]
    with pytest.raises(BadInput, match=r"windows with leavers|leavers among"):
        evaluate(lake_of(tmp_path, members=members).view, date(2000, 12, 31))
