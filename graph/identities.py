"""Who is who: decisions that two keys of the record stand for one thing, applied where the lake is read.

A decision is a dated row of `identities` and never touches a source's rows. A view shows the alias's rows
under the canonical key from the day the decision counts; when it is undone, the rows stand as they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from graph.model import EdgeType, FactType, NodeType, TableType
from graph.schema import IDENTITIES

LABELS = IDENTITIES.about
"""The kinds of node that may be merged."""
ENDED_BY = "closed"
"""An empty `closed` says that the thing lasts, so it is not filled from another row."""

Row = Mapping[str, object]


def standing(decisions: Iterable[Row]) -> dict[tuple[str, str, str], Row]:
    """The latest decision on each pair, by (label, lesser key, greater key), those undone left out."""
    latest: dict[tuple[str, str, str], Row] = {}
    for row in sorted(decisions, key=lambda row: (str(row["date"]), str(row["at"]))):
        one, other = sorted((str(row["about"]), str(row["canonical"])))
        latest[str(row["about_label"]), one, other] = row
    return {pair: row for pair, row in latest.items() if row["verdict"] != "undone"}


def aliases(decisions: Iterable[Row]) -> dict[tuple[str, str], str]:
    """The key that stands for each merged key, by (label, key); chains lead to their last.

    Of two standing merges of one key the later counts. Merges that bite their own tail, which no command
    makes but a feed could bring, end in the key that sorts first.
    """
    direct: dict[tuple[str, str], str] = {}
    for row in standing(decisions).values():
        if row["verdict"] == "same" and row["about"] != row["canonical"]:
            direct[str(row["about_label"]), str(row["about"])] = str(row["canonical"])
    found = {(label, key): _last(direct, label, key) for label, key in direct}
    return {(label, key): last for (label, key), last in found.items() if key != last}


def _last(direct: Mapping[tuple[str, str], str], label: str, key: str) -> str:
    trail = [key]
    while (label, trail[-1]) in direct:
        following = direct[label, trail[-1]]
        if following in trail:
            return min(trail[trail.index(following) :])
        trail.append(following)
    return trail[-1]


def alias_table(found: Mapping[tuple[str, str], str]) -> pa.Table:
    """`aliases` as columns `label`, `alias`, `canonical`."""
    labels, keys = zip(*found, strict=True) if found else ((), ())
    names = {"label": labels, "alias": keys, "canonical": tuple(found.values())}
    return pa.table({name: pa.array(values, pa.string()) for name, values in names.items()})


def merged_sql(kind: TableType, seen: str, labels: Sequence[str]) -> str:
    """The query `seen`, which shows rows of a table, with aliases replaced by what stands for them.

    Reads `identity_of` (as `alias_table`) and `identity_touched` (`label`, `id`: aliases and canonical
    keys). `labels` are those that have aliases; a table that none of them concerns is shown as it is.
    """
    if kind is IDENTITIES:
        return seen
    if isinstance(kind, NodeType):
        return _nodes(kind, seen) if kind.label in labels else seen
    ends = [end for end in _ends(kind) if set(end[1]) & set(labels)]
    return _rows(kind, seen, ends) if ends else seen


def _nodes(kind: NodeType, seen: str) -> str:
    """One row for each thing: the newest, its empty fields filled from the next older.

    What has ended has ended only where all its rows say so; the last of them tells when and why.
    """
    order = f'known_from DESC, (alias IS NULL) DESC, "{kind.id}"'
    columns = [f'canonical AS "{kind.id}"', "max(known_from) AS known_from"]
    for field in kind.properties:
        if field.hidden_until == ENDED_BY:
            last = f'arg_max("{field.name}", "{ENDED_BY}")'
            columns.append(f'CASE WHEN count("{ENDED_BY}") = count(*) THEN {last} END AS "{field.name}"')
        else:
            filled = f'FILTER (WHERE "{field.name}" IS NOT NULL)'
            columns.append(f'first("{field.name}" ORDER BY {order}) {filled} AS "{field.name}"')
    names = ", ".join(f'"{field.name}"' for field in kind.columns)
    touched = f"(SELECT id FROM identity_touched WHERE label = '{kind.label}')"
    return f"""
WITH seen AS ({seen}),
placed AS (
  SELECT s.*, i.alias, coalesce(i.canonical, s."{kind.id}") AS canonical
  FROM seen s LEFT JOIN identity_of i ON i.label = '{kind.label}' AND i.alias = s."{kind.id}"
  WHERE s."{kind.id}" IN {touched}
)
SELECT {names} FROM seen WHERE "{kind.id}" NOT IN {touched}
UNION ALL SELECT {", ".join(columns)} FROM placed GROUP BY canonical"""


def _rows(kind: TableType, seen: str, ends: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """Rows with their ends replaced; of those that then have the same key, the least replaced one.

    An edge between two keys of what is now one thing says nothing more, and is left out.
    """
    labels = {name: _label(name, among) for name, among in _ends(kind)}
    joins = " ".join(
        f'LEFT JOIN identity_of i_{name} ON i_{name}.alias = s."{name}" AND i_{name}.label = {labels[name]}'
        for name, _ in ends
    )
    moved = " + ".join(f"(i_{name}.alias IS NOT NULL)::INT" for name, _ in ends)
    replaced = ", ".join(f'coalesce(i_{name}.canonical, s."{name}") AS "{name}"' for name, _ in ends)
    before = ", ".join(f's."{name}" AS before_{name}' for name, _ in ends)
    touched = " OR ".join(
        f'({labels[name]}, s."{name}") IN (SELECT label, id FROM identity_touched)' for name, _ in ends
    )
    names = ", ".join(f'"{field.name}"' for field in kind.columns)
    key = ", ".join(f'"{name}"' for name in kind.key)
    order = ", ".join(["moved", *(f"before_{name}" for name, _ in ends)])
    loop = "false"
    if isinstance(kind, EdgeType) and set(kind.sources) & set(kind.targets):
        loop = f"moved > 0 AND source = target AND {_bare(labels['source'])} = {_bare(labels['target'])}"
    return f"""
WITH seen AS ({seen}),
placed AS (
  SELECT s.* REPLACE ({replaced}), {before}, {moved} AS moved FROM seen s {joins} WHERE {touched}
)
SELECT {names} FROM seen s WHERE NOT ({touched})
UNION ALL (
  SELECT {names} FROM placed WHERE NOT ({loop})
  QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {order}) = 1
)"""


def _ends(kind: TableType) -> list[tuple[str, tuple[str, ...]]]:
    if isinstance(kind, EdgeType):
        return [("source", kind.sources), ("target", kind.targets)]
    return [("about", kind.about)] if isinstance(kind, FactType) else []


def _label(end: str, among: tuple[str, ...]) -> str:
    """What is the label at an end of `s`, as DuckDB text."""
    return f"'{among[0]}'" if len(among) == 1 else f's."{end}_label"'


def _bare(label: str) -> str:
    return label.removeprefix("s.")
