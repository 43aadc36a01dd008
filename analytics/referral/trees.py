"""Chains of referrals: who descends from whom, over how many generations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from graph.errors import NotFound

Ints = npt.NDArray[np.int64]
NODE = ["label", "id"]


def trees(rows: pd.DataFrame) -> pd.DataFrame:
    """Everybody in a referral, each under the one referrer with most credit (then the earlier, then by key).

    `rows` as from `credit.referrals`. Columns: `label`, `id`, `by_label`, `by`, `date`, `credit` (empty for
    who was brought by nobody), `generation` (0 at a root), `root_label`, `root`, `brought` (directly under
    it) and `descendants` (all below it). Where referrals go round in a circle its latest one is left out:
    nobody is brought by one it brought before.
    """
    best = rows.sort_values(
        ["target_label", "target", "credit", "date", "source_label", "source"],
        ascending=[True, True, False, True, True, True],
    ).drop_duplicates(["target_label", "target"])
    ends = [best[["source_label", "source"]], best[["target_label", "target"]]]
    nodes = pd.concat([end.set_axis(NODE, axis=1) for end in ends]).drop_duplicates().sort_values(NODE)
    place = pd.MultiIndex.from_frame(nodes)
    source, target = (place.get_indexer(pd.MultiIndex.from_frame(end)).astype(np.int64) for end in ends)
    parent = np.full(len(nodes), -1)
    parent[target] = source
    day = np.full(len(nodes), np.iinfo(np.int64).max)
    day[target] = best["date"].astype("int64").to_numpy()
    parent = _cut(parent, day)
    generation, root = _up(parent)
    found = nodes.reset_index(drop=True)
    up = parent >= 0
    row_of = np.full(len(nodes), -1)
    row_of[target] = np.arange(len(best))
    for name, column in (
        ("by_label", "source_label"), ("by", "source"), ("date", "date"), ("credit", "credit"),
    ):  # fmt: skip
        found[name] = best[column].reset_index(drop=True).reindex(np.where(up, row_of, -1)).to_numpy()
    found["generation"] = generation
    found["root_label"], found["root"] = (found[name].to_numpy()[root] for name in NODE)
    found["brought"] = np.bincount(parent[up], minlength=len(nodes))
    found["descendants"] = _below(parent, generation)
    return found


def below(found: pd.DataFrame, key: str, label: str | None = None) -> pd.DataFrame:
    """One node of `trees` and everybody under it, parents before children, with `depth` (0 for itself).

    Raises NotFound for a key in no referral.
    """
    own = found[(found["id"] == key) & ((found["label"] == label) if label else True)]
    if own.empty:
        raise NotFound(f"{key} is in no referral as of the day")
    rows, front = [own.assign(depth=0)], own
    while len(front):
        parents = pd.MultiIndex.from_frame(front[NODE])
        under = pd.MultiIndex.from_frame(found[["by_label", "by"]]).isin(parents)
        front = found[under]
        rows.append(front.assign(depth=len(rows)))
    return pd.concat(rows, ignore_index=True)


def _cut(parent: Ints, day: Ints) -> Ints:
    """Without the latest step of every circle: of each node one parent at most, so circles are apart."""
    ahead = _steps_up(parent, len(parent))
    on = np.unique(ahead[ahead >= 0])
    if not len(on):
        return parent
    # The least node met on the way round names the circle.
    jump, least = parent.copy(), np.arange(len(parent))
    for _ in range(len(parent).bit_length()):
        least[on] = np.minimum(least[on], least[jump[on]])
        jump[on] = jump[jump[on]]
    name = least[on]
    order = np.lexsort((on, day[on], name))
    last = np.append(name[order][1:] != name[order][:-1], True)
    free = parent.copy()
    free[on[order][last]] = -1
    return free


def _steps_up(parent: Ints, steps: int) -> Ints:
    """Where at least so many steps upwards lead; -1 where there are not so many."""
    jump = np.append(parent, -1)
    for _ in range(max(1, steps).bit_length()):
        jump = jump[jump]
    return jump[:-1]


def _up(parent: Ints) -> tuple[Ints, Ints]:
    """Generations from the root, and the root, of every node of a forest: by doubling steps."""
    count = len(parent)
    root = np.where(parent < 0, np.arange(count), parent)
    depth = (parent >= 0).astype(np.int64)
    while (root[root] != root).any():
        depth = depth + depth[root]
        root = root[root]
    return depth, root


def _below(parent: Ints, generation: Ints) -> Ints:
    """How many descend from each node."""
    total = np.zeros(len(parent), np.int64)
    for level in range(int(generation.max(initial=0)), 0, -1):
        here = np.flatnonzero(generation == level)
        np.add.at(total, parent[here], total[here] + 1)
    return total
