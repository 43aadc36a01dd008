"""The LDBC Graphalytics validation graphs, on the engines that must pass them, and the rules of matching."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.engines import ldbc
from analytics.engines import measures as ask_for
from analytics.engines.choose import open_engine
from analytics.engines.network import of_edges
from analytics.engines.run import answer
from graph.errors import BadInput, NotFound


@pytest.fixture(scope="session")
def folder(public_data: Path) -> Path:
    return public_data / "ldbc-graphalytics"


@pytest.mark.data
@pytest.mark.parametrize("name", ["local", "networkx"])
def test_all_24_pairs_match(folder: Path, name: str) -> None:
    pairs = ldbc.pairs(folder)
    assert Counter(pair.algorithm for pair in pairs) == dict.fromkeys(ldbc.ALGORITHMS, 4)
    with open_engine(name) as engine:
        wrong = {
            str(pair): ldbc.difference(case, answer(engine, case.network, case.ask).frame)
            for pair in pairs
            for case in [ldbc.case(folder, pair)]
        }
    assert {pair: why for pair, why in wrong.items() if why} == {}


@pytest.mark.data
def test_graphs_are_read_in_spite_of_wrong_edge_files(folder: Path) -> None:
    read = ldbc.case(folder, ldbc.Pair("test-sssp-undirected", "SSSP")).network
    assert (read.size, read.arcs.nnz, read.directed) == (12, 28, False)
    read = ldbc.case(folder, ldbc.Pair("test-wcc-directed", "WCC")).network
    assert (read.size, read.arcs.nnz, read.directed) == (8, 10, True)


@pytest.mark.data
def test_a_wrong_answer_is_told_from_a_right_one(folder: Path) -> None:
    """Every pair, its reference changed at one vertex: nothing that is wrong may pass."""
    for pair in ldbc.pairs(folder):
        case = ldbc.case(folder, pair)
        with open_engine("local") as engine:
            frame = answer(engine, case.network, case.ask).frame
        column = frame.columns[1]
        spoiled = frame.copy()
        if pair.algorithm in ("BFS", "CDLP"):
            spoiled[column] = frame[column].where(
                frame.index != 0, "7777" if pair.algorithm == "CDLP" else 7777
            )
        elif pair.algorithm == "WCC":
            spoiled.loc[spoiled[column] == 0, column] = range(int((frame[column] == 0).sum()))
        else:
            spoiled[column] = frame[column] * 1.0002
            spoiled.loc[0, column] += 0.1
        assert ldbc.difference(case, frame) is None
        assert ldbc.difference(case, spoiled) is not None, str(pair)


def judged(algorithm: str, right: dict[str, str], found: dict[str, object]) -> str | None:
    ask = {"PR": ask_for.PageRank(), "WCC": ask_for.Components(), "BFS": ask_for.Bfs("1")}[algorithm]
    empty = of_edges(pd.DataFrame({"source": [], "target": []}), directed=True)
    frame = pd.DataFrame({"key": list(found), "value": list(found.values())})
    named = frame.rename(columns={"value": list(ask.columns)[1]})
    return ldbc.difference(ldbc.Case(ldbc.Pair("by-hand", algorithm), empty, ask, right), named)


def test_epsilon_is_relative_and_reached_by_equality() -> None:
    assert judged("PR", {"1": "2.0", "2": "0.0"}, {"1": 2.0002, "2": 0.0}) is None
    assert judged("PR", {"1": "2.0"}, {"1": 2.00021}) == "vertex 1 has 2.00021 instead of 2.0"
    assert judged("PR", {"1": "0.0"}, {"1": 1e-12}) is not None
    assert judged("PR", {"1": "infinity"}, {"1": np.inf}) is None
    assert judged("PR", {"1": "infinity"}, {"1": 1e300}) is not None
    assert judged("PR", {"1": "1.0"}, {"1": np.nan}) is not None
    assert judged("PR", {"1": "1.0"}, {"1": np.inf}) is not None


def test_components_match_whatever_their_names_and_both_ways() -> None:
    right = {"1": "1", "2": "1", "3": "3"}
    assert judged("WCC", right, {"1": 8, "2": 8, "3": 5}) is None
    assert judged("WCC", right, {"1": 8, "2": 8, "3": 8}) == "vertex 3 is grouped otherwise"
    assert judged("WCC", right, {"1": 8, "2": 9, "3": 5}) == "vertex 2 is grouped otherwise"


def test_the_same_vertices_are_answered_for_each_once() -> None:
    says = "not each of the 2 once"
    assert says in str(judged("BFS", {"1": "0", "2": "1"}, {"1": 0}))
    assert says in str(judged("BFS", {"1": "0", "2": "1"}, {"1": 0, "3": 1}))
    assert judged("BFS", {"1": "0", "2": "1"}, {"2": 1, "1": 0}) is None


def test_a_folder_without_graphs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="name the folder"):
        ldbc.pairs(tmp_path)


def test_no_reference_goes_unjudged(tmp_path: Path) -> None:
    (tmp_path / "g.properties").write_text("graph.g.directed = true\ngraph.g.algorithms = bfs\n")
    with pytest.raises(BadInput, match="do not agree about g-BFS"):
        ldbc.pairs(tmp_path)
    (tmp_path / "g-BFS").write_text("1 0\n")
    assert ldbc.pairs(tmp_path) == [ldbc.Pair("g", "BFS")]
    (tmp_path / "g.v").write_text("1\n")
    (tmp_path / "g.e").write_text("")
    with pytest.raises(BadInput, match=r"g\.properties has no bfs\.source-vertex"):
        ldbc.case(tmp_path, ldbc.Pair("g", "BFS"))
