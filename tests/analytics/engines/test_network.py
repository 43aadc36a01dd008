"""The graph that engines take refuses what no kernel should meet."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import sparse

from analytics.csr import tie_graph
from analytics.engines.network import network, of_edges, of_ties
from graph.errors import BadInput


def edges(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["source", "target", "weight"])


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf"), -0.5])
@pytest.mark.parametrize("directed", [True, False])
def test_a_weight_is_finite_and_not_negative(weight: float, directed: bool) -> None:
    with pytest.raises(BadInput, match=r"the arc from '.' to '.' has the weight .*at least 0"):
        of_edges(edges(("a", "b", 1), ("b", "c", weight)), directed=directed)


def test_the_arc_at_fault_is_named() -> None:
    with pytest.raises(BadInput, match=r"from 'b' to 'c' has the weight -2\.0"):
        of_edges(edges(("a", "b", 1), ("b", "c", -2)), directed=True)


def test_a_loop_is_refused_by_its_key() -> None:
    with pytest.raises(BadInput, match="'b' has an arc to itself"):
        of_edges(edges(("a", "b", 1), ("b", "b", 1)), directed=True)


def test_an_end_that_is_no_node_is_named() -> None:
    with pytest.raises(BadInput, match="an edge ends at 'c', which is none of the 2 nodes"):
        of_edges(edges(("a", "c", 1)), directed=True, keys=["a", "b"])


def test_a_key_names_one_node() -> None:
    with pytest.raises(BadInput, match="'a' names two nodes"):
        of_edges(edges(("a", "b", 1)), directed=True, keys=["a", "b", "a"])
    with pytest.raises(BadInput, match="'a' names two nodes"):
        network(["a", "a"], sparse.csr_array((2, 2)), directed=True)


def test_a_matrix_has_the_keys_shape() -> None:
    with pytest.raises(BadInput, match="a graph of 3 keys needs a matrix of 3 × 3"):
        network(["a", "b", "c"], sparse.csr_array((2, 2)), directed=True)


def test_an_undirected_matrix_is_symmetric() -> None:
    one_way = sparse.csr_array(np.array([[0.0, 1], [0, 0]]))
    with pytest.raises(BadInput, match="not symmetric"):
        network(["a", "b"], one_way, directed=False)
    assert network(["a", "b"], one_way, directed=True).both.toarray().tolist() == [[0, 1], [1, 0]]


def test_parallel_arcs_are_added_up_and_no_arc_is_lost_at_weight_0() -> None:
    found = of_edges(edges(("a", "b", 1), ("a", "b", 2), ("b", "a", 0), ("b", "c", 0)), directed=True)
    assert found.arcs.toarray().tolist() == [[0, 3, 0], [0, 0, 0], [0, 0, 0]]
    assert found.arcs.nnz == 3
    assert found.counted.toarray().tolist() == [[0, 2, 0], [2, 0, 1], [0, 1, 0]]


def test_ties_of_a_run_are_shared_not_copied() -> None:
    run = tie_graph(
        pa.table({"source": ["a", "b", "b"], "target": ["b", "a", "c"], "weight": [1.0, 2.0, 4.0]})
    )
    one_way, either_way = of_ties(run), of_ties(run, directed=False)
    assert np.shares_memory(one_way.arcs.data, run.directed.data)
    assert np.shares_memory(one_way.both.data, run.undirected.data)
    assert either_way.arcs.toarray().tolist() == [[0, 3, 0], [3, 0, 4], [0, 4, 0]]


def test_the_version_is_what_was_said_or_tells_graphs_apart() -> None:
    rows = edges(("a", "b", 1), ("b", "c", 2))
    assert of_edges(rows, directed=True, version="lake 7").version == "lake 7"
    made = [of_edges(rows, directed=directed).version for directed in (True, False)]
    made += [of_edges(rows.assign(weight=3.0), directed=True).version]
    assert len(set(made)) == 3
    assert made[0] == of_edges(rows, directed=True).version
    assert made[0].startswith("digest ")
