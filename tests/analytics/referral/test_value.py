import math
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from analytics.referral.value import COLUMNS, Declared, referral_scores
from graph.lake import Lake
from graph.landing import arrow_schema
from graph.schema import MEMBER
from tests.analytics.worlds import Rows, belongs, lake_of, member

DAY = date(2001, 12, 31)
JOINED = date(2001, 7, 1)
MONTHS = (DAY - JOINED).days / 30.4375
ANNUITY = (1 - 1.01**-MONTHS) / 0.01
CASE = {"case_id": "s", "known_from": DAY, "opened": DAY}


def brought(
    by: str, who: str, day: date = JOINED, share: float | None = None, **kinds: str
) -> dict[str, object]:
    told = {"source_label": "Member", "source": by, "target_label": "Member", "target": who}
    return {**told, "date": day, "share": share, **kinds}


def lake(folder: Path, **more: Rows) -> Lake:
    """a and b were here; a brought c (with b's help, 1 in 4) and d; c pays 100, d 50 a month."""
    tables: dict[str, Rows] = {
        "accounts": [{"account_id": key, "known_from": date(2000, 1, 1), "opened": JOINED} for key in "XYZ"],
        "members": [
            member("a", joined=date(1999, 12, 31)), member("b", joined=date(1999, 12, 31)),
            member("c", joined=JOINED), member("d", joined=JOINED),
        ],
        "memberships": [belongs(key, home) for key, home in zip("abcd", "XXYY", strict=True)],
        "bills": [
            {"about": "c", "month": date(2001, 8, 1), "total": 100.0},
            {"about": "d", "month": date(2001, 8, 1), "total": 50.0},
        ],
        "referrals": [brought("a", "c", share=0.75), brought("b", "c", share=0.25), brought("a", "d")],
        **more,
    }  # fmt: skip
    return lake_of(folder, **tables)


def scores(found: Lake, measure: str, declared: Declared | None = None, **given: object) -> pd.DataFrame:
    rows = referral_scores(found.view(DAY), declared, **given)  # type: ignore[arg-type]
    assert list(rows.columns) == COLUMNS
    return rows[rows["measure"] == measure].set_index("id")


def test_crv_by_hand(tmp_path: Path) -> None:
    found = scores(lake(tmp_path), "crv")
    c, d = 0.3 * 100 * ANNUITY, 0.3 * 50 * ANNUITY
    assert found.loc["a", "value"] == pytest.approx(0.75 * (0.5 * c + 80) + 0.5 * d + 80)
    assert found.loc["b", "value"] == pytest.approx(0.25 * (0.5 * c + 80))
    assert found.loc["a", "low"] == pytest.approx(1.75 * 80)  # both would have joined anyway
    assert found.loc["a", "high"] == pytest.approx(0.75 * c + d + 1.75 * 80)
    assert found.loc["b", "reasons"] == [f"brought c on 2001-07-01, credit 0.25, worth {c:.0f} yuan"]
    assert set(found.index) == {"a", "b"}


def test_declared_terms_and_given_values_enter_as_stated(tmp_path: Path) -> None:
    told = Declared(rule="first", otherwise=1.0, acquisition=10.0, reward=5.0)
    value = pd.Series({("Member", "c"): 200.0, ("Member", "d"): 40.0})
    value.index = pd.MultiIndex.from_tuples(value.index)
    found = scores(lake(tmp_path), "crv", told, value=value)
    # Both referred c on one day: equals under "first".
    assert found["value"].to_dict() == pytest.approx({"a": 0.5 * 205 + 45, "b": 0.5 * 205})


def test_who_left_counts_for_the_months_it_stayed(tmp_path: Path) -> None:
    left = member("d", date(2001, 8, 1), joined=JOINED, left=date(2001, 8, 1))
    value = scores(lake(tmp_path, referrals=[brought("a", "d")]), "crv").loc["a", "value"]
    more = lake(tmp_path / "b", referrals=[brought("a", "d")])
    with more.writing("left") as writer:
        schema = arrow_schema(MEMBER)
        row = {name: left.get(name) for name in schema.names}
        writer.land(MEMBER, pa.Table.from_pylist([row], schema=schema), "x")
    month = (1 - 1.01 ** -(31 / 30.4375)) / 0.01
    less = scores(more, "crv").loc["a", "value"]
    assert (value, less) == pytest.approx((0.5 * 0.3 * 50 * ANNUITY + 80, 0.5 * 0.3 * 50 * month + 80))


