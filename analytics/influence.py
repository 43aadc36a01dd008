"""Whom to contact first so that word reaches most others, and how far from the best that choice can be.

Independent cascade along ties in either direction, each contact following with the same chance; the choice
and its certificate are those of `analytics.kernels.opimc`. Method, sources and limits:
docs/methods/influence.md.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from scipy import sparse

from analytics.csr import TieGraph
from analytics.kernels.arcs import Ints, backwards
from analytics.kernels.limits import limits
from analytics.kernels.opimc import Answer, Effort, maximise
from graph.progress import Progress

PROBABILITY = 0.05
SEEDS = 50
COVERS = 20
PICKED = ["rank", "node", "gain", "alone", "shared", "reach", "fresh"]


def most_influential(
    graph: TieGraph,
    k: int = SEEDS,
    p: float = PROBABILITY,
    effort: Effort | None = None,
    progress: Progress | None = None,
) -> tuple[pd.DataFrame, Answer]:
    """Up to k members in order, and the kernel's answer on them.

    Columns: `rank`, `node`; in members, expected: `gain` beyond those before, itself included, `alone` what
    only it reaches and `shared` what others on the list reach too; `reach` counts direct neighbours, `fresh`
    those of them that nobody before reaches or is. Fewer than k where there are fewer, or where nobody left
    brings anyone. Raises BadInput for a p outside 0 to 1.
    """
    ties = graph.undirected
    arcs = sparse.csr_array((np.full(ties.nnz, p), ties.indices, ties.indptr), shape=ties.shape)
    within = limits(graph.size, min(k, graph.size) if graph.size else k)
    answer = maximise(backwards(arcs, "ic"), within, effort=effort, progress=progress)
    found = pd.DataFrame(
        {
            "rank": np.arange(1, len(answer.seeds) + 1),
            "node": answer.seeds,
            "gain": answer.gain,
            "alone": answer.alone,
            "shared": answer.shared,
            "reach": np.diff(ties.indptr)[answer.seeds],
            "fresh": _fresh(ties, answer.seeds),
        },
        columns=PICKED,
    )
    return found, answer


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
    columns = picked[["reach", "fresh", "gain", "alone", "shared"]]
    return [
        [
            f"reaches {reach} members directly, {fresh} of them not reached by those before",
            f"brings about {gain:.1f} members, itself included, beyond those that the ones before bring,"
            f" if a contact follows with chance {p:g}",
            f"about {alone:.1f} members are reached by nobody else on the list,"
            f" {shared:.1f} more by others too",
        ]
        for reach, fresh, gain, alone, shared in columns.itertuples(index=False)
    ]


def notes(answer: Answer, asked: int) -> dict[str, object]:
    """What a run keeps of how its influencers were chosen."""
    return {
        "chosen": len(answer.seeds),
        "of": asked,
        "spread": round(answer.spread, 3),
        "spread_low": round(answer.low, 3),
        "spread_high": round(answer.high, 3),
        "best_possible_at_most": round(answer.upper, 3),
        "certificate": round(answer.certificate, 4),
        "wrong_with_chance": answer.delta,
        "samples": answer.samples,
        "stopped": answer.stopped,
    }


def _fresh(ties: sparse.csr_array, chosen: Ints) -> list[int]:
    covered = np.zeros(ties.shape[0], np.bool_)
    found = []
    for node in chosen:
        beside = ties.indices[ties.indptr[node] : ties.indptr[node + 1]]
        found.append(int((~covered[beside]).sum()))
        covered[beside] = True
        covered[node] = True
    return found
