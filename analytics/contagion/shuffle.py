"""The order of departures: shuffled among leavers, and set against the direction of ties.

Influence works in order of time and along arrows; likeness knows neither. So departures just after a
neighbour's should be no more than when departure times are dealt out anew (Anagnostopoulos, Kumar,
Mahdian, KDD 2008; the sum that is compared is Knox's, Applied Statistics 1964), and of two who left
shortly after each other the later should have called the earlier no more than the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse, stats

from analytics.contagion.panel import MEMORY, NEVER, Study, kernel, strengths
from analytics.contagion.ratios import Z95
from graph.progress import Progress

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

EARLIER = 3
"""Months before the first of two departures from which their tie is taken: calls fade before one leaves."""
ROUNDS = 50
SEASON = 91
"""Days within which departure times are dealt out by `seasons`."""
LEAST_DYADS = 15.0
"""Pairs of which the evidence must consist, the weight of large ones counted (Kish 1965: (Σx)² ÷ Σx²)."""


@dataclass(frozen=True, eq=False)
class Shuffle:
    """The sum as observed, those after permuting, and how often one was as large.

    `p` = (1 + permuted ≥ observed) ÷ (1 + permutations); `cases` the departures that can be dealt out.
    """

    observed: float
    permuted: Floats
    p: float
    cases: int

    @property
    def ratio(self) -> tuple[float, float, float]:
        """Observed over the permuted mean, with observed over the permuted 97.5 % and 2.5 %; NaN if 0."""
        ends = (float(self.permuted.mean()), *np.quantile(self.permuted, (0.975, 0.025)))
        mean, low, high = (self.observed / end if end > 0 else float("nan") for end in ends)
        return mean, low, high


@dataclass(frozen=True)
class Order:
    """Hazard ratio per neighbour gone by the order of departures alone, with its 95 % interval.

    `p` one-sided; NaN where too few pairs carry it. `dyads` is the number of pairs whose ties differ.
    """

    ratio: float
    low: float
    high: float
    p: float
    dyads: int


def movable(study: Study) -> Ints:
    """Leavers who were there from the start of the first week: whose departure times may be dealt out."""
    start = int(study.weeks[0])
    inside = (study.left > start) & (study.left <= study.until) & (study.left != NEVER)
    return np.flatnonzero(inside & (study.joined <= start)).astype(np.int64)


def seasons(study: Study) -> Ints:
    """(n,) the quarter of a year in which each left, by number; what it is for the others says nothing."""
    return (np.minimum(study.left, study.until + 1) - int(study.weeks[0])) // SEASON


def shuffle(
    study: Study, within: Ints | None = None, permutations: int = 99, seed: int = 0,
    progress: Progress | None = None,
) -> Shuffle:  # fmt: skip
    """Compare the doses at departure, summed over leavers, with the same after permuting departure times
    among those of a group `within` (n,), or among all.

    Ties are those of the first month, before anybody of them left, so that none is missing because
    somebody left early.
    """
    rng = np.random.default_rng(seed)
    who = movable(study)
    ties = sparse.coo_array(strengths(study.months[0].ties)[who][:, who])
    source, target = (end.astype(np.int64) for end in ties.coords)
    left = study.left[who]
    group = np.zeros(len(who), np.int64) if within is None else within[who]
    before = np.argsort(group, kind="stable")
    observed = _doses(left, source, target, ties.data)
    permuted = np.empty(permutations)
    for turn in range(permutations):
        dealt = left.copy()
        dealt[np.lexsort((rng.random(len(group)), group))] = left[before]
        permuted[turn] = _doses(dealt, source, target, ties.data)
        if progress:
            progress("shuffling departure times", turn + 1, permutations)
    as_large = int((permuted >= observed - 1e-9).sum())
    return Shuffle(observed, permuted, (1 + as_large) / (1 + permutations), len(who))


def _doses(left: Ints, source: Ints, target: Ints, strength: Floats) -> float:
    """Σ strength · exp(−weeks/τ) over ties to somebody gone in the five weeks before the caller left."""
    return float(strength @ kernel((left[source] - left[target]) / 7, MEMORY))


def order(study: Study, account: Ints) -> Order:
    """Whether of two who left within five weeks the later had the stronger tie to the earlier.

    Where neither moves the other, who of two is first to leave is as good as drawn by lot, however alike
    they are, whatever came over both and however often they leave, as long as their hazards are smooth
    over five weeks and in the same proportion. Where a departure multiplies the neighbour's hazard by
    ratio^dose, the chance that it was i who followed j is that of a logit of

        ln ratio · (strength(i to j) − strength(j to i)) · exp(−weeks between/τ),

    so that the ratio is estimated from the order alone. (It is as well neighbours gone before against
    neighbours who go after, along the same arrows: a placebo, since nobody follows who has not left.)

    Errors are robust to pairs that share a member or an account (Aronow, Samii, Assenova, Political
    Analysis 2015): a hub that leaves early in a bad month is one piece of evidence, however many called it.
    """
    pairs = _pairs(study)
    x = (pairs["forth"] - pairs["back"]).to_numpy()
    told = np.flatnonzero(np.abs(x) > 1e-9)
    x = x[told]
    if not len(x) or not (x.min() < 0 < x.max()):
        nan = float("nan")
        return Order(nan, nan, nan, nan, len(x))
    log = _only(x)
    chance = 1 / (1 + np.exp(-np.clip(log * x, -30, 30)))
    information = float((x**2 * chance * (1 - chance)).sum())
    homes = np.where(account >= 0, account, account.max(initial=-1) + 1 + np.arange(len(account)))
    ends = pairs["one"].to_numpy()[told], pairs["other"].to_numpy()[told]
    by_account = homes[ends[0]], homes[ends[1]]
    # By the scores as they are where nobody moves anybody: those that fit best are smaller.
    scores = x / 2
    spread = max(_dyadic(scores, *ends), _dyadic(scores, *by_account), float((scores**2).sum()))
    score = float(scores.sum() / np.sqrt(spread))
    p = float(stats.norm.sf(score)) if _many(scores, *by_account) else float("nan")
    fitted = x * (1 - chance)
    spread = max(_dyadic(fitted, *ends), _dyadic(fitted, *by_account), information)
    # Where few pairs tell nearly all, the fit runs away from its error; the score does not.
    error = max(float(np.sqrt(spread)) / information, abs(log) / max(abs(score), 1e-9) if score else 0.0)
    low, high = float(np.exp(log - Z95 * error)), float(np.exp(log + Z95 * error))
    return Order(float(np.exp(log)), low, high, p, len(x))


def _only(x: Floats) -> float:
    """The slope of a logit through the origin whose outcome is always 1."""
    slope = 0.0
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(slope * x, -30, 30)))
        step = float((x * (1 - chance)).sum() / max((x**2 * chance * (1 - chance)).sum(), 1e-12))
        slope += float(np.clip(step, -1, 1))
        if abs(step) < 1e-9:
            break
    return slope


def _many(scores: Floats, one: Ints, other: Ints) -> bool:
    """Whether the evidence is from enough pairs of accounts, large ones counted for what they weigh."""
    size = int(max(one.max(), other.max())) + 1
    key = np.minimum(one, other) * size + np.maximum(one, other)
    weight = np.sqrt(np.bincount(np.unique(key, return_inverse=True)[1], scores**2))
    return float(weight.sum() ** 2 / (weight**2).sum()) >= LEAST_DYADS


def _pairs(study: Study) -> pd.DataFrame:
    """Pairs of leavers up to MEMORY weeks apart with a tie: `one` < `other`, `forth` (ties from the later to
    the earlier, by strength and kernel) and `back`.
    """
    start = int(study.weeks[0])
    gone = np.flatnonzero((study.left > start) & (study.left <= study.until) & (study.left != NEVER))
    left = study.left[gone]
    parts = []
    for number, month in enumerate(study.months):
        ties = sparse.coo_array(strengths(month.ties)[gone][:, gone])
        source, target = (end.astype(np.int64) for end in ties.coords)
        since = (left[source] - left[target]) / 7
        first = np.maximum(study.month_at(np.minimum(left[source], left[target])) - EARLIER, 0)
        near = np.flatnonzero((first == number) & (since != 0) & (np.abs(since) <= MEMORY))
        source, target, since = source[near], target[near], since[near]
        dose = ties.data[near] * kernel(np.abs(since), MEMORY)
        part = {"one": gone[np.minimum(source, target)], "other": gone[np.maximum(source, target)]}
        part |= {"forth": np.where(since > 0, dose, 0.0), "back": np.where(since < 0, dose, 0.0)}
        parts.append(pd.DataFrame(part))
    whole = pd.concat(parts, ignore_index=True)
    return whole.groupby(["one", "other"], as_index=False, sort=False).sum()


def _dyadic(value: Floats, one: Ints, other: Ints) -> float:
    """Variance of the sum of a value of pairs, where pairs that share an end may depend on each other:
    Σ (sum by end)², less what pairs with both ends in common were counted twice for.
    """
    size = int(max(one.max(initial=-1), other.max(initial=-1))) + 1
    apart = one != other
    by_end = np.bincount(one, value, size) + np.bincount(other[apart], value[apart], size)
    low, high = np.minimum(one, other)[apart], np.maximum(one, other)[apart]
    both = np.bincount(np.unique(low * size + high, return_inverse=True)[1], value[apart])
    return float((by_end**2).sum() - (both**2).sum())
