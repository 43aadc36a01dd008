from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analytics.campaign.asked import Asked, asked_of
from analytics.campaign.audience import audience, told
from graph.errors import BadInput
from graph.lake import Lake
from graph.schema import RUN, SCORES
from tests.analytics.campaign.worlds import DAY, bill, market, touch

JUNE = date(2000, 6, 15)


def open_(lake: Lake, **sections: object) -> list[str]:
    return list(audience(lake.view(DAY), asked_of(sections)).open["member_id"])


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return market(tmp_path_factory.mktemp("market"))


@pytest.mark.parametrize(
    ("select", "keys"),
    [
        ({}, ["m1", "m2", "m3", "m4", "m5"]),
        ({"region": "31"}, ["m3", "m4", "m5"]),
        ({"class": "large"}, ["m1", "m2"]),
        ({"tier": ["national"], "member": ["m1", "m4"]}, ["m4"]),
        ({"account": "a"}, ["m1", "m2"]),
        ({"plan": "P9"}, []),
    ],
)
def test_selection(plain: Lake, select: dict[str, object], keys: list[str]) -> None:
    assert open_(plain, select=select) == keys


def test_value_and_cost_are_as_declared(plain: Lake) -> None:
    asked = asked_of(
        {
            "offer": {"cost": 2, "cost_by_tier": {"national": 9}, "acceptance_by_class": {"public": 0.4}},
            "value": {"margin": 0.5, "months": 2},
        }
    )
    people = audience(plain.view(DAY), asked).everybody.set_index("member_id")
    assert people["value"].tolist() == [100.0, 200.0, 300.0, 400.0, 500.0]  # bill · 0.5 · 2
    assert people["cost"].tolist() == [2.0, 2.0, 9.0, 9.0, 9.0]
    assert people["acceptance"].tolist() == [0.1, 0.1, 0.4, 0.4, 0.4]
    given = audience(plain.view(DAY), asked, pd.Series({"m2": 7.0})).everybody
    assert given["value"].tolist() == [0.0, 7.0, 0.0, 0.0, 0.0]


def test_each_exclusion_says_why(tmp_path: Path) -> None:
    lake = market(
        tmp_path,
        campaigns=[
            {"campaign_id": "K", "known_from": date(2000, 1, 1), "ends": date(2000, 7, 9)},
            {"campaign_id": "L", "known_from": date(2000, 1, 1), "ends": date(2000, 6, 9)},
        ],
        touches=[
            touch("K", "m1", "control", date(2000, 3, 1)),
            touch("L", "m5", "control", date(2000, 3, 1)),  # over: no longer held back
            touch("K", "m2", "treat", JUNE),
            touch("L", "m3", "treat", date(2000, 5, 1)),  # longer ago than 30 days
        ],
        cases=[{"case_id": "c", "known_from": JUNE, "kind": "complaint", "opened": JUNE}],
        raised=[{"source_label": "Member", "source": "m3", "target": "c", "date": JUNE}],
    )
    late = bill("m4", 400.0, days_overdue=60, paid=10.0)
    found = audience(market(tmp_path / "late", bills=[late]).view(DAY), Asked())
    assert found.counts["in arrears"] == 1
    found = audience(lake.view(DAY), asked_of({"exclude": {"member": "m4"}}))
    assert dict(zip(found.everybody["member_id"], found.everybody["excluded"], strict=True)) == {
        "m1": "held back by a control group",
        "m2": "touched lately",
        "m3": "complaint open",
        "m4": "listed as excluded",
        "m5": "",
    }
    assert told(found) == (
        "5 active members, 5 selected; left out: 1 listed as excluded, 1 held back by a control group,"
        " 1 complaint open, 1 touched lately; 1 may be contacted"
    )
    assert open_(lake, exclude={"touched_within_days": 0, "control_groups": False}) == [
        "m1",
        "m2",
        "m4",
        "m5",
    ]


def test_nothing_known_after_the_day_counts(tmp_path: Path) -> None:
    lake = market(tmp_path, touches=[touch("K", "m2", "treat", date(2000, 7, 15))])
    assert open_(lake) == ["m1", "m2", "m3", "m4", "m5"]


def test_who_has_the_product_is_neither_contacted_nor_worth_anything(tmp_path: Path) -> None:
    lake = market(
        tmp_path,
        products=[{"product_id": "X", "known_from": date(2000, 1, 1)}],
        subscriptions=[
            {"source_label": "Member", "source": "m1", "target": "X", "since": date(2000, 2, 1)},
            {"source_label": "Account", "source": "b", "target": "X", "since": date(2000, 2, 1)},
            {
                "source_label": "Member", "source": "m2", "target": "X",
                "since": date(2000, 2, 1), "until": date(2000, 3, 1),
            },
        ],
    )  # fmt: skip
    found = audience(lake.view(DAY), asked_of({"offer": {"product": "X"}}))
    assert found.open["member_id"].tolist() == ["m2"]
    assert found.everybody["value"].tolist() == [0.0, 720.0, 0.0, 0.0, 0.0]  # 200 · 0.3 · 12


def test_scores_come_from_the_newest_run_of_the_day(tmp_path: Path) -> None:
    lake = market(tmp_path)
    with pytest.raises(BadInput, match="no run by 2000-06-30 has it"):
        open_(lake, select={"measure": "churn", "above": 0.5})
    with lake.writing("runs") as writer:
        days = {"r1": date(2000, 5, 31), "r2": date(2000, 6, 30), "r3": date(2000, 7, 31)}
        writer.append(RUN, pd.DataFrame([{"run_id": key, "as_of": day} for key, day in days.items()]))
        rows = [("r1", "m1", 0.9), ("r2", "m2", 0.8), ("r2", "m3", 0.2), ("r3", "m4", 0.9)]
        frame = pd.DataFrame(rows, columns=["run_id", "id", "value"])
        writer.append(SCORES, frame.assign(kind="Member", measure="churn"))
    assert open_(lake, select={"measure": "churn", "above": 0.5}) == ["m2"]


def test_unknown_keys_are_refused(plain: Lake) -> None:
    with pytest.raises(BadInput, match="account: 'zz' is not known as of 2000-06-30"):
        open_(plain, select={"account": "zz"})
