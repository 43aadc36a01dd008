"""Whom to choose so that most follow, with a certificate: OPIM-C.

J. Tang, X. Tang, X. Xiao, J. Yuan, "Online processing algorithms for influence maximization", SIGMOD 2018.
One collection of reverse-reachable sets chooses, a second, independent one judges; both double until the
judged spread is a sufficient share of what the first proves nobody can exceed. Everything told about the
chosen comes from a third.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import betaincinv, gammaln

from analytics.kernels.arcs import Backwards, Floats, Ints
from analytics.kernels.coverage import Choice, choose, index_of
from analytics.kernels.limits import E, Limits
from analytics.kernels.reversed_sets import Met, Sets, compare, count_met, draw, joined
from graph.errors import BadInput
from graph.progress import Progress

FIRST = 1 << 12
FRESH = 1 << 18
"""Fresh samples at most: a spread of 1 % of all value is then known to 2 % of itself."""
MOST = 1 << 31
"""Sets are numbered with 32 bits."""
BYTES = 16
"""Per member of a set while the sets double: twice four, the index, and its transient."""
SETTLED = 0.9
"""From this share of what endless samples would certify, more of them are not worth their time."""
MEMORY = 2 << 30
CHOOSING, JUDGING, TELLING, PILOT = range(4)


@dataclass(frozen=True)
class Effort:
    """How close, how sure, how much.

    1 - 1/e - `epsilon` is certified, and `certificate` where more samples still help; wrong with a chance
    of `delta` at most. `memory`: bytes for the sets. `threads` change nothing but the time.
    """

    epsilon: float = 0.1
    certificate: float = 0.8
    delta: float = 0.01
    seed: int = 0
    threads: int = 2
    memory: int = MEMORY


@dataclass(frozen=True, eq=False)
class Answer:
    """The seeds in order and what is known of them; spreads are in units of value.

    Per seed, from fresh samples: `gain` beyond those before it, `alone` what only it reaches, `shared` what
    others reach too. `spread` is of fresh samples with its 95 % interval `low` to `high`; `lower` bounds
    the seeds' spread from below and `upper` the best possible one from above, both together wrong with a
    chance of at most `delta`; `certificate` is lower / upper. `factor` is the share that is proven
    beforehand (0: nothing is). `prices`: what one limit costs, the spread without it less that with it.
    `stopped` says why it ended: reached, settled, memory or samples. `memory` is bytes of sets and index.
    """

    seeds: Ints
    gain: Floats
    alone: Floats
    shared: Floats
    spread: float
    low: float
    high: float
    lower: float
    upper: float
    certificate: float
    factor: float
    epsilon: float
    delta: float
    samples: int
    fresh: int
    memory: int
    stopped: str
    prices: dict[str, float]


@dataclass(frozen=True, eq=False)
class Targets:
    """The running sum of the targets' values, and their sum."""

    upto: Floats
    total: float


def targets(size: int, value: Floats | None) -> Targets:
    """What reaching each node is worth; 1 where nothing is said.

    Raises BadInput for values that are negative, not finite, not one per node, or all zero.
    """
    worth = np.ones(size) if value is None else np.asarray(value, np.float64)
    if len(worth) != size:
        raise BadInput(f"{len(worth)} values for {size} nodes; one for each is needed")
    wrong = np.flatnonzero(~(np.isfinite(worth) & (worth >= 0)))
    if len(wrong):
        raise BadInput(f"node {wrong[0]} has the value {worth[wrong[0]]}; values are finite and not negative")
    upto = np.cumsum(worth)
    if size and not 0 < upto[-1] < np.inf:
        raise BadInput("every target's value is 0; nothing can be reached that counts")
    return Targets(upto, float(upto[-1]) if size else 0.0)


