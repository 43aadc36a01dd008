"""The churn score from end to end: windows, judgement out of time, scores, intervals, reasons.

Windows lie one after the other before the day, each with its features as of its start and its labels as
known at its end. All but the newest train the model that is judged on the newest; the model that scores
is fitted to all of them, since in a small feed one window may hold a handful of leavers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.calendar import look_back
from analytics.churn.evaluate import out_of_time
from analytics.churn.features import FEATURES, features
from analytics.churn.model import Labels, Model, fit, interval, resampled, varying
from analytics.churn.reasons import reasons
from analytics.csr import Floats, Ints
from analytics.frames import departed, members
from graph.asof import View

HORIZON = 60
"""Days ahead. Two billing months: one is over before a campaign is on its way, three blur the cause."""
WINDOWS = 4
"""Windows looked back over. Eight months: enough leavers for a small feed, recent enough to hold."""
FEWEST = 20
"""Leavers, and stayers, below which a model would fit chance."""

Views = Callable[[date], View]


@dataclass(frozen=True, eq=False)
class Window:
    """Members active at `day`, what was known of them, and who of them left within the horizon."""

    day: date
    frame: pd.DataFrame
    left: Labels


@dataclass(frozen=True, eq=False)
class ChurnScores:
    """`members` and `accounts`: `id`, `value`, `low`, `high`, `reasons` (lists); `notes` for the run."""

    members: pd.DataFrame
    accounts: pd.DataFrame
    notes: dict[str, object]


def churn_scores(views: Views, as_of: date, horizon: int = HORIZON) -> ChurnScores:
    """Score the members active at `as_of`. No scores, but a note in words, where too few ever left.

    `views` gives the lake as of a day; no day after `as_of` is asked for.
    """
    labelled = _windows(views, as_of, horizon)
    notes = _described(labelled, horizon)
    why_not = _too_few(labelled, as_of)
    if why_not:
        return ChurnScores(_nobody(), _nobody(), {**notes, "refused": why_not})
    windows = [window(views, day, known) for day, known in labelled.items()]
    frame, left = _together(windows)
    columns, dropped = varying(frame, FEATURES)
    notes.update(features=columns, dropped=dropped)
    if not columns:
        return ChurnScores(_nobody(), _nobody(), {**notes, "refused": "no feature tells members apart"})
    notes["out_of_time"] = _judged(windows[:-1], windows[-1], columns)
    model = fit(frame, left, columns)
    notes["weights"] = _weights(model)
    scored = features(views(as_of))
    clusters = frame["account_id"].fillna(pd.Series(frame.index, frame.index))
    return _scored(model, scored, resampled(model, frame, left, clusters, scored), horizon, notes)


def _windows(views: Views, as_of: date, horizon: int) -> dict[date, pd.Series]:
    """Labels by the day of their features, oldest first: the newest two windows and, before them, as
    many as `WINDOWS` allows while each has somebody leaving; a record begins some time.
    """
    found: list[tuple[date, pd.Series]] = []
    day = as_of
    while len(found) < WINDOWS:
        day = look_back(day, horizon)
        known = labels(views, day, horizon)
        if len(found) >= 2 and not known.any():
            break
        found.append((day, known))
    return dict(reversed(found))


def _together(windows: Sequence[Window]) -> tuple[pd.DataFrame, Labels]:
    return pd.concat([w.frame for w in windows]), np.concatenate([w.left for w in windows])


def labels(views: Views, day: date, horizon: int) -> pd.Series:
    """Who of the members active on `day` left, as known `horizon` days later: bool by member_id.

    Who had left by `day` but was only later found to have is neither: it is left out.
    """
    gone = departed(views(day + timedelta(days=horizon)))
    left_on = pd.to_datetime(gone.reindex(members(views(day))["member_id"]))
    return left_on[~(left_on <= pd.Timestamp(day))].notna()


def window(views: Views, day: date, known: pd.Series) -> Window:
    """The features, as of `day`, of the members whose label is known."""
    return Window(day, features(views(day)).reindex(known.index), known.to_numpy(np.bool_))


def _described(labelled: Mapping[date, pd.Series], horizon: int) -> dict[str, object]:
    return {
        "horizon_days": horizon,
        "windows": [
            {
                "features_as_of": day.isoformat(),
                "labels_until": (day + timedelta(days=horizon)).isoformat(),
                "members": len(left),
                "leavers": int(left.sum()),
            }
            for day, left in labelled.items()
        ],
    }


def _too_few(labelled: Mapping[date, pd.Series], as_of: date) -> str | None:
    """The sentence that says why there can be no score, if there can't."""
    leavers = int(sum(left.sum() for left in labelled.values()))
    stayers = int(sum((~left).sum() for left in labelled.values()))
    for number, word in ((leavers, "leavers"), (stayers, "stayers")):
        if number < FEWEST:
            return f"the feed has {number} {word} between {min(labelled)} and {as_of}; {FEWEST} are needed"
    return None


