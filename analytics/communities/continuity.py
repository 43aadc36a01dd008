"""Communities keep their ids from run to run, so that a circle can be followed over the months.

What became of the others is named: who was born, who died, what split and what merged.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

SAME_FROM = 0.1
"""Least Jaccard similarity for a circle to count as the same. Low on purpose: with one-to-one matching
the risk is not a wrong heir but a circle that doubled or halved and lost its name."""
PART_FROM = 0.3
"""Share of an earlier community that makes up a part of it, where it split."""
MERGED_FROM = 0.5
"""Share of an earlier community that has to go into one circle to be merged into it."""
EVENTS = ("continued", "born", "died", "split", "merged")
CHANGES = ("event", "community_id", "earlier_id", "moved", "size", "size_before")


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


def changes(now: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """What became of every community between two runs, by name; columns `CHANGES`.

    Both frames have member_id and community_id, a member once each, ids already matched. One row per
    event and pair of communities: `moved` counts the members that are in both.

    - continued: the id stayed. The rest of `size` joined, the rest of `size_before` left.
    - split: at least two circles hold three tenths of the earlier community each; a row per such part.
    - merged: at least two communities went into one circle, each with half its members or more (the one
      whose id the circle keeps counts in any case); a row per such community.
    - born: a circle whose id is new, and no part of a split or fruit of a merger.
    - died: an earlier community whose id is gone, neither split nor merged.

    Every id of either run has a row. No rows where there was no earlier run.
    """
    if earlier.empty:
        return _changes([])
    flows = _flows(now, earlier)
    kept = flows[flows["community_id"] == flows["earlier_id"]]
    parts, merged = _parts(flows), _merged(flows)
    named = [("continued", kept), ("split", parts), ("merged", merged)]
    fresh = _unnamed(now, named, "community_id", "size")
    gone = _unnamed(earlier, named, "earlier_id", "size_before")
    rows = [frame.assign(event=event) for event, frame in named]
    return _changes([*rows, fresh.assign(event="born", moved=0), gone.assign(event="died", moved=0)])


def counted(found: pd.DataFrame) -> dict[str, int]:
    """How many communities continued, were born, died, split, and how many came of a merger."""
    subject = found["earlier_id"].where(found["event"].isin(["died", "split"]), found["community_id"])
    counts = subject.groupby(found["event"]).nunique()
    return {event: int(counts.get(event, 0)) for event in EVENTS}


def _flows(now: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """Members shared by each pair of communities of the two runs, with both sizes."""
    before = earlier.rename(columns={"community_id": "earlier_id"})
    both = now.merge(before, on="member_id").groupby(["earlier_id", "community_id"])
    flows = both.size().rename("moved").reset_index()
    flows["size"] = flows["community_id"].map(now.groupby("community_id").size()).astype("int64")
    flows["size_before"] = flows["earlier_id"].map(before.groupby("earlier_id").size()).astype("int64")
    return flows


def _parts(flows: pd.DataFrame) -> pd.DataFrame:
    parts = flows[(flows["moved"] >= PART_FROM * flows["size_before"]) & (flows["moved"] > 1)]
    return parts[parts.groupby("earlier_id")["community_id"].transform("size") > 1]


def _merged(flows: pd.DataFrame) -> pd.DataFrame:
    went = (flows["moved"] >= MERGED_FROM * flows["size_before"]) & (flows["moved"] > 1)
    into = flows[went | (flows["earlier_id"] == flows["community_id"])]
    return into[into.groupby("community_id")["earlier_id"].transform("size") > 1]


def _unnamed(
    members: pd.DataFrame, named: list[tuple[str, pd.DataFrame]], side: str, size: str
) -> pd.DataFrame:
    """The communities of one side that no event names, with their size."""
    sizes = members.groupby("community_id").size()
    told = set().union(*(frame[side] for _, frame in named))
    left = sizes[~sizes.index.isin(list(told))]
    return pd.DataFrame({side: left.index.astype(object), size: left.to_numpy(np.int64)})


def _changes(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """All events in one frame, in the order of `EVENTS`, then by id; whole numbers as Int64."""
    rows = pd.concat(frames) if frames else pd.DataFrame()
    rows = rows.reindex(columns=list(CHANGES))
    rows = rows.astype(dict.fromkeys(("moved", "size", "size_before"), "Int64"))
    rows["place"] = rows["event"].map({event: place for place, event in enumerate(EVENTS)})
    ordered = rows.sort_values(["place", "earlier_id", "community_id"], na_position="first")
    return ordered.drop(columns="place").reset_index(drop=True)
