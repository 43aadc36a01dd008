"""Circles of members who are more in touch with each other than with the rest.

Leiden (Traag, Waltman, van Eck 2019) on the weighted undirected ties, as repeatable runs: people act on
communities, so the same facts must give the same circles. `stability` chooses how fine they are, `nested`
finds the groups inside them; see docs/methods/communities.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy import sparse

from analytics.csr import Floats, Ints, TieGraph, upper
from analytics.kernels.lanes import in_lanes, lanes
from analytics.kernels.leiden import inside, numbered, partition
from analytics.kernels.linked import roots_within
from analytics.kernels.rows import rows_added
from analytics.kernels.weights import check_arcs
from graph.errors import BadInput
from graph.progress import Progress

SEEDS = (1, 2, 3, 4, 5)
RESOLUTION = 1.0
NAMED_FROM = 0.2


@dataclass(frozen=True, eq=False)
class Partition:
    """`circle` numbers each node's community from 0, largest first; `stability` 0 to 1 per node.

    Both int64 / float64 in the order of the graph's keys. `split` counts the communities that came back
    in pieces from Leiden and were taken apart. `modularity` is at `resolution`.
    """

    circle: Ints
    stability: Floats
    modularity: float
    split: int
    resolution: float = RESOLUTION


def find(graph: TieGraph, seeds: tuple[int, ...] = SEEDS, resolution: float = RESOLUTION) -> Partition:
    """The best of several seeded runs by modularity; the others tell how stable each member's place is.

    Raises BadInput for weights that are negative or no numbers, and a resolution that is not above 0.
    """
    if not graph.size:
        return Partition(np.zeros(0, np.int64), np.zeros(0), 0.0, 0, resolution)
    return best_of(graph, runs(graph, seeds, [resolution])[resolution], resolution)


def runs(
    graph: TieGraph, seeds: Sequence[int], resolutions: Sequence[float], progress: Progress | None = None
) -> dict[float, list[Ints]]:
    """A run of every seed at every resolution, as Leiden left it: labels from 0 by resolution.

    Each run has a thread of its own, as many at a time as there are cores. Raises BadInput as `find` does.
    """
    _check(graph, resolutions)
    found: dict[float, list[Ints]] = {}
    with lanes() as pool:
        for number, fine in enumerate(resolutions):
            if progress:
                progress("communities by resolution", number, len(resolutions))
            run = partial(_run, graph.undirected, seeds, fine)
            found[fine] = in_lanes(run, len(seeds), pool)
    return found


def best_of(graph: TieGraph, found: Sequence[Ints], resolution: float) -> Partition:
    """Of several runs at one resolution, taken apart where in pieces, the one of highest modularity."""
    whole = [connected(graph.undirected, circle) for circle in found]
    quality = [modularity(graph.undirected, circle, resolution) for circle in whole]
    best = int(np.argmax(quality))
    others = [circle for number, circle in enumerate(whole) if number != best]
    split = int(whole[best].max()) - int(found[best].max())
    stable = np.mean([kept_company(whole[best], other) for other in others or whole], axis=0)
    return Partition(by_size(whole[best]), stable, quality[best], split, resolution)


def one_run(graph: TieGraph, seed: int, resolution: float = RESOLUTION) -> Ints:
    """One seeded run; the same seed gives the same numbers from 0."""
    return runs(graph, [seed], [resolution])[resolution][0]


def connected(ties: sparse.csr_array, circle: Ints) -> Ints:
    """The communities with those in several pieces taken apart into their pieces; a weight of 0 is no tie."""
    pieces, _ = numbered(roots_within(ties.indptr, ties.indices, ties.data, circle))
    return pieces.astype(np.int64)


def modularity(ties: sparse.csr_array, circle: Ints, resolution: float = RESOLUTION) -> float:
    """Newman's modularity of a partition of a weighted undirected graph without loops."""
    strength = rows_added(ties.indptr, ties.data)
    twice = float(strength.sum())
    if not twice:
        return 0.0
    share = np.bincount(circle, weights=strength) / twice
    return inside(ties.indptr, ties.indices, ties.data, circle) / twice - resolution * float(share @ share)


