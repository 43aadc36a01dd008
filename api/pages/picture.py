"""Where the nodes of a small graph stand: laid out on the server, so everyone sees the same picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 840.0, 470.0
MARGIN_X, MARGIN_TOP, MARGIN_BOTTOM = 46.0, 24.0, 34.0
CLEAR = np.array([50.0, 33.0])
"""Least distance between two nodes across and down, so that a name fits under its node, in pixels."""
SEED = 7

Point = tuple[float, float]
Points = NDArray[np.float64]


@dataclass(frozen=True)
class Person:
    """A node to be drawn. `shape` is one of "member", "risk", "left" and "contact"."""

    id: str
    name: str
    shape: str
    url: str
    hint: str


@dataclass(frozen=True)
class Tie:
    """An edge to be drawn, with the figures its row in the table shows."""

    source: str
    target: str
    kind: str
    contacts: float = 0.0
    figures: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Placed:
    """A node with its place, in pixels from the upper left."""

    person: Person
    x: float
    y: float


@dataclass(frozen=True)
class Drawn:
    """An edge with the places of its ends; `width` in pixels."""

    tie: Tie
    source: Placed
    target: Placed
    width: float


@dataclass(frozen=True)
class Picture:
    """Nodes and edges with their places, on a canvas of `width` × `height` pixels."""

    nodes: tuple[Placed, ...]
    edges: tuple[Drawn, ...]
    width: float = WIDTH
    height: float = HEIGHT


def draw(people: Sequence[Person], ties: Sequence[Tie]) -> Picture:
    """The picture of these people and the ties among them; the same input gives the same picture."""
    pairs = tuple((tie.source, tie.target, round(weight_of(tie), 3)) for tie in ties)
    places = layout(tuple(person.id for person in people), pairs)
    nodes = {person.id: Placed(person, *places[person.id]) for person in people}
    heaviest = max((tie.contacts for tie in ties), default=1.0) or 1.0
    edges = tuple(
        Drawn(
            tie, nodes[tie.source], nodes[tie.target], round(0.8 + 4.2 * (tie.contacts / heaviest) ** 0.5, 2)
        )
        for tie in ties
    )
    return Picture(tuple(nodes.values()), edges)


def weight_of(tie: Tie) -> float:
    """How hard a tie pulls its ends together: by order of magnitude, or the busiest pair hides the rest."""
    return 1.0 + float(np.log1p(tie.contacts))


@lru_cache(maxsize=256)
def layout(nodes: tuple[str, ...], pairs: tuple[tuple[str, str, float], ...]) -> dict[str, Point]:
    """A place for each node: forces first (ForceAtlas2, Jacomy et al. 2014), then room for the names."""
    if not nodes:
        return {}
    graph: Any = nx.Graph()
    graph.add_nodes_from(nodes)
    graph.add_weighted_edges_from(pairs)
    start = nx.spring_layout(graph, seed=SEED, weight="weight", iterations=60)
    found = nx.forceatlas2_layout(
        graph, pos=start, seed=SEED, weight="weight", max_iter=200, scaling_ratio=4.0, strong_gravity=False
    )
    points = spread(fitted(np.array([found[node] for node in nodes], dtype=np.float64)))
    return {
        node: (round(float(x), 1), round(float(y), 1)) for node, (x, y) in zip(nodes, points, strict=True)
    }


def fitted(points: Points) -> Points:
    """The points on the canvas, rather by rank than by value: one outlier shall not squeeze the rest."""
    order = points.argsort(axis=0).argsort(axis=0) / max(len(points) - 1, 1)
    low, span = points.min(axis=0), np.ptp(points, axis=0)
    linear = (points - low) / np.where(span == 0, 1.0, span)
    if len(points) == 1:
        linear = order = np.full((1, 2), 0.5)
    room = np.array([WIDTH - 2 * MARGIN_X, HEIGHT - MARGIN_TOP - MARGIN_BOTTOM])
    return np.asarray((0.35 * linear + 0.65 * order) * room + [MARGIN_X, MARGIN_TOP])


def spread(points: Points, rounds: int = 120) -> Points:
    """The points pushed apart where two stand closer than `CLEAR`, kept on the canvas."""
    points = points.copy()
    low = np.array([MARGIN_X, MARGIN_TOP])
    high = np.array([WIDTH - MARGIN_X, HEIGHT - MARGIN_BOTTOM])
    for _ in range(rounds):
        apart = (points[:, None, :] - points[None, :, :]) / CLEAR
        distance = np.sqrt((apart**2).sum(axis=2)) + np.eye(len(points)) * 9
        distance = np.maximum(distance, 1e-3)
        close = np.clip(1.0 - distance, 0.0, None)[:, :, None]
        if not close.any():
            break
        # two nodes on one spot have no direction: their order in the list gives one
        tilt = np.sign(np.arange(len(points))[:, None] - np.arange(len(points))[None, :])[:, :, None] * 1e-3
        points = np.clip(
            points + ((apart + tilt) / distance[:, :, None] * close * 0.5 * CLEAR).sum(axis=1), low, high
        )
    return points
