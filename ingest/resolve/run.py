"""Looking for accounts and contacts that are one: compare, keep the candidates, merge the exact keys."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from graph.identities import aliases, standing
from graph.lake import Lake
from graph.progress import Progress
from graph.schema import IDENTITIES, IDENTITY_CANDIDATES
from ingest.resolve.candidates import EXACT, SUGGESTED, TO_SEE, Found, find, groups
from ingest.resolve.decisions import EXACT_KEYS, Accepted, accept
from ingest.resolve.records import accounts, contacts

NEWEST = """
SELECT * FROM identity_candidates
QUALIFY run_id = max(run_id) OVER (PARTITION BY kind) ORDER BY probability DESC, "left", "right" """


@dataclass(frozen=True)
class Resolved:
    """What one look brought: by kind, what was found, and what the exact keys merged."""

    run_id: str
    found: tuple[Found, ...]
    accepted: Mapping[str, Accepted]

    def rows(self) -> list[dict[str, object]]:
        """One row for each kind, as shown to people."""
        return [self._row(found) for found in self.found]

    def _row(self, found: Found) -> dict[str, object]:
        bands = Counter(found.table["band"].to_pylist())
        return {
            "kind": found.label,
            "records": found.records,
            "pairs_compared": found.compared,
            "exact_keys": bands[EXACT],
            "merged": len(self.accepted[found.label].merged) if found.label in self.accepted else 0,
            "automatic_suggestions": bands[SUGGESTED],
            "to_be_looked_at": bands[TO_SEE],
            "blocks_too_large": found.blocks.capped,
        }


def resolve(
    lake: Lake, kinds: tuple[str, ...], merge_exact: bool = True, progress: Progress | None = None
) -> Resolved:
    """Find candidates among what the newest view shows, record them, and merge those of exact keys.

    Accounts are compared first: contacts are told apart by where they work, and an account that is likely
    another one counts as that one. Pairs judged different are left out. Raises what `Lake.writing` raises.
    """
    view = lake.view()
    run_id = f"resolve-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{secrets.token_hex(2)}"
    firms = find(accounts(view, progress), progress)
    found = [firms] if "Account" in kinds else []
    if "Contact" in kinds:
        found.append(find(contacts(view, groups(firms.table), progress), progress))
    apart = {
        (label, *pair)
        for (label, *pair), row in standing(view.arrow(IDENTITIES).to_pylist()).items()
        if row["verdict"] == "different"
    }
    found = [_without(one, apart) for one in found]
    with lake.writing(f"candidates {run_id}") as writer:
        for one in found:
            writer.append(IDENTITY_CANDIDATES, _rows(one, run_id))
    accepted = {}
    if merge_exact:
        for one in found:
            accepted[one.label] = accept(lake, one.label, pairs_of(_exact(one), EXACT), EXACT_KEYS)
    return Resolved(run_id, tuple(found), accepted)


def pairs_of(rows: list[dict[str, object]], band: str, at_least: float = 0.0) -> list[tuple[str, str, str]]:
    """Candidates of a band as (keep, alias, note) for `decisions.accept`."""
    return [
        (str(row["left"]), str(row["right"]), f"{band}, probability {row['probability']}")
        for row in rows
        if row["band"] == band and float(str(row["probability"])) >= at_least
    ]


def candidates(lake: Lake, kind: str | None = None) -> list[dict[str, object]]:
    """The newest candidates of each kind that nothing has been decided about, the likeliest first."""
    view = lake.view()
    decisions = view.arrow(IDENTITIES).to_pylist()
    decided, known = standing(decisions), aliases(decisions)

    def settled(label: str, one: str, other: str) -> bool:
        same = known.get((label, one), one) == known.get((label, other), other)
        return same or (label, *sorted((one, other))) in decided

    rows: list[dict[str, object]] = view.sql_arrow(NEWEST).to_pylist()
    return [
        row
        for row in rows
        if (kind is None or row["kind"] == kind)
        and not settled(str(row["kind"]), str(row["left"]), str(row["right"]))
    ]


def _exact(found: Found) -> list[dict[str, object]]:
    """Pairs of the exact keys, the likeliest first."""
    exact = found.table.filter(pc.equal(found.table["band"], EXACT))
    few = exact.select(["left", "right", "probability", "band"])
    order = [("probability", "descending"), ("left", "ascending"), ("right", "ascending")]
    rows: list[dict[str, object]] = few.sort_by(order).to_pylist()
    return rows


def _without(found: Found, apart: set[tuple[str, ...]]) -> Found:
    if not apart:
        return found
    rows = zip(found.table["left"].to_pylist(), found.table["right"].to_pylist(), strict=True)
    keep = [(found.label, *sorted(pair)) not in apart for pair in rows]
    return Found(
        found.label,
        found.records,
        found.blocks,
        found.compared,
        found.table.filter(pa.array(keep, pa.bool_())),
    )


def _rows(found: Found, run_id: str) -> pa.Table:
    count = found.table.num_rows
    table = found.table.append_column("run_id", pa.array([run_id] * count, pa.string()))
    return table.append_column("kind", pa.array([found.label] * count, pa.string()))
