"""Groups inside circles: a circle too large to act on is divided again, as often as it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from scipy import sparse

from analytics.communities.continuity import match
from analytics.communities.leiden import RESOLUTION, by_size, connected, one_run
from analytics.csr import Floats, Ints, TieGraph

LARGEST = 50
"""Members above which a circle is divided: about as many as one person can keep an eye on."""
DEEPEST = 8


def nested(graph: TieGraph, circle: Ints, largest: int = LARGEST, seed: int = 1) -> pd.DataFrame:
    """The groups inside circles of more than `largest` members, level by level.

    `circle` numbers each node's community from 0. Returns `node` (int64), `level` (1 is directly inside a
    circle), `group` and `parent` (int64): group numbers are counted through all levels, and the parent of a
    level 1 group is the number of its circle. Each group is found by a seeded run of Leiden within its
    parent alone, is connected where the parent is, lies within one parent and has two members or more; a
    parent that Leiden leaves whole has none. Raises BadInput as `leiden.find` does.
    """
    parent, level, first = circle.astype(np.int64), 1, 0
    found: list[pd.DataFrame] = []
    while level <= DEEPEST:
        group = _divided(graph.undirected, parent, largest, seed)
        inside = group >= 0
        if not inside.any():
            break
        rows = {"node": np.flatnonzero(inside), "level": level, "group": first + group[inside]}
        found.append(pd.DataFrame(rows).assign(parent=parent[inside]))
        parent = np.where(inside, first + group, -1)
        first += int(group.max()) + 1
        level += 1
    none = pd.DataFrame({name: np.zeros(0, np.int64) for name in ("node", "level", "group", "parent")})
    return pd.concat(found, ignore_index=True) if found else none


def _divided(ties: sparse.csr_array, parent: Ints, largest: int, seed: int) -> Ints:
    """A group number for every node of a parent that was divided, and -1 for the others."""
    group = np.full(len(parent), -1, np.int64)
    count = 0
    for members, within in _blocks(ties, parent, largest):
        inner = by_size(_inner(members, within, seed))
        size = np.bincount(inner)
        if len(size) > 1:
            kept = size[inner] > 1
            group[members[kept]] = count + inner[kept]
            count += int((size > 1).sum())
    return group


def _inner(members: Ints, within: sparse.csr_array, seed: int) -> Ints:
    alone = TieGraph(members.astype(object), within, within)
    return connected(within, one_run(alone, seed, RESOLUTION))


def _blocks(ties: sparse.csr_array, parent: Ints, largest: int) -> Iterator[tuple[Ints, sparse.csr_array]]:
    """The members of each parent above the size, and the ties among them.

    The matrix is put in order of the parents once, so that each block is a slice and not a search.
    """
    size = np.bincount(parent[parent >= 0]) if (parent >= 0).any() else np.zeros(0, np.int64)
    large = np.flatnonzero(size > largest)
    if not len(large):
        return
    order, place, indptr, indices, data = _sorted(ties, parent, np.isin(parent, large))
    starts = np.searchsorted(parent[order], large)
    for start, count in zip(starts, size[large], strict=True):
        rows = indptr[start : start + count + 1]
        cut = slice(rows[0], rows[-1])
        entries = (data[cut], place[indices[cut]] - start, rows - rows[0])
        yield order[start : start + count], sparse.csr_array(entries, shape=(count, count))


def _sorted(ties: sparse.csr_array, parent: Ints, taken: np.ndarray) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    """The nodes taken by parent, their places, and their ties within parents by place."""
    order = np.flatnonzero(taken)
    order = order[np.argsort(parent[order], kind="stable")]
    place = np.full(len(parent), -1, np.int64)
    place[order] = np.arange(len(order))
    rows = sparse.csr_array(ties[order])
    owner = np.repeat(parent[order], np.diff(rows.indptr))
    inside = owner == parent[rows.indices]
    indptr = np.concatenate([[0], np.cumsum(inside)])[rows.indptr]
    return order, place, indptr, rows.indices[inside], rows.data[inside]


def name_inner(
    groups: pd.DataFrame, ids: pd.Series, earlier: pd.DataFrame, used: Iterable[str]
) -> pd.DataFrame:
    """Give the groups ids under their circle's, such as "c7.2" and inside it "c7.2.1".

    `groups` as of `nested` with member_id instead of node; `ids` gives the community_id of each circle.
    `earlier` has member_id, community_id and parent_id of the run before: a group that continues one of
    the same parent (by the rule of `continuity.match`) keeps its id; others are numbered, by size, above
    all of `used` under that parent. Returns `member_id`, `community_id`, `parent_id`, `level`.
    """
    numbers = _highest(used)
    known = {**ids}
    rows = []
    for level, at in groups.groupby("level"):
        held = at.assign(parent_id=at["parent"].map(known))
        before = earlier.assign(member_id=_under(earlier))
        matched = match(held.assign(member_id=_under(held)).rename(columns={"group": "circle"}), before)
        known = _names(held, matched, numbers)
        rows.append(held.assign(community_id=held["group"].map(known), level=level))
    columns = ["member_id", "community_id", "parent_id", "level"]
    return pd.concat(rows)[columns] if rows else groups.reindex(columns=columns)


def _names(held: pd.DataFrame, matched: pd.Series, numbers: dict[str, int]) -> dict[int, str]:
    """The id of each group; `numbers` learns of those given out."""
    known: dict[int, str] = dict(matched)
    for group, parent in (
        held.drop_duplicates("group")[["group", "parent_id"]].sort_values("group").to_numpy()
    ):
        if group not in known:
            numbers[parent] = numbers.get(parent, 0) + 1
            known[group] = f"{parent}.{numbers[parent]}"
    return known


def _under(held: pd.DataFrame) -> pd.Series:
    """A key of member and parent: what counts as shared is who was in the same parent before."""
    return held["parent_id"].astype(str) + " " + held["member_id"].astype(str)


def _highest(used: Iterable[str]) -> dict[str, int]:
    """The highest number given out under each parent.

    >>> _highest(["c7.2", "c7.10", "c7.2.1"])
    {'c7': 10, 'c7.2': 1}
    """
    highest: dict[str, int] = {}
    for text in used:
        parent, _, number = text.rpartition(".")
        highest[parent] = max(highest.get(parent, 0), int(number))
    return highest
