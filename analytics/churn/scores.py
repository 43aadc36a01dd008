"""The churn score from end to end: windows, choice of model, judgement out of time, scores, reasons.

Windows lie one after the other before the day, each with its features as of its start and its labels as
known at its end. The model is chosen and calibrated on the newest but one, judged on the newest, having
seen neither then, and fitted to all of them for scoring, since in a small feed one window may hold a
handful of leavers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from analytics.churn.boosted import Boosted
from analytics.churn.catalogue import FEATURES
from analytics.churn.choice import Scorer, chosen, fitted, spread
from analytics.churn.features import Known, known
from analytics.churn.groups import group_first, grouped
from analytics.churn.groups import sentences as sentences_of_groups
from analytics.churn.kinds import kind_chances
from analytics.churn.labels import Views, departures
from analytics.churn.measures import figures
from analytics.churn.model import Model, fit, interval, varying
from analytics.churn.network import network
from analytics.churn.partner import seller_of
from analytics.churn.parts import log_odds, points, sentences
from analytics.churn.reasons import reasons, undone_words
from analytics.churn.undone import named, without_departures
from analytics.churn.windows import Rows, Window, described, labelled, together, window
from analytics.csr import Floats, Ints

HORIZON = 60
"""Days ahead. Two billing months: one is over before a campaign is on its way, three blur the cause."""
FEWEST = 20
"""Leavers, and stayers, below which a model would fit chance."""
LARGEST_NOTE = 400_000
"""Characters of trees kept with a run; more of them are left out, and the note says so."""


@dataclass(frozen=True, eq=False)
class ChurnScores:
    """`members`, `accounts`, `partners`: `id`, `value`, `low`, `high`, `reasons` (lists). `groups` has
    members' group-first scores in the same columns.

    `parts` has, by member_id, what makes up each member's value: `base` and the parts, which add up to
    it; `kinds` the value by kind of leaving. `notes` are for the run.
    """

    members: pd.DataFrame
    accounts: pd.DataFrame
    notes: dict[str, object]
    partners: pd.DataFrame
    groups: pd.DataFrame
    parts: pd.DataFrame
    kinds: pd.DataFrame


def churn_scores(views: Views, as_of: date, horizon: int = HORIZON) -> ChurnScores:
    """Score the members active at `as_of`. No scores, but a note in words, where too few ever left.

    `views` gives the lake as of a day; no day after `as_of` is asked for.
    """
    days = labelled(views, as_of, horizon)
    notes = described(days, horizon)
    why_not = _too_few(days, as_of)
    if why_not:
        return _refused(notes, why_not)
    windows = [window(views, day, left) for day, left in days.items()]
    rows = together(windows)
    columns, dropped = varying(rows.frame, FEATURES)
    notes.update(features=columns, dropped=dropped)
    if not columns:
        return _refused(notes, "no feature tells members apart")
    scorer = _modelled(windows, rows, columns, notes)
    today = known(views(as_of))
    draws = spread(scorer, windows, rows, today.frame)
    found = _scored(scorer, today, draws, horizon, notes, seller_of(views(as_of)))
    kinds = _by_kind(views, windows, columns, today, found.members["value"].to_numpy(), horizon)
    notes["kinds"] = {str(name): round(float(total), 2) for name, total in kinds.sum().items()}
    return replace(found, groups=_by_groups(views, windows[-1], today, notes), kinds=kinds)


def _modelled(windows: Sequence[Window], rows: Rows, columns: list[str], notes: dict[str, object]) -> Scorer:
    """The model to score with, chosen and judged on windows it has not seen; told in the notes."""
    choice, early = chosen(windows[:-1], columns)
    notes["model"] = {"kind": choice.kind, "why": choice.why}
    notes["out_of_time"] = _judged(windows[:-1], windows[-1], columns, early)
    scorer = fitted(choice, rows, columns)
    notes["weights"] = _weights(scorer)
    if isinstance(scorer, Boosted):
        notes["trees"] = _trees(scorer)
    return scorer


def _by_kind(
    views: Views, windows: Sequence[Window], columns: list[str], today: Known, value: Floats, horizon: int
) -> pd.DataFrame:
    """Chances by kind of leaving, from how past leavers left."""
    kinds = [departures(views, w.day, horizon).reindex(w.frame.index)[w.left] for w in windows]
    leavers = pd.concat([w.frame[w.left] for w in windows])
    return kind_chances(leavers, pd.concat(kinds), columns, today.frame, value)


def _by_groups(views: Views, newest: Window, today: Known, notes: dict[str, object]) -> pd.DataFrame:
    """Group-first scores by what befell the circles of the newest window."""
    before, now = grouped(network(views(newest.day))), grouped(today.network)
    left = pd.Series(newest.left, newest.frame.index).reindex(before.index).dropna().astype(bool)
    before = before.reindex(left.index)
    if now.empty or min(int(left.sum()), int((~left).sum())) < FEWEST:
        return _nobody()
    found = group_first(before, left.to_numpy(), now)
    notes["groups"] = {"circles": int(now["group"].nunique()), "members": len(now)}
    return pd.DataFrame(
        {"id": found.index, "value": found["value"].to_numpy(), "low": np.nan, "high": np.nan,
         "reasons": pd.Series(sentences_of_groups(found, now), dtype=object)}
    )  # fmt: skip


def _too_few(days: Mapping[date, pd.Series], as_of: date) -> str | None:
    """The sentence that says why there can be no score, if there can't."""
    leavers = int(sum(left.sum() for left in days.values()))
    stayers = int(sum((~left).sum() for left in days.values()))
    for number, word in ((leavers, "leavers"), (stayers, "stayers")):
        if number < FEWEST:
            return f"the feed has {number} {word} between {min(days)} and {as_of}; {FEWEST} are needed"
    return None


