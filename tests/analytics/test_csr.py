from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import csr
from analytics.csr import TieGraph, lake_graph, numbered_graph, tie_graph
from analytics.frames import decay, ties
from graph.errors import BadInput
from tests.analytics.worlds import empty_graph, graph_of, lake_of, member, random_world, tie

KEYS = [f"m{i}" for i in range(8)]
EDGES = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS), st.integers(0, 50)), max_size=60)


def entries(matrix) -> dict[tuple[int, int], float]:
    """What a matrix holds, read entry by entry."""
    return {
        (row, int(matrix.indices[at])): float(matrix.data[at])
        for row in range(matrix.shape[0])
        for at in range(matrix.indptr[row], matrix.indptr[row + 1])
    }


def table(edges) -> pa.Table:
    source, target, weight = ([edge[place] for edge in edges] for place in range(3))
    return pa.table(
        {
            "source": pa.array(source, pa.string()),
            "target": pa.array(target, pa.string()),
            "weight": pa.array(weight, pa.float64()),
        }
    )


def same(one: TieGraph, other: TieGraph) -> bool:
    return list(one.keys) == list(other.keys) and all(
        np.array_equal(getattr(getattr(one, matrix), part), getattr(getattr(other, matrix), part))
        for matrix in ("directed", "undirected", "incoming")
        for part in ("indptr", "indices", "data")
    )


def test_a_small_graph_by_hand() -> None:
    graph = graph_of(("c", "a", 2), ("a", "b", 3), ("b", "a", 5))
    assert list(graph.keys) == ["a", "b", "c"]
    assert graph.directed.toarray().tolist() == [[0, 3, 0], [5, 0, 0], [2, 0, 0]]
    assert graph.undirected.toarray().tolist() == [[0, 8, 2], [8, 0, 0], [2, 0, 0]]
    assert graph.incoming.toarray().tolist() == graph.directed.toarray().T.tolist()
    assert graph.directed.indices.dtype == graph.directed.indptr.dtype == np.int32


@settings(max_examples=60, deadline=None)
@given(EDGES)
def test_it_is_what_dicts_of_dicts_say(edges) -> None:
    direct: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for source, target, weight in edges:
        if source != target:
            direct[source][target] += weight
    keys = sorted({*direct, *(target for row in direct.values() for target in row)})
    number = {key: place for place, key in enumerate(keys)}
    expected = {(number[s], number[t]): w for s, row in direct.items() for t, w in row.items()}
    graph = tie_graph(table(edges))
    assert list(graph.keys) == keys
    assert entries(graph.directed) == expected
    both: dict[tuple[int, int], float] = defaultdict(float)
    for (source, target), weight in expected.items():
        both[source, target] += weight
        both[target, source] += weight
    assert entries(graph.undirected) == both
    assert entries(graph.incoming) == {(t, s): w for (s, t), w in expected.items()}
    for matrix in (graph.directed, graph.undirected, graph.incoming):
        for row in range(graph.size):
            columns = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
            assert (np.diff(columns) > 0).all()


def test_weights_add_up_to_the_same_bits_in_whatever_order_they_come() -> None:
    rng = np.random.default_rng(3)
    edges = [("a", "b", weight) for weight in rng.random(200)] + [("b", "c", 1.0)]
    first = tie_graph(table(edges))
    for _ in range(5):
        rng.shuffle(edges)
        assert same(tie_graph(table([(s, t, float(w)) for s, t, w in edges])), first)


def test_no_ties_are_an_empty_graph() -> None:
    assert empty_graph().size == 0
    assert empty_graph().directed.shape == empty_graph().incoming.shape == (0, 0)
    only_a_loop = tie_graph(table([("a", "a", 1.0)]))
    assert only_a_loop.size == 0


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_a_weight_that_is_none_is_refused(weight: float) -> None:
    with pytest.raises(BadInput, match=r"tie 1 has the weight .*at least 0"):
        tie_graph(table([("a", "b", 1.0), ("b", "c", weight)]))


def test_ends_that_are_no_keys_are_refused() -> None:
    with pytest.raises(BadInput, match="tie 0 has no known target"):
        tie_graph(pa.table({"source": ["a"], "target": pa.array([None], pa.string()), "weight": [1.0]}))
    with pytest.raises(BadInput, match="tie 1 has no known source"):
        numbered_graph(pa.array(["a", "b"]), np.array([0, 2]), np.array([1, 1]), np.ones(2))
    with pytest.raises(BadInput, match="as many sources as targets and weights, not 1, 2 and 2"):
        numbered_graph(pa.array(["a", "b"]), np.array([0]), np.array([1, 1]), np.ones(2))


def test_what_32_bits_cannot_count_is_counted_in_64(monkeypatch: pytest.MonkeyPatch) -> None:
    """scipy goes back to 32 where the content allows; the counting itself must not overflow."""
    graph = graph_of(("a", "b", 1), ("b", "c", 2))
    taken, sorted_by = [], csr.bucketed
    monkeypatch.setattr(csr, "bucketed", lambda *given: (taken.append(given[0].dtype), sorted_by(*given))[1])
    monkeypatch.setattr(csr, "LARGEST", 3)
    wide = graph_of(("a", "b", 1), ("b", "c", 2))
    assert taken == [np.int64]
    assert same(wide, graph)


def test_the_lake_s_ties_are_those_of_the_frames(tmp_path: Path) -> None:
    view = random_world(tmp_path, members=200, months=14).view(date(2001, 2, 28))
    for half_life in (None, 4.0):
        through_text = tie_graph(ties(view, 12, half_life))
        whole = lake_graph(view, 12, half_life)
        assert same(whole, lake_graph(view, 12, half_life))
        assert list(whole.keys) == list(through_text.keys)
        assert entries(whole.directed) == pytest.approx(entries(through_text.directed))
        assert whole.size > 40


def test_a_month_weighs_half_after_each_half_life(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        members=[member("a"), member("b"), member("c")],
        ties=[
            tie("a", "b", date(2000, 12, 1), 8),
            tie("a", "b", date(2000, 10, 1), 8),  # two months before: one half-life
            tie("a", "b", date(2000, 8, 1), 8),
            {"source": "b", "target": "c", "month": date(2000, 10, 1)},  # in touch, how often is not told
        ],
    )
    view = lake.view(date(2000, 12, 31))
    assert entries(lake_graph(view, half_life=2.0).directed) == {(0, 1): 8 + 4 + 2, (1, 2): 0.5}
    assert entries(lake_graph(view).directed) == {(0, 1): 24, (1, 2): 1}
    assert decay(5, 5.0) == 0.5


@pytest.mark.parametrize("half_life", [0.0, -1.0, float("nan")])
def test_a_half_life_that_is_none_is_refused(tmp_path: Path, half_life: float) -> None:
    view = lake_of(tmp_path, members=[member("a")]).view(date(2000, 12, 31))
    with pytest.raises(BadInput, match="half-life"):
        lake_graph(view, half_life=half_life)


def test_a_lake_without_ties_is_an_empty_graph(tmp_path: Path) -> None:
    assert lake_graph(lake_of(tmp_path, members=[member("a")]).view(date(2000, 12, 31))).size == 0
