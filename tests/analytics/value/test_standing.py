"""Class, tier, stage, satisfaction, loyalty and arrears by hand."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from analytics.value.classes import classed
from analytics.value.rollup import tree
from analytics.value.rules import read_rules
from analytics.value.standing import arrears, loyalty, satisfaction, stages
from graph.errors import BadInput
from tests.analytics.worlds import START, belongs, lake_of, member

DAY = date(2026, 6, 30)
MONTHS = [pd.Timestamp(2026, month, 1) for month in range(1, 7)]


def account(key, **fields):
    return {"account_id": key, "known_from": START, **fields}


def test_class_and_tier_by_several_variables(tmp_path):
    """hq has a part in a second province and 25,000 yuan with it: two points. gov has one. shop earns 100."""
    lake = lake_of(
        tmp_path,
        accounts=[
            account("hq", region="440100", industry="trade", tier="regional", **{"class": "public"}),
            account("part", region="110000", industry="trade"),
            account("gov", region="440100", industry="government"),
            account("shop", region="440300", industry="trade", **{"class": "commercial"}),
        ],
        account_parents=[{"source": "part", "target": "hq", "since": START}],
        members=[member("m1")],
        memberships=[belongs("m1", "part")],
        subscriptions=[
            {"source_label": "Member", "source": "m1", "target": "P1", "since": START},
            {"source_label": "Account", "source": "hq", "target": "P8", "since": START},
            {"source_label": "Account", "source": "hq", "target": "P9", "since": START, "until": START},
        ],
    )
    view = lake.view(DAY)
    revenue = pd.Series({"hq": 20_000.0, "part": 5_000.0, "gov": 4_000.0, "shop": 100.0}, name="arpa")
    found = classed(view, tree(view), revenue, read_rules())
    assert found["class"].to_dict() == {
        "hq": "large", "part": "public", "gov": "public", "shop": "commercial"
    }  # fmt: skip
    assert found["tier"].to_dict() == {
        "hq": "provincial", "part": "regional", "gov": "regional", "shop": "regional"
    }  # fmt: skip
    assert found.loc["hq", ["yuan", "kinds", "provinces", "points"]].tolist() == [25_000, 2, 2, 2]
    assert found.loc["hq", "why"][0] == "large by the rules, public on record; points: 2, and 2 make it large"
    assert found.loc["gov", "why"][-1] == "of social influence by its tier or line of business"


def test_rules_of_one_s_own_replace_the_defaults(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text('[large]\npoints = 3\ntiers = ["national", "provincial"]\n', encoding="utf-8")
    rules = read_rules(path)
    assert (rules.large.points, rules.large.tiers) == (3, ["national", "provincial"])
    assert (rules.large.monthly_yuan, rules.commercial.below_yuan) == (20_000, 3_000)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[huge]\nx = 1", "no part named 'huge'; known: commercial, large, stage, tier"),
        ("[large]\npoint = 1", "no field named 'point'; known: industries"),
        ('[large]\npoints = "two"', r"\[large\] points is 'two'; a number such as 2 works"),
        ('[large]\ntiers = ["world"]', "tiers is .*; a list of national, provincial, regional works"),
        ("[large", "is not TOML"),
    ],
)
def test_rules_that_cannot_be_are_refused(tmp_path, text, says):
    (tmp_path / "rules.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=says):
        read_rules(tmp_path / "rules.toml")


@pytest.mark.parametrize(
    ("fields", "yuan", "stage"),
    [
        ({}, [100] * 6, "steady"),
        ({}, [100, 100, 100, 110, 110, 110], "growing"),
        ({}, [100, 100, 100, 90, 90, 90], "declining"),
        ({}, [100] * 5 + [0], "dormant"),
        ({"opened": date(2026, 2, 1)}, [0, 0, 0, 10, 20, 30], "new"),
        ({"contract_end": date(2026, 9, 28)}, [100] * 6, "ending"),
        ({"contract_end": date(2026, 9, 29)}, [100] * 6, "steady"),
        ({"closed": date(2026, 6, 1)}, [100] * 6, "closed"),
    ],
)
def test_stages(tmp_path, fields, yuan, stage):
    fields = {"opened": date(2020, 1, 1), **fields}
    view = lake_of(tmp_path, accounts=[account("a", **fields)]).view(DAY)
    by_month = pd.DataFrame({"account_id": "a", "month": MONTHS, "lines": yuan, "services": 0.0})
    assert stages(view, by_month, read_rules())["stage"].to_dict() == {"a": stage}


def test_satisfaction_by_hand(tmp_path):
    """a: 8 today and, a contact's, 2 of 180 days ago, weight one half: mean 6; one of two cases satisfied:
    100 x (0.7 x 0.6 + 0.3 x 0.5) = 57. b: no survey, one satisfied case: 100. c: an answer of long ago: none.
    """
    lake = lake_of(
        tmp_path,
        accounts=[account(name) for name in "abc"],
        contacts=[{"contact_id": "p", "known_from": START}],
        positions=[{"source": "p", "target": "a", "since": START}],
        members=[member("m1"), member("m2")],
        memberships=[belongs("m1", "a"), belongs("m2", "b")],
        surveys=[
            {"about_label": "Account", "about": "a", "date": DAY, "question": "overall", "score": 8.0},
            {"about_label": "Contact", "about": "p", "date": date(2026, 1, 1), "question": "x", "score": 2.0},
            {"about_label": "Account", "about": "c", "date": date(2025, 1, 1), "question": "x", "score": 9.0},
        ],
        cases=[
            {"case_id": key, "known_from": date(2026, 3, 1), "opened": date(2026, 3, 1),
             "closed": date(2026, 3, 9), "satisfied": happy}
            for key, happy in (("k1", True), ("k2", False), ("k3", True))
        ],
        raised=[
            {"source_label": "Member", "source": who, "target": key, "date": date(2026, 3, 1)}
            for who, key in (("m1", "k1"), ("m1", "k2"), ("m2", "k3"))
        ],
    )  # fmt: skip
    found = satisfaction(lake.view(DAY))
    assert found["satisfaction"].to_dict() == pytest.approx({"a": 57.0, "b": 100.0})
    assert found["answers"].to_dict() == {"a": 2, "b": 0}


def test_loyalty_by_hand(tmp_path):
    """Of two lines of a year ago one is here, six years (2192 days) old; two of five kinds of product:
    50 x 0.5 + 30 x (1 - e^-2) + 20 x 0.4.
    """
    joined = date(2020, 6, 29)
    lake = lake_of(
        tmp_path,
        accounts=[account("a")],
        members=[member("m1", joined=joined), member("m2", joined=joined, left=date(2026, 1, 1))],
        memberships=[belongs("m1", "a"), belongs("m2", "a")],
    )
    found = loyalty(lake.view(DAY), pd.Series({"a": 2}))
    assert found.loc["a", "loyalty"] == pytest.approx(25 + 30 * (1 - 2.718281828**-2) + 8, abs=0.01)
    assert found.loc["a", "kept"] == 0.5


def test_arrears_by_hand():
    """A third unpaid and 15 of 30 days late: 1/6 + 1/4; all paid in time: nothing; all unpaid for long: 1."""
    owed = pd.DataFrame({"billed": [300, 300, 300], "unpaid": [100, 0, 300], "worst_days": [15, 0, 90]})
    assert arrears(owed)["arrears_risk"].tolist() == pytest.approx([1 / 6 + 1 / 4, 0, 1])
