"""Ties as arrays: string keys become dense numbers once per run, and every measure shares them."""

from __future__ import annotations

from dataclasses import dataclass

import networkit as nk
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TieGraph:
    """Members with a tie, and their ties.

    `keys[i]` is the member_id of node i, sorted. `directed` has the weight from i to j at [i, j];
    `undirected` is symmetric and has both directions' weights added up. No loops. Shapes n × n, float64.
    """

    keys: npt.NDArray[np.object_]
    directed: sparse.csr_array
    undirected: sparse.csr_array

    @property
    def size(self) -> int:
        return len(self.keys)


def tie_graph(ties: pa.Table) -> TieGraph:
    """Number the ends of `ties` (source, target, weight: each ordered pair once, no loops)."""
    ends = pa.chunked_array([*ties["source"].chunks, *ties["target"].chunks], pa.string())
    keys = pc.unique(ends).sort()
    source, target = (_numbers(ties[end], keys) for end in ("source", "target"))
    weight = ties["weight"].to_numpy().astype(np.float64)
    directed = sparse.csr_array((weight, (source, target)), shape=(len(keys), len(keys)))
    undirected = sparse.csr_array(directed + directed.T)
    for matrix in (directed, undirected):
        matrix.sort_indices()
    return TieGraph(keys.to_numpy(zero_copy_only=False), directed, undirected)


def upper(matrix: sparse.csr_array) -> tuple[Ints, Ints, Floats]:
    """Each pair of a symmetric matrix once: ends (smaller first) and weight, in a fixed order."""
    half = sparse.triu(matrix, k=1, format="coo")
    return half.row.astype(np.int64), half.col.astype(np.int64), half.data


def networkit_graph(matrix: sparse.csr_array, directed: bool) -> nk.Graph:
    """The weighted NetworKit graph of a matrix, with the same node numbers."""
    if directed:
        coo = matrix.tocoo()
        source, target, weight = coo.row.astype(np.int64), coo.col.astype(np.int64), coo.data
    else:
        source, target, weight = upper(matrix)
    if not len(weight):
        return nk.Graph(matrix.shape[0], weighted=True, directed=directed)
    return nk.GraphFromCoo((weight, (source, target)), n=matrix.shape[0], weighted=True, directed=directed)


def _numbers(ends: pa.ChunkedArray, keys: pa.Array) -> Ints:
    numbers: Ints = pc.index_in(ends, value_set=keys).to_numpy().astype(np.int64)
    return numbers
