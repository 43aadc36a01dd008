"""Many rows as one text, for a server that takes a text apart faster than Python packs rows.

A row of eleven values takes the driver 50 µs to pack, for which the server waits. So DuckDB makes a line of
each row, a batch of lines travels as one parameter, and the statement splits it. Values still never
enter the Cypher text. Lines are parted by U+001E and fields by U+001F; who sends rows sees to it that no
value holds either, see `unfit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graph.model import EdgeType, Field, Kind, NodeType
from graph.schema import NODE
from graph.statement import Statement, identifier

LINE, FIELD = "\x1e", "\x1f"
SPLIT = "UNWIND split($rows, $line) AS line WITH split(line, $field) AS f"


def node_line(node: NodeType) -> str:
    """The SQL expression that makes a node's line out of a row of the columns of `node`."""
    return _line([f'"{node.id}"'], node.properties)


def edge_line(edge: EdgeType, source: str, target: str, key: str) -> str:
    """The SQL expression of an edge's line; the arguments are expressions of its ends' ids and its key."""
    return _line([source, target, key], edge.properties)


def unfit(kind: NodeType | EdgeType, columns: Sequence[str]) -> str:
    """The SQL condition that a row has a value which would be taken for the end of a field or a line."""
    texts = [*columns, *(field.name for field in kind.properties if field.kind is Kind.TEXT)]
    return " OR ".join(f"""regexp_matches("{name}", '[\\x1e\\x1f]')""" for name in dict.fromkeys(texts))


def nodes_of_lines(node: NodeType, *, new: bool) -> Statement:
    """Create nodes or, where they may be there, create or update them; `$rows` are lines of `node_line`."""
    label, key = identifier(node.label), identifier(node.id)
    rest = _values(node.properties, 1)
    if new:
        return _statement(f"CREATE (n:{label} {{{', '.join([f'{key}: f[0]', *rest])}}})")
    return _statement(f"MERGE (n:{label} {{{key}: f[0]}}) SET n += {{{', '.join(rest)}}}")


def edges_of_lines(
    edge: EdgeType, source_label: str, target_label: str, *, new: bool, by_rid: bool = False
) -> Statement:
    """As `nodes_of_lines` for edges; a line one of whose ends is not in the graph writes nothing.

    Ends are named by their own ids or, `by_rid`, by the server's, see `rids`, which saves it two look-ups.
    """
    if (source_label, target_label) not in edge.pairs():
        raise ValueError(f"{edge.name} does not join {source_label} to {target_label}")
    if by_rid:
        ends = "MATCH (a) WHERE id(a) = toInteger(f[0]) MATCH (b) WHERE id(b) = toInteger(f[1])"
    else:
        ends = f"{_matched('a', source_label, 'f[0]')} {_matched('b', target_label, 'f[1]')}"
    name = identifier(edge.name)
    rest = _values(edge.properties, 3)
    if new:
        return _statement(f"{ends} CREATE (a)-[e:{name} {{{', '.join(['`key`: f[2]', *rest])}}}]->(b)")
    return _statement(f"{ends} MERGE (a)-[e:{name} {{`key`: f[2]}}]->(b) SET e += {{{', '.join(rest)}}}")


def rids(node: NodeType, after: int, most: int) -> Statement:
    """The next of a type's nodes in the order of the server's own ids: `id`, the node's key, and `rid`.

    A server may give an id of a deleted node to another, so they hold only while nobody else writes.
    """
    return Statement(
        f"MATCH (n:{identifier(node.label)}) WHERE id(n) > $after"
        f" RETURN n.{identifier(node.id)} AS id, id(n) AS rid ORDER BY rid LIMIT $most",
        {"after": after, "most": most},
    )


def _matched(variable: str, label: str, text: str) -> str:
    return f"MATCH ({variable}:{identifier(label)} {{{identifier(NODE[label].id)}: {text}}})"


def _statement(text: str) -> Statement:
    return Statement(f"{SPLIT} {text}", {"line": LINE, "field": FIELD})


def _line(keys: Sequence[str], fields: Iterable[Field]) -> str:
    values = [*keys, *(f"coalesce({_text(field)}, '')" for field in fields)]
    return " || chr(31) || ".join(values)


def _text(field: Field) -> str:
    """A value as text, null where there is none. Text is led by a mark, for it may be empty."""
    name = f'"{field.name}"'
    match field.kind:
        case Kind.TEXT:
            return f"'=' || {name}"
        case Kind.FLOAT:
            return f"CASE WHEN isfinite({name}) THEN {name}::VARCHAR END"
        case Kind.INT | Kind.BOOL | Kind.DATE:
            return f"{name}::VARCHAR"


def _values(fields: Sequence[Field], first: int) -> list[str]:
    """What a map literal has of the fields, the first of which stands at `first` in a line."""
    return [
        f"{identifier(field.name)}: {_value(field, f'f[{at}]')}" for at, field in enumerate(fields, first)
    ]


def _value(field: Field, text: str) -> str:
    """The Cypher expression of a value; null, and so no property, where its text is empty."""
    match field.kind:
        case Kind.TEXT:
            return f"CASE {text} WHEN '' THEN null ELSE substring({text}, 1) END"
        case Kind.DATE:
            return f"CASE {text} WHEN '' THEN null ELSE date({text}) END"
        case Kind.INT:
            return f"toInteger({text})"
        case Kind.FLOAT:
            return f"toFloat({text})"
        case Kind.BOOL:
            return f"toBoolean({text})"
