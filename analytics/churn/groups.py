"""Group-first scores: how endangered a member's circle is, times how endangered it is within it.

After Y. Richter, E. Yom-Tov and N. Slonim, "Predicting customer churn in mobile networks through
analysis of social groups", SDM 2010: small tight groups, a model of groups by their shape and their
leader, a model of members by their place in the group, and the product. It needs nobody to have left yet.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.churn.model import Labels, fit, varying
from analytics.churn.network import Network
from analytics.communities.leiden import one_run
from analytics.csr import Floats, Ints, TieGraph

MEMBERS_PER_RESOLUTION = 50
"""Leiden at resolution n ÷ 50 keeps a circle of s whose ties stay inside by a share f while s < 50 f: up to
twenty at f = 0.4. Modularity has f · s/n against resolution · (s/n)², so a fixed resolution would give
larger circles in larger networks."""
SHAPE = ("group_size", "group_density", "group_leader", "group_outside", "group_contacts")
PLACE = ("place_rank", "place_share", "place_inside", "place_leads")


def grouped(network: Network) -> pd.DataFrame:
    """The circle of each active member with a tie to an active one, by member_id: `group` (a number),
    SHAPE (the same for all of a circle) and PLACE.

    Size and contacts are logs; density the ties present ÷ possible; leader the largest part of a circle's
    tie weight at one member; outside the part of its tie weight that leaves it. Rank is 0 for the member
    with the most weight inside to 1 for the one with the least.
    """
    at = np.flatnonzero(network.active)
    ties = network.ties[at][:, at].tocsr()
    tied = np.flatnonzero(np.diff(ties.indptr))
    ties = ties[tied][:, tied].tocsr()
    names = network.keys[at[tied]]
    if not len(names):
        return pd.DataFrame(columns=["group", *SHAPE, *PLACE], index=pd.Index([], name="member_id"))
    ties.sort_indices()
    circle = one_run(
        TieGraph(names, ties, ties), seed=1, resolution=max(1.0, len(names) / MEMBERS_PER_RESOLUTION)
    )
    return pd.DataFrame(_told(ties, circle), index=pd.Index(names, name="member_id"))


def _told(ties: object, circle: Ints) -> dict[str, np.ndarray]:
    indptr, indices, data = ties.indptr, ties.indices, ties.data  # type: ignore[attr-defined]
    size = len(circle)
    row = np.repeat(np.arange(size), np.diff(indptr))
    inside = circle[row] == circle[indices]
    weight = np.bincount(row, data, size)
    within: Floats = np.bincount(row[inside], data[inside], size).astype(np.float64)
    many = np.bincount(circle).astype(np.float64)
    pairs = np.bincount(circle[row[inside]], minlength=len(many))
    kept, total = np.bincount(circle, within), np.bincount(circle, weight)
    leader = np.zeros(len(many))
    np.maximum.at(leader, circle, within)
    rank = _ranks(circle, within) / np.maximum(many - 1, 1)[circle]
    return {
        "group": circle,
        "group_size": np.log(many)[circle],
        "group_density": (pairs / np.maximum(many * (many - 1), 1))[circle],
        "group_leader": (leader / np.maximum(kept, 1e-300))[circle],
        "group_outside": (1 - kept / total)[circle],
        "group_contacts": np.log1p(total / many)[circle],
        "place_rank": rank,
        "place_share": within / np.maximum(kept, 1e-300)[circle],
        "place_inside": within / weight,
        "place_leads": (rank == 0).astype(np.float64),
    }


def _ranks(circle: Ints, within: Floats) -> Floats:
    """Place of each within its circle by weight, 0 first; ties by the order of keys."""
    order = np.lexsort((np.arange(len(circle)), -within, circle))
    first = np.unique(circle[order], return_index=True)[1]
    ranks = np.empty(len(circle))
    ranks[order] = np.arange(len(circle)) - first[circle[order]]
    return ranks


def group_first(before: pd.DataFrame, left: Labels, now: pd.DataFrame) -> pd.DataFrame:
    """Scores of `now` by models fitted to `before`, both as from `grouped`; `left` goes with `before`.

    By member_id: `group_chance`, `place_chance` and `value`, their product over the share that left, at
    most 1: what the two would make if they were independent. Both outcomes must be present.
    """
    told = {}
    for name, columns in (("group_chance", SHAPE), ("place_chance", PLACE)):
        used, _ = varying(before, columns)
        chance = fit(before, left, used).chance(now) if used else np.full(len(now), left.mean())
        told[name] = chance
    found = pd.DataFrame(told, index=now.index)
    return found.assign(value=np.minimum(found["group_chance"] * found["place_chance"] / left.mean(), 1.0))


def sentences(found: pd.DataFrame, now: pd.DataFrame) -> list[list[str]]:
    """What a group-first score is made of, in words."""
    size = np.rint(np.exp(now["group_size"])).astype(int)
    return [
        [
            f"a circle of {many:,} with {100 * density:.0f} % of its ties present:"
            f" {100 * group:.1f} % of such leave; by its place in it {100 * place:.1f} %"
        ]
        for many, density, group, place in zip(
            size, now["group_density"], found["group_chance"], found["place_chance"], strict=True
        )
    ]
