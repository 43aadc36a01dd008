from datetime import date
from pathlib import Path

from analytics.referral.counts import referral_counts
from tests.analytics.worlds import lake_of, member


def referred(label: str, source: str, target: str, day: date) -> dict[str, object]:
    return {"source_label": label, "source": source, "target_label": "Member", "target": target, "date": day}


def test_referrals_are_counted_up_to_the_day_and_told_numbers_stand_in(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        members=[
            member("a", referrals_made=7),
            member("b", referrals_made=3),
            member("c", referrals_made=0),
            member("d"),
        ],
        referrals=[
            referred("Member", "a", "d", date(2000, 3, 1)),
            referred("Member", "a", "c", date(2000, 9, 1)),
            referred("Contact", "k", "d", date(2000, 3, 1)),
            referred("Account", "x", "d", date(2000, 3, 2)),
        ],
    )
    found = referral_counts(lake.view(date(2000, 6, 30)))
    assert found.to_dict("split")["data"] == [
        ["Account", "x", 1.0],
        ["Contact", "k", 1.0],
        ["Member", "a", 1.0],
        ["Member", "b", 3.0],
    ]
