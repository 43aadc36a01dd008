"""Rules on departures that come together: of an account's lines, and of a partner's book.

Weeks are counted back from the day: week 0 is the seven days that end with it. Counted are departures
of lines that were there when the week began; moves to another group are none. Expected is the
group's own rate of the year before, drawn towards everybody's; how rare a count is tells the upper tail
of a Poisson distribution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import poisson

from analytics.frames import day_of
from analytics.partners.book import BOOK
from analytics.watch.asked import OPEN, Thresholds
from graph.asof import View

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BASE_WEEKS = 52
"""The year before the weeks looked at, which tells what is usual."""
FOLLOWED = 26
"""Weeks back that a condition is followed."""
FEWEST_BASE = 13
"""Weeks of a record below which nothing can be called unusual."""
PRIOR = 2.0
"""Departures that everybody's rate counts for beside the group's own."""
NAMED = 6
"""Departures that are listed by name."""

OF_ACCOUNTS = """
WITH last_home AS (
  SELECT b.source AS member_id, b.target AS account_id
  FROM memberships b JOIN members m ON m.member_id = b.source
  WHERE b."until" IS NULL OR b."until" >= coalesce(m."left", $day) - 31
  QUALIFY row_number() OVER (PARTITION BY b.source ORDER BY b.since DESC NULLS LAST, b.target) = 1)
SELECT member_id, account_id AS unit, joined, "left" FROM members JOIN last_home USING (member_id)
WHERE left_kind IS DISTINCT FROM 'internal_transfer'"""
OF_PARTNERS = f"""
SELECT member_id, partner_id AS unit, joined, "left" FROM members LEFT JOIN ({BOOK}) b USING (member_id)
WHERE left_kind IS DISTINCT FROM 'internal_transfer'"""


@dataclass(frozen=True, eq=False)
class Weeks:
    """Departures and lines at risk, (units, weeks back), and the same over everybody (weeks)."""

    units: npt.NDArray[np.object_]
    left: Floats
    there: Floats
    all_left: Floats
    all_there: Floats


@dataclass(frozen=True, eq=False)
class Tail:
    """Per unit and week that a window ends in: departures, expected, the tail's probability."""

    seen: Floats
    expected: Floats
    chance: Floats
    moved: Floats


def account_leaves(view: View, thresholds: Thresholds) -> pd.DataFrame:
    """Accounts `least` of whose lines left within `weeks`, with probability at most `chance`."""
    lines = view.sql(OF_ACCOUNTS, {"day": day_of(view)})
    found = _bursts(lines, view, thresholds, against_market=False)
    known = view.sql(OPEN)
    found = found.merge(known[["account_id", "name"]], left_on="id", right_on="account_id")
    return found.assign(account=found["name"].fillna(found["id"])).drop(columns="name")


def book_leaves(view: View, thresholds: Thresholds) -> pd.DataFrame:
    """Partners with as many departures from their book, beyond how everybody else's moved."""
    lines = view.sql(OF_PARTNERS)
    found = _bursts(lines, view, thresholds, against_market=True)
    names = view.frame("partners", ["partner_id", "name"]).set_index("partner_id")["name"]
    found["name"] = found["id"].map(names).fillna(found["id"])
    return found.assign(account_id=None)


def by_week(lines: pd.DataFrame, day: pd.Timestamp, weeks: int) -> Weeks:
    """Departures and lines at risk per unit and week; `lines` has `unit`, `joined` and `left`.

    The record begins with the first departure known; weeks before it are cut off.
    """
    known = lines["unit"].notna().to_numpy()
    number, units = pd.factorize(lines["unit"][known], sort=True)
    gone = _weeks_before(lines["left"], day, -1)
    come = _weeks_before(lines["joined"], day, weeks)
    weeks = min(weeks, int(gone.max(initial=-1)) + 1)
    left, there = _counted(number, gone[known], come[known], len(units), weeks)
    every = np.zeros(len(lines), np.int64)
    all_left, all_there = _counted(every, gone, come, 1, weeks)
    return Weeks(np.asarray(units, dtype=object), left, there, all_left[0], all_there[0])


