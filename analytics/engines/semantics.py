"""What each measure means, so that a difference between engines is a fault and not a matter of taste.

The tables of docs/engines.md are written from here and from what engines offer; a test holds them together,
and the contract suite holds `direction` and `weights` to what the engines do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from analytics.engines import measures as ask_for
from analytics.engines.choose import OFFERED
from analytics.engines.engine import lack
from analytics.engines.measures import MEASURES, Measure
from analytics.engines.network import Network, of_edges


class Direction(StrEnum):
    """What becomes of the direction of arcs."""

    ignored = "ignored"
    counted = "either way; a mutual pair counts as two arcs"
    followed = "followed"


class Weights(StrEnum):
    """What becomes of the weights; those of parallel ties are added up before."""

    ignored = "ignored"
    shares = "relative to each other"
    lengths = "as lengths"


@dataclass(frozen=True)
class Meaning:
    """One line of the table. `equals`: of equal ones; `nothing`: who has no arcs, or is out of reach."""

    direction: Direction
    weights: Weights
    equals: str
    nothing: str
    scale: str


MEANINGS: Mapping[type[Measure], Meaning] = {
    ask_for.Components: Meaning(
        Direction.ignored,
        Weights.ignored,
        "of components of one size, that with the first key",
        "alone in a component",
        "numbers from 0, the largest first",
    ),
    ask_for.LabelPropagation: Meaning(
        Direction.counted,
        Weights.ignored,
        "the smallest label; all nodes change at once",
        "keeps its own label",
        "a label is a key; exactly `rounds` rounds",
    ),
    ask_for.Leiden: Meaning(
        Direction.ignored,
        Weights.shares,
        "the engine's choice, the same for the same seed",
        "alone in a community",
        "numbers from 0, the largest first",
    ),
    ask_for.PageRank: Meaning(
        Direction.followed,
        Weights.shares,
        "none",
        "a sink's share goes to all nodes alike",
        "adds up to 1",
    ),
    ask_for.PersonalisedPageRank: Meaning(
        Direction.followed,
        Weights.shares,
        "none",
        "a sink's share goes to the sources alike",
        "adds up to 1",
    ),
    ask_for.Core: Meaning(
        Direction.ignored, Weights.ignored, "none", "0", "of the simple graph: two nodes have one tie or none"
    ),
    ask_for.Betweenness: Meaning(
        Direction.ignored,
        Weights.ignored,
        "each of several shortest paths has an equal part",
        "0",
        "share of all pairs of others, 0 to 1; not counting the ends",
    ),
    ask_for.Clustering: Meaning(
        Direction.counted,
        Weights.ignored,
        "none",
        "0 with fewer than two neighbours",
        "arcs between the k neighbours out of k (k − 1)",
    ),
    ask_for.Bfs: Meaning(
        Direction.followed, Weights.ignored, "none", "9223372036854775807 out of reach", "steps, the source 0"
    ),
    ask_for.ShortestPaths: Meaning(
        Direction.followed, Weights.lengths, "none", "infinity out of reach", "sum of weights, the source 0"
    ),
    ask_for.Similarity: Meaning(
        Direction.ignored,
        Weights.ignored,
        "the first keys (gds: the server's choice)",
        "no row",
        "neighbours in common out of all neighbours of the two, above 0",
    ),
    ask_for.Influence: Meaning(
        Direction.followed,
        Weights.ignored,
        "the engine's choice, the same for the same seed",
        "may be a seed that reaches itself",
        "expected nodes reached, seeds included",
    ),
}


def meanings_table() -> str:
    """MEANINGS as the Markdown table of docs/engines.md."""
    head = ("measure", "direction", "weights", "equal ones", "without arcs, out of reach", "scale")
    rows = [
        (f"`{kind.name}`", one.direction, one.weights, one.equals, one.nothing, one.scale)
        for kind, one in MEANINGS.items()
    ]
    return _markdown([head, *rows])


def offers_table() -> str:
    """Which engine offers which measure, out of what the engines say, as Markdown."""
    rows = [(f"`{kind.name}`", *(_offered(engine, kind) for engine in OFFERED)) for kind in MEASURES]
    return _markdown([("measure", *OFFERED), *rows])


def _offered(engine: str, kind: type[Measure]) -> str:
    reasons = [lack(OFFERED[engine], graph, ask) for graph in _samples() for ask in _variants(kind)]
    why = next((reason for reason in reasons if reason), None)
    if why is None:
        return "yes"
    return f"no: {why}" if all(reasons) else f"in part: {why}"


def _samples() -> Iterator[Network]:
    edges = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"]})
    for directed in (True, False):
        yield of_edges(edges, directed=directed)


def _variants(kind: type[Measure]) -> Iterator[Measure]:
    if kind is ask_for.PersonalisedPageRank:
        yield ask_for.PersonalisedPageRank(("a",))
    elif kind in (ask_for.Bfs, ask_for.ShortestPaths):
        yield kind("a")
    else:
        yield kind()
    if kind is ask_for.PageRank:
        yield ask_for.PageRank(rounds=2)


def _markdown(rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]) + "\n"
