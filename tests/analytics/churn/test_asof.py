"""No feature of a day knows of anything later, whatever the lake."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.churn.catalogue import FEATURES
from analytics.churn.features import features
from tests.analytics.worlds import belongs, lake_of, member, tie

DAY = date(2000, 8, 31)
Rows = dict[str, list[dict[str, object]]]


def random_rows(seed: int, first: date, last: date) -> Rows:
    """Facts of every table that features read, dated between two days, about thirty members."""
    rng = np.random.default_rng(seed)
    span = (last - first).days

    def some(number: int) -> list[str]:
        return [f"m{i:02d}" for i in rng.integers(0, 30, number)]

    def day() -> date:
        return first + timedelta(days=int(rng.integers(0, span)))

    def month() -> date:
        return day().replace(day=1)

    gone = {key: day() for key in some(5)}
    raised = {f"w{first}{i}": (key, day()) for i, key in enumerate(some(8))}
    pairs = {(a, b, month()) for a, b in zip(some(80), some(80), strict=True) if a != b}
    return {
        "members": [
            member(key, when, left=when, joined=date(1999, 5, 1), plan_id="p") for key, when in gone.items()
        ],
        "memberships": [belongs(key, f"a{rng.integers(4)}", since=day()) for key in set(some(6))],
        "ties": [tie(*ends, when, int(rng.integers(1, 9))) for *ends, when in pairs],
        "bills": [
            {"about": key, "month": when, "total": 90.0, "paid": 30.0, "days_overdue": 3}
            for key, when in {(key, month()) for key in some(20)}
        ],
        "usage": [
            {"about": key, "month": when, "zone": "off_net", "period": "peak", "minutes": 7.0}
            for key, when in {(key, month()) for key in some(20)}
        ],
        "competitor_ties": [
            {"about_label": "Member", "about": key, "month": when, "rival": "r", "contacts": 2}
            for key, when in {(key, month()) for key in some(10)}
        ],
        "cases": [{"case_id": case, "known_from": at, "opened": at} for case, (_, at) in raised.items()],
        "raised": [
            {"source_label": "Member", "source": key, "target": case, "date": at}
            for case, (key, at) in raised.items()
        ],
        "subscriptions": [
            {"source_label": "Member", "source": key, "target": "p", "sold_by": "d", "since": day()}
            for key in set(some(6))
        ],
        "referrals": [
            {"source_label": "Member", "source": a, "target_label": "Member", "target": b, "date": day()}
            for a, b in zip(some(4), some(4), strict=True)
        ],
        "partners": [{"partner_id": "d", "known_from": last, "closed": last}],
        "contacts": [{"contact_id": "k", "known_from": day(), "role": "decision", "member_id": some(1)[0]}],
    }


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.nightly) for n in range(1, 8))])
def test_later_rows_change_no_feature(tmp_path: Path, seed: int) -> None:
    start = {
        "accounts": [
            {"account_id": f"a{i}", "known_from": date(2000, 1, 1), "region": f"{i}10000"} for i in range(4)
        ],
        "members": [member(f"m{i:02d}", joined=date(1999, 5, 1), plan_id="p") for i in range(30)],
        "memberships": [belongs(f"m{i:02d}", f"a{i % 4}") for i in range(30)],
        "products": [{"product_id": "p", "known_from": date(2000, 1, 1), "monthly_fee": 9.0}],
    }
    lake_of(tmp_path, **start)
    lake = lake_of(tmp_path, **random_rows(seed, date(2000, 2, 1), DAY))
    before = features(lake.view(DAY))[list(FEATURES)]
    assert before.notna().any().sum() > 40
    lake = lake_of(tmp_path, **random_rows(seed + 100, DAY + timedelta(days=1), date(2000, 12, 31)))
    pd.testing.assert_frame_equal(features(lake.view(DAY))[list(FEATURES)], before)
    later = features(lake.view(date(2000, 12, 31)))[list(FEATURES)]
    assert not later.reindex(before.index).equals(before)
