"""Departures that come together because something came over all: a scan over groups and weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import poisson

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LENGTHS = (4, 6, 8, 13)
"""Weeks that a burst may last."""
ENOUGH = 10
"""Simulated bursts as strong as the one seen after which it is known to be common."""
LEAST = 5
"""Departures of a group over the whole study below which it is not looked at."""


@dataclass(frozen=True)
class Burst:
    """The group and weeks with most departures beyond the expected, and how rare such a burst is.

    `ratio` is observed over expected, `evidence` its log-likelihood ratio, `p` by simulation, `accounts`
    the different accounts among those who left, `home` the one with most of them. `apart` is how rare as many
    departures are without that account, by Poisson's distribution: small where all of the group was struck.
    """

    group: int
    week: int
    length: int
    observed: int
    ratio: float
    evidence: float
    p: float
    accounts: int
    home: int
    apart: float


def scan(departures: pd.DataFrame, time: Floats, by: str, draws: int = 199, seed: int = 0) -> Burst | None:
    """The strongest burst of departures among the groups of column `by`; None where none can be told.

    `departures` has a row each (`week`, `account` and `by`, -1 unknown), `time` (groups, weeks) the
    person-weeks. Expected: person-weeks × the week's rate over all, scaled to the group's total, so that
    a group with a high rate throughout is none. Log-likelihood ratio as in Kulldorff 1997 over windows
    of LENGTHS; its distribution by dealing each group's departures over weeks as expected.
    """
    group, week = (departures[name].to_numpy(np.int64) for name in (by, "week"))
    known = group >= 0
    cases = _table(group[known], week[known], np.ones(int(known.sum())), time.shape)
    some = np.flatnonzero(cases.sum(axis=1) >= LEAST)
    if len(some) < 2 or time.shape[1] <= LENGTHS[0]:
        return None
    part = time[some] * (cases.sum(axis=0) / np.maximum(time.sum(axis=0), 1e-300))
    part /= np.maximum(part.sum(axis=1, keepdims=True), 1e-300)
    found = cases[some]
    total = found.sum(axis=1).astype(np.int64)
    best, length, row, last = _strongest(found, part * total[:, None])
    p = _rareness(best, total, part, draws, np.random.default_rng(seed))
    start = last - length + 1
    here = (group == some[row]) & (week >= start) & (week <= last)
    homes, count = np.unique(departures["account"].to_numpy(np.int64)[here], return_counts=True)
    expected = float((part * total[:, None])[row, start : last + 1].sum())
    seen = int(here.sum())
    home = int(homes[np.argmax(count)]) if seen else -1
    others = departures["account"].to_numpy(np.int64) != home
    share = float(part[row, start : last + 1].sum())
    apart = float(poisson.sf((here & others).sum() - 1, ((group == some[row]) & others).sum() * share))
    return Burst(
        int(some[row]), start, length, seen, seen / max(expected, 1e-300), best, p,
        len(homes), home, apart,
    )  # fmt: skip


def _rareness(best: float, total: Ints, part: Floats, draws: int, rng: np.random.Generator) -> float:
    """Share of simulated worlds with a burst as strong; ends early at ENOUGH (Besag and Clifford 1991)."""
    as_strong = 0
    for turn in range(1, draws + 1):
        dealt = rng.multinomial(total, part).astype(float)
        as_strong += _strongest(dealt, part * total[:, None])[0] >= best
        if as_strong == ENOUGH:
            return as_strong / turn
    return (1 + as_strong) / (1 + draws)


def _table(group: Ints, week: Ints, value: Floats, shape: tuple[int, int]) -> Floats:
    flat = np.bincount(group * shape[1] + week, value, shape[0] * shape[1])
    return np.asarray(flat.reshape(shape))


def _strongest(cases: Floats, expected: Floats) -> tuple[float, int, int, int]:
    """Log-likelihood ratio, length, row and last week of the strongest excess."""
    best = (0.0, LENGTHS[0], 0, LENGTHS[0] - 1)
    for length in LENGTHS:
        if length >= cases.shape[1]:
            break
        seen, thought = _over(cases, length), _over(expected, length)
        total = cases.sum(axis=1, keepdims=True)
        ratio = _excess(seen, thought) + _excess(total - seen, total - thought)
        ratio = np.where(seen > thought, ratio, 0.0)
        place = int(np.argmax(ratio))
        row, start = divmod(place, ratio.shape[1])
        if ratio[row, start] > best[0]:
            best = (float(ratio[row, start]), length, row, start + length - 1)
    return best


def _over(values: Floats, length: int) -> Floats:
    """Sums over so many weeks, by the first of them."""
    whole = np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))
    return np.asarray(whole[:, length:] - whole[:, :-length])


def _excess(seen: Floats, thought: Floats) -> Floats:
    """The term seen · ln(seen ÷ thought), 0 where nothing was seen."""
    return np.where(seen > 0, seen * np.log(np.maximum(seen, 1e-300) / np.maximum(thought, 1e-300)), 0.0)
