"""Exact spreads of tiny graphs, by playing every world that chance can draw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import sparse


def arcs_of(size: int, *arcs: tuple[int, int, float]) -> sparse.csr_array:
    source, target, chance = zip(*arcs, strict=True) if arcs else ((), (), ())
    made = sparse.coo_array((np.array(chance, float), (source, target)), shape=(size, size))
    return sparse.csr_array(made)


def chain(size: int, p: float) -> sparse.csr_array:
    return arcs_of(size, *((i, i + 1, p) for i in range(size - 1)))


def star(leaves: int, p: float) -> sparse.csr_array:
    return arcs_of(leaves + 1, *((0, i, p) for i in range(1, leaves + 1)))


def tree(children: int, depth: int, p: float) -> sparse.csr_array:
    """Node 0 is the root; the children of i are numbered children·i + 1 and on."""
    inner = sum(children**level for level in range(depth))
    pairs = ((i, children * i + 1 + j, p) for i in range(inner) for j in range(children))
    return arcs_of(children * inner + 1, *pairs)


def random_arcs(rng: np.random.Generator, size: int, count: int) -> sparse.csr_array:
    pairs = {(int(a), int(b)) for a, b in rng.integers(0, size, (count, 2)) if a != b}
    return arcs_of(size, *((a, b, float(rng.choice([0.05, 0.1, 0.3, 0.7, 1.0]))) for a, b in sorted(pairs)))


@dataclass(frozen=True, eq=False)
class Worlds:
    """Per world (rows) its chance, and per node the nodes it reaches as bits."""

    chance: np.ndarray
    reach: np.ndarray
    value: np.ndarray

    def spread(self, seeds: Iterable[int]) -> float:
        """Expected value reached, exactly."""
        together = np.bitwise_or.reduce(self.reach[:, list(seeds)], axis=1, initial=0)
        bits = (together[:, None] >> np.arange(len(self.value))) & 1
        return float(self.chance @ (bits @ self.value))

    def best(self, k: int, admitted=lambda chosen: True) -> float:
        """Of every admitted choice of at most k."""
        nodes = range(len(self.value))
        every = (one for count in range(1, k + 1) for one in combinations(nodes, count) if admitted(one))
        return max(self.spread(one) for one in every)


def cascade_worlds(arcs: sparse.csr_array, value: np.ndarray | None = None) -> Worlds:
    """Independent cascade: every arc is there or not (2^arcs worlds)."""
    coo = arcs.tocoo()
    count, size = coo.nnz, arcs.shape[0]
    live = (np.arange(1 << count)[:, None] >> np.arange(count)) & 1 == 1
    chance = np.where(live, coo.data, 1 - coo.data).prod(axis=1)
    return Worlds(*_closed(chance, live, coo, size), np.ones(size) if value is None else value)


def threshold_worlds(arcs: sparse.csr_array) -> Worlds:
    """Linear threshold: each node keeps at most one arc into it, with the chance that is its weight."""
    coo, size = arcs.tocoo(), arcs.shape[0]
    live, chance = np.zeros((1, coo.nnz), bool), np.ones(1)
    for node in range(size):
        into = np.flatnonzero(coo.col == node)
        kept = [live, *(live | (np.arange(coo.nnz) == arc) for arc in into)]
        odds = [1 - coo.data[into].sum(), *coo.data[into]]
        live, chance = np.concatenate(kept), np.concatenate([chance * one for one in odds])
    return Worlds(*_closed(chance, live, coo, size), np.ones(size))


def _closed(chance, live, coo, size):
    reach = np.tile(1 << np.arange(size), (len(chance), 1))
    for _ in range(size):
        before = reach.copy()
        for arc, (a, b) in enumerate(zip(coo.row, coo.col, strict=True)):
            reach[:, a] |= np.where(live[:, arc], reach[:, b], 0)
        if (reach == before).all():
            break
    return chance, reach
