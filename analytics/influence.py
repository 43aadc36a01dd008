"""Whom to contact first so that word reaches most others: degree discount.

W. Chen, Y. Wang, S. Yang, "Efficient influence maximization in social networks", KDD 2009: under
independent cascades with one small probability p, a node with d neighbours of which t are chosen
already brings about 1 + (d - 2t - (d - t) t p) p further members, itself included.
"""

from __future__ import annotations

import heapq
import json

import numpy as np
import pandas as pd

from analytics.csr import TieGraph

PROBABILITY = 0.05
SEEDS = 50
COVERS = 20


def degree_discount(graph: TieGraph, k: int = SEEDS, p: float = PROBABILITY) -> pd.DataFrame:
    """Up to k members in order: `rank`, `node`, `gain`, `reach`, `fresh`.

    `gain` is the estimate above; `reach` counts direct neighbours, `fresh` those of them that nobody
    chosen before reaches or is. Stops early when nobody left is estimated to bring anyone. Ties are
    taken as undirected and equally strong; equal candidates in the order of their keys.
    """
    ties = graph.undirected
    degree = np.diff(ties.indptr)
    chosen_near = np.zeros(graph.size, dtype=np.int64)
    covered = np.zeros(graph.size, dtype=bool)
    taken = np.zeros(graph.size, dtype=bool)
    heap = [(-float(d), node, 0) for node, d in enumerate(degree)]
    heapq.heapify(heap)
    rows: list[tuple[int, int, float, int, int]] = []
    while heap and len(rows) < k:
        discounted, node, near = heapq.heappop(heap)
        if taken[node] or near != chosen_near[node]:
            continue
        gain = 1 - discounted * p
        if gain <= 0:
            break
        beside = ties.indices[ties.indptr[node] : ties.indptr[node + 1]]
        rows.append((len(rows) + 1, node, gain, len(beside), int((~covered[beside]).sum())))
        taken[node] = True
        covered[node] = True
        covered[beside] = True
        for other in beside[~taken[beside]]:
            chosen_near[other] += 1
            d, t = float(degree[other]), int(chosen_near[other])
            heapq.heappush(heap, (-(d - 2 * t - (d - t) * t * p), int(other), t))
    return pd.DataFrame(rows, columns=["rank", "node", "gain", "reach", "fresh"])


def seeds(graph: TieGraph, picked: pd.DataFrame, plan: str = "default") -> pd.DataFrame:
    """The rows of table `seeds` without run_id. Contacting costs nothing until a campaign says so."""
    return pd.DataFrame(
        {
            "plan": plan,
            "rank": picked["rank"],
            "id": graph.keys[picked["node"].to_numpy(dtype=np.int64)],
            "cost": 0.0,
            "gain": picked["gain"].astype(float),
            "covers": [json.dumps(closest(graph, int(n)), ensure_ascii=False) for n in picked["node"]],
        }
    )


def closest(graph: TieGraph, node: int, most: int = COVERS) -> list[str]:
    """The member_ids most in touch with a node, strongest first."""
    ties = graph.undirected
    reach = slice(ties.indptr[node], ties.indptr[node + 1])
    order = np.lexsort((ties.indices[reach], -ties.data[reach]))[:most]
    return [str(key) for key in graph.keys[ties.indices[reach][order]]]


def sentences(picked: pd.DataFrame, p: float = PROBABILITY) -> list[list[str]]:
    """Why each one is on the list, in the order of `picked`."""
    return [
        [
            f"reaches {reach} members directly, {fresh} of them not reached by those before",
            f"brings about {gain:.1f} members, itself included, if a contact follows with chance {p:g}",
        ]
        for reach, fresh, gain in picked[["reach", "fresh", "gain"]].itertuples(index=False)
    ]
