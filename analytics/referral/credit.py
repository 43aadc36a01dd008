"""Who brought whom, and how the credit for one who was brought by several is divided."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd

from analytics.frames import day_of
from graph.asof import View
from graph.errors import BadInput, one_of

Rule = Literal["first", "last", "linear", "decay"]
RULES: tuple[Rule, ...] = get_args(Rule)
HALF_LIFE = 30.0
"""Days before the last referral after which an earlier one counts half, under `decay`."""

REFERRALS = """
SELECT source_label, source, target_label, target, date, share, r.joined, r."left"
FROM referrals f LEFT JOIN (
  SELECT 'Member' AS label, member_id AS id, joined, "left" FROM members
  UNION ALL SELECT 'Account', account_id, opened, closed FROM accounts
) r ON r.label = target_label AND r.id = target
WHERE NOT (source_label = target_label AND source = target)
ORDER BY target_label, target, date, source_label, source"""


def referrals(view: View, rule: Rule = "linear", half_life: float = HALF_LIFE) -> pd.DataFrame:
    """Every referral up to the view's day with its part of the credit.

    Columns: `source_label`, `source`, `target_label`, `target`, `date`, `share` (as recorded), `joined` and
    `left` of the target, `credit` (0 to 1; sums to 1 over a target). Nobody refers itself. Raises BadInput
    for an unknown rule and a half-life that is not above 0.
    """
    day_of(view)
    found = view.sql(REFERRALS)
    return found.assign(credit=credit(found, rule, half_life))


def credit(rows: pd.DataFrame, rule: Rule, half_life: float = HALF_LIFE) -> pd.Series:
    """Each referral's part of the credit for its target, by a named rule; referrals of one day are equals.

    `first`: the earliest day has it all. `last`: the latest day has it all. `linear`: by the recorded
    shares, a missing one counting as the mean of the others, or 1. `decay`: the share halves with every
    `half_life` days before the target's last referral. Where all shares are 0, in equal parts.
    """
    if rule not in RULES:
        raise BadInput(one_of("attribution rule", rule, RULES))
    if not half_life > 0:
        raise BadInput(f"a half-life of {half_life} days; it must be above 0")
    by = [rows["target_label"], rows["target"]]
    share = rows["share"].astype(float)
    share = share.fillna(share.groupby(by).transform("mean")).fillna(1.0)
    dates = rows["date"].groupby(by)
    match rule:
        case "first":
            weight = (rows["date"] == dates.transform("min")).astype(float)
        case "last":
            weight = (rows["date"] == dates.transform("max")).astype(float)
        case "linear":
            weight = share
        case "decay":
            age = (dates.transform("max") - rows["date"]).dt.days
            weight = share * np.exp2(-age / half_life)
    total = weight.groupby(by).transform("sum")
    equal = 1.0 / weight.groupby(by).transform("size")
    return (weight / total).where(total > 0, equal)
