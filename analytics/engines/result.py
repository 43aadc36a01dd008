"""What comes back from an engine: a frame, and where every figure in it is from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.engines.measures import Measure
from analytics.engines.network import Network

Step = Literal["load", "run", "read"]
Columns = Mapping[str, npt.NDArray[Any]]
"""A column's values by its name; without `key` they are one for each node, in the order of its keys."""


@dataclass(frozen=True)
class Provenance:
    """What a result was made by, from what, and how long each part took.

    `load_seconds` brings the graph into the engine's own form or server, `run_seconds` is the algorithm,
    `read_seconds` brings its answer back. A server that answers while it works has both in the run.
    """

    engine: str
    engine_version: str
    measure: str
    parameters: Mapping[str, object]
    seed: int | None
    graph_version: str
    nodes: int
    arcs: int
    directed: bool
    load_seconds: float
    run_seconds: float
    read_seconds: float

    def record(self) -> dict[str, object]:
        """As plain values, for a log or a table."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Result:
    """`frame` has the columns and dtypes of the measure; `warnings` are sentences to show with it.

    `details` are figures of the whole that this engine tells and others may not, such as a certificate.
    """

    frame: pd.DataFrame
    provenance: Provenance
    warnings: tuple[str, ...] = ()
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Trace:
    """What an engine tells while it works."""

    seconds: dict[Step, float] = field(default_factory=lambda: {"load": 0.0, "run": 0.0, "read": 0.0})
    warnings: list[str] = field(default_factory=list)
    details: dict[str, object] = field(default_factory=dict)

    @contextmanager
    def timed(self, step: Step) -> Iterator[None]:
        started = perf_counter()
        try:
            yield
        finally:
            self.seconds[step] += perf_counter() - started

    def warn(self, sentence: str) -> None:
        self.warnings.append(sentence)


def framed(graph: Network, ask: Measure, found: Columns) -> pd.DataFrame:
    """The columns of an answer in the order and dtypes that its measure declares."""
    whole = {"key": graph.keys, **found}
    return pd.DataFrame({name: pd.Series(whole[name], dtype=dtype) for name, dtype in ask.columns.items()})


def nothing(ask: Measure) -> pd.DataFrame:
    """The answer for a graph without nodes."""
    return pd.DataFrame({name: pd.Series([], dtype=dtype) for name, dtype in ask.columns.items()})


def by_size(labels: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Groups numbered from 0, the largest first; of equal ones the one with the first node."""
    codes, _ = pd.factorize(labels)  # numbered in the order in which they first occur
    sizes = np.bincount(codes)
    rank = np.empty(len(sizes), np.int64)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return rank[codes]
