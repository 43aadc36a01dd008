"""Exact counts over all members and weeks, where a panel's rows are a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.contagion.panel import GROUPS, MEMORY, NEVER, Month, Study, plain, weeks_since
from analytics.contagion.ratios import Ratio, Sums, counted, sums
from graph.progress import Progress

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

TOGETHER = 0.5
"""Share of an account's lines that leave within MEMORY weeks, from which on it is the account that leaves."""
FEWEST_TOGETHER = 4


@dataclass(frozen=True, eq=False)
class Tally:
    """Ratios of risks by what they hold; person-weeks by group and week; and every departure.

    `naive`, `by_account` and `by_partner` are ratios over no strata, over account × week and over partner
    × contract × tenure × week. `time` has (groups, weeks) for each of GROUPS. `departures` has a row each:
    `week`, `account`, `partner`, `region`, and `together`: its account left as a whole.
    """

    naive: Ratio
    by_account: Ratio
    by_partner: Ratio
    time: dict[str, Floats]
    departures: pd.DataFrame


def tallies(study: Study, progress: Progress | None = None) -> Tally:
    """Count a study: exposed are those with an outgoing neighbour gone in the last MEMORY weeks."""
    weeks = study.weeks
    size = {name: 1 + max(int(getattr(m, name).max(initial=-1)) for m in study.months) for name in GROUPS}
    time = {name: np.zeros((size[name], len(weeks))) for name in GROUPS}
    total = {"account": Sums(), "partner": Sums()}
    plainly = np.zeros((2, 2))
    parts = []
    place, ties = -1, None
    for number, (day, now) in enumerate(zip(weeks, study.month_at(weeks), strict=True)):
        month = study.months[now]
        if ties is None or place != now:
            place, ties = int(now), plain(month.ties)
        ago = weeks_since(study.left, int(day))
        risk = np.flatnonzero((study.joined <= day) & (study.left > day))
        exposed = (ties @ ((ago > 0) & (ago <= MEMORY)).astype(np.float32))[risk] > 0.5
        left = study.left[risk] <= day + 7
        plainly += np.bincount(exposed * 2 + left, minlength=4).reshape(2, 2)
        strata = {"account": month.account[risk] + 1, "partner": _partners(study, month, int(day), risk)}
        total = {name: total[name] + sums(strata[name], exposed, left) for name in total}
        for name in GROUPS:
            group = getattr(month, name)[risk]
            time[name][:, number] = np.bincount(group[group >= 0], minlength=size[name])
        parts.append(_departed(month, risk[left], number))
        if progress:
            progress("counting weeks", number + 1, len(weeks))
    departures = pd.concat(parts, ignore_index=True)
    departures["together"] = together(study)[departures.pop("member").to_numpy()]
    stayed, left_ = plainly.T
    whole = counted(left_[1:], left_[:1], (stayed + left_)[1:], (stayed + left_)[:1])
    return Tally(whole.ratio(), total["account"].ratio(), total["partner"].ratio(), time, departures)


def _departed(month: Month, who: Ints, number: int) -> pd.DataFrame:
    groups = {name: getattr(month, name)[who] for name in GROUPS}
    return pd.DataFrame({"member": who, "week": np.full(len(who), number), **groups})


def _partners(study: Study, month: Month, day: int, who: Ints) -> Ints:
    """A number for each combination of partner, contract and tenure."""
    until = month.contract_end[who] - day
    contract = np.where(month.contract_end[who] == NEVER, 0, np.where((until >= -30) & (until <= 60), 2, 1))
    tenure = np.digitize(day - study.joined[who], (90, 365, 5 * 365))
    return ((month.partner[who] + 1) * 3 + contract) * 4 + tenure


def together(study: Study) -> Bools:
    """(n,) whether a member left within MEMORY weeks in which half of its account's lines did, and at
    least FEWEST_TOGETHER: a decision of the account's.
    """
    account = study.months[-1].account
    found = np.zeros(len(study.left), np.bool_)
    gone = np.flatnonzero((study.left != NEVER) & (account >= 0))
    gone = gone[np.lexsort((study.left[gone], account[gone]))]
    home, day = account[gone], study.left[gone]
    span = int(day.max(initial=0) - day.min(initial=0)) + 7 * MEMORY + 2
    key = home * span + day - day.min(initial=0)
    after = np.searchsorted(key, key + 7 * MEMORY)
    many = after - np.arange(len(gone))
    there = _present(study, account, home, day)
    for place in np.flatnonzero((many >= FEWEST_TOGETHER) & (many >= TOGETHER * there)):
        found[gone[place : after[place]]] = True
    return found


def _present(study: Study, account: Ints, home: Ints, day: Ints) -> Ints:
    """Lines of each account on the morning of a day: those that had joined less those that had left."""
    known = account >= 0
    low = int(day.min(initial=0)) - 1
    span = int(day.max(initial=0)) - low + 3

    def upto(days: Ints, when: Ints) -> Ints:
        shifted = np.clip(days - low, 0, span - 1)
        return np.searchsorted(np.sort(account[known] * span + shifted), home * span + when - low)

    first = np.searchsorted(np.sort(account[known]), home)
    return (upto(study.joined[known], day + 1) - first) - (upto(study.left[known], day) - first)
