"""Person-weeks at risk: who left in the week, and which neighbours had left before it.

The row of week t has nothing known only after t but its outcome. Ties and traits are those known when
t's month began; neighbours count by the day they left, at the latest t.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from analytics.contagion.likeness import acquainted, likeness
from analytics.kernels.weights import check_arcs
from graph.errors import BadInput
from graph.progress import Progress

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint64]

NEVER = 2**31 - 1
"""The day of what has not happened."""
MEMORY = 5
"""Weeks that a departure counts (Haenlein, IJRM 2013)."""
TAU = 3.0
"""Weeks after which a departure counts 1/e of what it did at first."""
WINDOWS = (2, MEMORY, 10)
"""Weeks whose kernels are kept side by side, so that the likelihood can tell them apart."""
PAST = 26
"""Weeks back to which a departure older than MEMORY tells of likeness, not of influence."""
STRONGEST = 3.0
"""Most that one tie counts, with the member's mean tie at 1."""
GROUPS = ("account", "partner", "region")
TENURE = np.array([90, 365, 5 * 365])
SHARES = np.array([0.0, 0.02, 0.05, 0.10])
ROWS = 1_000_000
"""Most rows of a panel, beside the cases."""
PER_CASE = 25
"""Rows for each departure: more would take a twenty-fifth off the variance at most (Ury 1975)."""
FEWEST_ROWS = 40_000


@dataclass(frozen=True, eq=False)
class Month:
    """What was known at the end of a day, the eve of a month, of n members.

    `ties` is n × n, the weight from i to j at [i, j]. `account`, `partner` and `region` are numbers,
    -1 where unknown; `contract_end` is a day; `arrears` whether the last bill is overdue. Shapes (n,).
    `traits` (n, f) is what else is known of a member by numbers, such as the plan's fee; NaN where
    unknown; None where nothing is.
    """

    day: int
    ties: sparse.csr_array
    account: Ints
    partner: Ints
    region: Ints
    contract_end: Ints
    arrears: Bools
    traits: Floats | None = None


@dataclass(frozen=True, eq=False)
class Study:
    """Members, the days they joined and left (days since 1970, NEVER), and what was known by month.

    `key` (n,) uint64 is the same for a member whoever else is in the study: what its lots are drawn
    by. `until` is the last day of which departures are known. Weeks are counted from `origin`, a day
    on which one ends; from the first month's eve where none is given. `past` (n × n) has an entry where
    two were in touch in the year before the first month.
    """

    key: Codes
    joined: Ints
    left: Ints
    months: Sequence[Month]
    until: int
    origin: int | None = None
    past: sparse.csr_array | None = None

    def __post_init__(self) -> None:
        n = len(self.key)
        if not self.months:
            raise BadInput("a study of contagion needs a month at least; take an earlier first day")
        if len(self.joined) != n or len(self.left) != n:
            raise BadInput(f"a study of {n} members has {len(self.joined)} joined and {len(self.left)} left")
        for month in self.months:
            if month.ties.shape != (n, n):
                raise BadInput(f"ties of shape {month.ties.shape} in a study of {n} members")
            check_arcs(month.ties, "the tie")

    @property
    def weeks(self) -> Ints:
        """The day t after which each week begins; the last week is over by `until`."""
        first = self.months[0].day
        wait = 0 if self.origin is None else (self.origin - first) % 7
        return np.arange(first + wait, self.until - 6, 7, dtype=np.int64)

    def month_at(self, days: Ints) -> Ints:
        """The number of the month known last by each day; the first one's for earlier days."""
        eves = np.array([month.day for month in self.months])
        return np.maximum(np.searchsorted(eves, days, side="right") - 1, 0).astype(np.int64)


def strengths(ties: sparse.csr_array) -> sparse.csr_array:
    """Each row over its mean entry, at most STRONGEST: a tie's strength as its owner sees it."""
    count = np.diff(ties.indptr)
    total = np.asarray(ties.sum(axis=1)).ravel()
    owner = np.repeat(np.arange(ties.shape[0]), count)
    data = np.minimum(ties.data * count[owner] / np.maximum(total[owner], 1e-300), STRONGEST)
    return sparse.csr_array((data, ties.indices, ties.indptr), shape=ties.shape)