def _judged(older: Sequence[Window], newest: Window, columns: list[str]) -> dict[str, object]:
    """Figures on the newest window of a model that saw only the older ones, or why there are none."""
    frame, left = _together(older)
    for day, side, fewest in ((older[0].day, left, FEWEST), (newest.day, newest.left, 1)):
        least = min(int(side.sum()), int((~side).sum()))
        if least < fewest:
            return {"refused": f"the time from {day} has {least} of one outcome; {fewest} are needed"}
    usable, _ = varying(frame, columns)
    if not usable:
        return {"refused": f"no feature varies in the time from {older[0].day}"}
    return out_of_time(frame, left, newest.frame, newest.left, usable)


def _scored(
    model: Model, scored: pd.DataFrame, resamples: Floats, horizon: int, notes: dict[str, object]
) -> ChurnScores:
    value = model.chance(scored)
    low, high = interval(value, resamples)
    why = reasons(model.contributions(scored), scored) if len(scored) else []
    members = pd.DataFrame({"id": scored.index, "value": value, "low": low, "high": high})
    members["reasons"] = pd.Series(why, dtype=object)
    notes["resamples"] = resamples.shape[1]
    notes["scored"] = len(members)
    return ChurnScores(members, expected(members, resamples, scored["account_id"], horizon), notes)


def expected(
    members: pd.DataFrame, resamples: Floats, account: pd.Series, horizon: int = HORIZON
) -> pd.DataFrame:
    """Per account the sum of its active members' chances: how many of them are expected to leave."""
    known = account.notna().to_numpy()
    number, names = pd.factorize(account[known], sort=True)
    value = np.bincount(number, members["value"][known], minlength=len(names)).astype(np.float64)
    drawn = np.zeros((len(names), resamples.shape[1]))
    np.add.at(drawn, number, resamples[known])
    low, high = interval(value, drawn)
    found = pd.DataFrame({"id": np.asarray(names, dtype=object), "value": value, "low": low, "high": high})
    why = _account_reasons(members[known], number, value, horizon)
    found["reasons"] = pd.Series(why, dtype=object)
    return found


def _account_reasons(members: pd.DataFrame, number: Ints, value: Floats, horizon: int) -> list[list[str]]:
    """How many of how many, and who is most at risk and why."""
    ranked = members.assign(number=number).sort_values(
        ["number", "value", "id"], ascending=[True, False, True]
    )
    sizes = np.bincount(number, minlength=len(value))
    top = ranked.groupby("number").head(1)
    return [
        [
            f"{total:.1f} of {size} members expected to leave within {horizon} days",
            f"most at risk: {who} ({100 * chance:.0f} %): {why[0]}",
        ]
        for total, size, who, chance, why in zip(
            value, sizes, top["id"], top["value"], top["reasons"], strict=True
        )
    ]


def _weights(model: Model) -> dict[str, float]:
    """Log odds per standard deviation, by feature; a missing value's own under `<feature> unknown`."""
    names = [*model.scaling.columns, *(f"{gap} unknown" for gap in model.scaling.gaps)]
    return {name: round(float(w), 4) for name, w in zip(names, model.weights, strict=True)}


def _nobody() -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in ("id", "value", "low", "high", "reasons")})