def kept_company(circle: Ints, other: Ints) -> Floats:
    """Per node, the share of the rest of its circle that another partition leaves together with it.

    1 for a node alone in its circle.
    """
    size = np.bincount(circle)[circle]
    both = circle * (int(other.max()) + 1) + other
    _, place, together = np.unique(both, return_inverse=True, return_counts=True)
    kept: Floats = (together[place] - 1) / np.maximum(size - 1, 1)
    kept[size == 1] = 1.0
    return kept


def by_size(circle: Ints) -> Ints:
    """Renumber so that 0 is the largest; of equal ones the one with the first node comes first."""
    sizes = np.bincount(circle)
    _, first = np.unique(circle, return_index=True)
    rank = np.empty(len(sizes), np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    return rank[circle]


def members_of(graph: TieGraph, partition: Partition) -> pd.DataFrame:
    """`member_id`, `circle`, `stability` for everyone who shares a circle with at least one other."""
    shared = np.bincount(partition.circle)[partition.circle] > 1 if graph.size else np.zeros(0, bool)
    return pd.DataFrame(
        {
            "member_id": graph.keys[shared].astype(str),
            "circle": partition.circle[shared],
            "stability": partition.stability[shared],
        }
    )


def profiles(graph: TieGraph, circles: pd.DataFrame, account_of: pd.Series, names: pd.Series) -> pd.DataFrame:
    """Per circle: `circle`, `size`, `density`, `label`, `accounts`.

    `account_of` gives account_id by member_id, `names` the account's name by account_id.
    """
    homes = circles.assign(account_id=circles["member_id"].map(account_of))
    profile = homes.groupby("circle").agg(size=("member_id", "size"), accounts=("account_id", "nunique"))
    possible = profile["size"] * (profile["size"] - 1) / 2
    profile["density"] = _inside(graph, circles).reindex(profile.index, fill_value=0) / possible
    labels = _labels(homes, profile["size"], names).astype(object).reindex(profile.index)
    profile["label"] = labels.fillna("no account known")
    return profile.reset_index()


def _inside(graph: TieGraph, circles: pd.DataFrame) -> pd.Series:
    """Pairs in touch within each circle."""
    circle = np.full(graph.size, -1, np.int64)
    circle[np.searchsorted(graph.keys.astype(str), circles["member_id"].to_numpy(str))] = circles["circle"]
    source, target, _ = upper(graph.undirected)
    both = circle[source][(circle[source] == circle[target]) & (circle[source] >= 0)]
    return pd.Series(both).value_counts()


def _labels(homes: pd.DataFrame, sizes: pd.Series, names: pd.Series) -> pd.Series:
    """The account most members belong to with its share, and the second where it has a fifth or more."""
    counts = homes.groupby(["circle", "account_id"]).size().rename("members").reset_index()
    counts["share"] = counts["members"] / counts["circle"].map(sizes)
    counts = counts.sort_values(["circle", "share", "account_id"], ascending=[True, False, True])
    place = counts.groupby("circle").cumcount()
    counts = counts[(place == 0) | ((place == 1) & (counts["share"] >= NAMED_FROM))]
    name = counts["account_id"].map(names).fillna(counts["account_id"])
    counts["text"] = [f"{n} {100 * s:.0f} %" for n, s in zip(name, counts["share"], strict=True)]
    return counts.groupby("circle")["text"].agg("、".join)


def _run(ties: sparse.csr_array, seeds: Sequence[int], resolution: float, number: int) -> Ints:
    """The run with one of the seeds; everyone alone where nobody is tied to anybody."""
    if not ties.data.any():
        return np.arange(ties.shape[0])
    indptr, indices, data = (
        np.require(one, requirements="W") for one in (ties.indptr, ties.indices, ties.data)
    )
    return partition(indptr, indices, data, resolution, seeds[number]).astype(np.int64)


def _check(graph: TieGraph, resolutions: Sequence[float]) -> None:
    check_arcs(graph.undirected, "the tie", graph.keys)
    for resolution in resolutions:
        if not (np.isfinite(resolution) and resolution > 0):
            raise BadInput(f"the resolution of communities is a number above 0, not {resolution}")