def maximise(
    arcs: Backwards,
    limits: Limits,
    value: Floats | None = None,
    effort: Effort | None = None,
    progress: Progress | None = None,
) -> Answer:
    """Choose seeds within the limits so that the expected value reached is largest.

    Raises BadInput for values as in `targets`, for an effort outside its range, and for limits of another
    graph. A graph without nodes gives an answer without seeds.
    """
    how = effort or Effort()
    _check(how, arcs, limits)
    aims = targets(arcs.size, value)
    if not limits.k:
        return _nothing(limits, how)
    plan = _plan(arcs, aims, limits, value, how)
    chosen, sets, judged = _doubling(arcs, aims, limits, how, plan, progress)
    index, fewer = index_of(sets, arcs.size), limits.without()
    others = {name: choose(index, wider, bounded=False).nodes for name, wider in fewer.items()}
    size = max(FIRST, min(FRESH, sets.count))
    met = compare(arcs, aims.upto, [chosen.nodes, *others.values()], _seed(how, TELLING), size, how.threads)
    return _told(aims, limits, how, chosen, judged, met, list(others))


def estimate(
    arcs: Backwards, seeds: Ints, samples: int, value: Floats | None = None, effort: Effort | None = None
) -> tuple[float, float, float]:
    """The spread of given seeds on fresh samples, and its 95 % interval."""
    how = effort or Effort()
    aims = targets(arcs.size, value)
    met = count_met(arcs, aims.upto, seeds, _seed(how, TELLING), samples, how.threads)
    low, high = _interval(met, samples)
    return aims.total * met / samples, aims.total * low, aims.total * high


@dataclass(frozen=True)
class _Rounds:
    first: int
    last: int

    @property
    def count(self) -> int:
        return max(1, math.ceil(math.log2(self.last / self.first)) + 1)


def _plan(arcs: Backwards, aims: Targets, limits: Limits, value: Floats | None, how: Effort) -> _Rounds:
    """Equations 8 and 9 of the paper, with the value of any admitted choice in place of k."""
    worth = np.ones(arcs.size) if value is None else value
    able = np.flatnonzero(limits.able)
    k = min(limits.k, len(able))
    alone = limits.quotas or limits.budget is not None
    sure = float(worth[able].max(initial=0) if alone else np.sort(worth[able])[-limits.k :].sum())
    choices = gammaln(len(able) + 1) - gammaln(k + 1) - gammaln(len(able) - k + 1)
    factor, doubt = limits.factor or E, math.log(6 / how.delta)
    needed = 2 * (factor * math.sqrt(doubt) + math.sqrt(factor * (float(choices) + doubt))) ** 2
    last = min(MOST, math.ceil(needed * aims.total / (how.epsilon**2 * max(sure, 1e-9 * aims.total))))
    pilot = draw(arcs, aims.upto, _seed(how, PILOT), 0, 64, 1)
    fit = int(how.memory / (BYTES * len(pilot.members) / pilot.count))
    first = max(16, min(max(FIRST, math.ceil(needed)), last, fit))
    return _Rounds(first, max(first, last))


@dataclass(frozen=True)
class Judged:
    """What the first two collections say: bounds in units of value, the certificate that endless samples
    would give, sets and bytes used, why it ended.
    """

    lower: float
    upper: float
    limit: float
    samples: int
    memory: int
    stopped: str = ""

    @property
    def certificate(self) -> float:
        return self.lower / self.upper


def _doubling(
    arcs: Backwards, aims: Targets, limits: Limits, how: Effort, rounds: _Rounds, progress: Progress | None
) -> tuple[Choice, Sets, Judged]:
    doubt = math.log(3 * rounds.count / how.delta)
    sets = draw(arcs, aims.upto, _seed(how, CHOOSING), 0, rounds.first, how.threads)
    for number in range(rounds.count):
        if progress:
            progress("reverse-reachable sets", number, rounds.count)
        chosen = choose(index_of(sets, arcs.size), limits)
        met = count_met(arcs, aims.upto, chosen.nodes, _seed(how, JUDGING), sets.count, how.threads)
        judged = _judged(aims, sets, met, chosen, doubt)
        stopped = _enough(judged, limits, how, number == rounds.count - 1)
        if stopped:
            break
        more = draw(arcs, aims.upto, _seed(how, CHOOSING), sets.count, 2 * sets.count, how.threads)
        sets = joined(sets, more)
    return chosen, sets, replace(judged, stopped=stopped)


