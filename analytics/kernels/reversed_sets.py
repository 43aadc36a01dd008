"""Reverse-reachable sets: who would have reached a target, in a world drawn by chance.

C. Borgs, M. Brautbar, J. Chayes, B. Lucier, "Maximizing social influence in nearly optimal time", SODA 2014:
the share of such sets that a group of seeds meets is the group's spread as a share of all targets' value.
Targets are drawn in proportion to their value. The jumps over arcs that do not fire: Q. Guo, S. Wang, Z. Wei,
M. Chen, "Influence maximization revisited", SIGMOD 2020. A sample depends on (seed, its number) alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from analytics.kernels.arcs import JUMP_BELOW, Backwards, Floats, Ints
from analytics.kernels.compiled import compiled
from analytics.kernels.draws import STEP, fraction, stream
from analytics.kernels.lanes import in_lanes, lanes

AT_ONCE = 1 << 17
"""Samples of one call, after which an interruption is heard."""

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Sets:
    """Set i is `members[offsets[i]:offsets[i + 1]]`: int32 nodes, the target first; offsets int64."""

    members: npt.NDArray[np.int32]
    offsets: Ints

    @property
    def count(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, eq=False)
class Met:
    """Of `samples` sets, how many each plan meets, and of the first plan's seeds in order: sets it is the
    first to meet (`gain`), it alone meets (`alone`) and it meets with others (`shared`).
    """

    samples: int
    plans: Ints
    gain: Ints
    alone: Ints
    shared: Ints


def draw(arcs: Backwards, upto: Floats, seed: int, first: int, last: int, threads: int) -> Sets:
    """Samples first to last - 1. `upto` is the running sum of the targets' values, its last one positive."""
    parts = _in_threads(lambda a, b: _draw(*_plain(arcs), upto, seed, a, b), first, last, threads)
    flat = [part[0] for part in parts]
    sizes = np.concatenate([np.zeros(1, np.int64), *(part[1] for part in parts)])
    return Sets(np.concatenate(flat), np.cumsum(sizes))


def joined(one: Sets, other: Sets) -> Sets:
    """The sets of both, in order."""
    return Sets(
        np.concatenate([one.members, other.members]),
        np.concatenate([one.offsets, one.offsets[-1] + other.offsets[1:]]),
    )


def count_met(arcs: Backwards, upto: Floats, seeds: Ints, seed: int, samples: int, threads: int) -> int:
    """How many of the samples 0 to `samples` - 1 the seeds meet. Nothing is kept; a sample ends when met."""
    wanted = np.zeros(arcs.size, np.bool_)
    wanted[seeds] = True
    parts = _in_threads(lambda a, b: _count(*_plain(arcs), upto, seed, a, b, wanted), 0, samples, threads)
    return int(sum(parts))


def compare(arcs: Backwards, upto: Floats, plans: list[Ints], seed: int, samples: int, threads: int) -> Met:
    """Judge up to 64 plans on the same samples, the first of them seed by seed."""
    within = np.zeros(arcs.size, np.uint64)
    for number, plan in enumerate(plans):
        within[plan] |= np.uint64(1 << number)
    rank = np.full(arcs.size, -1, np.int32)
    rank[plans[0]] = np.arange(len(plans[0]), dtype=np.int32)
    parts = _in_threads(
        lambda a, b: _compare(*_plain(arcs), upto, seed, a, b, within, rank, len(plans), len(plans[0])),
        0, samples, threads,
    )  # fmt: skip
    met, gain, alone, shared = (np.sum([part[i] for part in parts], axis=0) for i in range(4))
    return Met(samples, met, gain, alone, shared)


