"""What the graph is to show of a view of the lake, type by type, for the server and for files."""

from __future__ import annotations

import pyarrow as pa

from graph.asof import View
from graph.model import EdgeType, NodeType
from graph.schema import IDENTITIES, NODE

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


def shown(view: View, kind: NodeType | EdgeType) -> pa.Table:
    """The rows of a type that the graph shows for this view.

    Nodes have their id and properties; edges their ends, the columns that tell parallel edges apart,
    and properties. An edge is shown while both its ends are.
    """
    return view.sql_arrow(shown_sql(kind))


def shown_sql(kind: NodeType | EdgeType) -> str:
    """The query of a view whose rows are those of `shown`."""
    if isinstance(kind, NodeType):
        names = ", ".join(f'"{name}"' for name in (kind.id, *(field.name for field in kind.properties)))
        return f'SELECT {names} FROM "{kind.table}"'
    rows = f"({TIES})" if kind.summed else f'"{kind.table}"'
    ends = " AND ".join(_present(kind, end) for end in ("source", "target"))
    return f"SELECT e.* FROM {rows} e WHERE {ends}"


def identity(kind: NodeType | EdgeType) -> list[str]:
    """The columns of `shown` that tell one row from another."""
    if isinstance(kind, NodeType):
        return [kind.id]
    told = [f"{end}_label" for end in ("source", "target") if len(labels(kind, end)) > 1]
    return [*told, "source", "target", *kind.parallel]


def tables_behind(kind: NodeType | EdgeType) -> set[str]:
    """The tables of the lake that decide what is shown of a type."""
    if isinstance(kind, NodeType):
        return {kind.table, IDENTITIES.table}
    return {kind.table, IDENTITIES.table, *(NODE[label].table for label in (*kind.sources, *kind.targets))}


def _present(edge: EdgeType, end: str) -> str:
    """The condition that this end of the edge is a node that the view has."""
    among = {
        label: f'e."{end}" IN (SELECT "{NODE[label].id}" FROM "{NODE[label].table}")'
        for label in labels(edge, end)
    }
    if len(among) == 1:
        return next(iter(among.values()))
    return "(" + " OR ".join(f"(e.{end}_label = '{label}' AND {test})" for label, test in among.items()) + ")"


def labels(edge: EdgeType, end: str) -> tuple[str, ...]:
    """The labels that may stand at an end, "source" or "target"."""
    return edge.sources if end == "source" else edge.targets
