"""Warnings as a whole: value at risk, words, what stays quiet, and nothing from after the day."""

import json
from datetime import date, timedelta

import pandas as pd
import pytest

from analytics.watch.alerts import COLUMNS, watch
from analytics.watch.rules import chosen, read_rules
from analytics.watch.worth import known_scores
from graph.schema import ALERTS, RUN, SCORES
from tests.analytics.worlds import belongs, lake_of, member

DAY = date(2026, 10, 31)
BEGUN = date(2025, 1, 1)
OWES = chosen(read_rules(), "member_owes")
ENDS = chosen(read_rules(), "contract_ends")


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


@pytest.fixture
def lake(tmp_path):
    """Account a: three lines, m1 with two unpaid bills; its contract ends in 45 days, it pays 30 itself."""
    return lake_of(
        tmp_path,
        accounts=[
            {
                "account_id": "a",
                "known_from": BEGUN,
                "name": "东风",
                "contract_end": ago(-45),
                "opened": BEGUN,
            }
        ],
        members=[member(f"m{n}") for n in (1, 2, 3)],
        memberships=[belongs(f"m{n}", "a") for n in (1, 2, 3)],
        bills=[
            {"about": "m1", "month": date(2026, 9, 1), "total": 100.0, "paid": 0.0},
            {"about": "m1", "month": date(2026, 10, 1), "total": 120.0, "paid": 0.0},
            {"about": "m2", "month": date(2026, 10, 1), "total": 80.0, "paid": 80.0},
        ],
        subscriptions=[
            {"source_label": "Member", "source": "m3", "target": "p", "fee": 50.0, "since": BEGUN},
            {"source_label": "Member", "source": "m2", "target": "p", "fee": 999.0, "since": BEGUN},
            {"source_label": "Account", "source": "a", "target": "q", "fee": 30.0, "since": BEGUN},
        ],
    )


def churn(**chances: float) -> pd.DataFrame:
    return pd.DataFrame(
        [{"kind": "Member", "id": key, "measure": "churn", "value": value} for key, value in chances.items()]
    )


def test_value_at_risk_is_what_the_lines_pay_times_their_chance(lake):
    found = watch(lake.view(DAY), scores=churn(m1=0.5, m2=0.1), rules=(*OWES, *ENDS)).frame
    assert tuple(found.columns) == COLUMNS
    assert found["rule"].tolist() == ["contract_ends", "member_owes"]  # the gravest first
    strength = 1 - 45 / 91
    # m1 pays its bill of 120, m2 of 80, m3 its fee of 50 at the warning's strength; the account pays 30.
    chance = (120 * 0.5 + 80 * 0.1 + 50 * strength) / 250
    assert found["value_at_risk"].tolist() == pytest.approx([280 * chance, 60.0])
    assert found["strength"].tolist() == pytest.approx([strength, 0.75])


def test_without_scores_strength_is_the_chance_and_a_given_value_wins(lake):
    value = pd.DataFrame({"account_id": ["a"], "value": [1000.0]})
    found = watch(lake.view(DAY), value=value, rules=(*OWES, *ENDS)).frame
    assert found["value_at_risk"].tolist() == pytest.approx([1000 * (1 - 45 / 91), 120 * 0.75])


def test_reasons_quote_facts_and_formula_in_both_languages(lake):
    found = watch(lake.view(DAY), scores=churn(m1=0.5), rules=ENDS).frame.iloc[0]
    said, risk = json.loads(found["reasons"])
    assert said == "the contract of 东风 ends on 2026-12-15, +45 days from now"
    assert risk.startswith("at risk 140.80 yuan a month")
    # 120 yuan at 0.5, the 80 and 50 without a score at the strength of 1 - 45/91
    assert risk.endswith("= 280.00 × 0.503 (mean churn score of 1 of 3 lines)")
    zh = json.loads(found["reasons_zh"])
    assert zh[0] == "东风 合同 2026-12-15 到期，距今 +45 天"
    assert "280.00 × 0.503（3 名成员中 1 名的平均流失评分）" in zh[1]
    assert (found["account_id"], found["severity"], found["state"]) == ("a", 3, "new")