def panel(
    study: Study, rows: int | None = None, seed: int = 0, progress: Progress | None = None
) -> pd.DataFrame:
    """One row per member and week at risk, in the order of weeks and members.

    Columns: `member`, `week` (numbers), `left` (bool: in the seven days after t), `weight`, `drawn`;
    `out` and `in` (neighbours gone in five weeks), `out_2`, `out_5`, `out_10`, `in_5` (strength ·
    exp(−weeks/τ) over so many weeks), `out_past`, `in_past` (neighbours gone before those, within half
    a year); `account`, `partner`, `region`; the classes `tenure`, `degree`, `in_degree`, `contract`,
    `arrears` and `account_loss`, `partner_loss`, `region_loss` (share gone in five weeks of those who
    are not the member's neighbours); `like_0`, … as `likeness`.

    At most about `rows` rows and the cases (PER_CASE for each departure and ROWS at most if not given): per
    week the exposed and the unexposed each have a quota, half the rows each, and beyond it are drawn by
    lots that know nothing of the outcome; `weight` is one over the chance. All cases are kept, with
    weight 1; `drawn` marks rows kept whatever their outcome.
    """
    weeks = study.weeks
    if not len(weeks):
        raise BadInput("the days studied hold no whole week after their first day; take a longer stretch")
    if rows is None:
        cases = int(((study.left > weeks[0]) & (study.left <= weeks[-1] + 7)).sum())
        rows = min(ROWS, max(FEWEST_ROWS, PER_CASE * cases))
    quota = max(1, rows // (2 * len(weeks)))
    parts = []
    place, near = -1, None
    known = study.months[0].ties if study.past is None else study.past
    for number, (day, now) in enumerate(zip(weeks, study.month_at(weeks), strict=True)):
        if near is None or now != place:
            for passed in range(place + 1, int(now) + 1):
                known = acquainted(study.months[passed].ties, known)
            place, near = int(now), _Neighbours.of(study, study.months[now], known)
        parts.append(_week(study, study.months[now], near, number, int(day), quota, seed))
        if progress:
            progress("weeks at risk", number + 1, len(weeks))
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True, eq=False)
class _Neighbours:
    """A month's ties by strength and without, both ways, and those within a group; what likeness is known."""

    strong: sparse.csr_array
    strong_back: sparse.csr_array
    out: sparse.csr_array
    back: sparse.csr_array
    within: dict[str, sparse.csr_array]
    like: npt.NDArray[np.float32]

    @classmethod
    def of(cls, study: Study, month: Month, known: sparse.csr_array) -> _Neighbours:
        out, turned = plain(month.ties), sparse.csr_array(month.ties.T)
        owner = np.repeat(np.arange(out.shape[0]), np.diff(out.indptr))
        within = {}
        for name in GROUPS:
            group = getattr(month, name)
            same = (group[owner] == group[out.indices]) & (group[owner] >= 0)
            ends = (owner[same], out.indices[same])
            within[name] = sparse.csr_array((np.ones(int(same.sum()), np.float32), ends), shape=out.shape)
        gone = study.left <= month.day - 7 * MEMORY
        like = likeness(known, gone, month.account, month.traits)
        return cls(strengths(month.ties), strengths(turned), out, plain(turned), within, like)


def plain(ties: sparse.csr_array) -> sparse.csr_array:
    """The same ties, each counting 1."""
    return sparse.csr_array((np.ones(ties.nnz, np.float32), ties.indices, ties.indptr), shape=ties.shape)


def _week(
    study: Study, month: Month, near: _Neighbours, number: int, day: int, quota: int, seed: int
) -> pd.DataFrame:
    ago = weeks_since(study.left, day)
    recent = ((ago > 0) & (ago <= MEMORY)).astype(np.float64)
    out = np.rint(near.out @ recent).astype(np.int64)
    risk = np.flatnonzero((study.joined <= day) & (study.left > day))
    case = study.left[risk] <= day + 7
    keep, drawn, weight = _drawn(study.key[risk], case, out[risk] > 0, day, quota, seed)
    who = risk[keep]
    frame: dict[str, npt.NDArray[Any]] = {
        "member": who.astype(np.int32),
        "week": np.full(len(who), number, np.int32),
    }
    frame |= {"left": case[keep], "weight": weight[keep], "drawn": drawn[keep], "out": out[who]}
    frame |= _exposures(near, ago, recent, who)
    for name in GROUPS:
        group = getattr(month, name)
        frame[name] = group[who].astype(np.int32)
        others = _others_gone(group, near.within[name] @ recent, recent, study, day)
        frame[f"{name}_loss"] = np.digitize(others[who], SHARES, right=True).astype(np.int8)
    frame |= _classes(study, month, near, day, who)
    frame |= {f"like_{place}": column[who] for place, column in enumerate(near.like.T)}
    return pd.DataFrame(frame)


