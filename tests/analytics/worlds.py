"""Small lakes made for tests: rows by hand, and a random world with a reason for leaving planted in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from analytics.csr import TieGraph, tie_graph
from graph.lake import Lake
from graph.landing import arrow_schema
from graph.schema import TABLES

Rows = Sequence[Mapping[str, object]]

START = date(2000, 1, 1)


def lake_of(folder: Path, **tables: Rows) -> Lake:
    """A lake with these rows; columns left out are empty. Called again it adds to the lake."""
    lake = Lake(folder)
    with lake.writing("test") as writer:
        for name, rows in tables.items():
            schema = arrow_schema(TABLES[name])
            full = [{column: row.get(column) for column in schema.names} for row in rows]
            writer.land(TABLES[name], pa.Table.from_pylist(full, schema=schema), "test")
    return lake


def member(key: str, known_from: date = START, **fields: object) -> dict[str, object]:
    return {"member_id": key, "known_from": known_from, **fields}


def tie(source: str, target: str, month: date, calls: int = 1, **fields: object) -> dict[str, object]:
    return {"source": source, "target": target, "month": month, "calls": calls, **fields}


def belongs(
    key: str, account: str, since: date | None = START, until: date | None = None
) -> dict[str, object]:
    return {"source": key, "target": account, "since": since, "until": until}


def graph_of(*edges: tuple[str, str, float]) -> TieGraph:
    """A graph from ordered pairs with weights."""
    source, target, weight = zip(*edges, strict=True)
    return tie_graph(
        pa.table({"source": list(source), "target": list(target), "weight": [float(w) for w in weight]})
    )


def random_graph(rng: np.random.Generator, nodes: int, pairs: int) -> TieGraph:
    """Random ordered pairs with weights 1 to 9."""
    ends = {(int(a), int(b)) for a, b in rng.integers(0, nodes, (pairs, 2)) if a != b}
    return graph_of(*((f"m{a:04d}", f"m{b:04d}", float(rng.integers(1, 10))) for a, b in sorted(ends)))


def empty_graph() -> TieGraph:
    return tie_graph(
        pa.table(
            {
                "source": pa.array([], pa.string()),
                "target": pa.array([], pa.string()),
                "weight": pa.array([], pa.float64()),
            }
        )
    )


def month(number: int) -> date:
    """The first day of the month so many months after START."""
    return date(START.year + number // 12, number % 12 + 1, 1)


def random_world(
    folder: Path, members: int = 800, months: int = 14, seed: int = 1, extra_ties: int = 8
) -> Lake:
    """Members in accounts of 20. Each month 2 % leave, and five times as many of those whose contacts
    collapsed in the month before: the planted signal."""
    rng = np.random.default_rng(seed)
    home = np.arange(members) // 20
    friends = [_friends(rng, home, i, extra_ties) for i in range(members)]
    tired = np.full(members, -1)
    left = np.full(members, months + 1)
    ties: list[dict[str, object]] = []
    for now in range(months):
        here = left > now
        tired[here & (tired < 0) & (rng.random(members) < 0.05)] = now
        weary = (tired >= 0) & (tired <= now)
        left[here & (rng.random(members) < np.where(weary & (tired < now), 0.25, 0.01))] = now + 1
        for i in np.flatnonzero(here):
            pace = 0.8 if weary[i] else 6.0
            for j in friends[i]:
                calls = int(rng.poisson(pace))
                if here[j] and calls:
                    ties.append(tie(_key(i), _key(j), month(now), calls))
    return lake_of(
        folder,
        accounts=[{"account_id": f"a{a:03d}", "known_from": START, "name": f"集团{a}"} for a in set(home)],
        members=[version for i in range(members) for version in _versions(rng, i, int(left[i]), months)],
        memberships=[belongs(_key(i), f"a{home[i]:03d}") for i in range(members)],
        ties=ties,
    )


def _friends(rng: np.random.Generator, home: np.ndarray, i: int, count: int) -> list[int]:
    near = rng.choice(np.flatnonzero(home == home[i]), count // 2 + 1, replace=False)
    far = rng.integers(0, len(home), count // 2)
    return sorted({int(j) for j in (*near, *far)} - {i})


def _versions(rng: np.random.Generator, i: int, left: int, months: int) -> list[dict[str, object]]:
    """The member as known at first, and as known from the day it left."""
    joined = START - timedelta(days=int(rng.integers(1, 2000)))
    first = member(_key(i), START, joined=joined)
    if left > months:
        return [first]
    day = month(left - 1) + timedelta(days=int(rng.integers(0, 28)))
    return [first, member(_key(i), day, joined=joined, left=day)]


def _key(i: int) -> str:
    return f"m{i:04d}"
