"""The communities of a run: found, named after those of the run before, compared, divided."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pandas as pd

from analytics.communities import continuity, leiden
from analytics.communities.nested import name_inner, nested
from analytics.communities.overlay import strangers
from analytics.communities.stability import choose
from analytics.csr import TieGraph
from analytics.frames import account_of, accounts
from graph.asof import View
from graph.progress import Progress

NEWEST = """SELECT run_id FROM runs WHERE as_of <= $day AND run_id IN (SELECT run_id FROM communities)
            ORDER BY as_of DESC, run_id DESC LIMIT 1"""


@dataclass(frozen=True, eq=False)
class Circles:
    """The rows of the four tables on communities, without run_id, and what to note of the run."""

    members: pd.DataFrame
    profiles: pd.DataFrame
    events: pd.DataFrame
    inner: pd.DataFrame
    notes: dict[str, object]


def circles_of(
    view: View, graph: TieGraph, resolution: float | None = None, progress: Progress | None = None
) -> Circles:
    """The communities as of the view's day, with ids that go on from the newest run not after it.

    Without a `resolution` the most stable one is chosen. Raises BadInput as `leiden.find` does.
    """
    earlier = _earlier_communities(view)
    partition, sweep = _partition(view, graph, resolution, progress)
    circles = leiden.members_of(graph, partition)
    homes = account_of(view)
    profiles = leiden.profiles(graph, circles, homes, accounts(view).set_index("account_id")["name"])
    matched = continuity.match(circles, earlier)
    ids = continuity.name(profiles["circle"], matched, _used(view))
    now = circles.assign(community_id=circles["circle"].map(ids))
    events = continuity.changes(now[["member_id", "community_id"]], earlier)
    inner = _inner(view, graph, partition, ids)
    notes: dict[str, object] = {
        "found": len(profiles),
        "continued": len(matched),
        "resolution": partition.resolution,
        "modularity": round(partition.modularity, 5),
        "taken_apart": partition.split,
        "mean_stability": round(float(circles["stability"].mean()), 4) if len(circles) else None,
        "members_in_none": int(graph.size - len(circles)),
        "inner": inner["community_id"].nunique(),
        "alone_in_anothers": len(strangers(now, homes)),
        "changes": continuity.counted(events) if len(events) else None,
        "agreement_by_resolution": sweep,
    }
    rows = pd.DataFrame(
        {
            "source": circles["member_id"],
            "target": now["community_id"],
            "matched_from": circles["circle"].map(matched),
            "stability": circles["stability"],
        }
    )
    return Circles(rows, profiles.assign(community_id=profiles["circle"].map(ids)), events, inner, notes)


def _partition(
    view: View, graph: TieGraph, resolution: float | None, progress: Progress | None
) -> tuple[leiden.Partition, dict[str, float]]:
    """The communities, and how well runs agreed at each resolution tried."""
    if resolution is not None:
        return leiden.find(graph, resolution=resolution), {}
    partition, sweep = choose(graph, _earlier_resolution(view), progress=progress)
    agreed = zip(sweep["resolution"], sweep["agreement"], strict=True)
    return partition, {str(resolution): round(agreement, 4) for resolution, agreement in agreed}


def _inner(view: View, graph: TieGraph, partition: leiden.Partition, ids: pd.Series) -> pd.DataFrame:
    """The groups inside large circles, with their ids."""
    groups = nested(graph, partition.circle)
    groups = groups.assign(member_id=graph.keys[groups["node"].to_numpy()].astype(str))
    before = view.sql(
        f"SELECT member_id, community_id, parent_id FROM inner_circles WHERE run_id = ({NEWEST})",
        {"day": view.as_of},
    )
    used = view.sql("SELECT DISTINCT community_id FROM inner_circles")["community_id"]
    return name_inner(groups, ids, before, used)


def _earlier_communities(view: View) -> pd.DataFrame:
    """Member and community of the newest run not after the day."""
    return view.sql(
        f"SELECT source AS member_id, target AS community_id FROM communities WHERE run_id = ({NEWEST})",
        {"day": view.as_of},
    )


def _used(view: View) -> pd.Series:
    """Every community id ever given out."""
    return view.sql("SELECT DISTINCT community_id FROM community_profiles")["community_id"]


def _earlier_resolution(view: View) -> float | None:
    """At which resolution the newest run not after the day found its communities, where it says so."""
    notes = view.sql(f"SELECT notes FROM runs WHERE run_id = ({NEWEST})", {"day": view.as_of})["notes"]
    found = json.loads(notes[0]).get("communities", {}).get("resolution") if len(notes) else None
    return float(found) if found else None
