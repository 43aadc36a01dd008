"""The rows of one type on both sides, cut into the same ranges: what the lake has, and how to ask the graph.

A type is walked in ranges of one key, cut from the lake's rows so that each holds about `CHUNK` of them.
The key's index serves a range on both servers; reading on in order of the key after a limit would make
ArcadeDB sort everything behind it for every chunk. An edge is walked from the end with fewer edges at
each node, so that no key holds too many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from graph import write
from graph.model import EdgeType, NodeType
from graph.schema import NODE
from graph.statement import Statement, identifier

CHUNK = 10_000
"""Rows of the lake in one range: about a second of the slower server's time."""

Row = dict[str, object]
Identity = tuple[object, ...]


@dataclass(frozen=True)
class Range:
    """Keys after `after`, up to and with `upto` (None: no end), and the lake's rows that have them."""

    after: str
    upto: str | None
    rows: pa.Table

    @property
    def bounds(self) -> dict[str, object]:
        given: dict[str, object] = {"after": self.after, "upto": self.upto}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, eq=False)
class Walk:
    """Rows of the lake and of the graph that are to be the same.

    `rows` are the lake's and `by` the column with the key they are walked by. `asked` is the question
    for a range, whose answer has one row for each row of the graph. `pick` makes (identity, properties)
    of a row of the lake, `read` of a row of the answer: None for one that is of no concern.
    """

    rows: pa.Table
    by: str
    asked: Callable[[Range], Statement]
    pick: Callable[[Row], tuple[Identity, Row]]
    read: Callable[[Row], tuple[Identity, Row] | None]

    def ranges(self) -> Iterator[Range]:
        """Ranges that together hold every text there is but the empty one."""
        order = pc.sort_indices(self.rows, [(self.by, "ascending")])
        keys = self.rows[self.by].take(order)
        start, after = 0, ""
        while start + CHUNK < len(keys):
            upto = keys[start + CHUNK - 1].as_py()
            end = _first_beyond(keys, upto, start + CHUNK)
            yield Range(after, upto, self.rows.take(order[start:end]))
            start, after = end, upto
        yield Range(after, None, self.rows.take(order[start:]))


def node_walk(node: NodeType, rows: pa.Table, wanted: Callable[[str], bool], *, whole: bool) -> Walk:
    """Nodes of a label with the properties that are wanted of them.

    `rows` have the node's key and columns for its properties. Unless `whole`, a node without any wanted
    property is of no concern.
    """

    def read(row: Row) -> tuple[Identity, Row] | None:
        props = {k: v for k, v in _mapping(row["props"]).items() if k != node.id and wanted(k)}
        return ((row["id"],), props) if props or whole else None

    def pick(row: Row) -> tuple[Identity, Row]:
        return (row[node.id],), {name: value for name, value in row.items() if name != node.id}

    return Walk(rows, node.id, lambda part: _nodes_in(node, part), pick, read)


def edge_walk(edge: EdgeType, source: str, target: str, rows: pa.Table) -> Walk:
    """Edges of a type between two labels; `rows` are those of the lake between these."""

    def read(row: Row) -> tuple[Identity, Row]:
        props = _mapping(row["props"])
        key = props.pop("key", None)
        return (source, row["source"], target, row["target"], key), props

    def pick(row: Row) -> tuple[Identity, Row]:
        key = write.edge_key(row[name] for name in edge.parallel)
        props = {field.name: row[field.name] for field in edge.properties}
        return (source, row["source"], target, row["target"], key), props

    forward = write.CROWDS.index(source) <= write.CROWDS.index(target)
    ask = _edges_from if forward else _edges_to
    by = "source" if forward else "target"
    return Walk(rows, by, lambda part: ask(edge, source, target, part), pick, read)


def _nodes_in(node: NodeType, part: Range) -> Statement:
    text = (
        f"MATCH (n:{identifier(node.label)}) WHERE {_within('n', node.label, part)}"
        f" RETURN n.{identifier(node.id)} AS id, properties(n) AS props"
    )
    return Statement(text, part.bounds)


def _edges_from(edge: EdgeType, source: str, target: str, part: Range) -> Statement:
    text = (
        f"MATCH (s:{identifier(source)})-[e:{identifier(edge.name)}]->(t:{identifier(target)})"
        f" WHERE {_within('s', source, part)} {_ends_and_properties(source, target)}"
    )
    return Statement(text, part.bounds)


def _edges_to(edge: EdgeType, source: str, target: str, part: Range) -> Statement:
    text = (
        f"MATCH (t:{identifier(target)})<-[e:{identifier(edge.name)}]-(s:{identifier(source)})"
        f" WHERE {_within('t', target, part)} {_ends_and_properties(source, target)}"
    )
    return Statement(text, part.bounds)


def _within(variable: str, label: str, part: Range) -> str:
    key = f"{identifier(variable)}.{identifier(NODE[label].id)}"
    upto = f" AND {key} <= $upto" if part.upto is not None else ""
    return f"{key} > $after{upto}"


def _ends_and_properties(source: str, target: str) -> str:
    return (
        f"RETURN s.{identifier(NODE[source].id)} AS source, t.{identifier(NODE[target].id)} AS target,"
        " properties(e) AS props"
    )


def _first_beyond(keys: pa.ChunkedArray, key: str, start: int) -> int:
    """The first place from `start` on where another key than `key` stands in sorted `keys`."""
    while start < len(keys):
        part = keys[start : start + CHUNK]
        others = pc.index(pc.not_equal(part, key), True).as_py()
        if others >= 0:
            return start + int(others)
        start += len(part)
    return start


def _mapping(value: object) -> Row:
    return dict(value) if isinstance(value, dict) else {}
