"""The graph that every engine takes: names, and weighted arcs between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from analytics.csr import Ints, TieGraph, matrix_of
from analytics.kernels.rows import added, turned
from analytics.kernels.weights import check_arcs
from graph.errors import BadInput


@dataclass(frozen=True, eq=False)
class Network:
    """Nodes and arcs, numbered alike for all engines. Made by `network`, `of_ties` or `of_edges`.

    `keys[i]` names node i, and the first key in this order is the smallest wherever equals are told apart.
    `arcs[i, j]` is the weight from i to j, float64, n × n, at most one arc a pair, no loops, no negative
    weight; what is stored is an arc, a weight of 0 among them. Where `directed` is False it is symmetric.
    """

    keys: npt.NDArray[np.object_]
    arcs: sparse.csr_array
    directed: bool
    stated_version: str = ""

    @property
    def size(self) -> int:
        return len(self.keys)

    @cached_property
    def both(self) -> sparse.csr_array:
        """The arcs without their direction: symmetric, weights of a mutual pair added up."""
        return either_way(self.arcs) if self.directed else self.arcs

    @cached_property
    def counted(self) -> sparse.csr_array:
        """As `both`, with the number of arcs between two nodes in place of their weight: 1 or 2."""
        single = with_ones(self.arcs)
        return either_way(single) if self.directed else single

    @cached_property
    def version(self) -> str:
        """What the maker said the graph is, else a digest of its arrays and names."""
        return self.stated_version or _digest(self)

    def number(self, key: str) -> int:
        """The number of one node. Raises BadInput for a key that is none."""
        return int(self.numbers([key])[0])

    def numbers(self, keys: Sequence[str]) -> Ints:
        """The numbers of nodes, int64. Raises BadInput naming the first that is not in the graph."""
        found: Ints = self._index.get_indexer(pd.Index(keys, dtype=object)).astype(np.int64)
        if (found < 0).any():
            strange = keys[int(np.argmax(found < 0))]
            raise BadInput(f"no node {strange!r} in the graph of {self.size:,} nodes; give a key that it has")
        return found

    @cached_property
    def _index(self) -> pd.Index:
        return pd.Index(self.keys, dtype=object)


def network(
    keys: Sequence[str] | npt.NDArray[np.object_],
    arcs: sparse.csr_array,
    *,
    directed: bool,
    version: str = "",
) -> Network:
    """A graph from a matrix; parallel entries are added up. `version` says which state of the facts it is.

    Raises BadInput for keys that repeat, a shape that does not fit them, loops, a weight that is negative
    or no finite number, and an undirected matrix that is not symmetric.
    """
    own = arcs.astype(np.float64)  # a copy
    own.sum_duplicates()
    names = np.asarray(keys, dtype=object)
    _check(names, own, directed)
    return Network(names, own, directed, version)


def of_ties(ties: TieGraph, *, directed: bool = True, version: str = "") -> Network:
    """The graph of the run's ties, whose arrays are shared and not copied. Raises BadInput, as `network`."""
    matrix = ties.directed if directed else ties.undirected
    _check(ties.keys, matrix, directed)
    made = Network(ties.keys, matrix, directed, version)
    if directed:
        made.__dict__["both"] = ties.undirected  # known already
    return made


def of_edges(
    edges: pd.DataFrame, *, directed: bool, keys: Sequence[str] | None = None, version: str = ""
) -> Network:
    """The graph of a frame: `source`, `target` (keys) and `weight` (1 where there is no such column).

    An undirected edge stands once. Equal edges are added up. `keys` names the nodes and their order, such
    as those without an edge; else they are the ends, sorted. Raises BadInput, as `network`, and for an end
    that `keys` does not have.
    """
    ends = [edges[side].astype(str).to_numpy(object) for side in ("source", "target")]
    names = np.asarray(sorted({*ends[0], *ends[1]}) if keys is None else keys, dtype=object)
    weight = edges["weight"].to_numpy(np.float64) if "weight" in edges else np.ones(len(edges))
    index = pd.Index(names)
    if not index.is_unique:
        raise BadInput(f"the key {index[index.duplicated()][0]!r} names two nodes; each node has its own")
    source, target = (index.get_indexer(pd.Index(side, dtype=object)).astype(np.int64) for side in ends)
    for side, numbers in zip(ends, (source, target), strict=True):
        if (numbers < 0).any():
            strange = side[int(np.argmax(numbers < 0))]
            raise BadInput(f"an edge ends at {strange!r}, which is none of the {len(names):,} nodes given")
    if not directed:
        source, target = np.concatenate([source, target]), np.concatenate([target, source])
        weight = np.concatenate([weight, weight])
    shape = (len(names), len(names))
    matrix = sparse.csr_array(sparse.coo_array((weight, (source, target)), shape=shape))
    return network(names, matrix, directed=directed, version=version)


def with_ones(matrix: sparse.csr_array) -> sparse.csr_array:
    """The same arcs, each of weight 1; index arrays are shared."""
    return sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)


def either_way(matrix: sparse.csr_array) -> sparse.csr_array:
    """A square matrix and its transpose added up. SciPy's own + would lose what is stored as 0."""
    arrays = (matrix.indptr, matrix.indices, matrix.data)
    return matrix_of(added(*arrays, *turned(*arrays, matrix.shape[0])))


def _check(keys: npt.NDArray[np.object_], arcs: sparse.csr_array, directed: bool) -> None:
    n = len(keys)
    if arcs.shape != (n, n):
        raise BadInput(f"a graph of {n:,} keys needs a matrix of {n} × {n}, not {arcs.shape}")
    index = pd.Index(keys, dtype=object)
    if not index.is_unique:
        raise BadInput(f"the key {index[index.duplicated()][0]!r} names two nodes; each node has its own")
    check_arcs(arcs, "the arc", keys)
    rows = np.repeat(np.arange(n), np.diff(arcs.indptr))
    loops = rows == arcs.indices
    if loops.any():
        raise BadInput(f"{keys[rows[loops][0]]!r} has an arc to itself; leave loops out")
    if not directed and _lopsided(arcs):
        raise BadInput("an undirected graph needs the same weight both ways; this matrix is not symmetric")


def _lopsided(arcs: sparse.csr_array) -> bool:
    turned = sparse.csr_array(arcs.T)
    turned.sort_indices()
    same = np.array_equal(turned.indptr, arcs.indptr) and np.array_equal(turned.indices, arcs.indices)
    return not (same and np.allclose(turned.data, arcs.data, rtol=1e-12, atol=0))


def _digest(graph: Network) -> str:
    found = blake2b(digest_size=8)
    for array in (graph.arcs.indptr, graph.arcs.indices):
        found.update(array.astype(np.int64).tobytes())
    found.update(graph.arcs.data.tobytes())
    found.update("\0".join(map(str, graph.keys)).encode())
    found.update(b"directed" if graph.directed else b"undirected")
    return f"digest {found.hexdigest()}"
