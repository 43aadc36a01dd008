from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.churn.catalogue import FEATURES
from analytics.churn.features import features
from analytics.churn.ratios import share, trend
from graph.lake import Lake
from tests.analytics.worlds import belongs, lake_of, member, tie

DAY = date(2000, 6, 30)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Member `a` with something of everything; `quiet` with nothing; three that left."""
    return lake_of(
        tmp_path,
        accounts=[{"account_id": "x", "known_from": date(2000, 1, 1), "contract_end": date(2000, 7, 30)}],
        products=[{"product_id": "p", "known_from": date(2000, 1, 1), "monthly_fee": 59.0}],
        members=[
            member("a", joined=date(2000, 1, 1), plan_id="p"),
            member("b"),
            member("long_gone", left=date(2000, 3, 1)),
            member("gone", left=date(2000, 5, 1)),
            member("goes_later"),
            member("goes_later", date(2000, 7, 15), left=date(2000, 7, 15)),
            member("quiet"),
        ],
        memberships=[
            *(belongs(key, "x") for key in ("a", "b", "goes_later")),
            belongs("gone", "x", until=date(2000, 5, 1)),
            belongs("long_gone", "x", until=date(2000, 3, 1)),
        ],
        ties=[
            *(tie("a", "b", date(2000, m, 1), 14) for m in (3, 4, 5)),
            tie("a", "b", date(2000, 6, 1), 5, messages=3),
            tie("gone", "a", date(2000, 4, 1), 3),
            tie("a", "long_gone", date(2000, 1, 1), 1),
            tie("a", "goes_later", date(2000, 2, 1), 1),
            tie("goes_later", "a", date(2000, 7, 1), 1000),
        ],
        bills=[
            {"about": "a", "month": date(2000, m, 1), "total": total, "days_overdue": days}
            for m, total, days in ((3, 90.0, 40), (4, 100.0, 3), (5, 110.0, 0), (6, 50.0, 0), (7, 9.0, 99))
        ],
        usage=[
            {"about": "a", "month": date(2000, 6, 1), "zone": "off_net", "period": period, "minutes": 10.0}
            for period in ("peak", "off_peak")
        ],
        competitor_ties=[
            {"about_label": "Member", "about": "a", "month": date(2000, 6, 1), "rival": "r", "contacts": 4}
        ],
        cases=[
            {"case_id": case, "known_from": opened, "opened": opened, "closed": closed}
            for case, opened, closed in (
                ("1", date(2000, 6, 1), date(2000, 7, 9)),
                ("2", date(2000, 5, 1), date(2000, 5, 2)),
            )
        ],
        raised=[
            {"source_label": "Member", "source": "a", "target": c, "date": date(2000, 6, 1)} for c in "12"
        ],
    )  # fmt: skip


def test_figures_of_one_member_by_hand(lake: Lake) -> None:
    found = features(lake.view(DAY)).loc["a"]
    expected = {
        "tenure_days": 181,
        "plan_fee": 59,
        "months_silent": 0,
        "months_active": 6,
        "reached": 1,  # b; long_gone and goes_later were called before the last three months
        "reached_by": 1,  # gone
        "contacts_last": 8,
        "contacts_before": (14 * 3 + 3) / 3,
        "contacts_trend": (8 - 15) / (8 + 15),
        "neighbours": 3,  # b, gone, goes_later; long_gone left more than 90 days before
        "neighbours_gone": 1,
        "neighbours_left_share": 1 / 3,
        "account_members": 4,
        "account_gone": 1,
        "account_left_share": 1 / 4,
        "contract_days": 30,
        "bill_last": 50,
        "bill_before": 100,
        "bill_trend": -50 / 150,
        "days_overdue": 3,
        "off_net_last": 20,
        "off_net_before": 0,
        "off_net_trend": 1,
        "rival_contacts": np.log1p(4),
        "open_cases": 1,  # settled later, so open as of the day
    }
    assert {name: float(found[name]) for name in expected} == pytest.approx(expected)


def test_silence_is_nothing_where_there_is_a_source_and_unknown_where_there_is_none(lake: Lake) -> None:
    found = features(lake.view(DAY)).loc["quiet"]
    assert found[["contacts", "neighbours_left", "open_cases", "rival_contacts"]].tolist() == [0, 0, 0, 0]
    assert found["months_silent"] == 12
    assert found[["tenure", "bill_trend", "contract_days", "account_left_share"]].isna().all()


def test_only_the_active_are_described(lake: Lake) -> None:
    assert features(lake.view(DAY)).index.tolist() == ["a", "b", "goes_later", "quiet"]


def test_a_member_who_joined_in_a_month_not_yet_over_is_not_called_silent(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        members=[member("old"), member("new", date(2000, 6, 5), joined=date(2000, 6, 5))],
        ties=[tie("old", "else", date(2000, 5, 1))],
    )
    silent = features(lake.view(date(2000, 6, 20)))["months_silent"]
    assert silent["old"] == 0
    assert np.isnan(silent["new"])


def test_a_lake_of_one_member_has_features_of_which_none_is_known(tmp_path: Path) -> None:
    found = features(lake_of(tmp_path, members=[member("only")]).view(DAY))
    assert found[list(FEATURES)].isna().all(axis=None)


def test_trend_and_share() -> None:
    last, before = pd.Series([0, 2, 0, None, 6.0]), pd.Series([5, 0, 0, 1, 2.0])
    assert trend(last, before).tolist() == pytest.approx([-1, 1, 0, np.nan, 0.5], nan_ok=True)
    assert share(pd.Series([1, 0.0]), pd.Series([4, 0.0])).tolist() == [0.25, 0]
