"""Why a member has its churn score, in words that quote what is known of it.

Features that tell of one thing are one sign, and what they add to the log odds is added up. A level is
quoted beside the typical one, since "5 contacts" alone says nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.churn.signs import SIGNS, Row, Sign
from analytics.csr import Floats, Ints

MOST = 3
WORTH_TELLING = 0.01
"""A change of the score that a sentence is spent on."""


def reasons(contributions: pd.DataFrame, found: pd.DataFrame) -> list[list[str]]:
    """Up to three sentences per member, strongest first: what raises its risk, else what keeps it low.

    `contributions` as from `Model.contributions`, `found` as from `features`, row by row. Signs that
    read as a warning come first; what raises the risk without reading so is told only alone.
    """
    used = [sign for sign in SIGNS if any(f in contributions.columns for f in sign.features)]
    weight = np.column_stack([_weight(sign, contributions) for sign in used])
    worrying = np.column_stack([sign.worrying(found).to_numpy(bool) for sign in used])
    warned = (worrying & (weight > 0)).any(axis=1, keepdims=True)
    chosen = _strongest(np.where(worrying | ~warned, weight, 0.0))
    lowest = np.where(chosen[:, 0] < 0, np.argmin(weight, axis=1), -1)
    told = [_told(used, place, found) for place in (*chosen.T, lowest)]
    return [
        [words for words in row[:MOST] if words]
        or [f"nothing known raises the risk; what keeps it low: {row[MOST]}"]
        for row in zip(*told, strict=True)
    ]


def _told(signs: list[Sign], chosen: Ints, found: pd.DataFrame) -> list[str]:
    """The words of each row's chosen sign, empty where it has none. Only the figures quoted are read,
    since a million rows of eighty figures would be as many Python objects as nobody needs.
    """
    typical: Row = found.median(numeric_only=True).to_dict()
    words = [""] * len(found)
    for number in np.unique(chosen[chosen >= 0]):
        sign, rows = signs[number], np.flatnonzero(chosen == number)
        columns = [name for name in sign.quoted if name in found.columns] or list(found.columns)
        quoted = found[columns].iloc[rows].to_dict("records")
        for row, figures in zip(rows, quoted, strict=True):
            words[row] = sign.words(figures, typical)
    return words


def undone_words(who: list[str], value: Floats, calm: Floats) -> list[list[str]]:
    """What the score would be had those neighbours stayed, where that is a point or more off.

    `who` as from `undone.named`.
    """
    return [
        [f"without the {_departures(names)} of {names}: {100 * now:.0f} → {100 * then:.0f} %"]
        if abs(now - then) >= WORTH_TELLING
        else []
        for names, now, then in zip(who, value.tolist(), calm.tolist(), strict=True)
    ]


def _departures(names: str) -> str:
    return "departures" if ", " in names or names.endswith(" more") else "departure"


def _strongest(weight: Floats) -> Ints:
    """Per row the numbers of the signs that raise its risk most, -1 where fewer than MOST do."""
    order = np.argsort(-weight, axis=1, kind="stable")[:, :MOST]
    found = np.where(np.take_along_axis(weight, order, axis=1) > 0, order, -1)
    return np.pad(found, ((0, 0), (0, MOST - found.shape[1])), constant_values=-1)


def _weight(sign: Sign, contributions: pd.DataFrame) -> pd.Series:
    return contributions[[f for f in sign.features if f in contributions.columns]].sum(axis=1)
