"""Facts against each other and against the lake: one value for each key, and both ends of an edge known.

A key that stands with different values takes with it all source rows behind it. A fact whose end is not
known waits for it. All of it is worked out in the load's database, whatever the number of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graph.landing import SQL, same
from graph.model import NodeType, TableType
from graph.schema import NODE, TABLES
from graph.writer import Writer
from ingest.derive import decided, facts
from ingest.facts import Mapped
from ingest.files.sources import LINE, ROW
from ingest.staging import Staging
from ingest.waiting import ends, waiting_rows

ANOTHER = "another row behind the same fact is set aside"


@dataclass(frozen=True)
class Pool:
    """All facts of one table, each key once, under names of the staging.

    `good` may land. `bad` has the keys that may not, with `field`, `reason` and whether they are `waiting`
    for an end; None where there are none. `released` counts the good ones that had waited since an
    earlier load. `plain`: each row of the one mapping is one of the good facts.
    """

    kind: TableType
    members: tuple[Mapped, ...]
    good: str
    bad: str | None
    waiting: str | None
    released: int
    plain: bool


def check(mapped: Sequence[Mapped], writer: Writer, staging: Staging) -> list[Pool]:
    """Pool the facts of all mappings by table, and part with those that contradict or dangle.

    Facts that waited since an earlier load join those of their table as soon as their ends are known.
    """
    pools: list[Pool] = []
    for kind in TABLES.values():
        members = tuple(each for each in mapped if each.plan.kind is kind)
        waiting = waiting_rows(writer, staging, kind)
        if members or waiting:
            pools.append(_pool(kind, members, waiting, writer, staging))
    return pools


def keys(kind: TableType) -> str:
    return ", ".join(f'"{name}"' for name in kind.key)


def _pool(
    kind: TableType, members: tuple[Mapped, ...], waiting: str | None, writer: Writer, staging: Staging
) -> Pool:
    stated = f"stated_{kind.table}"
    made = " UNION ALL BY NAME ".join(f"SELECT * FROM ({facts(each)})" for each in members)
    if not members:
        columns = ", ".join(f'CAST(NULL AS {SQL[f.kind]}) AS "{f.name}"' for f in kind.columns)
        made = f'SELECT {columns}, CAST(NULL AS BIGINT) AS "{LINE}" WHERE false'
    simple = len(members) == 1 and not members[0].plan.aggregated and not members[0].plan.silence
    if simple or not members:
        staging.connection.execute(f'CREATE OR REPLACE VIEW "{stated}" AS {made}')
    else:
        staging.keep(stated, made)
    once, contradicting, repeated = _once(kind, stated, staging)
    dangling = _dangling(kind, once, writer, staging)
    bad = _bad(kind, members, [query for query in (contradicting, dangling) if query], staging)
    waits = _waits(kind, once, bad, staging) if dangling else None
    good = _good(kind, once, bad, staging)
    released = 0
    if waiting:
        good, released = _released(kind, good, stated, waiting, writer, staging)
    return Pool(kind, members, good, bad, waits, released, simple and not (repeated or bad or released))


def _once(kind: TableType, stated: str, staging: Staging) -> tuple[str, str | None, bool]:
    """The facts with each key once, a query for the keys that stand with different values, and whether
    any key repeats.
    """
    columns = ", ".join(f'"{field.name}"' for field in kind.columns)
    once, repeats = f"once_{kind.table}", f"repeats_{kind.table}"
    # By a hash of the key, so that millions of keys take little room; one that clashes does no harm.
    hashed = f"hash({keys(kind)})"
    staging.keep(repeats, f'SELECT {hashed} AS h FROM "{stated}" GROUP BY h HAVING count(*) > 1')
    if not staging.some(f'SELECT * FROM "{repeats}"'):
        staging.connection.execute(f'CREATE OR REPLACE VIEW "{once}" AS SELECT {columns} FROM "{stated}"')
        return once, None, False
    doubled, differing = f"doubled_{kind.table}", f"differing_{kind.table}"
    among = f'{hashed} IN (SELECT h FROM "{repeats}")'
    first = f'min("{LINE}") AS "{LINE}"'
    staging.keep(doubled, f'SELECT {columns}, {first} FROM "{stated}" WHERE {among} GROUP BY {columns}')
    staging.keep(differing, _differing(kind, doubled))
    beside = f'NOT EXISTS (SELECT 1 FROM "{differing}" x WHERE {same(kind.key, "x", "d")})'
    staging.connection.execute(
        f'CREATE OR REPLACE VIEW "{once}" AS SELECT {columns} FROM "{stated}" WHERE NOT ({among})'
        f' UNION ALL SELECT {columns} FROM "{doubled}" d WHERE {beside}'
    )
    if not staging.some(f'SELECT * FROM "{differing}"'):
        return once, None, True
    return once, f'SELECT * FROM "{differing}"', True


def _differing(kind: TableType, doubled: str) -> str:
    """A query for the keys with more than one value, the first field that differs, and why in words."""
    named = ", ".join(f"""'{name} ' || "{name}\"""" for name in kind.key)
    others = [field.name for field in kind.columns if field.name not in kind.key]
    tests = [
        f"""CASE WHEN count(DISTINCT "{n}") + bool_or("{n}" IS NULL)::INT > 1 THEN '{n}' END"""
        for n in others
    ] or ["NULL"]
    return (
        f"SELECT {keys(kind)}, split_part(d, ', ', 1) AS field, concat_ws(', ', {named})"
        " || ' stands with different values of ' || d || ' (lines ' || lines || ')' AS reason,"
        f" false AS waiting FROM (SELECT {keys(kind)}, concat_ws(', ', {', '.join(tests)}) AS d,"
        f""" array_to_string(list_sort(list_distinct(list("{LINE}")))[1:5], ', ') AS lines"""
        f' FROM "{doubled}" GROUP BY {keys(kind)} HAVING count(*) > 1)'
    )