def _judged(aims: Targets, sets: Sets, met: int, chosen: Choice, doubt: float) -> Judged:
    lower = _at_least(met, doubt) / sets.count * aims.total
    upper = min(_at_most(chosen.bound, doubt) / sets.count, 1.0) * aims.total
    limit = chosen.met / chosen.bound if chosen.bound else 1.0
    return Judged(lower, upper, limit, sets.count, 8 * len(sets.members) + 16 * sets.count)


def _enough(judged: Judged, limits: Limits, how: Effort, last: bool) -> str:
    """Why to stop now; empty to go on."""
    reached = judged.certificate
    if reached >= max(E - how.epsilon, how.certificate):
        return "reached"
    if reached >= limits.factor - how.epsilon and reached >= SETTLED * judged.limit:
        return "settled"
    if 2 * judged.memory * BYTES // 8 > how.memory:
        return "memory"
    return "samples" if last else ""


def _at_least(met: int, doubt: float) -> float:
    """Lemma 4.2: the expected number met is at least this, but for a chance of exp(-doubt)."""
    return max(0.0, (math.sqrt(met + 2 * doubt / 9) - math.sqrt(doubt / 2)) ** 2 - doubt / 18)


def _at_most(met: float, doubt: float) -> float:
    """Lemma 4.3: the expected number that the best meets is at most this, but for exp(-doubt)."""
    return (math.sqrt(met + doubt / 2) + math.sqrt(doubt / 2)) ** 2


def _interval(met: int, samples: int) -> tuple[float, float]:
    """Clopper and Pearson 1934, 95 %."""
    low = float(betaincinv(met, samples - met + 1, 0.025)) if met else 0.0
    high = float(betaincinv(met + 1, samples - met, 0.975)) if met < samples else 1.0
    return low, high


def _told(
    aims: Targets, limits: Limits, how: Effort, chosen: Choice, judged: Judged, met: Met, lifted: list[str]
) -> Answer:
    unit = aims.total / met.samples
    low, high = _interval(int(met.plans[0]), met.samples)
    gain, alone, shared = (np.asarray(part * unit, np.float64) for part in (met.gain, met.alone, met.shared))
    return Answer(
        seeds=chosen.nodes, gain=gain, alone=alone, shared=shared,
        spread=float(met.plans[0]) * unit, low=low * aims.total, high=high * aims.total,
        lower=judged.lower, upper=judged.upper, certificate=judged.certificate, factor=limits.factor,
        epsilon=how.epsilon, delta=how.delta, samples=judged.samples, fresh=met.samples,
        memory=judged.memory, stopped=judged.stopped,
        prices={name: float(met.plans[i + 1] - met.plans[0]) * unit for i, name in enumerate(lifted)},
    )  # fmt: skip


def _nothing(limits: Limits, how: Effort) -> Answer:
    none = np.zeros(0)
    return Answer(
        none.astype(np.int64), none, none, none, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, limits.factor,
        how.epsilon, how.delta, 0, 0, 0, "reached", {},
    )  # fmt: skip


def _seed(how: Effort, use: int) -> int:
    """Four seeds of one, so that no two collections share a sample."""
    return 4 * how.seed + use


def _check(how: Effort, arcs: Backwards, limits: Limits) -> None:
    if len(limits.open) != arcs.size:
        raise BadInput(f"the limits are of {len(limits.open)} nodes, the arcs of {arcs.size}")
    if not (0 < how.epsilon < E and 0 < how.delta < 1):
        raise BadInput(
            f"epsilon {how.epsilon:g} and delta {how.delta:g} must be above 0, below {E:.3f} and 1"
        )
    if how.seed < 0 or how.threads < 1 or how.memory < 1:
        raise BadInput("the seed is at least 0, threads and memory at least 1")
