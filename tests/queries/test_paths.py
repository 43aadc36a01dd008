"""The best chains between two people, against every simple path walked by networkx."""

from __future__ import annotations

import random
from itertools import pairwise

import networkx as nx
import pytest

from graph.statement import Statement
from graph.store import GraphStore
from queries.catalog import find
from queries.run import ask

PEOPLE, TIES, WIDEST = 24, 80, 24


@pytest.fixture(scope="module")
def circle(either_store: GraphStore) -> nx.DiGraph:
    """A random circle, in the graph and in memory: directed ties with their contacts."""
    draw = random.Random(7)
    ties = {(a, b): draw.randint(1, 40) for a, b in (draw.sample(range(PEOPLE), 2) for _ in range(TIES))}
    people = [f"m{i}" for i in range(PEOPLE)]
    either_store.write(Statement("UNWIND $ids AS id CREATE (:Member {member_id: id})", {"ids": people}))
    either_store.write(
        Statement(
            "UNWIND $rows AS r MATCH (a:Member {member_id: r[0]}) MATCH (b:Member {member_id: r[1]}) "
            "CREATE (a)-[e:TIE]->(b) SET e.contacts = r[2]",
            {"rows": [[f"m{a}", f"m{b}", n] for (a, b), n in ties.items()]},
        )
    )
    graph = nx.DiGraph()
    graph.add_weighted_edges_from((f"m{a}", f"m{b}", n) for (a, b), n in ties.items())
    return graph


def chains(graph: nx.DiGraph, source: str, target: str, hops: int) -> dict[tuple[str, ...], float]:
    """Every chain of at most so many ties with its strength, both directions of a tie together."""

    def familiarity(a: str, b: str) -> float:
        contacts = sum(graph.edges[ends]["weight"] for ends in ((a, b), (b, a)) if graph.has_edge(*ends))
        return float(contacts / (contacts + 10))

    found: dict[tuple[str, ...], float] = {}
    for path in nx.all_simple_paths(graph.to_undirected(), source, target, cutoff=hops):
        strength = 1.0
        for a, b in pairwise(path):
            strength *= familiarity(a, b)
        found[tuple(path)] = strength
    return found


@pytest.mark.server
@pytest.mark.parametrize(("source", "target", "hops"), [("m0", "m1", 4), ("m2", "m9", 4), ("m5", "m20", 3)])
def test_every_chain_is_found_with_its_strength(
    either_store: GraphStore, circle: nx.DiGraph, source: str, target: str, hops: int
) -> None:
    expected = chains(circle, source, target, hops)
    given = {"source": source, "target": target, "hops": hops, "width": WIDEST, "limit": 10_000}

    rows = ask(either_store, find("paths/between_people"), given).rows

    assert {tuple(row["people"]): row["strength"] for row in rows} == pytest.approx(expected)  # type: ignore[arg-type]
    assert len(rows) == len(expected) >= 5
    assert [row["strength"] for row in rows] == sorted((row["strength"] for row in rows), reverse=True)  # type: ignore[type-var]
