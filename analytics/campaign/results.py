"""All that can be said of a campaign on a day, figure by figure; what cannot be said is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from analytics.campaign.effects import Effect
from analytics.campaign.learners import uplift
from analytics.campaign.measured import (
    HORIZON,
    Units,
    average_effects,
    effects_by_class,
    spillover,
    total_effect,
    units,
    with_friends,
)
from analytics.csr import TieGraph
from graph.asof import View
from graph.errors import BadInput

COLUMNS = ["figure", "value", "low", "high", "p", "treated", "control", "clusters"]
SURE = 0.05


@dataclass(frozen=True, eq=False)
class Results:
    """`figures`: columns COLUMNS, low and high of 95 %; effects on leaving below 0 are good. `notes`: what
    could not be told, and why. `sentence` and `sentence_zh`: the finding.
    """

    campaign: str
    as_of: date
    horizon: int
    figures: pd.DataFrame
    notes: tuple[str, ...]
    sentence: str
    sentence_zh: str


def results(
    views: Callable[[date], View],
    graphs: Callable[[View], TieGraph],
    campaign: str,
    as_of: date,
    horizon: int = HORIZON,
    friends: str | None = None,
) -> Results:
    """What came of a campaign whose members were drawn into arms.

    `views` gives the lake as of a day and `graphs` the ties of a view; `friends` is a second campaign, to
    friends of the first one's members. Raises NotFound for an unknown campaign, and BadInput where nobody's
    horizon is over or where there is no control group: then nothing is an effect.
    """
    found = units(views, campaign, as_of, horizon)
    if found.treat.all() or not found.treat.any():
        raise BadInput(
            f"campaign {campaign} has no randomised contrast: all {len(found.frame):,} members are in one"
            " arm; an effect needs arms treat and control in its touches"
        )
    other = units(views, friends, as_of, horizon) if friends else None
    averages = average_effects(found)
    graph = graphs(views(found.starts - timedelta(days=1)))
    parts, notes = _attempted(found, other, views(as_of), graph)
    if found.waiting:
        notes.append(f"{found.waiting:,} members are left out: their {horizon} days are not over on {as_of}")
    rows = [_counts(found), _averages(averages), *parts]
    figures = pd.concat([row.reindex(columns=COLUMNS) for row in rows], ignore_index=True)
    return Results(campaign, as_of, horizon, figures, tuple(notes), *_sentences(averages, horizon))


def _attempted(
    found: Units, other: Units | None, view: View, graph: TieGraph
) -> tuple[list[pd.DataFrame], list[str]]:
    """What more the design of the campaign admits, and the sentences of what it does not."""
    every = [found] if other is None else [found, other]
    attempts: list[Callable[[], pd.DataFrame]] = [
        lambda: _by_class(found),
        lambda: _effect("leaving: everybody in the account", total_effect(found, view)),
        lambda: _effect("leaving: others, by treated neighbours", spillover(every, view, graph)),
        lambda: _rankings(found),
    ]
    if other is not None:
        attempts.insert(0, lambda: with_friends(found, other))
    parts, notes = [], []
    for attempt in attempts:
        try:
            parts.append(attempt())
        except BadInput as refusal:
            notes.append(str(refusal))
    return parts, notes


def _counts(found: Units) -> pd.DataFrame:
    treated = found.frame[found.frame["treat"]]
    rows = [
        ("accepted, share of the treated", float(treated["accepted"].astype(float).mean())),
        ("cost, yuan", float(treated["cost"].sum())),
    ]
    return pd.DataFrame(rows, columns=["figure", "value"]).assign(treated=len(treated))


def _averages(found: pd.DataFrame) -> pd.DataFrame:
    named = found["outcome"].map({"left": "leaving", "joined": "taking the product"})
    return found.assign(figure=named + ": effect, " + found["estimate"])


def _by_class(found: Units) -> pd.DataFrame:
    classes = effects_by_class(found)
    return classes.assign(figure="leaving: effect, " + classes["class"] + " accounts, drawn together")


def _effect(name: str, effect: Effect) -> pd.DataFrame:
    return pd.DataFrame([{"figure": name, **effect.__dict__}])


def _rankings(found: Units) -> pd.DataFrame:
    curves = uplift(found).curves
    return pd.DataFrame(
        [
            {"figure": f"Qini of {name}", "value": one.qini, "low": one.qini_low, "high": one.qini_high}
            for name, one in curves.items()
        ]
    )


def _sentences(averages: pd.DataFrame, horizon: int) -> tuple[str, str]:
    row = averages[(averages["outcome"] == "left") & (averages["estimate"] == "plain")].iloc[0]
    points = f"{100 * row['value']:+.1f} ({100 * row['low']:+.1f} to {100 * row['high']:+.1f})"
    shown = row["p"] <= SURE
    word = "changed" if shown else "is not shown to have changed"
    zh = "改变了" if shown else "未显示改变"
    return (
        f"contacting {word} leaving within {horizon} days: {points} points on {row['control_rate']:.1%}"
        " of the control group",
        f"联系{zh}{horizon}天内的流失率：{points}个百分点，对照组为{row['control_rate']:.1%}",
    )
