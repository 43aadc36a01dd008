"""Ties of a made-up population of any size, for benches: the same seed gives the same ties.

Heavy-tailed, since a few lines talk to thousands, and in circles, since most talk stays within one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analytics.csr import TieGraph, tie_graph
from graph.errors import BadInput
from graph.lake import Lake
from graph.landing import arrow_schema
from graph.model import EdgeType, NodeType
from graph.schema import MEMBER, TIE

CIRCLE = 120
"""Mean number of members in a circle; they have numbers next to each other."""
WITHIN = 0.7
"""Share of the ties that are drawn within a circle."""
SPARE = 1.2
MONTHS = tuple(date(2025, month, 1) for month in range(1, 13))


@dataclass(frozen=True, eq=False)
class Drawn:
    """Ties between members numbered from 0: each ordered pair once, no loops, sorted by the pair.

    `source`, `target` int64 and `weight` float64 (whole, 1 to 99), all of length arcs.
    """

    nodes: int
    source: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float64]


def random_ties(nodes: int, arcs: int, seed: int = 7) -> Drawn:
    """Draw `arcs` directed ties among `nodes` members. Degrees fall off with a power of three.

    Raises BadInput where there are too few members for so many ties.
    """
    if nodes < 2 or arcs > nodes * (nodes - 1) // 4:
        raise BadInput(f"{arcs:,} ties do not fit between {nodes:,} members; take at least ten times as many")
    chance = np.random.default_rng(seed)
    hubs = chance.permutation(nodes)
    circle = np.unique(chance.integers(0, nodes, max(1, nodes // CIRCLE)))
    borders = np.append(np.union1d(circle, [0]), nodes)
    pairs = np.empty(0, dtype=np.int64)
    while len(pairs) < arcs:
        wanted = int(SPARE * (arcs - len(pairs))) + 10
        pairs = _distinct(np.concatenate([pairs, _pairs(chance, nodes, hubs, borders, wanted)]))
    surplus = chance.choice(len(pairs), len(pairs) - arcs, replace=False, shuffle=False)
    pairs = np.delete(pairs, surplus)
    weight = np.minimum(np.ceil(chance.exponential(8.0, arcs)), 99.0)
    return Drawn(nodes, pairs // nodes, pairs % nodes, np.maximum(weight, 1.0))


def _pairs(
    chance: np.random.Generator,
    nodes: int,
    hubs: npt.NDArray[np.int64],
    borders: npt.NDArray[np.int64],
    count: int,
) -> npt.NDArray[np.int64]:
    """Pairs as source * nodes + target, no loops: one end by rank, the other in its circle or by rank."""
    source = hubs[_ranks(chance, nodes, count)]
    target = hubs[_ranks(chance, nodes, count)]
    near = np.flatnonzero(chance.random(count) < WITHIN)
    place = np.searchsorted(borders, source[near], side="right")
    first, size = borders[place - 1], np.diff(borders)[place - 1]
    target[near] = first + (chance.random(len(near)) * size).astype(np.int64)
    turned = chance.random(count) < 0.5
    source, target = np.where(turned, target, source), np.where(turned, source, target)
    pairs: npt.NDArray[np.int64] = (source * nodes + target)[source != target]
    return pairs


def _distinct(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """As np.unique, which hashes and is then ten times as slow for millions."""
    ordered = np.sort(numbers)
    different: npt.NDArray[np.int64] = ordered[np.append(True, ordered[1:] != ordered[:-1])]
    return different


def _ranks(chance: np.random.Generator, nodes: int, count: int) -> npt.NDArray[np.int64]:
    """Numbers below `nodes`, i with a chance that falls with the root of i: degrees of a power of three."""
    ranks: npt.NDArray[np.int64] = (nodes * chance.random(count) ** 2).astype(np.int64)
    return ranks


def keys_of(nodes: int) -> pa.Array:
    """The member_id of each number, such as m0000042: in the order of the numbers."""
    width = max(7, len(str(nodes - 1)))
    return pa.array(np.char.add("m", np.char.zfill(np.arange(nodes).astype(str), width)))


def table_of(drawn: Drawn) -> pa.Table:
    """As `analytics.frames.ties` gives them: source, target, weight."""
    keys = keys_of(drawn.nodes)
    return pa.table(
        {"source": keys.take(drawn.source), "target": keys.take(drawn.target), "weight": drawn.weight}
    )


def graph_of(drawn: Drawn) -> TieGraph:
    """As arrays, without the way through a lake; members without a tie are left out."""
    return tie_graph(table_of(drawn))


def land(drawn: Drawn, lake: Lake) -> None:
    """Into a lake, each tie as so many calls in one month of 2025."""
    months = pa.array(MONTHS, pa.date32()).take(pa.array((drawn.source + drawn.target) % len(MONTHS)))
    keys = keys_of(drawn.nodes)
    ends = table_of(drawn)
    with lake.writing("bench") as writer, duckdb.connect() as connection:
        connection.register("member_rows", _rows(MEMBER, member_id=keys, known_from=date(2025, 1, 1)))
        writer.land_from(connection, MEMBER, "member_rows", "bench")
        calls = drawn.weight.astype(np.int64)
        ties = _rows(TIE, source=ends["source"], target=ends["target"], month=months, calls=calls)
        connection.register("tie_rows", ties)
        writer.land_from(connection, TIE, "tie_rows", "bench")


def _rows(kind: NodeType | EdgeType, **given: object) -> pa.Table:
    """A table of the lake out of some of its columns; a single value stands for a column of it."""
    rows = max(len(one) for one in given.values() if hasattr(one, "__len__"))
    columns = []
    for one in arrow_schema(kind):
        value = given.get(one.name)
        if hasattr(value, "__len__"):
            columns.append(value.cast(one.type) if hasattr(value, "cast") else pa.array(value, one.type))
        else:
            columns.append(
                pa.nulls(rows, one.type) if value is None else pa.repeat(pa.scalar(value, one.type), rows)
            )
    return pa.Table.from_arrays(columns, schema=arrow_schema(kind))
