from datetime import date, timedelta

import pandas as pd
import pytest

from analytics.referral.credit import Rule, credit
from graph.errors import BadInput

D = date(2000, 3, 1)


def rows(*told: tuple[str, str, int, float | None]) -> pd.DataFrame:
    """(source, target, days after D, share)."""
    frame = pd.DataFrame(told, columns=["source", "target", "day", "share"])
    frame["date"] = pd.to_datetime([D + timedelta(days=int(day)) for day in frame["day"]])
    return frame.assign(source_label="Member", target_label="Member")


THREE = rows(("a", "x", 0, 0.5), ("b", "x", 30, 0.2), ("c", "x", 60, 0.1), ("a", "y", 5, None))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("first", [1, 0, 0, 1]),
        ("last", [0, 0, 1, 1]),
        ("linear", [0.625, 0.25, 0.125, 1]),
        # 0.5 / 4, 0.2 / 2, 0.1: of 0.325
        ("decay", [0.125 / 0.325, 0.1 / 0.325, 0.1 / 0.325, 1]),
    ],
)
def test_rules_by_hand(rule: Rule, expected: list[float]) -> None:
    assert credit(THREE, rule, half_life=30).tolist() == pytest.approx(expected)


@pytest.mark.parametrize("rule", ["first", "last", "linear", "decay"])
def test_credit_sums_to_one_whatever_was_recorded(rule: Rule) -> None:
    told = rows(
        ("a", "x", 0, 0.0), ("b", "x", 0, 0.0), ("c", "y", 1, None), ("d", "y", 1, 0.3), ("e", "z", 9, 2.0)
    )
    found = credit(told, rule)
    assert found.groupby(told["target"]).sum().tolist() == pytest.approx([1, 1, 1])
    assert found.tolist()[:4] == pytest.approx([0.5] * 4)  # of one day and alike: equals


def test_other_rules_and_half_lives_are_refused() -> None:
    with pytest.raises(
        BadInput, match="no attribution rule named 'middle'; known: decay, first, last, linear"
    ):
        credit(THREE, "middle")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="a half-life of 0 days"):
        credit(THREE, "decay", half_life=0)