def weeks_since(left: Ints, day: int) -> Floats:
    """Weeks from each departure to the morning after `day`, when week t begins; negative if later."""
    return np.asarray((day + 1 - left) / 7)


def kernel(ago: Floats, weeks: float, tau: float = TAU) -> Floats:
    """exp(−weeks/τ) for departures up to so many weeks ago, else 0."""
    fresh = (ago > 0) & (ago <= weeks)
    return np.where(fresh, np.exp(-np.clip(ago, 0, None) / tau), 0.0)


def _exposures(near: _Neighbours, ago: Floats, recent: Floats, who: Ints) -> dict[str, npt.NDArray[Any]]:
    past = ((ago > MEMORY) & (ago <= PAST)).astype(np.float64)
    found: dict[str, npt.NDArray[Any]] = {"in": np.rint((near.back @ recent)[who]).astype(np.int64)}
    for weeks in WINDOWS:
        found[f"out_{weeks}"] = (near.strong @ kernel(ago, weeks))[who]
    found["in_5"] = (near.strong_back @ kernel(ago, MEMORY))[who]
    found["out_past"] = (near.out @ past)[who]
    found["in_past"] = (near.back @ past)[who]
    return found


def _others_gone(group: Ints, own: Floats, recent: Floats, study: Study, day: int) -> Floats:
    """Share of a member's group that left within MEMORY, its outgoing neighbours not counted."""
    known = group >= 0
    size = int(group.max(initial=-1)) + 1
    gone = np.bincount(group[known], recent[known], size)
    here = (study.joined <= day) & (study.left > day) & known
    there = np.bincount(group[here], minlength=size) + gone
    if not size:
        return np.zeros(len(group))
    share = np.maximum(gone[group] - own, 0) / np.maximum(there[group], 1)
    return np.where(known, share, 0.0)


def _classes(
    study: Study, month: Month, near: _Neighbours, day: int, who: Ints
) -> dict[str, npt.NDArray[np.int8]]:
    until = month.contract_end[who] - day
    near_end = (until >= -30) & (until <= 60)
    contract = np.where(month.contract_end[who] == NEVER, 0, np.where(near_end, 2, 1))
    return {
        "tenure": np.digitize(day - study.joined[who], TENURE).astype(np.int8),
        "degree": _octave(np.diff(month.ties.indptr)[who]),
        "in_degree": _octave(np.diff(near.back.indptr)[who]),
        "contract": contract.astype(np.int8),
        "arrears": month.arrears[who].astype(np.int8),
    }


def _octave(count: npt.NDArray[np.integer]) -> npt.NDArray[np.int8]:
    """0, 1, 2–3, 4–7, … as 0, 1, 2, 3, …"""
    return np.asarray(np.ceil(np.log2(count + 1.0)), dtype=np.int8)


def _drawn(
    key: Codes, case: Bools, exposed: Bools, day: int, quota: int, seed: int
) -> tuple[Bools, Bools, Floats]:
    """Which rows to keep, which of them whatever their outcome, and every row's weight."""
    chance = np.where(
        exposed,
        min(1.0, quota / max(1, int(exposed.sum()))),
        min(1.0, quota / max(1, int((~exposed).sum()))),
    )
    drawn = _lots(key, day, seed) < chance
    weight = np.where(case, 1.0, 1 / chance)
    return drawn | case, drawn, weight


def _lots(key: Codes, day: int, seed: int) -> Floats:
    """A number in [0, 1) for a member and a week, the same whoever else is there (SplitMix64)."""
    with np.errstate(over="ignore"):
        mixed = key + np.uint64((seed * 1_000_003 + day + 1) % 2**32) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53
