"""Quiet rules on frames: what was told before, and what a person said of it."""

from datetime import date, timedelta

import pandas as pd
import pytest

from analytics.watch.repeats import states
from analytics.watch.rules import Rule

DAY = date(2026, 10, 31)
RULES = {"r": Rule("r", "contract_ends", 3, 45, 0.2, {}, {}, {})}


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def alert(strength: float = 0.5, since: int = 100) -> pd.DataFrame:
    row = {"rule": "r", "kind": "Account", "id": "a", "since": pd.Timestamp(ago(since)), "strength": strength}
    return pd.DataFrame([row])


def told(*rows: tuple[int, float, str]) -> pd.DataFrame:
    """Earlier alerts: days ago, strength, state; one of another node beside them."""
    known = [
        {"rule": "r", "kind": "Account", "id": "a", "as_of": ago(days), "strength": strength, "state": state}
        for days, strength, state in rows
    ]
    other = {"rule": "r", "kind": "Account", "id": "b", "as_of": ago(1), "strength": 0.1, "state": "new"}
    return pd.DataFrame([*known, other])


def words(*rows: tuple[int, str]) -> pd.DataFrame:
    columns = ["about_label", "about", "date", "run_id", "measure", "who", "verdict", "note"]
    said = [("Account", "a", ago(days), "x", "r", "li", verdict, None) for days, verdict in rows]
    return pd.DataFrame(said, columns=columns)


def state(alerts: pd.DataFrame, earlier: pd.DataFrame, feedback: pd.DataFrame | None = None) -> str:
    said = words() if feedback is None else feedback
    return str(states(alerts, earlier, said, RULES, pd.Timestamp(DAY))["state"].iloc[0])


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        ([], "new"),
        ([(44, 0.5, "new")], "quiet"),
        ([(45, 0.5, "new")], "going on"),
        ([(10, 0.31, "new")], "quiet"),
        ([(10, 0.3, "new")], "going on"),  # grew by a step of 0.2
        ([(45, 0.5, "new"), (10, 0.5, "quiet")], "going on"),  # quiet rows do not prolong the quiet
        ([(45, 0.5, "new"), (10, 0.5, "going on")], "quiet"),
        ([(30, 0.1, "new"), (10, 0.4, "going on")], "quiet"),  # what it has to outgrow was told last
    ],
)
def test_a_warning_told_before_is_quiet_until_it_grew_or_its_days_are_over(earlier, expected):
    assert state(alert(), told(*earlier)) == expected


def test_a_warning_that_began_anew_after_its_quiet_days_is_new():
    assert state(alert(since=44), told((45, 0.5, "new"))) == "new"
    assert state(alert(since=9), told((10, 0.5, "new"))) == "quiet"  # back within days: it flickers


@pytest.mark.parametrize(
    ("feedback", "expected"),
    [
        ([(60, "wrong")], "quiet"),
        ([(60, "known")], "quiet"),
        ([(60, "right")], "going on"),
        ([(60, "wrong"), (50, "right")], "going on"),
        ([(60, "right"), (50, "wrong")], "quiet"),
        ([(101, "wrong")], "going on"),  # it has begun anew since
        ([(100, "wrong")], "quiet"),
    ],
)
def test_the_last_word_on_a_warning_silences_it_or_not(feedback, expected):
    assert state(alert(), told((70, 0.5, "new")), words(*feedback)) == expected


def test_a_silenced_warning_speaks_when_it_has_grown_since():
    # 0.3 when it was judged; what stood at 0.35 after is not what the word was about.
    earlier = told((70, 0.3, "new"), (20, 0.35, "quiet"))
    assert state(alert(0.49), earlier, words((60, "wrong"))) == "quiet"
    assert state(alert(0.5), earlier, words((60, "wrong"))) == "going on"


def test_a_word_on_what_no_run_holds_silences_until_it_begins_anew():
    assert state(alert(1.0, since=100), told(), words((60, "wrong"))) == "quiet"
    assert state(alert(1.0, since=59), told(), words((60, "wrong"))) == "new"
