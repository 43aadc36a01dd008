"""Tariff rehearsal: past use rated again under a new tariff, and what that would change.

Use stays as it was unless an elasticity is declared; who would leave or stop paying over a dearer bill
follows from declared ratios, not from an estimate. Formulas, sources and limits: docs/methods/tariff.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.frames import day_of
from analytics.tariff.audience import audience
from analytics.tariff.figures import figures
from analytics.tariff.rating import rated
from analytics.tariff.terms import Tariff, current_tariff
from graph.asof import View
from graph.errors import BadInput, NotFound

LISTED = 20_000
"""Members up to which an audience is rated alone; handing over a longer list costs more than rating all."""
WIDEST = 2.0
"""A bill that more than doubles, or more than halves, counts as doubled or halved in the ratios below:
nobody has declared what happens beyond."""


@dataclass(frozen=True)
class Declared:
    """What is supposed of people, not measured; a result names the values used."""

    hazard_ratio: float = 1.15
    """Hazard of leaving is multiplied by this for each 10 % that a member's bill rises, and divided for
    each 10 % that it falls."""
    arrears_ratio: float = 1.0
    """The part of a bill that stays unpaid, likewise."""
    use_elasticity: float = 0.0
    """Per cent by which all use changes when the audience's charges rise by one per cent; -0.3 is usual."""
    horizon_days: int = 60
    """Over which leavers are counted; that of the churn scores."""

    def __post_init__(self) -> None:
        for name in ("hazard_ratio", "arrears_ratio", "horizon_days"):
            if not getattr(self, name) > 0:
                raise BadInput(f"{name} is {getattr(self, name)}; a number above 0 works")
        if not -5 <= self.use_elasticity <= 5:
            raise BadInput(f"use_elasticity is {self.use_elasticity}; a number from -5 to 5 works")


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """What a new tariff would change, in yuan a month."""

    scenario: str
    figures: pd.DataFrame
    """`scenario`, `figure`, `value`, `low`, `high`: rows of `simulations` without run_id."""
    members: pd.DataFrame
    """`member_id`, `account_id`, `class`, `old`, `new`, `change`, `leave`, `leave_new`, `unpaid`,
    `unpaid_new`, `counted_as` (whom a resample keeps together): yuan a month and probabilities."""
    notes: tuple[str, ...]


def rehearse(
    view: View,
    tariff: Tariff,
    months: Sequence[date],
    who: str = "all",
    declared: Declared | None = None,
    churn: pd.DataFrame | None = None,
    seed: int = 0,
) -> Rehearsal:
    """Rate the billed use of those months under the tariff, for the audience's members active on the day.

    `churn` holds `member_id` and `value`, the chance of leaving within the declared horizon; without it, or
    for a member it lacks, everybody has the share that left in as many days before. Raises as `audience` and
    `current_tariff`, NotFound where nobody of the audience has a bill that can be rated.
    """
    declared = declared or Declared()
    meant = audience(view, who)
    only = meant["member_id"].tolist() if len(meant) <= LISTED and who != "all" else None
    old = rated(view, current_tariff(view, months), only)
    old = old[old["member_id"].isin(meant["member_id"])]
    if old.empty:
        raise NotFound(
            f"no bill of the audience {who!r} from {months[0]:%Y-%m} to {months[-1]:%Y-%m} can be rated; "
            "members with bills, usage and a plan with tariff terms work"
        )
    new = rated(view, tariff, only)
    new = new[new["member_id"].isin(meant["member_id"])]
    if declared.use_elasticity:
        volume = float((new["total"].sum() / max(old["total"].sum(), 1)) ** declared.use_elasticity)
        new = rated(view, tariff, only, volume)
        new = new[new["member_id"].isin(meant["member_id"])]
    members = _members(view, meant, old, new, months, declared, churn)
    scenario = f"{tariff.name} / {who}"
    return Rehearsal(
        scenario, figures(scenario, members, seed), members, _notes(meant, members, declared, churn)
    )


def _members(
    view: View, meant: pd.DataFrame, old: pd.DataFrame, new: pd.DataFrame, months: Sequence[date],
    declared: Declared, churn: pd.DataFrame | None,
) -> pd.DataFrame:  # fmt: skip
    yuan = 100 * len(months)
    sums = pd.DataFrame({
        "old": old.groupby("member_id")["total"].sum() / yuan,
        "new": new.groupby("member_id")["total"].sum() / yuan,
    }).reset_index()  # fmt: skip
    found = meant.merge(sums, on="member_id")
    dearer = _tenths_dearer(found["old"].to_numpy(), found["new"].to_numpy())
    leave = _leaving(view, found["member_id"], declared.horizon_days, churn)
    unpaid = found["member_id"].map(_unpaid(view, months)).fillna(0.0)
    return found.assign(
        change=found["new"] - found["old"],
        leave=leave,
        leave_new=1 - (1 - leave) ** (declared.hazard_ratio**dearer),
        unpaid=unpaid * found["old"],
        unpaid_new=np.minimum(1, unpaid * declared.arrears_ratio**dearer) * found["new"],
        counted_as=found["account_id"].where(found["account_id"] != "", found["member_id"]),
    )


def _tenths_dearer(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """How many times each bill rose by 10 %: ln(new ÷ old) ÷ ln 1.1, the ratio held within WIDEST."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(old > 0, new / old, np.where(new > 0, WIDEST, 1.0))
    return np.asarray(np.log(np.clip(ratio, 1 / WIDEST, WIDEST)) / np.log(1.1))


def _leaving(view: View, members: pd.Series, horizon: int, churn: pd.DataFrame | None) -> np.ndarray:
    everybody = _left_of_late(view, horizon)
    if churn is None:
        return np.full(len(members), everybody)
    scores = churn.set_index("member_id")["value"]
    return members.map(scores).fillna(everybody).clip(0, 1).to_numpy(float)


def _left_of_late(view: View, horizon: int) -> float:
    """Share of the members active `horizon` days ago who have left since."""
    day = day_of(view)
    found = view.sql_arrow(
        """SELECT count(*) AS active, count("left") AS gone FROM members
           WHERE coalesce(joined, known_from) <= $since AND ("left" IS NULL OR "left" > $since)""",
        {"since": day - timedelta(days=horizon)},
    ).to_pylist()[0]
    return float(found["gone"] / found["active"]) if found["active"] else 0.0


def _unpaid(view: View, months: Sequence[date]) -> pd.Series:
    """Part of what was billed over the months that is not paid, by member."""
    found = view.sql(
        """SELECT about, greatest(0, 1 - sum(coalesce(paid, total)) / sum(total)) AS part FROM bills
           WHERE month IN (SELECT unnest($months::DATE[])) GROUP BY about HAVING sum(total) > 0""",
        {"months": list(months)},
    )
    return found.set_index("about")["part"]


def _notes(
    meant: pd.DataFrame, members: pd.DataFrame, declared: Declared, churn: pd.DataFrame | None
) -> tuple[str, ...]:
    left_out = len(meant) - len(members)
    use = (
        "use is supposed to stay as it was"
        if not declared.use_elasticity
        else f"use is supposed to follow charges with elasticity {declared.use_elasticity:g}"
    )
    source = "the run's churn scores" if churn is not None else "the share that left of late"
    return (
        f"{use}; leavers start from {source}, with a declared hazard ratio of {declared.hazard_ratio:g} for "
        f"each 10 % that a bill rises, arrears with {declared.arrears_ratio:g}: supposed, not measured",
        *((f"{left_out:,} members of the audience have no bill that can be rated",) if left_out else ()),
    )
