"""What the graph is to show of a view of the lake, type by type, and what differs between two views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from graph.asof import View
from graph.model import EdgeType, NodeType
from graph.schema import NODE

TIES = """
WITH newest AS (SELECT max(month) AS month FROM ties),
monthly AS (
  SELECT *, coalesce(calls, 0) + coalesce(messages, 0) AS contacts FROM ties
),
pairs AS (
  SELECT source, target, sum(calls)::BIGINT AS calls, sum(seconds)::BIGINT AS seconds,
    sum(messages)::BIGINT AS messages, sum(days_active)::BIGINT AS days_active,
    sum(contacts)::BIGINT AS contacts,
    coalesce(sum(contacts) FILTER (monthly.month > newest.month - INTERVAL 3 MONTH), 0)::BIGINT
      AS recent_contacts,
    count(DISTINCT monthly.month) AS months, min(monthly.month) AS first_month,
    max(monthly.month) AS last_month
  FROM monthly, newest GROUP BY source, target
)
SELECT p.*, coalesce(least(p.contacts, r.contacts) / nullif(greatest(p.contacts, r.contacts), 0), 0.0)
  * (r.source IS NOT NULL)::INT AS reciprocity
FROM pairs p LEFT JOIN pairs r ON p.source = r.target AND p.target = r.source
"""


@dataclass(frozen=True, eq=False)
class Difference:
    """Rows to write, new or changed, and rows (their keys are enough) to take away."""

    written: pa.Table
    gone: pa.Table


def shown(view: View, kind: NodeType | EdgeType) -> pa.Table:
    """The rows of a type that the graph shows for this view.

    Nodes have their id and properties; edges their ends, the columns that tell parallel edges apart,
    and properties. An edge is shown while both its ends are.
    """
    if isinstance(kind, NodeType):
        return view.arrow(kind, [kind.id, *(field.name for field in kind.properties)])
    rows = f"({TIES})" if kind.summed else f'"{kind.table}"'
    ends = " AND ".join(_present(kind, end) for end in ("source", "target"))
    return view.sql_arrow(f"SELECT e.* FROM {rows} e WHERE {ends}")


def identity(kind: NodeType | EdgeType) -> list[str]:
    """The columns of `shown` that tell one row from another."""
    if isinstance(kind, NodeType):
        return [kind.id]
    labels = [f"{end}_label" for end in ("source", "target") if len(_labels(kind, end)) > 1]
    return [*labels, "source", "target", *kind.parallel]


def difference(before: pa.Table | None, now: pa.Table, key: Sequence[str]) -> Difference:
    """What leads from one table of `shown` to the other; without a `before`, all that is there now."""
    if before is None:
        return Difference(now, now.slice(0, 0))
    same = " AND ".join(f'n."{name}" IS NOT DISTINCT FROM b."{name}"' for name in key)
    with duckdb.connect() as connection:
        connection.register("before", before)
        connection.register("now", now)
        return Difference(
            connection.sql("SELECT * FROM now EXCEPT SELECT * FROM before").to_arrow_table(),
            connection.sql(
                f"SELECT * FROM before b WHERE NOT EXISTS (SELECT 1 FROM now n WHERE {same})"
            ).to_arrow_table(),
        )


def tables_behind(kind: NodeType | EdgeType) -> set[str]:
    """The tables of the lake that decide what is shown of a type."""
    if isinstance(kind, NodeType):
        return {kind.table}
    return {kind.table, *(NODE[label].table for label in (*kind.sources, *kind.targets))}


def _present(edge: EdgeType, end: str) -> str:
    """The condition that this end of the edge is a node that the view has."""
    labels = _labels(edge, end)
    among = {
        label: f'e."{end}" IN (SELECT "{NODE[label].id}" FROM "{NODE[label].table}")' for label in labels
    }
    if len(labels) == 1:
        return among[labels[0]]
    return "(" + " OR ".join(f"(e.{end}_label = '{label}' AND {test})" for label, test in among.items()) + ")"


def _labels(edge: EdgeType, end: str) -> tuple[str, ...]:
    return edge.sources if end == "source" else edge.targets
