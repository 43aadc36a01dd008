"""What all answers have in common: the meaning declared, the form, the provenance, and refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from analytics.engines import measures as ask_for
from analytics.engines.choose import OFFERED
from analytics.engines.engine import Engine, Unsupported
from analytics.engines.measures import MEASURES, OUT_OF_REACH, Measure
from analytics.engines.network import Network, of_edges
from analytics.engines.run import answer
from analytics.engines.semantics import MEANINGS, Direction, Weights
from graph.errors import BadInput
from tests.contract.asking import FLOW, drawn, flow, offered, probe, same, ties

# --- the table of semantics -----------------------------------------------------------------------


def altered(graph: Network, arcs: sparse.csr_array, directed: bool = True) -> Network:
    return Network(graph.keys, sparse.csr_array(arcs), directed)


@pytest.mark.parametrize("kind", MEASURES, ids=lambda kind: kind.name)
def test_direction_is_treated_as_the_table_says(engine: Engine, kind: type[Measure]) -> None:
    graph = drawn(11, directed=True, n=20, arcs=150)  # with mutual pairs
    ask = probe(kind, graph)
    offered(engine, graph, ask)
    turned = altered(graph, graph.arcs.T.tocsr())
    undirected = altered(graph, graph.both, directed=False)
    plain, other, without = (answer(engine, each, ask).frame for each in (graph, turned, undirected))
    says = MEANINGS[kind].direction
    if says is Direction.followed:
        assert not plain.equals(other)
    else:
        same(other, plain, ask)
        if says is Direction.ignored:
            same(without, plain, ask)
        else:
            assert not plain.equals(without)


@pytest.mark.parametrize("kind", MEASURES, ids=lambda kind: kind.name)
def test_weights_are_treated_as_the_table_says(engine: Engine, kind: type[Measure]) -> None:
    graph = drawn(12, directed=False)
    ask = probe(kind, graph)
    offered(engine, graph, ask)
    plain = answer(engine, graph, ask).frame
    threefold = answer(engine, altered(graph, graph.arcs * 3, directed=False), ask).frame
    squared = answer(engine, altered(graph, graph.arcs**2, directed=False), ask).frame
    match MEANINGS[kind].weights:
        case Weights.ignored:
            same(squared, plain, ask)
        case Weights.shares:
            same(threefold, plain, ask)
            assert not squared.equals(plain)
        case Weights.lengths:
            assert (threefold["distance"] == 3 * plain["distance"]).all()


@pytest.mark.parametrize("kind", MEASURES, ids=lambda kind: kind.name)
def test_parallel_ties_are_one_with_their_weights_added(engine: Engine, kind: type[Measure]) -> None:
    twice = pd.concat([FLOW, FLOW.iloc[:2]])
    once = FLOW.assign(weight=[2.0, 2, 2, 5, 1])
    parallel, single = (of_edges(frame, directed=False, keys=list("abcde")) for frame in (twice, once))
    ask = probe(kind, single)
    offered(engine, single, ask)
    pd.testing.assert_frame_equal(answer(engine, parallel, ask).frame, answer(engine, single, ask).frame)


# --- what comes with every answer -----------------------------------------------------------------


@pytest.mark.parametrize("kind", MEASURES, ids=lambda kind: kind.name)
def test_columns_dtypes_and_provenance_are_the_same_everywhere(engine: Engine, kind: type[Measure]) -> None:
    graph = replace(flow(directed=False), stated_version="facts of 2026-10-31")
    ask = probe(kind, graph)
    offered(engine, graph, ask)
    found = answer(engine, graph, ask)
    assert {name: str(dtype) for name, dtype in found.frame.dtypes.items()} == dict(kind.columns)
    assert len(found.frame)
    told = found.provenance.record()
    known = {"engine": engine.name, "measure": kind.name, "graph_version": "facts of 2026-10-31"}
    assert {name: told[name] for name in known} == known
    assert (told["nodes"], told["arcs"], told["directed"]) == (5, 8, False)
    assert str(told["engine_version"]).split()[1][0].isdigit()
    assert min(found.provenance.run_seconds, found.provenance.read_seconds) > 0
    assert found.provenance.load_seconds >= 0
    assert told["seed"] == getattr(ask, "seed", None)


@pytest.mark.parametrize("kind", MEASURES, ids=lambda kind: kind.name)
def test_a_graph_without_nodes_has_an_answer_without_rows(engine: Engine, kind: type[Measure]) -> None:
    empty = of_edges(FLOW.iloc[:0], directed=True)
    if kind in (ask_for.PersonalisedPageRank, ask_for.Bfs, ask_for.ShortestPaths):
        with pytest.raises(BadInput, match="no node 'a' in the graph of 0 nodes"):
            answer(engine, empty, probe(kind, flow()))
        return
    offered(engine, empty, kind())
    found = answer(engine, empty, kind()).frame
    assert {name: str(dtype) for name, dtype in found.dtypes.items()} == dict(kind.columns)
    assert not len(found)


@pytest.mark.parametrize("kind", MEASURES, ids=lambda kind: kind.name)
@pytest.mark.parametrize("keys", ["a", "ab", "abc"])
def test_nodes_without_any_tie_are_answered_for(engine: Engine, kind: type[Measure], keys: str) -> None:
    alone = ties("", keys)
    ask = probe(kind, alone)
    offered(engine, alone, ask)
    found = answer(engine, alone, ask).frame
    expected: dict[str, list[object]] = {
        "components": [0, 1, 2],
        "leiden": [0, 1, 2],
        "label_propagation": list("abc"),
        "pagerank": [1 / len(keys)] * 3,
        "personalised_pagerank": [1, 0, 0],
        "bfs": [0, OUT_OF_REACH, OUT_OF_REACH],
        "sssp": [0, np.inf, np.inf],
        "similarity": [],
        "influence": list("abc"),
    }
    got = found["key" if kind is ask_for.Influence else found.columns[1]].tolist()
    if kind is ask_for.Influence:
        got = sorted(got)
    wanted = expected.get(kind.name, [0, 0, 0])[: len(keys)]
    assert got == (wanted if kind.columns[found.columns[1]] == "str" else pytest.approx(wanted))


def test_what_an_engine_lacks_is_said_by_name(engine: Engine) -> None:
    class Odd(Measure):
        name = "odd"
        columns = {"key": "str"}  # noqa: RUF012

    says = (
        f"engine {engine.name} does not offer odd here: it is not among its measures; engines that do: none"
    )
    with pytest.raises(Unsupported, match=says):
        answer(engine, flow(), Odd())


@pytest.mark.neo4j
@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (ask_for.LabelPropagation(), "one node after another"),
        (ask_for.PageRank(rounds=3), "ask without rounds"),
        (ask_for.Clustering(), "undirected graphs only"),
    ],
)
def test_gds_other_semantics_are_refused(gds: Engine, ask: Measure, reason: str) -> None:
    with pytest.raises(Unsupported, match=f"{reason}.*engines that do: local, networkx"):
        answer(gds, flow(), ask)


@pytest.mark.neo4j
def test_gds_influence_carries_the_closed_forms(gds: Engine) -> None:
    """A chain's head is no better than 1.11 at p = 0.1, a star's hub 5.0; the server ranks them otherwise."""
    chain = [(f"c{number:02}", f"c{number + 1:02}") for number in range(49)]
    star = [("hub", f"leaf{number:02}") for number in range(40)]
    graph = of_edges(pd.DataFrame(chain + star, columns=["source", "target"]), directed=True)
    found = answer(gds, graph, ask_for.Influence(k=2, probability=0.1, simulations=1_000, seed=0))
    assert any("1.11 is true" in warning for warning in found.warnings)
    by_key = found.frame.set_index("key")["spread"]
    assert by_key.index[0] == "c00"
    assert by_key.iloc[0] > 4


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (ask_for.Bfs("x"), "no node 'x' in the graph of 5 nodes"),
        (ask_for.ShortestPaths("x"), "no node 'x'"),
        (ask_for.PersonalisedPageRank(("a", "x")), "no node 'x'"),
        (ask_for.PersonalisedPageRank(()), "one source or more"),
        (ask_for.PersonalisedPageRank(("a", "a")), "given twice"),
        (ask_for.PageRank(damping=1.0), "damping is from 0 to below 1"),
        (ask_for.PageRank(damping=float("nan")), "damping"),
        (ask_for.LabelPropagation(rounds=-1), "rounds is a whole number from 0 on"),
        (ask_for.Leiden(resolution=0), "a resolution is above 0"),
        (ask_for.Betweenness(samples=1), "samples is a whole number from 2 on"),
        (ask_for.Similarity(k=0), "k is a whole number from 1 on"),
        (ask_for.Influence(k=0), "k is a whole number from 1 on"),
        (ask_for.Influence(probability=1.5), "probability is above 0 and at most 1"),
    ],
)
def test_parameters_that_cannot_be_used_are_refused(engine: Engine, ask: Measure, says: str) -> None:
    offered(engine, flow(), ask)
    with pytest.raises(BadInput, match=says):
        answer(engine, flow(), ask)


def test_more_seeds_or_neighbours_than_nodes_are_all_there_are(engine: Engine) -> None:
    graph = ties("ab bc")
    assert len(answer(engine, graph, ask_for.Similarity(k=50)).frame) == 2
    ask = ask_for.Influence(k=50, simulations=100)
    offered(engine, graph, ask)
    assert sorted(answer(engine, graph, ask).frame["key"]) == ["a", "b", "c"]


def test_every_engine_is_known_by_name_without_a_server() -> None:
    assert list(OFFERED) == ["local", "networkx", "gds"]