def test_a_table_that_is_not_there_is_said_and_no_value_is_none(tmp_path):
    lake = lake_of(tmp_path, accounts=[{"account_id": "a", "known_from": BEGUN, "contract_end": DAY}])
    found = watch(lake.view(DAY))
    rules = found.notes["rules"]
    assert rules["member_owes"] == "not evaluated: the lake has no bills and no memberships"
    assert rules["contract_ends"] == 1
    assert found.frame["value_at_risk"].isna().all()
    assert json.loads(found.frame["reasons"][0])[1] == "value unknown: no bill and no fee"


def test_nothing_found_is_an_empty_frame_with_its_columns(tmp_path):
    lake = lake_of(tmp_path, accounts=[{"account_id": "a", "known_from": BEGUN}])
    found = watch(lake.view(DAY)).frame
    assert tuple(found.columns) == COLUMNS
    assert found.empty


def test_what_becomes_known_later_changes_nothing(lake):
    rules = read_rules()
    before = watch(lake.view(DAY), rules=rules)
    lake_of(
        lake.folder,
        members=[member("m2", DAY + timedelta(days=3), left=DAY + timedelta(days=2))],
        bills=[{"about": "m2", "month": date(2026, 11, 1), "total": 9.0, "paid": 0.0}],
        cases=[{"case_id": "w", "known_from": DAY + timedelta(days=1), "kind": "complaint", "severity": 5}],
        feedback=[
            {
                "about_label": "Member",
                "about": "m1",
                "date": DAY + timedelta(days=1),
                "run_id": "r",
                "measure": "member_owes",
                "who": "li",
                "verdict": "wrong",
            }
        ],
    )
    after = watch(lake.view(DAY), rules=rules)
    pd.testing.assert_frame_equal(before.frame, after.frame)
    assert len(before.frame) == 2


def test_what_earlier_runs_told_is_read_from_the_lake(lake):
    """contract_ends: strength 1 - days left / 91, quiet for 45 days unless it grew by 0.4."""
    first = ago(40)
    told = watch(lake.view(first), rules=ENDS).frame
    assert told["state"].tolist() == ["new"]
    with lake.writing("test") as writer:
        for run, strength in (("r-0001", 0.9), ("r-0002", told["strength"])):
            writer.append(RUN, pd.DataFrame([{"run_id": run, "as_of": first}]))
            writer.append(ALERTS, told.assign(run_id=run, strength=strength))
    lake_of(
        lake.folder,
        feedback=[
            {
                "about_label": "Account",
                "about": "a",
                "date": ago(2),
                "run_id": "r",
                "measure": "contract_ends",
                "who": "李",
                "verdict": "known",
            }
        ],
    )
    # Of the two runs as of that day the second counts; a run made again as of it says the same again.
    days = {first: "new", ago(39): "quiet", ago(4): "quiet", ago(3): "going on", ago(2): "going on"}
    for day, state in days.items():
        assert watch(lake.view(day), rules=ENDS).frame["state"].tolist() == [state], day


def test_scores_are_those_of_the_newest_run_and_not_too_old(lake):
    for days, run, value in ((40, "a", 0.3), (10, "b", 0.4), (-1, "c", 0.5)):
        with lake.writing("test") as writer:
            writer.append(RUN, pd.DataFrame([{"run_id": run, "as_of": ago(days)}]))
            writer.append(SCORES, churn(m1=value).assign(run_id=run))
    assert known_scores(lake.view(DAY))["value"].tolist() == [0.4]
    assert known_scores(lake.view(ago(11)))["value"].tolist() == [0.3]
    assert known_scores(lake.view(ago(-60))).empty
