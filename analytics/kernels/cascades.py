"""Cascades played forward, to judge seeds by: shares neither code nor random numbers with the sampler.

D. Kempe, J. Kleinberg, E. Tardos, KDD 2003. Many runs advance together, one wave at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from analytics.kernels.arcs import Floats, Ints, Model, checked
from graph.errors import BadInput

CELLS = 1 << 25
"""Runs × nodes held at once."""


@dataclass(frozen=True)
class Spread:
    """Mean value reached over `runs`, and the standard error of that mean."""

    mean: float
    error: float
    runs: int


def simulate(
    arcs: sparse.csr_array,
    seeds: Ints,
    runs: int,
    seed: int = 0,
    model: Model = "ic",
    value: Floats | None = None,
) -> Spread:
    """Play `runs` cascades from the seeds along `arcs` (n × n, chance or weight of i upon j at [i, j]).

    Independent cascade: a member that has just followed tries each neighbour once. Linear threshold: a
    member follows when the weights of those who did reach a threshold drawn between 0 and 1. Raises
    BadInput as `checked`, for seeds outside the graph and for no runs.
    """
    checked(arcs, model)
    size = arcs.shape[0]
    start = np.unique(np.asarray(seeds, np.int64))
    if len(start) and (start[0] < 0 or start[-1] >= size):
        raise BadInput(f"a seed outside 0 to {size - 1}")
    if runs < 1:
        raise BadInput(f"{runs} runs; at least 1 is needed")
    rng = np.random.default_rng(seed)
    worth = np.ones(size) if value is None else value
    batch = max(1, CELLS // max(size, 1))
    reached = [
        _play(arcs, start, min(batch, runs - done), rng, model) @ worth for done in range(0, runs, batch)
    ]
    sums = np.concatenate(reached)
    error = float(sums.std(ddof=1)) / np.sqrt(runs) if runs > 1 else np.inf
    return Spread(float(sums.mean()), float(error), runs)


def _play(
    arcs: sparse.csr_array, start: Ints, runs: int, rng: np.random.Generator, model: Model
) -> npt.NDArray[np.bool_]:
    """Who followed, runs × n."""
    size = arcs.shape[0]
    active = np.zeros((runs, size), np.bool_)
    active[:, start] = True
    flat = active.ravel()
    pressed = np.zeros(runs * size, np.float32) if model == "lt" else None
    threshold = 1.0 - rng.random(runs * size, np.float32) if model == "lt" else None
    front = np.flatnonzero(flat)
    while len(front):
        to, chance = _outward(arcs, front, size)
        if pressed is None or threshold is None:
            hit = to[rng.random(len(to)) < chance]
        else:
            np.add.at(pressed, to, chance.astype(np.float32))
            hit = to[pressed[to] >= threshold[to]]
        front = np.unique(hit[~flat[hit]])
        flat[front] = True
    return active


def _outward(arcs: sparse.csr_array, front: Ints, size: int) -> tuple[Ints, Floats]:
    """The cells (run × n + node) that the front's arcs lead to, with their chances."""
    node = front % size
    count = np.diff(arcs.indptr)[node].astype(np.int64)
    begun = np.cumsum(count) - count
    arc = np.repeat(arcs.indptr[node] - begun, count) + np.arange(int(count.sum()))
    to = np.repeat(front - node, count) + arcs.indices[arc].astype(np.int64)
    return to, arcs.data[arc]
