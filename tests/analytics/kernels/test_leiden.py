"""Leiden step by step: each step against networkx's modularity, brute force or a closed form."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from analytics.kernels.leiden import aggregate, inside, numbered, partition
from analytics.kernels.linked import roots_within
from analytics.kernels.moving import Ties, move_nodes, shuffled
from analytics.kernels.refining import refine

Labels = npt.NDArray[np.int32]
STATE = np.uint64(11)
seeds = st.integers(0, 10_000)
fineness = st.sampled_from([0.5, 1.0, 2.0])


def random_matrix(seed: int, most: int = 40) -> sparse.csr_array:
    """Symmetric, whole weights from 0, some nodes without any tie; at least one weight above 0."""
    chance = np.random.default_rng(seed)
    n = int(chance.integers(2, most))
    near = np.triu(chance.random((n, n)) < chance.uniform(0.05, 0.6), 1)
    near[0, 1] = True
    weight = chance.integers(0, 6, (n, n)).astype(float)
    weight[0, 1] = 1
    row, column = np.nonzero(near)
    ends, other = np.r_[row, column], np.r_[column, row]
    return sparse.csr_array((np.tile(weight[near], 2), (ends, other)), shape=(n, n))


def ties_of(matrix: sparse.csr_array) -> Ties:
    return Ties(matrix.indptr, matrix.indices, matrix.data, np.asarray(matrix.sum(axis=1)).ravel())


def modularity(matrix: sparse.csr_array, label: Labels, resolution: float = 1.0) -> float:
    graph = nx.from_scipy_sparse_array(matrix)
    sets = [set(np.flatnonzero(label == one).tolist()) for one in np.unique(label)]
    return float(nx.community.modularity(graph, sets, resolution=resolution))


def random_label(seed: int, n: int) -> Labels:
    return numbered(np.random.default_rng(seed).integers(0, max(1, n // 3), n).astype(np.int32))[0]


def moved(matrix: sparse.csr_array, label: Labels, resolution: float) -> Labels:
    ties, after = ties_of(matrix), label.copy()
    move_nodes(ties, after, resolution / ties.strength.sum(), STATE, sweeps=1000)
    return after


def refined(matrix: sparse.csr_array, label: Labels, resolution: float) -> Labels:
    ties = ties_of(matrix)
    return refine(ties, label, resolution / ties.strength.sum(), STATE)


@settings(max_examples=60, deadline=None)
@given(seeds, fineness)
def test_moving_ends_where_nobody_would_rather_be_elsewhere(seed: int, resolution: float) -> None:
    matrix = random_matrix(seed, 15)
    n = matrix.shape[0]
    label, before = random_label(seed, n), np.zeros(0)
    while label.tolist() != before.tolist():  # again, since only neighbours of who moved are asked again
        before, label = label, moved(matrix, label, resolution)
        assert modularity(matrix, label, resolution) >= modularity(matrix, before, resolution) - 1e-12
    best = modularity(matrix, label, resolution)
    for node in range(n):
        for place in range(n):
            other = label.copy()
            other[node] = place
            assert modularity(matrix, other, resolution) <= best + 1e-9


@settings(max_examples=60, deadline=None)
@given(seeds, fineness)
def test_refinement_divides_communities_into_connected_sets_that_gain(seed: int, resolution: float) -> None:
    matrix = random_matrix(seed)
    label = random_label(seed, matrix.shape[0])
    fine = refined(matrix, label, resolution)
    graph = nx.from_scipy_sparse_array(matrix)
    graph.remove_edges_from([ends for *ends, weight in graph.edges(data="weight") if not weight])
    for one in np.unique(fine):
        nodes = np.flatnonzero(fine == one)
        assert len(np.unique(label[nodes])) == 1
        assert one in nodes
        assert nx.is_connected(graph.subgraph(nodes))
    alone = np.arange(len(fine), dtype=np.int32)
    assert modularity(matrix, fine, resolution) >= modularity(matrix, alone, resolution) - 1e-12


def test_a_node_barely_tied_to_its_community_joins_none_of_its_sets() -> None:
    """0 and 1 hang together by 9, 2 and 3 as well, and 4 is tied to 0 by 1 but to 5, elsewhere, by 20."""
    matrix = np.zeros((6, 6))
    for a, b, weight in [(0, 1, 9), (2, 3, 9), (1, 2, 1), (4, 0, 1), (4, 5, 20)]:
        matrix[a, b] = matrix[b, a] = weight
    fine = refined(sparse.csr_array(matrix), np.array([0, 0, 0, 0, 0, 1], np.int32), 1.0)
    # 2m = 80; 4 to the rest: 1 < 21 * 38 / 80. {0, 1} to {2, 3}: 1 < 20 * 19 / 80.
    assert numbered(fine)[0].tolist() == [0, 0, 1, 1, 2, 3]


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_a_graph_of_sets_weighs_what_their_members_do(seed: int) -> None:
    matrix = random_matrix(seed)
    fine, sets = numbered(random_label(seed, matrix.shape[0]))
    coarse = aggregate(ties_of(matrix), fine, sets)
    member = np.eye(sets)[fine]
    expected = member.T @ matrix.toarray() @ member
    assert coarse.strength == pytest.approx(expected.sum(axis=1))
    np.fill_diagonal(expected, 0)
    found = sparse.csr_array((coarse.data, coarse.indices, coarse.indptr), shape=(sets, sets))
    assert found.toarray() == pytest.approx(expected)
    assert all(len(set(row)) == len(row) for row in np.split(coarse.indices, coarse.indptr[1:-1]))


def partitions(n: int) -> Iterator[list[int]]:
    """Every partition of n nodes, as labels of which each is at most one above those before it."""
    if not n:
        yield []
        return
    for shorter in partitions(n - 1):
        for label in range(max(shorter, default=-1) + 2):
            yield [*shorter, label]


def gains(matrix: sparse.csr_array, label: list[int]) -> float:
    same = np.equal.outer(label, label)
    dense = matrix.toarray()
    strength = dense.sum(axis=1)
    twice = strength.sum()
    return float(((dense - np.outer(strength, strength) / twice) * same).sum() / twice)


def found_in(matrix: sparse.csr_array, resolution: float = 1.0, seed: int = 1) -> Labels:
    return partition(matrix.indptr, matrix.indices, matrix.data, resolution, seed)


def test_the_best_of_all_partitions_of_small_graphs_is_found_by_some_seed() -> None:
    every = list(partitions(7))
    assert len(every) == 877  # the seventh Bell number
    for number in range(12):
        chance = np.random.default_rng(number)
        half = np.triu(chance.integers(0, 5, (7, 7)) * (chance.random((7, 7)) < 0.5), 1)
        half[0, 1] = 1
        matrix = sparse.csr_array((half + half.T).astype(float))
        best = max(gains(matrix, label) for label in every)
        ours = max(modularity(matrix, found_in(matrix, seed=seed)) for seed in range(10))
        assert ours == pytest.approx(best)


def test_the_karate_club_has_the_known_greatest_modularity() -> None:
    """0.4198 for the unweighted club (Brandes et al., "On modularity clustering", 2008)."""
    club = nx.karate_club_graph()
    matrix = sparse.csr_array(nx.to_scipy_sparse_array(club, weight=None, dtype=float, format="csr"))
    assert max(modularity(matrix, found_in(matrix, seed=seed)) for seed in range(20)) == pytest.approx(
        0.4198, abs=5e-5
    )


def test_a_ring_of_cliques_shows_the_resolution_limit_and_a_higher_resolution_lifts_it() -> None:
    """30 cliques of 5 in a ring: each alone has 0.876 of modularity, and two or three together have more.

    S. Fortunato, M. Barthélemy, "Resolution limit in community detection", 2007, equation 25 and after.
    """
    ring = sparse.csr_array(nx.to_scipy_sparse_array(nx.ring_of_cliques(30, 5), dtype=float, format="csr"))
    coarse = np.bincount(found_in(ring))
    assert set(coarse) <= {5, 10, 15}
    assert len(coarse) <= 20
    assert modularity(ring, found_in(ring)) > 10 / 11 - 1 / 30
    assert np.bincount(found_in(ring, 3.0)).tolist() == [5] * 30


@settings(max_examples=80, deadline=None)
@given(seeds, fineness, st.integers(0, 5))
def test_communities_are_connected_and_better_than_none(seed: int, resolution: float, run: int) -> None:
    matrix = random_matrix(seed)
    label = found_in(matrix, resolution, run)
    assert label.tolist() == numbered(label)[0].tolist()
    graph = nx.from_scipy_sparse_array(matrix)
    graph.remove_edges_from([ends for *ends, weight in graph.edges(data="weight") if not weight])
    for one in range(label.max() + 1):
        assert nx.is_connected(graph.subgraph(np.flatnonzero(label == one)))
    alone = np.arange(len(label), dtype=np.int32)
    assert modularity(matrix, label, resolution) >= modularity(matrix, alone, resolution) - 1e-12


@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_the_same_seed_gives_the_same_communities_whatever_integers_the_matrix_has(kind: type) -> None:
    matrix = random_matrix(4)
    wide = partition(matrix.indptr.astype(kind), matrix.indices.astype(kind), matrix.data, 1.0, 3)
    assert wide.tolist() == found_in(matrix, seed=3).tolist()


def test_an_order_has_each_number_once_and_another_seed_gives_another() -> None:
    for n in (1, 1000, 2048, 10_001):
        one, other = shuffled(n, np.uint64(1)), shuffled(n, np.uint64(2))
        assert sorted(one.tolist()) == list(range(n))
        assert n == 1 or one.tolist() != other.tolist()


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_pieces_and_inner_weight_are_those_of_the_graph_of_each_label(seed: int) -> None:
    matrix = random_matrix(seed)
    label = random_label(seed, matrix.shape[0])
    same = np.equal.outer(label, label)
    within = matrix.toarray() * same
    assert inside(matrix.indptr, matrix.indices, matrix.data, label) == pytest.approx(within.sum())
    pieces = sparse.csgraph.connected_components(sparse.csr_array(within), directed=False)[1]
    found = roots_within(matrix.indptr, matrix.indices, matrix.data, label)
    assert numbered(found.astype(np.int32))[0].tolist() == numbered(pieces.astype(np.int32))[0].tolist()