def _dangling(kind: TableType, once: str, writer: Writer, staging: Staging) -> str | None:
    """A query for the keys of edges and facts about a node that neither the lake nor this load knows."""
    found = []
    for column, labels in ends(kind):
        for label in labels:
            known(label, writer, staging)
            of_kind = f"\"{column}_label\" = '{label}' AND " if len(labels) > 1 else ""
            reason = f"""'no {label} ''' || "{column}" || ''' in the lake or in this load'"""
            found.append(
                f"""SELECT {keys(kind)}, '{column}' AS field, {reason} AS reason, true AS waiting
                    FROM "{once}" e WHERE {of_kind}"{column}" NOT IN (SELECT id FROM "known_{label}")"""
            )
    if not found:
        return None
    name = f"dangling_{kind.table}"
    staging.keep(name, " UNION ALL ".join(found))
    return f'SELECT * FROM "{name}"' if staging.some(f'SELECT * FROM "{name}"') else None


def known(label: str, writer: Writer, staging: Staging) -> None:
    """Keep, as `known_<label>`, the keys of all nodes of a kind: those landed and those about to land."""
    name, kind = f"known_{label}", NODE[label]
    if staging.some(f"SELECT 1 FROM duckdb_tables() WHERE table_name = '{name}'"):
        return
    parts = [f'SELECT "{kind.id}" AS id FROM ({query})' for query in _places(kind, writer, staging)]
    nobody = "SELECT CAST(NULL AS VARCHAR) AS id WHERE false"
    staging.keep(name, " UNION ".join(parts) or nobody)


def _places(kind: NodeType, writer: Writer, staging: Staging) -> Iterator[str]:
    here = writer.present(staging.connection, kind)
    if here:
        yield here
    if staging.some(f"SELECT 1 FROM duckdb_views() WHERE view_name = 'good_{kind.table}'"):
        yield f'SELECT * FROM "good_{kind.table}"'


def _bad(kind: TableType, members: Sequence[Mapped], queries: Sequence[str], staging: Staging) -> str | None:
    """The keys that may not land, each once: contradictions before missing ends."""
    if not queries:
        return None
    name = f"bad_{kind.table}"
    first = f"row_number() OVER (PARTITION BY {keys(kind)} ORDER BY waiting, field) = 1"
    staging.keep(name, f"SELECT * FROM ({' UNION ALL BY NAME '.join(queries)}) QUALIFY {first}")
    if any(decided(each.plan) for each in members):
        _spread(kind, members, name, staging)
    return name


