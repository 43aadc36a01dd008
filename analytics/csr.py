"""Ties as arrays: string keys become dense numbers once per run, and every measure shares them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import networkit as nk
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from analytics.frames import TIE_MONTHS, active, numbered_ties
from analytics.kernels.lanes import in_lanes, lanes
from analytics.kernels.rows import Ids, added, bucketed, folded, turned
from analytics.kernels.weights import check_weights
from graph.asof import View
from graph.errors import BadInput
from graph.progress import Progress

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LARGEST = int(np.iinfo(np.int32).max)


@dataclass(frozen=True, eq=False)
class TieGraph:
    """Members with a tie, and their ties.

    `keys[i]` is the member_id of node i, sorted. `directed` has the weight from i to j at [i, j];
    `undirected` is symmetric and has both directions' weights added up. No loops. Shapes n × n, float64,
    columns ascending within a row; indices int32 while the entries can be counted in it, else int64.
    """

    keys: npt.NDArray[np.object_]
    directed: sparse.csr_array
    undirected: sparse.csr_array
    turned: sparse.csr_array | None = None
    """`directed` transposed, where it is at hand; ask for `incoming`."""

    @property
    def size(self) -> int:
        return len(self.keys)

    @cached_property
    def incoming(self) -> sparse.csr_array:
        """The ties by their target: the weight from j to i at [i, j]."""
        return _turned(self.directed) if self.turned is None else self.turned


def tie_graph(ties: pa.Table) -> TieGraph:
    """Number the ends of `ties` (source, target, weight; text, text, float), sorted by their keys.

    Weights of the same ordered pair are added up, loops left out. Raises BadInput for a weight that is
    negative or no number, and for an end without a key.
    """
    ends = pa.chunked_array([*ties["source"].chunks, *ties["target"].chunks], pa.string())
    keys = pc.unique(ends).sort()
    source, target = _ends(ties, keys)
    return numbered_graph(keys, source, target, ties["weight"].to_numpy().astype(np.float64))


def lake_graph(
    view: View, months: int = TIE_MONTHS, half_life: float | None = None, progress: Progress | None = None
) -> TieGraph:
    """The ties among the members active on the view's day; what `frames.ties` has, a part at a time."""
    keys = active(view)
    parts: list[tuple[Ids, Ids, Floats]] = []
    for number, batch in enumerate(numbered_ties(view, months, half_life)):
        if progress:
            progress("reading ties", number, 0)
        parts.append(tuple(batch[name].to_numpy() for name in ("source", "target", "weight")))
    if not parts:
        nobody = np.zeros(0, np.int32)
        parts = [(nobody, nobody, np.zeros(0))]
    source, target, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
    parts.clear()
    return numbered_graph(keys, source, target, weight)


def numbered_graph(keys: pa.Array, source: Ids, target: Ids, weight: Floats) -> TieGraph:
    """The graph of ties whose ends are numbers of `keys` (text, ascending, each once).

    `source` and `target` are whole numbers, `weight` float64, all of one length. Keys without a tie are
    left out and the others numbered anew. Raises BadInput as `tie_graph` does.
    """
    _checked(len(keys), source, target, weight)
    apart = source != target
    if not apart.all():
        source, target, weight = source[apart], target[apart], weight[apart]
    tied = np.zeros(len(keys), dtype=bool)
    tied[source] = True
    tied[target] = True
    number = np.cumsum(tied) - 1
    n = int(tied.sum())
    kind = np.int32 if max(n, 2 * len(source)) <= LARGEST else np.int64
    number = number.astype(kind)
    by_target = bucketed(number[target], number[source], weight, n)
    directed = folded(*turned(*by_target, n))
    incoming = turned(*directed, n)
    undirected = added(*directed, *incoming)
    names = keys.filter(pa.array(tied)).to_numpy(zero_copy_only=False)
    return TieGraph(names, matrix_of(directed), matrix_of(undirected), matrix_of(incoming))


def matrix_of(rows: tuple[Ids, Ids, Floats]) -> sparse.csr_array:
    """A square matrix around its three arrays, not copied; columns ascend within a row."""
    indptr, indices, data = rows
    size = len(indptr) - 1
    matrix = sparse.csr_array((data, indices, indptr), shape=(size, size))
    matrix.has_sorted_indices = matrix.has_canonical_format = True
    return matrix


def upper(matrix: sparse.csr_array) -> tuple[Ints, Ints, Floats]:
    """Each pair of a symmetric matrix once: ends (smaller first) and weight, in a fixed order."""
    half = sparse.triu(matrix, k=1, format="coo")
    return half.row.astype(np.int64), half.col.astype(np.int64), half.data


def networkit_graph(undirected: sparse.csr_array) -> nk.Graph:
    """The weighted NetworKit graph of a symmetric matrix, with the same node numbers."""
    # Given both directions of a tie, NetworKit takes them for two.
    half = sparse.triu(undirected, k=1, format="csr")
    return nk.GraphFromCsr(sparse.csr_matrix(half), directed=False, weighted=True)


def _turned(matrix: sparse.csr_array) -> sparse.csr_array:
    return matrix_of(turned(matrix.indptr, matrix.indices, matrix.data, matrix.shape[1]))


def _checked(nodes: int, source: Ids, target: Ids, weight: Floats) -> None:
    if not len(source) == len(target) == len(weight):
        raise BadInput(
            f"ties need as many sources as targets and weights, not {len(source)}, {len(target)} and"
            f" {len(weight)}"
        )
    for end, numbers in (("source", source), ("target", target)):
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < nodes:
            row = int(np.flatnonzero((numbers < 0) | (numbers >= nodes))[0])
            raise BadInput(f"tie {row} has no known {end}; both ends must be keys of members")
    check_weights(weight, lambda row: f"tie {row}")


def _ends(ties: pa.Table, keys: pa.Array) -> tuple[Ids, Ids]:
    """The places of sources and of targets among the keys, int32; -1 where it is none of them."""

    def places(end: int) -> Ids:
        text = ties[("source", "target")[end]].cast(pa.string())
        found = pc.fill_null(pc.index_in(text, value_set=keys, skip_nulls=True), -1)
        numbers: Ids = found.to_numpy()
        return numbers

    with lanes(2) as pool:
        source, target = in_lanes(places, 2, pool)
    return source, target
