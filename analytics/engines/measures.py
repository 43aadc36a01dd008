"""What engines can be asked, and what each answer looks like, whichever engine gives it.

A measure is a frozen value: its parameters are its fields, its columns (name to dtype) belong to its class.
Where the LDBC Graphalytics specification speaks, it is followed; `analytics.engines.semantics` says more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np

from analytics.engines.network import Network
from graph.errors import BadInput

OUT_OF_REACH = int(np.iinfo(np.int64).max)
"""The depth that LDBC gives to a node that no path reaches; a distance is infinite then."""


@dataclass(frozen=True)
class Measure:
    """One question. `check` raises BadInput where the parameters cannot be used on a graph."""

    name: ClassVar[str]
    columns: ClassVar[Mapping[str, str]]

    @property
    def parameters(self) -> dict[str, object]:
        return asdict(self)

    def check(self, graph: Network) -> None:
        """Nothing to check where a measure has no parameters."""


@dataclass(frozen=True)
class Components(Measure):
    """Who hangs together. `component` counts from 0, the largest first, of equal ones by the first node."""

    name = "components"
    columns: ClassVar = {"key": "str", "component": "int64"}


@dataclass(frozen=True)
class LabelPropagation(Measure):
    """Communities by `rounds` rounds of everybody taking the label most frequent around them (CDLP).

    `label` is a node's key. Raises BadInput for less than 0 rounds.
    """

    rounds: int = 10

    name = "label_propagation"
    columns: ClassVar = {"key": "str", "label": "str"}

    def check(self, graph: Network) -> None:
        _at_least("rounds", self.rounds, 0)


@dataclass(frozen=True)
class Leiden(Measure):
    """Communities of high modularity. `community` counts from 0, the largest first."""

    resolution: float = 1.0
    seed: int = 1

    name = "leiden"
    columns: ClassVar = {"key": "str", "community": "int64"}

    def check(self, graph: Network) -> None:
        if not (np.isfinite(self.resolution) and self.resolution > 0):
            raise BadInput(f"a resolution is above 0, such as 1.0, not {self.resolution}")
        _at_least("seed", self.seed, 0)


@dataclass(frozen=True)
class PageRank(Measure):
    """Share of a random walk, all shares adding up to 1; until they stand still, or exactly `rounds` rounds.

    The walk takes arcs by their weight where `weighted`, else each alike.
    """

    damping: float = 0.85
    rounds: int | None = None
    weighted: bool = True

    name = "pagerank"
    columns: ClassVar = {"key": "str", "score": "float64"}

    def check(self, graph: Network) -> None:
        _damping(self.damping)
        if self.rounds is not None:
            _at_least("rounds", self.rounds, 1)


@dataclass(frozen=True)
class PersonalisedPageRank(Measure):
    """As PageRank, of a walk that starts, and starts again, at one of the `sources`."""

    sources: tuple[str, ...]
    damping: float = 0.85
    weighted: bool = True

    name = "personalised_pagerank"
    columns: ClassVar = {"key": "str", "score": "float64"}

    def check(self, graph: Network) -> None:
        _damping(self.damping)
        if not self.sources:
            raise BadInput("a personalised PageRank needs one source or more; none is given")
        if len(set(self.sources)) < len(self.sources):
            raise BadInput("a source is given twice; give each once")
        graph.numbers(self.sources)


@dataclass(frozen=True)
class Core(Measure):
    """Largest k such that the node is in the k-core of the simple undirected graph."""

    name = "core"
    columns: ClassVar = {"key": "str", "core": "int64"}


@dataclass(frozen=True)
class Betweenness(Measure):
    """Share of the shortest paths between two others that pass a node, counted in steps, 0 to 1.

    From all nodes, or estimated from `samples` of them: `error` is its standard error, 0 where exact and
    NaN where the engine cannot tell.
    """

    samples: int | None = None
    seed: int = 1

    name = "betweenness"
    columns: ClassVar = {"key": "str", "score": "float64", "error": "float64"}

    def check(self, graph: Network) -> None:
        if self.samples is not None:
            _at_least("samples", self.samples, 2)  # one has no standard error
        _at_least("seed", self.seed, 0)

    def exact(self, graph: Network) -> bool:
        return self.samples is None or self.samples >= graph.size


@dataclass(frozen=True)
class Clustering(Measure):
    """How many of the arcs that could be between a node's neighbours are there, 0 to 1 (LCC)."""

    name = "clustering"
    columns: ClassVar = {"key": "str", "coefficient": "float64"}


@dataclass(frozen=True)
class Bfs(Measure):
    """Steps from a source along the arcs; OUT_OF_REACH where there is no way."""

    source: str

    name = "bfs"
    columns: ClassVar = {"key": "str", "depth": "int64"}

    def check(self, graph: Network) -> None:
        graph.number(self.source)


@dataclass(frozen=True)
class ShortestPaths(Measure):
    """Least sum of weights from a source along the arcs (SSSP); infinite where there is no way.

    Weights are read as lengths.
    """

    source: str

    name = "sssp"
    columns: ClassVar = {"key": "str", "distance": "float64"}

    def check(self, graph: Network) -> None:
        graph.number(self.source)


@dataclass(frozen=True)
class Similarity(Measure):
    """Up to `k` others whose neighbours are most like a node's own: those in common of all (Jaccard).

    One row for each node and other with a neighbour in common, the most similar first.
    """

    k: int = 10

    name = "similarity"
    columns: ClassVar = {"key": "str", "other": "str", "similarity": "float64"}

    def check(self, graph: Network) -> None:
        _at_least("k", self.k, 1)


@dataclass(frozen=True)
class Influence(Measure):
    """Up to `k` nodes to begin with, so that word of mouth reaches most.

    Independent cascade: who has been reached passes it on once along each arc with `probability`. `spread`
    is how many nodes the engine expects to be reached by the seeds up to this `rank`, themselves included.
    Engines that simulate do so `simulations` times for an estimate; one that certifies takes `epsilon`.
    """

    k: int = 10
    probability: float = 0.1
    epsilon: float = 0.1
    simulations: int = 1_000
    seed: int = 1

    name = "influence"
    columns: ClassVar = {"rank": "int64", "key": "str", "spread": "float64"}

    def check(self, graph: Network) -> None:
        _at_least("k", self.k, 1)
        _at_least("simulations", self.simulations, 1)
        _at_least("seed", self.seed, 0)
        for what, value in (("probability", self.probability), ("epsilon", self.epsilon)):
            if not 0 < value <= 1:
                raise BadInput(f"{what} is above 0 and at most 1, not {value}")


MEASURES: tuple[type[Measure], ...] = (
    Components,
    LabelPropagation,
    Leiden,
    PageRank,
    PersonalisedPageRank,
    Core,
    Betweenness,
    Clustering,
    Bfs,
    ShortestPaths,
    Similarity,
    Influence,
)


def _at_least(what: str, value: int, least: int) -> None:
    if value < least:
        raise BadInput(f"{what} is a whole number from {least} on, not {value}")


def _damping(value: float) -> None:
    if not 0 <= value < 1:
        raise BadInput(f"damping is from 0 to below 1, such as 0.85, not {value}")
