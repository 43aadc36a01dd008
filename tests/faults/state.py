"""All that a lake says, in a form in which two lakes can be compared."""

from __future__ import annotations

from pathlib import Path

from graph.lake import Lake
from graph.schema import LOADS
from ingest.publishing.export import export
from ingest.quarantine import UNFINISHED
from ingest.waiting import wanted


def state(home: Path, scratch: Path) -> dict[str, object]:
    """Every fact by hash, every fact that waits, and what each load of the record counted."""
    lake = Lake(home / "lake")
    loads = lake.view().arrow(LOADS, ["feed", "rows_in", "landed", "unchanged", "set_aside", "waiting"])
    told = sorted(tuple(row.values()) for row in loads.to_pylist())
    return {"facts": export(lake, scratch), "waiting": wanted(lake, 10**6), "loads": told}


def litter(home: Path) -> list[str]:
    """What no finished load leaves behind: staging folders, and quarantines of loads that never landed."""
    landed = set(Lake(home / "lake").view().arrow(LOADS, ["load_id"])["load_id"].to_pylist())
    found = [path.name for path in (home / "staging").glob("*")]
    places = [place.name for place in (home / "quarantine").glob("*")]
    return found + [
        f"quarantine/{name}" for name in places if name.endswith(UNFINISHED) or name not in landed
    ]
