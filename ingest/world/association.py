"""The naive ratio: how much more often those leave whose neighbours have just left. Association only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ingest.world.make import Cast, play
from ingest.world.record import Record
from ingest.world.size import Clock, Ints, Knobs, Size

FRESH = 35  # days for which somebody who left counts
SETTLED = 30  # days after joining before anybody leaves in this world
WANTED = 1.8


def naive_ratio(record: Record) -> float:
    """Weekly share leaving of those who called, in the two whole months before, somebody gone for at
    most five weeks, over that of the others.
    """

    def ties(month: int) -> tuple[Ints, Ints]:
        source, target, _ = record.ties(month)
        return source, target

    return _ratio(record.joined, record.left, record.months, ties)


def of_cast(cast: Cast, clock: Clock) -> float:
    """The same from the ties in force, whether they were used in the month or not: no tables needed."""
    graph = cast.setting.graph

    def ties(month: int) -> tuple[Ints, Ints]:
        up, down = (graph.on(month) & (rate > 0) for rate in (graph.up, graph.down))
        source = np.concatenate([graph.low[up], graph.high[down]])
        return source, np.concatenate([graph.high[up], graph.low[down]])

    return _ratio(cast.setting.member.joined, cast.life.left, clock.starts, ties)


def _ratio(joined: Ints, left: Ints, months: Ints, ties: Callable[[int], tuple[Ints, Ints]]) -> float:
    people, gone = np.zeros(2), np.zeros(2)
    before, last = ties(0), ties(1)
    for month in range(2, len(months) - 1):
        source, target = (np.concatenate(ends) for ends in zip(before, last, strict=True))
        for day in range(int(months[month]), min(int(months[month + 1]), int(months[-1]) - 7), 7):
            fresh = (left < day) & (left >= day - FRESH)
            met = np.zeros(len(left), bool)
            met[source[fresh[target]]] = True
            risk = (joined + SETTLED <= day) & (left >= day)
            for group in (0, 1):
                here = risk & (met == bool(group))
                people[group] += here.sum()
                gone[group] += (here & (left < day + 7)).sum()
        before, last = last, ties(month)
    return float((gone[1] / people[1]) / (gone[0] / people[0]))


def found_homophily(
    knobs: Knobs, size: Size, seeds: tuple[int, ...], wanted: float = WANTED, turns: int = 5
) -> float:
    """The homophily at which the mean naive ratio is as wanted, by bisection between 0.2 and 0.95: how
    S3 got its own.
    """
    low, high = 0.2, 0.95
    for _ in range(turns):
        middle = (low + high) / 2
        if mean_ratio(replace(knobs, homophily=middle), size, seeds) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def mean_ratio(knobs: Knobs, size: Size, seeds: tuple[int, ...]) -> float:
    """Over worlds of those seeds."""
    clock = Clock.of(size)
    return float(np.mean([of_cast(play(size, seed, knobs), clock) for seed in seeds]))
