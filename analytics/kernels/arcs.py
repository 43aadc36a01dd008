"""Who may influence whom, and with what chance: checked, and turned round for sampling backwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from analytics.kernels.compiled import compiled
from analytics.kernels.weights import ends_of
from graph.errors import BadInput

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Model = Literal["ic", "lt"]
MODELS: tuple[Model, ...] = ("ic", "lt")
JUMP_BELOW = 0.2
"""Chances from which on a coin per arc is cheaper than a logarithm per jump."""
ROUNDING = 1e-6
"""By how much a node's weights may add up to more than 1 and be taken for 1."""


@dataclass(frozen=True, eq=False)
class Backwards:
    """For each node the arcs into it: `sources` (int32), `chance` (float32), and in `nodes` (n + 1, 2;
    float64) where they start and, where all have one small chance p, 1 / ln(1 - p), elsewhere 0.

    Independent cascade: `chance` falls within a node, so that a sampler can jump. Linear threshold: it is
    the running sum of the node's weights, so that one number picks the arc.
    """

    model: Model
    nodes: npt.NDArray[np.float64]
    sources: npt.NDArray[np.int32]
    chance: npt.NDArray[np.float32]

    @property
    def size(self) -> int:
        return len(self.nodes) - 1


def backwards(arcs: sparse.csr_array, model: Model) -> Backwards:
    """Turn `arcs` (n × n, chance or weight of i upon j at [i, j]) round. Raises BadInput as `checked`."""
    checked(arcs, model)
    indptr, sources, chance = _turned(
        arcs.indptr.astype(np.int64), arcs.indices, arcs.data.astype(np.float32), arcs.shape[0]
    )
    if model == "ic":
        _sort_falling(indptr, sources, chance)
        rate = _jumps(indptr, chance, JUMP_BELOW)
    else:
        _add_up(indptr, chance)
        rate = np.zeros(len(indptr))
    return Backwards(model, np.column_stack([indptr, rate]), sources, chance)


def checked(arcs: sparse.csr_array, model: Model) -> sparse.csr_array:
    """The arcs, if a kernel can take them.

    Raises BadInput for another model than "ic" and "lt", a matrix that is not square, chances that are not
    between 0 and 1, and, under linear threshold, weights into a node that add up to more than 1.
    """
    if model not in MODELS:
        raise BadInput(f"no spreading model {model!r}; known: {', '.join(MODELS)}")
    if arcs.shape[0] != arcs.shape[1]:
        raise BadInput(f"the arcs are {arcs.shape[0]} × {arcs.shape[1]}; a square matrix is needed")
    arcs.check_format(full_check=True)
    wrong = np.flatnonzero(~((arcs.data >= 0) & (arcs.data <= 1)))
    if len(wrong):
        source, target = ends_of(arcs, int(wrong[0]))
        raise BadInput(
            f"the arc from {source} to {target} has the chance {arcs.data[wrong[0]]};"
            f" chances are between 0 and 1 ({len(wrong)} are not)"
        )
    if model == "lt":
        into = np.bincount(arcs.indices, weights=arcs.data, minlength=arcs.shape[0])
        if len(into) and into.max() > 1 + ROUNDING:
            raise BadInput(
                f"the weights into {int(into.argmax())} add up to {into.max():.6g}; under linear threshold"
                " they may not exceed 1 (weighted_cascade() divides them so)"
            )
    return arcs


@compiled
def _turned(indptr, targets, chance, size):  # type: ignore[no-untyped-def]
    """The transposed arcs by counting, those into a node in the order of their sources."""
    start = np.zeros(size + 1, np.int64)
    for arc in range(len(targets)):
        start[targets[arc] + 1] += 1
    for node in range(size):
        start[node + 1] += start[node]
    free = start[:-1].copy()
    sources = np.empty(len(targets), np.int32)
    turned = np.empty(len(targets), np.float32)
    for source in range(size):
        for arc in range(indptr[source], indptr[source + 1]):
            at = free[targets[arc]]
            free[targets[arc]] = at + 1
            sources[at] = source
            turned[at] = chance[arc]
    return start, sources, turned


@compiled
def _sort_falling(indptr, sources, chance):  # type: ignore[no-untyped-def]
    """Sort each node's arcs by falling chance, equal ones by source, in place: Shell 1959.

    By hand because numba takes seven seconds to compile an argsort.
    """
    for node in range(len(indptr) - 1):
        first, last = indptr[node], indptr[node + 1]
        gap = last - first
        while gap > 1:
            gap = max(1, gap * 4 // 9)
            for arc in range(first + gap, last):
                source, top, at = sources[arc], chance[arc], arc
                while at - gap >= first and (
                    chance[at - gap] < top or (chance[at - gap] == top and sources[at - gap] > source)
                ):
                    chance[at], sources[at] = chance[at - gap], sources[at - gap]
                    at -= gap
                chance[at], sources[at] = top, source


@compiled
def _jumps(indptr, chance, below):  # type: ignore[no-untyped-def]
    """Per node 1 / ln(1 - p) if all its arcs have the chance p, above 0 and small; else 0."""
    rate = np.zeros(len(indptr))
    for node in range(len(indptr) - 1):
        first, last = indptr[node], indptr[node + 1]
        if first < last and 0.0 < chance[last - 1] == chance[first] < below:
            rate[node] = 1.0 / np.log1p(-np.float64(chance[first]))
    return rate


@compiled
def _add_up(indptr, chance):  # type: ignore[no-untyped-def]
    for node in range(len(indptr) - 1):
        total = 0.0
        for arc in range(indptr[node], indptr[node + 1]):
            total += chance[arc]
            chance[arc] = min(total, 1.0)