def _plain(arcs: Backwards) -> tuple[bool, Floats, npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    return arcs.model == "lt", arcs.nodes, arcs.sources, arcs.chance


def _in_threads(work: Callable[[int, int], Result], first: int, last: int, threads: int) -> list[Result]:
    """What `work` makes of each stretch, in order; threads only decide who makes it."""
    stretches = list(_stretches(first, last, threads))
    with lanes(threads) as pool:
        return in_lanes(lambda number: work(*stretches[number]), len(stretches), pool)


def _stretches(first: int, last: int, threads: int) -> Iterator[tuple[int, int]]:
    step = min(AT_ONCE, max(1, -(-(last - first) // threads)))
    for at in range(first, last, step):
        yield at, min(last, at + step)


@compiled
def _first_above(rising, first, last, bound):  # type: ignore[no-untyped-def]
    """Where in `rising[first:last]` the first number above the bound stands; `last` if there is none."""
    while first < last:
        middle = (first + last) // 2
        if rising[middle] > bound:
            last = middle
        else:
            first = middle + 1
    return first


@compiled
def _root(upto, state):  # type: ignore[no-untyped-def]
    return min(_first_above(upto, 0, len(upto), fraction(state) * upto[-1]), len(upto) - 1)


@compiled
def _jump(at, last, per_jump, state):  # type: ignore[no-untyped-def]
    """The next arc that fires of those from `at` on that all have one chance; `last` if none does."""
    jump = np.log(fraction(state)) * per_jump
    return last if jump >= last - at else at + np.int64(jump)


@compiled
def _back(threshold, nodes, sources, chance, root, state, mark, stamp, queue, wanted, early):  # type: ignore[no-untyped-def]
    """Fill `queue` with the set of `root`; its size, or 0 if `early` and a wanted node was met.

    In one piece, since a call for each arc that fires made it 5 to 8 % slower, one for each node 20 %.
    """
    if early and wanted[root]:
        return 0
    queue[0], mark[root] = root, stamp
    size, head = 1, 0
    while head < size:
        node = queue[head]
        head += 1
        at, per_jump, last = np.int64(nodes[node, 0]), nodes[node, 1], np.int64(nodes[node + 1, 0])
        alike, envelope = per_jump != 0.0, -1.0
        while at < last:
            state += STEP
            if alike:
                at = _jump(at, last, per_jump, state)
            elif threshold:
                at = _first_above(chance, at, last, fraction(state))
            else:  # chances fall: jump as if all had the first one's, then ask whether this one fires
                bound = np.float64(chance[at])
                if bound <= 0.0:
                    break
                if bound < JUMP_BELOW:
                    if bound != envelope:
                        envelope, per_jump = bound, 1.0 / np.log1p(-bound)
                    at = _jump(at, last, per_jump, state)
                    if at < last and chance[at] < bound:
                        state += STEP
                        if fraction(state) * bound >= chance[at]:
                            at += 1
                            continue
                elif fraction(state) >= bound:
                    at += 1
                    continue
            if at >= last:
                break
            source = sources[at]
            at = last if threshold else at + 1
            if mark[source] != stamp:
                if early and wanted[source]:
                    return 0
                mark[source] = stamp
                queue[size] = source
                size += 1
    return size


@compiled
def _draw(threshold, nodes, sources, chance, upto, seed, first, last):  # type: ignore[no-untyped-def]
    mark = np.zeros(len(nodes) - 1, np.int32)
    queue = np.empty(len(nodes) - 1, np.int32)
    sizes = np.empty(last - first, np.int64)
    kept = np.empty(8 * (last - first) + 1024, np.int32)
    filled = 0
    none = np.zeros(0, np.bool_)
    for sample in range(first, last):
        state = stream(seed, sample)
        root = _root(upto, state)
        stamp = sample - first + 1
        size = _back(threshold, nodes, sources, chance, root, state, mark, stamp, queue, none, False)
        if filled + size > len(kept):
            larger = np.empty(max(2 * len(kept), filled + size), np.int32)
            for at in range(filled):
                larger[at] = kept[at]
            kept = larger
        for at in range(size):
            kept[filled + at] = queue[at]
        filled += size
        sizes[sample - first] = size
    return kept[:filled], sizes


@compiled
def _count(threshold, nodes, sources, chance, upto, seed, first, last, wanted):  # type: ignore[no-untyped-def]
    mark = np.zeros(len(nodes) - 1, np.int32)
    queue = np.empty(len(nodes) - 1, np.int32)
    met = 0
    for sample in range(first, last):
        state = stream(seed, sample)
        root = _root(upto, state)
        stamp = sample - first + 1
        size = _back(threshold, nodes, sources, chance, root, state, mark, stamp, queue, wanted, True)
        met += size == 0
    return met


@compiled
def _compare(threshold, nodes, sources, chance, upto, seed, first, last, within, rank, plans, seeds):  # type: ignore[no-untyped-def]
    mark = np.zeros(len(nodes) - 1, np.int32)
    queue = np.empty(len(nodes) - 1, np.int32)
    none = np.zeros(0, np.bool_)
    met = np.zeros(plans, np.int64)
    gain, alone, shared = np.zeros(seeds, np.int64), np.zeros(seeds, np.int64), np.zeros(seeds, np.int64)
    for sample in range(first, last):
        state = stream(seed, sample)
        root = _root(upto, state)
        stamp = sample - first + 1
        size = _back(threshold, nodes, sources, chance, root, state, mark, stamp, queue, none, False)
        seen = np.uint64(0)
        best, chosen = seeds, 0
        for node in queue[:size]:
            seen |= within[node]
            if rank[node] >= 0:
                chosen += 1
                best = min(best, rank[node])
        for plan in range(plans):
            met[plan] += (seen >> np.uint64(plan)) & np.uint64(1) == np.uint64(1)
        if chosen:
            gain[best] += 1
        if chosen == 1:
            alone[best] += 1
        elif chosen:
            for node in queue[:size]:
                if rank[node] >= 0:
                    shared[rank[node]] += 1
    return met, gain, alone, shared
