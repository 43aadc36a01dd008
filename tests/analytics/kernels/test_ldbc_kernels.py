"""Labels, clustering and similarity: right on any graph, whatever the number of threads."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx
import numpy as np
import pytest
from scipy import sparse

from analytics.kernels.clustering import clustering
from analytics.kernels.labels import propagate
from analytics.kernels.similarity import most_similar


def drawn(n: int, arcs: int, seed: int) -> sparse.csr_array:
    """Number of arcs between any two of a drawn directed graph, with some nodes of very many."""
    chance = np.random.default_rng(seed)
    ends = (n * chance.random((arcs, 2)) ** 3).astype(np.int64)
    ends = np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0)
    arcs_of = sparse.csr_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n))
    return sparse.csr_array(arcs_of + arcs_of.T)


Kernel = Callable[[sparse.csr_array, int], np.ndarray]  # type: ignore[type-arg]


def labels(counted: sparse.csr_array, threads: int) -> np.ndarray:  # type: ignore[type-arg]
    return propagate(counted.indptr, counted.indices, counted.data.astype(np.int64), 6, threads)


def coefficients(counted: sparse.csr_array, threads: int) -> np.ndarray:  # type: ignore[type-arg]
    return clustering(counted, directed=True, threads=threads)


def similar(counted: sparse.csr_array, threads: int) -> np.ndarray:  # type: ignore[type-arg]
    return np.hstack(most_similar(counted.indptr, counted.indices, 5, threads))


@pytest.mark.parametrize("kernel", [labels, coefficients, similar])
def test_threads_change_nothing(kernel: Kernel) -> None:
    counted = drawn(20_000, 60_000, seed=3)
    one = kernel(counted, 1)
    assert len(np.unique(one)) > 100
    for threads in (2, 5):
        assert np.array_equal(kernel(counted, threads), one)


def test_clustering_of_a_large_graph_is_that_of_networkx() -> None:
    counted = drawn(3_000, 12_000, seed=5)
    plain = nx.from_scipy_sparse_array(counted)
    wanted = nx.clustering(plain)
    single = counted.copy()
    single.data[:] = 1
    found = clustering(single, directed=False)
    assert found == pytest.approx([wanted[node] for node in range(3_000)], abs=1e-12)
    assert found.max() > 0.5


def test_similarity_of_a_large_graph_is_that_of_a_product() -> None:
    counted = drawn(400, 2_000, seed=6)
    near = (counted.toarray() > 0).astype(float)
    common = near @ near
    degree = near.sum(axis=1)
    union = degree[:, None] + degree[None, :] - common
    jaccard = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    np.fill_diagonal(jaccard, 0)
    others, alike = most_similar(counted.indptr, counted.indices, 5)
    for node in range(400):
        order = np.lexsort((np.arange(400), -jaccard[node]))[:5]
        order = order[jaccard[node, order] > 0]
        assert others[node][: len(order)].tolist() == order.tolist()
        assert (others[node][len(order) :] == -1).all()
        assert alike[node][: len(order)] == pytest.approx(jaccard[node, order], abs=1e-15)


def test_labels_stop_early_where_nothing_changes_and_no_earlier() -> None:
    """A path of four: pairs swap labels for ever, so that the parity of the rounds decides."""
    pair = sparse.csr_array(np.array([[0, 1], [1, 0]]))
    arrays = pair.indptr, pair.indices, pair.data.astype(np.int64)
    assert [propagate(*arrays, rounds).tolist() for rounds in (0, 1, 2, 1001)] == [
        [0, 1],
        [1, 0],
        [0, 1],
        [1, 0],
    ]
