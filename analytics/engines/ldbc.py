"""The validation graphs of LDBC Graphalytics: reading them, and telling whether an answer matches.

Format and rules: A. Iosup et al., "The LDBC Graphalytics Benchmark", arXiv 2011.15028, sections 2.2.1 and
2.3; how answers are compared: section 2.3, as the specification and its Java harness have it (the SQL that
is published beside them refuses 0 against 0). Passing is no benchmark result: that needs an audit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.engines import measures as ask_for
from analytics.engines.measures import Measure
from analytics.engines.network import Network, of_edges
from graph.errors import BadInput, NotFound

EPSILON = 1e-4
ALGORITHMS = ("BFS", "CDLP", "LCC", "PR", "SSSP", "WCC")


@dataclass(frozen=True)
class Pair:
    """One validation graph and one algorithm; `str` is how it is named in reports."""

    graph: str
    algorithm: str

    def __str__(self) -> str:
        return f"{self.graph} {self.algorithm}"


@dataclass(frozen=True, eq=False)
class Case:
    """A pair with all it takes: the graph, the question, and the answer that is right.

    `right` has the text of the reference file by vertex.
    """

    pair: Pair
    network: Network
    ask: Measure
    right: Mapping[str, str]


def pairs(folder: Path) -> list[Pair]:
    """The pairs of a folder, by graph and algorithm, out of its property files.

    Raises NotFound for a folder without any, and BadInput where a reference file is missing or belongs to no
    pair: nothing may go unjudged by accident.
    """
    found = [
        Pair(path.stem, algorithm.strip().upper())
        for path in sorted(folder.glob("*.properties"))
        for algorithm in _properties(folder, path.stem)["algorithms"].split(",")
    ]
    if not found:
        raise NotFound(f"no *.properties of LDBC Graphalytics in {folder}; name the folder that holds them")
    named = {f"{pair.graph}-{pair.algorithm}" for pair in found}
    there = {path.name for one in ALGORITHMS for path in folder.glob(f"*-{one}")}
    if named != there:
        odd = ", ".join(sorted(named ^ there))
        raise BadInput(f"in {folder} property files and reference files do not agree about {odd}")
    return sorted(found, key=str)


def case(folder: Path, pair: Pair) -> Case:
    """Read what a pair needs. Raises NotFound for a file that is not there, BadInput for one that is odd."""
    properties = _properties(folder, pair.graph)
    right = dict(line.split() for line in _lines(folder / f"{pair.graph}-{pair.algorithm}"))
    return Case(pair, _network(folder, pair.graph, properties), _question(pair, properties), right)


def difference(which: Case, frame: pd.DataFrame) -> str | None:
    """The first difference of an engine's answer from the right one, in one sentence; None where it matches.

    BFS and CDLP exactly, WCC up to the names of the components, the others to a relative 0.0001, with 0
    and `infinity` matching themselves. The answer must be about the same vertices, each once.
    """
    keys, values = (frame[column].astype(str).tolist() for column in list(which.ask.columns)[:2])
    found = dict(zip(keys, values, strict=True))
    if len(found) < len(keys) or found.keys() != which.right.keys():
        return f"the answer is about {len(keys)} vertices, not each of the {len(which.right)} once"
    return MATCHES[which.pair.algorithm](found, which.right)


def _exact(found: Mapping[str, str], right: Mapping[str, str]) -> str | None:
    wrong = next((key for key, value in right.items() if found[key] != value), None)
    return None if wrong is None else f"vertex {wrong} has {found[wrong]} instead of {right[wrong]}"


def _equivalent(found: Mapping[str, str], right: Mapping[str, str]) -> str | None:
    there, back = ({}, {})  # type: tuple[dict[str, str], dict[str, str]]
    for key, value in right.items():
        if there.setdefault(value, found[key]) != found[key] or back.setdefault(found[key], value) != value:
            return f"vertex {key} is grouped otherwise"
    return None


def _close(found: Mapping[str, str], right: Mapping[str, str]) -> str | None:
    for key, text in right.items():
        value, wanted = float(found[key]), float(text)
        near = abs(value - wanted) <= EPSILON * abs(wanted) < math.inf
        if not (value == wanted or near):
            return f"vertex {key} has {value!r} instead of {wanted!r}"
    return None


MATCHES: Mapping[str, Callable[[Mapping[str, str], Mapping[str, str]], str | None]] = {
    "BFS": _exact,
    "CDLP": _exact,
    "LCC": _close,
    "PR": _close,
    "SSSP": _close,
    "WCC": _equivalent,
}


def _question(pair: Pair, properties: Mapping[str, str]) -> Measure:
    """The measure with the parameters of the property file; LDBC's PageRank knows no weights."""
    match pair.algorithm:
        case "BFS":
            return ask_for.Bfs(_needed(pair, properties, "bfs.source-vertex"))
        case "CDLP":
            return ask_for.LabelPropagation(int(_needed(pair, properties, "cdlp.max-iterations")))
        case "LCC":
            return ask_for.Clustering()
        case "PR":
            damping = float(_needed(pair, properties, "pr.damping-factor"))
            rounds = int(_needed(pair, properties, "pr.num-iterations"))
            return ask_for.PageRank(damping, rounds, weighted=False)
        case "SSSP":
            return ask_for.ShortestPaths(_needed(pair, properties, "sssp.source-vertex"))
        case "WCC":
            return ask_for.Components()
    raise BadInput(f"{pair} is no algorithm of LDBC Graphalytics; they are {', '.join(ALGORITHMS)}")


def _needed(pair: Pair, properties: Mapping[str, str], name: str) -> str:
    if name not in properties:
        raise BadInput(f"{pair.graph}.properties has no {name}, which {pair.algorithm} needs")
    return properties[name]


def _network(folder: Path, name: str, properties: Mapping[str, str]) -> Network:
    """The graph. Vertices go by number, so that the smallest label is the smallest number.

    Files are found by the graph's name: two property files name a wrong edge file.
    """
    keys = sorted((line.strip() for line in _lines(folder / f"{name}.v")), key=int)
    columns = ["source", "target", "weight"]
    rows = [line.split() for line in _lines(folder / f"{name}.e")]
    edges = pd.DataFrame(rows, columns=columns[: len(rows[0])] if rows else columns)
    if "weight" in edges:
        edges["weight"] = edges["weight"].astype(np.float64)
    directed = properties["directed"] == "true"
    return of_edges(edges, directed=directed, keys=keys, version=f"LDBC Graphalytics {name}")


def _properties(folder: Path, name: str) -> dict[str, str]:
    """The entries of a property file without their prefix."""
    prefix = f"graph.{name}."
    entries = [line.partition("=") for line in _lines(folder / f"{name}.properties") if line[0] != "#"]
    return {key.strip().removeprefix(prefix): value.strip() for key, _, value in entries}


def _lines(path: Path) -> Sequence[str]:
    try:
        return [line for line in path.read_text("ascii").splitlines() if line.strip()]
    except FileNotFoundError:
        raise NotFound(f"{path} is not there; the folder of LDBC Graphalytics has it") from None
