"""What accounts of the small world are worth by its run: two equals, and a closed one worth most."""

from __future__ import annotations

from collections.abc import Sequence

WHY = ["commercial by the rules, large on record; points: 1, and 2 make it large"]
WORTH: dict[str, dict[str, object]] = {
    "a1": {
        "arpa": 900.0, "arpa_group": 1200.0, "arpu": 100.0, "clv": 9000.0, "clv_group": 12000.0,
        "value_class": 2.0, "value_class_reasons": WHY, "value_tier": 2.0, "lifecycle": 3.0,
        "satisfaction": 71.5,
    },
    "a2": {"clv_group": 12000.0, "value_class": 1.0, "lifecycle": 2.0},
    "a6": {"clv_group": 99000.0},
}  # fmt: skip


def valued(accounts: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """The accounts with what they are worth."""
    return [account | WORTH.get(str(account["account_id"]), {}) for account in accounts]