def test_brv_by_hand(tmp_path: Path) -> None:
    """X brought Y: half of it itself three months before, half through its contact k, in all to 0.8."""
    april = date(2001, 4, 1)
    of_account = {"source_label": "Account", "target_label": "Account"}
    of_contact = {"source_label": "Contact", "target_label": "Account"}
    referrals = [
        brought("X", "Y", april, 0.4, **of_account), brought("k", "Y", JOINED, 0.2, **of_contact),
        brought("Z", "Y", JOINED, 0.2, **of_account), brought("Y", "Y", JOINED, 1.0, **of_account),
    ]  # fmt: skip
    at_work = [
        {"source": "k", "target": "Z", "since": date(2000, 1, 1), "until": date(2001, 1, 1)},
        {"source": "k", "target": "X", "since": date(2001, 1, 1)},
    ]
    found = scores(lake(tmp_path, referrals=referrals, positions=at_work), "brv")
    worth = 0.3 * 150 * ANNUITY  # c and d are Y's lines
    months = (JOINED - april).days / 30.4375
    first = 0.5 * 0.8 * 0.5 * worth / 1.01**months
    assert found.loc["X", "value"] == pytest.approx(first + 0.5 * 0.8 * 0.25 * worth)
    assert found.loc["Z", "value"] == pytest.approx(0.5 * 0.8 * 0.25 * worth)
    assert found.loc["X", "high"] == pytest.approx(2 * found.loc["X", "value"])
    assert found.loc["X", "reasons"][0].startswith("brought Y on 2001-")


def test_word_of_mouth_by_hand(tmp_path: Path) -> None:
    """X answers 9, Y 5; b's case ended badly; c's own answer, as contact k, is 10."""
    answers = [
        {"about_label": "Account", "about": "X", "date": DAY, "question": "q", "score": 9.0},
        {"about_label": "Account", "about": "Y", "date": DAY, "question": "q", "score": 5.0},
        {"about_label": "Contact", "about": "k", "date": DAY, "question": "q", "score": 10.0},
        {"about_label": "Account", "about": "Y", "date": date(2000, 1, 1), "question": "q", "score": 0.0},
    ]
    found = scores(
        lake(
            tmp_path,
            surveys=answers,
            contacts=[{"contact_id": "k", "known_from": date(2000, 1, 1), "member_id": "c"}],
            cases=[{**CASE, "kind": "fault", "closed": DAY, "satisfied": False}],
            raised=[{"source_label": "Member", "source": "b", "target": "s", "date": DAY}],
        ),
        "word_of_mouth",
    )  # fmt: skip
    assert found["value"].to_dict() == {"a": 2.5, "b": -9.0, "c": 2.5, "d": -9.0, "X": -6.5, "Y": -6.5}
    assert found.loc["d", ["low", "high"]].tolist() == [-10.0, -8.0]
    assert found.loc["X", ["low", "high"]].tolist() == [-8.0, -5.0]
    assert found.loc["b", "reasons"][0] == "a case ended badly or is open, 2001-12-31"
    assert found.loc["c", "reasons"] == ["own answers 10.0 of 10, the last on 2001-12-31"]
    assert found.loc["Y", "reasons"] == ["1 lines dissatisfied, 1 satisfied"]


def test_whom_to_ask_by_hand(tmp_path: Path) -> None:
    """a's record is 1.75 half a year old, b's 0.25; c and d have brought nobody in half a year."""
    found = scores(lake(tmp_path), "referral_ask", Declared(otherwise=0.0, acquisition=100.0))
    fresh = 2.0 ** (-(DAY - JOINED).days / 365)
    made = {"a": 1.75 * fresh, "b": 0.25 * fresh, "c": 0.0, "d": 0.0}
    half = 365 / 365.25
    years = {key: (731 if key in "ab" else 183) / 365.25 for key in "abcd"}
    exposure = {key: half / math.log(2) * (1 - 2 ** (-year / half)) for key, year in years.items()}
    mean = sum(made.values()) / sum(exposure.values())
    expected = {key: 100 * (made[key] + mean) / (exposure[key] + 1) for key in "abcd"}
    assert found["value"].to_dict() == pytest.approx(expected)
    assert found.loc["a", "reasons"] == ["brought 2, the last d on 2001-07-01"]
    assert found.loc["d", "reasons"] == ["has brought nobody yet"]


def test_prospects_and_moods_move_whom_to_ask(tmp_path: Path) -> None:
    plain = scores(lake(tmp_path), "referral_ask")["value"]
    rival = {"month": date(2001, 11, 1), "about_label": "Member", "rival": "r"}
    found = scores(
        lake(
            tmp_path / "b",
            competitor_ties=[{**rival, "about": "a", "contacts": 7}, {**rival, "about": "b", "contacts": 1}],
            surveys=[
                {"about_label": "Account", "about": key, "date": DAY, "question": "q", "score": score}
                for key, score in (("X", 9.0), ("Y", 3.0))
            ],
            cases=[{**CASE, "kind": "complaint"}],
            raised=[{"source_label": "Member", "source": "d", "target": "s", "date": DAY}],
        ),
        "referral_ask",
    )["value"]
    ratio = (found / plain).to_dict()
    # Answers 9 and 3 of a mean of 6; 8 and 2 numbers + 1 of a mean of 5; an open complaint: do not ask.
    assert ratio == pytest.approx({"a": 1.5 * 8 / 5, "b": 1.5 * 2 / 5, "c": 0.5, "d": 0.0})


def test_without_any_referral_nothing_is_made_up(tmp_path: Path) -> None:
    rows = referral_scores(lake(tmp_path, referrals=[]).view(DAY))
    assert set(rows["measure"]) == {"referral_ask"}
    assert set(rows["value"]) == {0.0}
