"""Facts against each other and against the lake: one value for each key, and both ends of an edge known.

A fact that fails takes with it all source rows behind it, and a row that is set aside lands nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graph.asof import View
from graph.model import EdgeType, FactType, NodeType, TableType
from graph.schema import NODE, TABLES
from ingest.clean import Fault
from ingest.derive import Facts
from ingest.facts import Mapped

Ints = npt.NDArray[np.int64]
Reasons = dict[int, tuple[str, str]]


@dataclass(frozen=True)
class Pool:
    """All good facts of one table, each once, ready to land.

    `places` has, for each mapping that fills the table, where in `table` each of its facts is (-1: set
    aside), by the mapping's number.
    """

    kind: TableType
    table: pa.Table
    places: dict[int, Ints]


@dataclass(frozen=True)
class Checked:
    """The facts that may land, table by table, and the faults of each mapping's rows, old and new."""

    pools: tuple[Pool, ...]
    faults: tuple[tuple[Fault, ...], ...]


def check(mapped: Sequence[Mapped], view: View) -> Checked:
    """Pool the facts of all mappings by table and part with those that contradict or dangle."""
    faults = [{fault.row: fault for fault in each.faults} for each in mapped]
    pools: list[Pool] = []
    for kind in TABLES.values():
        members = {number: each for number, each in enumerate(mapped) if each.plan.kind is kind}
        if not members:
            continue
        pool = _pooled(kind, {number: each.facts for number, each in members.items()})
        wrong = {**_dangling(pool, view, pools), **_contradicting(pool, members)}
        spoilt, rows = _spread(pool, members, wrong)
        for number, row, fact in rows:
            field, reason = wrong.get(fact, ("", "another row behind the same fact is set aside"))
            faults[number].setdefault(row, Fault(row, field, reason))
        pools.append(_without(pool, spoilt))
    return Checked(tuple(pools), tuple(tuple(each[row] for row in sorted(each)) for each in faults))


def _pooled(kind: TableType, facts: dict[int, Facts]) -> Pool:
    """The facts of all mappings together; those that are the same in every value become one."""
    tables = [each.table for each in facts.values()]
    if len(tables) == 1:
        return Pool(kind, tables[0], {number: np.arange(tables[0].num_rows) for number in facts})
    everything = pa.concat_tables(tables)
    numbered = everything.append_column("number", pa.array(np.arange(everything.num_rows)))
    grouped = numbered.group_by(everything.column_names, use_threads=False).aggregate([("number", "list")])
    behind = grouped["number_list"].combine_chunks()
    place = np.empty(everything.num_rows, np.int64)
    place[_numpy(pc.list_flatten(behind))] = _numpy(pc.list_parent_indices(behind))
    ends = np.cumsum([table.num_rows for table in tables])[:-1]
    places = dict(zip(facts, np.split(place, ends), strict=True))
    return Pool(kind, grouped.select(everything.column_names), places)


def _contradicting(pool: Pool, members: dict[int, Mapped]) -> Reasons:
    """Facts that have the same key and different values; there is no saying which is right."""
    numbered = pool.table.append_column("number", pa.array(np.arange(pool.table.num_rows)))
    grouped = numbered.group_by(list(pool.kind.key)).aggregate([("number", "list"), ("number", "count")])
    several = grouped.filter(pc.greater(grouped["number_count"], 1))["number_list"].to_pylist()
    if not several:
        return {}
    lines = _lines(pool, members, {fact for facts in several for fact in facts})
    found: Reasons = {}
    for facts in several:
        rows = pool.table.take(pa.array(facts)).to_pylist()
        key = ", ".join(f"{name} {rows[0][name]}" for name in pool.kind.key if rows[0][name] is not None)
        differing = [name for name in rows[0] if len({row[name] for row in rows}) > 1]
        where = ", ".join(str(line) for line in sorted({lines[fact] for fact in facts})[:5])
        reason = f"{key} stands with different values of {', '.join(differing)} (lines {where})"
        found |= dict.fromkeys(facts, (differing[0], reason))
    return found


def _lines(pool: Pool, members: dict[int, Mapped], facts: set[int]) -> dict[int, int]:
    """The first line behind each of some facts of the pool."""
    lines: dict[int, int] = {}
    wanted = np.array(sorted(facts))
    for number, each in members.items():
        at = pool.places[number][each.facts.fact]
        of_interest = np.flatnonzero(np.isin(at, wanted))
        for link in of_interest:
            line = int(each.plan.source.lines[each.facts.row[link]])
            fact = int(at[link])
            lines[fact] = min(line, lines.get(fact, line))
    return lines


def _dangling(pool: Pool, view: View, pools: Sequence[Pool]) -> Reasons:
    """Edges and facts about a node that neither the lake nor this load knows."""
    found: Reasons = {}
    for column, labels in _ends(pool.kind):
        several = len(labels) > 1
        for label in labels:
            here = pc.invert(pc.is_in(pool.table[column], value_set=_known(NODE[label], view, pools)))
            if several:
                here = pc.and_(here, pc.equal(pool.table[f"{column}_label"], label))
            unknown = np.flatnonzero(_numpy(here))
            for fact, key in zip(
                unknown.tolist(), pool.table[column].take(pa.array(unknown)).to_pylist(), strict=True
            ):
                found.setdefault(fact, (column, f"no {label} {key!r} in the lake or in this load"))
    return found


def _ends(kind: TableType) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(kind, EdgeType):
        yield "source", kind.sources
        yield "target", kind.targets
    if isinstance(kind, FactType):
        yield "about", kind.about


def _known(kind: NodeType, view: View, pools: Sequence[Pool]) -> pa.Array:
    """The keys of all nodes of a kind, in the lake and among those about to land."""
    loading = [pool.table[kind.id] for pool in pools if pool.kind is kind]
    landed = view.sql_arrow(f'SELECT DISTINCT "{kind.id}" FROM "{kind.table}"')[kind.id]
    chunks = [chunk for column in (landed, *loading) for chunk in column.cast(pa.string()).chunks]
    return pa.concat_arrays([*chunks, pa.array([], pa.string())])


def _spread(
    pool: Pool, members: dict[int, Mapped], wrong: Reasons
) -> tuple[npt.NDArray[np.bool_], list[tuple[int, int, int]]]:
    """Which facts go when those go: all of a row's facts with any one of them.

    Also the rows that go with them, as (mapping, row, fact).
    """
    spoilt = np.zeros(pool.table.num_rows, bool)
    spoilt[list(wrong)] = True
    rows: dict[tuple[int, int], int] = {}
    before = -1
    while before != spoilt.sum():
        before = int(spoilt.sum())
        for number, each in members.items():
            at = pool.places[number][each.facts.fact]
            hit = np.flatnonzero(spoilt[at])
            for link in hit:
                rows.setdefault((number, int(each.facts.row[link])), int(at[link]))
            spoilt[at[np.isin(each.facts.row, each.facts.row[hit])]] = True
    return spoilt, [(number, row, fact) for (number, row), fact in rows.items()]


def _without(pool: Pool, spoilt: npt.NDArray[np.bool_]) -> Pool:
    place = np.where(spoilt, -1, np.cumsum(~spoilt) - 1)
    places = {number: place[old] for number, old in pool.places.items()}
    return Pool(pool.kind, pool.table.filter(pa.array(~spoilt)), places)


def _numpy(array: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    found: npt.NDArray[np.int64] = array.to_numpy(zero_copy_only=False)
    return found
