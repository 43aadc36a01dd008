"""Small worlds whose cause of leaving is known; they share no code with what is tested."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analytics.contagion.panel import NEVER, Month, Study


@dataclass(frozen=True)
class Causes:
    """What makes members leave: likeness (0 to 1), a ratio by departed neighbour, bursts."""

    homophily: float = 0.0
    ratio: float = 1.0
    partner_shock: float = 1.0
    region_shock: float = 1.0
    rate: float = 0.005


def world(seed: int, causes: Causes, members: int = 2000, weeks: int = 52) -> Study:
    """Members in accounts of about 25 with sociability and a trait, of which there is a hint in the records;
    a third of the ties stay inside.
    """
    rng = np.random.default_rng(seed)
    account = rng.integers(0, members // 25, members)
    region = rng.integers(0, 6, members // 25)[account]
    partner = np.where(rng.random(members) < 0.6, rng.integers(0, 12, members // 25)[account], 0)
    partner = np.where(rng.random(members) < 0.3, rng.integers(0, 12, members), partner)
    trait = rng.standard_normal(members)
    ties = _ties(rng, account, trait, causes.homophily)
    left = _lives(rng, causes, ties, trait, partner, region, weeks)
    never = np.full(members, NEVER, dtype=np.int64)
    nobody = np.zeros(members, bool)
    key = rng.integers(0, 2**63, members).astype(np.uint64)
    hint = (trait + rng.standard_normal(members))[:, None]
    months = [
        Month(day, ties, account, partner, region, never, nobody, hint) for day in range(0, 7 * weeks, 28)
    ]
    return Study(key, np.full(members, -500), left, months, 7 * weeks)


def _ties(rng: np.random.Generator, account: np.ndarray, trait: np.ndarray, alike: float) -> sparse.csr_array:
    n = len(account)
    social = rng.lognormal(0, 0.6, n)
    source = np.repeat(np.arange(n), rng.poisson(5 * social))
    target = rng.choice(n, len(source), p=social / social.sum())
    inside = rng.random(len(source)) < 0.35
    order = np.lexsort((rng.random(n), account))
    first, size = np.searchsorted(account[order], account), np.bincount(account)[account]
    near = order[first[source] + (rng.random(len(source)) * size[source]).astype(int)]
    target = np.where(inside, near, target)
    by_trait = np.argsort(trait)
    place = np.argsort(by_trait)
    step = rng.geometric(1 / 30, len(source)) * rng.choice((-1, 1), len(source))
    like = by_trait[np.clip(place[source] + step, 0, n - 1)]
    target = np.where(~inside & (rng.random(len(source)) < alike), like, target)
    back = rng.random(len(source)) < 0.5
    ends = np.concatenate([source, target[back]]), np.concatenate([target, source[back]])
    apart = ends[0] != ends[1]
    weight = rng.lognormal(0, 1, len(ends[0]))[apart]
    return sparse.csr_array((weight, (ends[0][apart], ends[1][apart])), shape=(n, n))


def _lives(
    rng: np.random.Generator, causes: Causes, ties: sparse.csr_array, trait: np.ndarray,
    partner: np.ndarray, region: np.ndarray, weeks: int,
) -> np.ndarray:  # fmt: skip
    """Weekly complementary log-log hazard: each tie over its caller's mean, at most 3, times e^(−weeks/3)."""
    n = len(trait)
    mean = np.asarray(ties.sum(axis=1)).ravel() / np.maximum(np.diff(ties.indptr), 1)
    strength = ties.copy()
    strength.data = np.minimum(strength.data / np.repeat(mean, np.diff(ties.indptr)), 3.0)
    left = np.full(n, NEVER, dtype=np.int64)
    level = np.log(causes.rate) + causes.homophily * 1.4 * trait - (causes.homophily * 1.4) ** 2 / 2
    for week in range(weeks):
        day = 7 * week + 1
        since = (day - left) / 7
        gone = np.where((since > 0) & (since <= 5), np.exp(-np.clip(since, 0, None) / 3), 0.0)
        eta = level + np.log(causes.ratio) * (strength @ gone)
        hit = 25 <= week < 33
        eta = eta + np.log(causes.partner_shock) * (hit & (partner == 3))
        eta = eta + np.log(causes.region_shock) * (hit & (region == 2))
        goes = (left == NEVER) & (rng.random(n) < -np.expm1(-np.exp(eta)))
        left[goes] = day + rng.integers(0, 7, int(goes.sum()))
    return left