def _weeks_before(days: pd.Series, day: pd.Timestamp, unknown: int) -> Ints:
    return np.asarray(((day - days).dt.days // 7).fillna(unknown), dtype=np.int64)


def _counted(number: Ints, gone: Ints, come: Ints, units: int, weeks: int) -> tuple[Floats, Floats]:
    """(units, weeks) twice: a line is at risk from its first whole week to that of its departure."""
    there = np.zeros((units, weeks + 1))
    first = np.clip(gone, 0, weeks)
    np.add.at(there, (number, first), 1)
    np.add.at(there, (number, np.clip(np.maximum(come, first), 0, weeks)), -1)
    left = np.zeros((units, weeks + 1))
    counted = (gone >= 0) & (gone < np.minimum(come, weeks))
    np.add.at(left, (number[counted], gone[counted]), 1)
    return left[:, :weeks], np.cumsum(there, axis=1)[:, :weeks]


def tails(weeks: Weeks, length: int, against_market: bool) -> Tail | None:
    """For windows of `length` weeks that end 0, 1, … weeks before the day; None for too short a record.

    expected = rate · line-weeks in the window, rate = (own departures + PRIOR) ÷ (own line-weeks +
    PRIOR ÷ everybody's rate) over the year before the window: the mean of a Gamma posterior. Against the
    market it is multiplied by (others' departures in the window + 1) ÷ (others' usual ones + 1).
    """
    ends = min(FOLLOWED, len(weeks.all_left) - length - FEWEST_BASE + 1)
    if ends < 1:
        return None
    seen, there = _windows(weeks.left, length, ends), _windows(weeks.there, length, ends)
    own, exposed = _base(weeks.left, length, ends), _base(weeks.there, length, ends)
    market = (_base(weeks.all_left[None], length, ends) + 1) / np.maximum(
        _base(weeks.all_there[None], length, ends), 1
    )
    expected = (own + PRIOR) / (exposed + PRIOR / market) * there
    moved = np.ones_like(expected)
    if against_market:
        others = _windows(weeks.all_left[None], length, ends) - seen
        usual = market * (_windows(weeks.all_there[None], length, ends) - there)
        moved = (others + 1) / (usual + 1)
    expected = expected * moved
    return Tail(seen, expected, np.asarray(poisson.sf(seen - 1, expected)), moved)


def _windows(counts: Floats, length: int, ends: int) -> Floats:
    whole = np.pad(np.cumsum(counts, axis=1), ((0, 0), (1, 0)))
    return np.asarray(whole[:, length : length + ends] - whole[:, :ends])


def _base(counts: Floats, length: int, ends: int) -> Floats:
    """Sums over the year before each window, or what of it the record has."""
    whole = np.pad(np.cumsum(counts, axis=1), ((0, 0), (1, 0)))
    start = np.arange(ends) + length
    return np.asarray(whole[:, np.minimum(start + BASE_WEEKS, counts.shape[1])] - whole[:, start])


def _bursts(
    lines: pd.DataFrame, view: View, thresholds: Mapping[str, float], against_market: bool
) -> pd.DataFrame:
    day, length = pd.Timestamp(day_of(view)), int(thresholds["weeks"])
    weeks = by_week(lines, day, FOLLOWED + length + BASE_WEEKS)
    tail = tails(weeks, length, against_market)
    if tail is None or not len(weeks.units):
        return _told(weeks, lines, day, length, np.zeros(0, np.int64), np.zeros(0, np.int64), None)
    holds = (tail.seen >= thresholds["least"]) & (tail.chance <= thresholds["chance"])
    holds &= weeks.there[:, length - 1 : length] >= thresholds["least_lines"]  # when the weeks began
    rows = np.flatnonzero(holds[:, 0])
    run = np.where(holds[rows].all(axis=1), holds.shape[1], np.argmin(holds[rows], axis=1))
    return _told(weeks, lines, day, length, rows, run, tail)


def _told(
    weeks: Weeks,
    lines: pd.DataFrame,
    day: pd.Timestamp,
    length: int,
    rows: Ints,
    run: Ints,
    tail: Tail | None,
) -> pd.DataFrame:
    seen, expected, chance, moved = (
        (part[rows, 0] for part in (tail.seen, tail.expected, tail.chance, tail.moved))
        if tail
        else (np.zeros(0) for _ in range(4))
    )
    units = weeks.units[rows]
    here = lines.loc[lines["left"].isna(), "unit"].value_counts()
    return pd.DataFrame(
        {
            "id": units,
            "since": day - pd.to_timedelta(7 * (run - 1), unit="D"),
            "strength": np.clip(-np.log10(np.maximum(chance, 1e-300)) / 6, 0, 1),
            "left": seen.astype(np.int64),
            "weeks": length,
            "expected": expected,
            "chance": chance,
            "market": moved - 1,
            "lines": here.reindex(units).fillna(0).to_numpy(np.int64),
            "who": _who(lines, units, day - pd.Timedelta(days=7 * length)),
        }
    )


def _who(lines: pd.DataFrame, units: npt.NDArray[np.object_], after: pd.Timestamp) -> list[list[str]]:
    """Who left each unit, the latest first; of many the latest and how many more."""
    gone = lines[lines["unit"].isin(units) & (lines["left"] > after)]
    gone = gone.sort_values(["left", "member_id"], ascending=[False, True])
    texts = gone["member_id"] + " (" + gone["left"].dt.strftime("%Y-%m-%d") + ")"
    listed = texts.groupby(gone["unit"]).agg(list)
    named = [listed.get(unit, []) for unit in units]
    return [who[:NAMED] + ([f"+{len(who) - NAMED}"] if len(who) > NAMED else []) for who in named]
