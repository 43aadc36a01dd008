"""What a complete file no longer states is withdrawn: noted as gone from today, never removed.

Only where every row of the file could be used, only what the same feed had landed, and never more than a
small part at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from graph.errors import BadInput
from graph.landing import literal, same
from graph.model import Dating, TableType
from graph.schema import LOADS
from graph.writer import Writer
from ingest.check import Pool
from ingest.guard import FEW
from ingest.land import MapCount
from ingest.staging import Staging

MOST = 0.05
"""The part of a feed's rows of a table that one load may withdraw."""


def sweep(
    feed: str,
    pools: Sequence[Pool],
    counts: Sequence[MapCount],
    accept_shrink: bool,
    today: date,
    writer: Writer,
    staging: Staging,
) -> tuple[int, list[str]]:
    """Withdraw what complete files no longer state; return how many rows, and notes on what was left.

    Raises BadInput where it is more than a twentieth of what the feed had landed, unless that is accepted.
    """
    withdrawn, notes = 0, []
    for pool in pools:
        if not (pool.members and all(each.plan.complete for each in pool.members)):
            continue
        bad = sum(c.set_aside - c.waiting for c in counts if c.table == pool.kind.table)
        if bad or not sum(each.rows_in for each in pool.members):
            why = f"{bad:,} rows were set aside" if bad else "it has no rows"
            notes.append(f"{pool.members[0].plan.source.file}: nothing was withdrawn from"
                         f" {pool.kind.table}, since {why}")  # fmt: skip
            continue
        withdrawn += _withdraw(feed, pool, accept_shrink, today, writer, staging)
    return withdrawn, notes


def _withdraw(
    feed: str, pool: Pool, accept_shrink: bool, today: date, writer: Writer, staging: Staging
) -> int:
    kind = pool.kind
    here = writer.present(staging.connection, kind)
    if here is None:
        return 0
    own = f"SELECT * FROM ({here}) h WHERE withdrawn IS NULL AND load_id IN ({_loads(feed, writer, staging)})"
    names = ", ".join(f'"{name}"' for name in kind.key)
    name = f"unstated_{kind.table}"
    staging.keep(
        name,
        f'SELECT {names} FROM ({own}) o WHERE NOT EXISTS (SELECT 1 FROM "stated_{kind.table}" s'
        f" WHERE {same(_thing(kind), 's', 'o')})",
    )
    gone, had = staging.count(f'SELECT * FROM "{name}"'), staging.count(own)
    if gone > max(FEW, MOST * had) and not accept_shrink:
        raise BadInput(
            f"{pool.members[0].plan.source.file} no longer states {gone:,} of the {had:,} rows of"
            f" {kind.table} that this feed had landed; if they are really gone, load it with --accept-shrink"
        )
    if gone:
        writer.withdraw(staging.connection, kind, name, today)
    return gone


def _thing(kind: TableType) -> tuple[str, ...]:
    """The columns by which a file states a row: of things with versions, the thing."""
    return kind.key[:1] if kind.dating is Dating.VERSION else kind.key


def _loads(feed: str, writer: Writer, staging: Staging) -> str:
    """A query for the ids of the feed's earlier loads."""
    loads = writer.present(staging.connection, LOADS)
    if loads is None:
        return "SELECT CAST(NULL AS VARCHAR) WHERE false"
    return f"SELECT load_id FROM ({loads}) WHERE feed = {literal(feed)}"
