"""Communities keep their ids from run to run, so that a circle can be followed over the months."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

SAME_FROM = 0.1
"""Least Jaccard similarity for a circle to count as the same. Low on purpose: with one-to-one matching
the risk is not a wrong heir but a circle that doubled or halved and lost its name."""


def match(circles: pd.DataFrame, earlier: pd.DataFrame) -> pd.Series:
    """The earlier community that each circle continues: `community_id` by circle, for those that do.

    `circles` has member_id and circle, `earlier` has member_id and community_id. The pair with the most
    in common (Jaccard similarity of their members, then shared members) is matched first, and each
    circle and each community once.
    """
    shared = circles.merge(earlier, on="member_id").groupby(["circle", "community_id"]).size()
    pairs = shared.rename("shared").reset_index()
    size = pairs["circle"].map(circles.groupby("circle").size()).astype(float)
    before = pairs["community_id"].map(earlier.groupby("community_id").size()).astype(float)
    pairs["alike"] = pairs["shared"] / (size + before - pairs["shared"])
    pairs = pairs[pairs["alike"] >= SAME_FROM].sort_values(
        ["alike", "shared", "circle", "community_id"], ascending=[False, False, True, True]
    )
    matched: dict[int, str] = {}
    taken: set[str] = set()
    for circle, community in pairs[["circle", "community_id"]].itertuples(index=False):
        if circle not in matched and community not in taken:
            matched[circle] = community
            taken.add(community)
    return pd.Series(matched, dtype=object)


def name(circles: Iterable[int], matched: pd.Series, used: Iterable[str]) -> pd.Series:
    """The `community_id` of every circle: the matched one's, or a fresh "c7" above all ever used."""
    number = max((int(text[1:]) for text in used), default=0)
    ids: dict[int, str] = {}
    for circle in sorted(set(circles)):
        if circle in matched.index:
            ids[circle] = matched[circle]
        else:
            number += 1
            ids[circle] = f"c{number}"
    return pd.Series(ids, dtype=object)