def _judged(
    older: Sequence[Window], newest: Window, columns: list[str], early: Scorer | None
) -> dict[str, object]:
    """Figures on the newest window of a model that saw only the older ones, or why there are none."""
    rows = together(older)
    for day, side, fewest in ((older[0].day, rows.left, FEWEST), (newest.day, newest.left, 1)):
        least = min(int(side.sum()), int((~side).sum()))
        if least < fewest:
            return {"refused": f"the time from {day} has {least} of one outcome; {fewest} are needed"}
    if early is not None:
        return figures(early.chance(newest.frame), newest.left)
    usable, _ = varying(rows.frame, columns)
    if not usable:
        return {"refused": f"no feature varies in the time from {older[0].day}"}
    return figures(fit(rows.frame, rows.left, usable, rows.weight).chance(newest.frame), newest.left)


def _scored(
    scorer: Scorer, today: Known, draws: Floats, horizon: int, notes: dict[str, object],
    seller: pd.Series,
) -> ChurnScores:  # fmt: skip
    frame = today.frame
    value = scorer.chance(frame)
    low, high = interval(value, draws)
    members = pd.DataFrame({"id": frame.index, "value": value, "low": low, "high": high})
    given = scorer.contributions(frame)
    parts = points(log_odds(given), scorer.base)
    members["reasons"] = pd.Series(_reasons(scorer, today, given, parts, value), dtype=object)
    notes["resamples"] = draws.shape[1]
    notes["scored"] = len(members)
    account, book = frame["account_id"], seller.reindex(frame.index)
    return ChurnScores(
        members,
        expected(members, draws, account, horizon),
        notes,
        expected(members, draws, book, horizon),
        _nobody(),
        parts,
        pd.DataFrame(),
    )


def _reasons(
    scorer: Scorer, today: Known, given: pd.DataFrame, parts: pd.DataFrame, value: Floats
) -> list[list[str]]:
    """Signs, what the score were without the neighbours' departures, and its parts."""
    frame = today.frame
    if not len(frame):
        return []
    who = named(today).reindex(frame.index)
    why = reasons(given, frame.assign(departed=who))
    hit = np.flatnonzero(who.notna().to_numpy())
    if len(hit):
        calm = scorer.chance(without_departures(today).iloc[hit])
        for place, words in zip(hit, undone_words(who.iloc[hit].tolist(), value[hit], calm), strict=True):
            why[place] += words
    return [[*words, told] for words, told in zip(why, sentences(parts), strict=True)]


def expected(
    members: pd.DataFrame, resamples: Floats, account: pd.Series, horizon: int = HORIZON
) -> pd.DataFrame:
    """Per account, or partner, the sum of its active members' chances: how many are expected to leave."""
    known = account.notna().to_numpy()
    number, names = pd.factorize(account[known], sort=True)
    value = np.bincount(number, members["value"][known], minlength=len(names)).astype(np.float64)
    drawn = np.zeros((len(names), resamples.shape[1]))
    for column, draw in enumerate(resamples.T):
        drawn[:, column] = np.bincount(number, draw[known], minlength=len(names))
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


def _weights(scorer: Scorer) -> dict[str, float]:
    """Of the logistic model log odds per standard deviation by feature, a missing value's own under
    `<feature> unknown`; of trees nothing, for their text says all.
    """
    if not isinstance(scorer, Model):
        return {}
    names = [*scorer.scaling.columns, *(f"{gap} unknown" for gap in scorer.scaling.gaps)]
    return {name: round(float(w), 4) for name, w in zip(names, scorer.weights, strict=True)}


def _trees(scorer: Boosted) -> dict[str, object]:
    """The trees as LightGBM writes them, and their calibration: enough to score again."""
    kept = len(scorer.text) <= LARGEST_NOTE
    return {
        "rounds": scorer.rounds,
        "slope": scorer.slope,
        "intercept": scorer.intercept,
        "text": scorer.text if kept else f"{len(scorer.text)} characters, too many to keep",
    }


def _refused(notes: Mapping[str, object], why: str) -> ChurnScores:
    nobody = _nobody()
    return ChurnScores(
        nobody, nobody, {**notes, "refused": why}, nobody, nobody, pd.DataFrame(), pd.DataFrame()
    )


def _nobody() -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in ("id", "value", "low", "high", "reasons")})
