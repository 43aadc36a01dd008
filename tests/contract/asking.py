"""Small graphs, and questions that every engine is asked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from analytics.engines import measures as ask_for
from analytics.engines.engine import Engine, lack
from analytics.engines.measures import Measure
from analytics.engines.network import Network, of_edges
from analytics.engines.run import answer

FLOW = pd.DataFrame(
    [("a", "b", 1.0), ("b", "a", 1.0), ("b", "c", 2.0), ("a", "c", 5.0), ("d", "c", 1.0)],
    columns=["source", "target", "weight"],
)
"""A mutual pair, a sink c, and with it e, who knows nobody."""


def flow(directed: bool = True) -> Network:
    return of_edges(FLOW, directed=directed, keys=list("abcde"))


def ties(text: str, keys: str = "", directed: bool = False) -> Network:
    """Ties of weight 1 from text such as "ab bc"."""
    frame = pd.DataFrame([tuple(tie) for tie in text.split()], columns=["source", "target"], dtype=object)
    return of_edges(frame, directed=directed, keys=list(keys) or None)


def column(engine: Engine, graph: Network, ask: Measure) -> list[object]:
    """The second column, in the order of the keys."""
    frame = answer(engine, graph, ask).frame
    assert frame["key"].tolist() == list(graph.keys)
    return frame.iloc[:, 1].tolist()


def offered(engine: Engine, graph: Network, ask: Measure) -> None:
    """Skip what an engine says it does not offer; that it says so is tested below."""
    if reason := lack(engine.offers, graph, ask):
        pytest.skip(f"{engine.name} does not offer {ask.name}: {reason}")


def questions(graph: Network) -> Iterator[Measure]:
    first = str(graph.keys[0])
    yield ask_for.Components()
    yield ask_for.LabelPropagation(rounds=3)
    yield ask_for.PageRank()
    yield ask_for.PageRank(rounds=3, weighted=False)
    yield ask_for.PersonalisedPageRank((first,))
    yield ask_for.Core()
    yield ask_for.Betweenness()
    yield ask_for.Clustering()
    yield ask_for.Bfs(first)
    yield ask_for.ShortestPaths(first)
    yield ask_for.Similarity(k=3)


def drawn(seed: int, directed: bool, n: int = 30, arcs: int = 70) -> Network:
    chance = np.random.default_rng(seed)
    pairs = chance.integers(0, n, (arcs, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    frame = pd.DataFrame(pairs, columns=["source", "target"]).astype(str)
    frame["weight"] = chance.integers(1, 9, len(frame)).astype(float)
    return of_edges(frame, directed=directed, keys=[str(number) for number in range(n + 2)])


def same(found: pd.DataFrame, expected: pd.DataFrame, ask: Measure) -> None:
    if isinstance(ask, ask_for.Similarity):  # which of equal ones are kept is the server's choice
        found, expected = found.drop(columns="other"), expected.drop(columns="other")
    pd.testing.assert_frame_equal(found, expected, rtol=1e-8, atol=1e-10)


def probe(kind: type[Measure], graph: Network) -> Measure:
    if kind is ask_for.PersonalisedPageRank:
        return ask_for.PersonalisedPageRank((str(graph.keys[0]),))
    if kind in (ask_for.Bfs, ask_for.ShortestPaths):
        return kind(str(graph.keys[0]))  # type: ignore[call-arg]
    if kind is ask_for.Influence:
        return ask_for.Influence(k=3, probability=0.2, simulations=200)
    if kind is ask_for.LabelPropagation:
        return ask_for.LabelPropagation(rounds=2)
    return kind()