def _spread(kind: TableType, members: Sequence[Mapped], bad: str, staging: Staging) -> None:
    """Add the other versions of a thing one of whose versions may not land: they come from the same rows."""
    key = kind.key[0]
    for each in members:
        if decided(each.plan):
            staging.connection.execute(
                f"""INSERT INTO "{bad}" BY NAME SELECT DISTINCT {keys(kind)}, '' AS field,
                    '{ANOTHER}' AS reason, false AS waiting FROM ({facts(each)}) f
                    WHERE f."{key}" IN (SELECT "{key}" FROM "{bad}")
                    AND NOT EXISTS (SELECT 1 FROM "{bad}" b WHERE {same(kind.key, "b", "f")})"""
            )


def _waits(kind: TableType, once: str, bad: str | None, staging: Staging) -> str | None:
    name = f"waits_{kind.table}"
    staging.keep(name, _beside(kind, once, f'SELECT * FROM "{bad}" WHERE waiting', "EXISTS"))
    return name if staging.some(f'SELECT * FROM "{name}"') else None


def _good(kind: TableType, once: str, bad: str | None, staging: Staging) -> str:
    """The facts that may land, as a view where nothing had to be worked out and as a table else."""
    name = f"good_{kind.table}"
    query = _beside(kind, once, f'SELECT * FROM "{bad}"', "NOT EXISTS") if bad else f'SELECT * FROM "{once}"'
    if bad:
        staging.keep(f"kept_{kind.table}", query)
        query = f'SELECT * FROM "kept_{kind.table}"'
    staging.connection.execute(f'CREATE OR REPLACE VIEW "{name}" AS {query}')
    return name


def _beside(kind: TableType, rows: str, others: str, how: str) -> str:
    match = same(kind.key, "b", "e")
    return f'SELECT e.* FROM "{rows}" e WHERE {how} (SELECT 1 FROM ({others}) b WHERE {match})'


def _released(
    kind: TableType, good: str, stated: str, waiting: str, writer: Writer, staging: Staging
) -> tuple[str, int]:
    """The good facts with those that had waited, whose ends are known now and that nobody stated anew."""
    tests = [f'NOT EXISTS (SELECT 1 FROM "{stated}" s WHERE {same(kind.key, "s", "w")})']
    for column, labels in ends(kind):
        for label in labels:
            known(label, writer, staging)
            of_kind = f"\"{column}_label\" <> '{label}' OR " if len(labels) > 1 else ""
            tests.append(f'({of_kind}"{column}" IN (SELECT id FROM "known_{label}"))')
    columns = ", ".join(f'"{field.name}"' for field in kind.columns)
    name = f"released_{kind.table}"
    staging.keep(name, f'SELECT {columns} FROM "{waiting}" w WHERE {" AND ".join(tests)}')
    released = staging.count(f'SELECT * FROM "{name}"')
    if not released:
        return good, 0
    both = f"landing_{kind.table}"
    staging.connection.execute(
        f'CREATE OR REPLACE VIEW "{both}" AS SELECT {columns} FROM "{good}" UNION ALL SELECT * FROM "{name}"'
    )
    return both, released


def behind(kind: TableType, each: Mapped) -> str:
    """The condition that a source row `r` of a mapping is behind a key `k` of its table."""
    stated = {planned.field.name for planned in each.plan.fields}
    names = kind.key[:1] if decided(each.plan) else kind.key
    tests = [same([name], "r", "k") if name in stated else f'k."{name}" IS NULL' for name in names]
    return " AND ".join(tests)


def rows_at_fault(pool: Pool, each: Mapped) -> str | None:
    """A query for the rows of a mapping whose facts may not land: row, field, reason, waiting."""
    if pool.bad is None:
        return None
    return (
        f'SELECT r."{ROW}", any_value(k.field) AS field, any_value(k.reason) AS reason,'
        f' bool_and(k.waiting) AS waiting FROM "{each.rows}" r JOIN "{pool.bad}" k'
        f' ON {behind(pool.kind, each)} GROUP BY r."{ROW}"'
    )
