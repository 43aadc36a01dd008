"""Every Cypher text that writes, generated from the declared model. Pure text: nothing is run here.

All texts mean the same on ArcadeDB and Neo4j. Rows travel in `$rows`; a property whose value is null
in a row is removed from the node or edge, so a row says everything that is known of its subject.
Sweeping texts delete at most `$k` things, return how many as `n` and are repeated until that is 0:
one transaction over millions of things would outgrow the server's memory.
"""

from __future__ import annotations

from collections.abc import Iterable

from graph.measures import MEASURES
from graph.model import EdgeType, NodeType
from graph.schema import NODE, NODES
from graph.statement import Statement, identifier

SWEPT_AT_ONCE = 5_000

# From many nodes to few. An edge is looked for among all edges of the end where its pattern starts
# (ArcadeDB takes the left one as written), so it is written from the label with more nodes: these
# have fewer edges each. With 1,069 edges at one hub, 4,200 instead of 1,300 edges a second.
CROWDS = (
    "Case",
    "Member",
    "Contact",
    "Account",
    "Community",
    "Partner",
    "Product",
    "Manager",
    "Campaign",
    "Run",
)

LOOKED_UP = (
    ("Contact", "member_id"),
    ("Member", "churn"),
    ("Member", "influence_rank"),
    ("Member", "betweenness"),
)


def constraints() -> list[Statement]:
    """One uniqueness constraint for each label's key; its index serves every look-up by key.

    To be in force before the first row: ArcadeDB casts what comes after a late index, silently.
    """
    return [
        Statement(
            f"CREATE CONSTRAINT {identifier(node.table + '_key')} IF NOT EXISTS"
            f" FOR (n:{identifier(node.label)}) REQUIRE n.{identifier(node.id)} IS UNIQUE"
        )
        for node in NODES
    ]


def indexes() -> list[Statement]:
    """One index for each property by which questions find or order many nodes; see `constraints`."""
    return [
        Statement(
            f"CREATE INDEX {identifier(f'{NODE[label].table}_{name}')} IF NOT EXISTS"
            f" FOR (n:{identifier(label)}) ON (n.{identifier(name)})"
        )
        for label, name in LOOKED_UP
    ]


def name_of(made: Statement) -> str:
    """The name that a text of `constraints` or `indexes` gives to what it makes.

    >>> name_of(indexes()[0])
    'contacts_member_id'
    """
    return made.text.split("`", 2)[1]


def merge_nodes(node: NodeType) -> Statement:
    """Create or update nodes; rows are `{id, props}`, and rows without an id are passed over."""
    return Statement(
        "UNWIND $rows AS r WITH r WHERE r.id IS NOT NULL"
        f" MERGE (n:{identifier(node.label)} {{{identifier(node.id)}: r.id}})"
        " SET n += coalesce(r.props, {})"
    )


def merge_edges(edge: EdgeType, source_label: str, target_label: str) -> Statement:
    """Create or update edges; rows are `{source, target, key, props}`, with `key` from `edge_key`.

    A row one of whose ends is not in the graph writes nothing.
    """
    if (source_label, target_label) not in edge.pairs():
        raise ValueError(f"{edge.name} does not join {source_label} to {target_label}")
    between = f"[e:{identifier(edge.name)} {{`key`: r.key}}]"
    forward = CROWDS.index(source_label) <= CROWDS.index(target_label)
    pattern = f"(a)-{between}->(b)" if forward else f"(b)<-{between}-(a)"
    return Statement(
        "UNWIND $rows AS r"
        f" MATCH (a:{_keyed(source_label, 'r.source')})"
        f" MATCH (b:{_keyed(target_label, 'r.target')})"
        f" MERGE {pattern} SET e += r.props"
    )


def delete_nodes(node: NodeType) -> Statement:
    """Delete nodes and their edges; rows are `{id}`."""
    return Statement(f"UNWIND $rows AS r MATCH (n:{_keyed(node.label, 'r.id')}) DETACH DELETE n")


def delete_edges(edge: EdgeType, source_label: str, target_label: str) -> Statement:
    """Delete edges; rows are `{source, target, key}`."""
    return Statement(
        "UNWIND $rows AS r"
        f" MATCH (a:{_keyed(source_label, 'r.source')})"
        f"-[e:{identifier(edge.name)} {{`key`: r.key}}]->"
        f"(b:{_keyed(target_label, 'r.target')}) DELETE e"
    )


def edge_key(values: Iterable[object]) -> str:
    """One text for the values that tell parallel edges apart; empty where there are none.

    Each value is led by its length, so different values never give the same key. A null counts as
    an empty text.

    >>> edge_key([])
    ''
    >>> edge_key(["2024-01-31", None])
    '10:2024-01-31,0:'
    """
    texts = ("" if value is None else str(value) for value in values)
    return ",".join(f"{len(text)}:{text}" for text in texts)


def set_measures(label: str) -> Statement:
    """Give nodes the figures of a run; rows are `{id, props}`, and unknown ids write nothing.

    A row replaces every figure that its node had, so it carries all of the run's, with `run_id`.
    """
    text = f"UNWIND $rows AS r MATCH (n:{_keyed(label, 'r.id')}) SET n += $blank SET n += r.props"
    return Statement(text, {"blank": _blank(label)})


def clear_measures(label: str) -> Statement:
    """Take the figures of other runs than `$run_id` from at most `$k` nodes.

    Not by REMOVE: with a quoted name it does nothing on ArcadeDB, and says nothing.
    """
    return Statement(
        f"MATCH (n:{identifier(NODE[label].label)}) WHERE n.`run_id` <> $run_id"
        " WITH n LIMIT $k SET n += $blank RETURN count(*) AS n",
        {"k": SWEPT_AT_ONCE, "blank": _blank(label)},
    )


def measure_properties(label: str) -> tuple[str, ...]:
    """All properties that a run sets on nodes of the label, its `run_id` and `as_of` among them."""
    names = [
        measure.name + suffix
        for measure in MEASURES
        if label in measure.about
        for suffix in ("", "_low", "_high", "_reasons")
    ]
    return (*names, "run_id", "as_of")


def sweep_edges(edge: EdgeType) -> Statement:
    """Delete at most `$k` edges of other runs than `$run_id`."""
    if not any(field.name == "run_id" for field in edge.fields):
        raise ValueError(f"{edge.name} belongs to no run")
    return Statement(
        f"MATCH ()-[e:{identifier(edge.name)}]->() WHERE coalesce(e.`run_id`, '') <> $run_id"
        " WITH e LIMIT $k DELETE e RETURN count(*) AS n",
        {"k": SWEPT_AT_ONCE},
    )


def sweep_nodes(node: NodeType) -> Statement:
    """Delete at most `$k` nodes, with their edges, that other runs than `$run_id` left."""
    if not any(field.name == "run_id" for field in node.fields):
        raise ValueError(f"{node.label} belongs to no run")
    return Statement(
        f"MATCH (n:{identifier(node.label)}) WHERE coalesce(n.`run_id`, '') <> $run_id"
        " WITH n LIMIT $k DETACH DELETE n RETURN count(*) AS n",
        {"k": SWEPT_AT_ONCE},
    )


def clear_nodes(node: NodeType) -> Statement:
    """Delete at most `$k` nodes of a type, with their edges."""
    text = f"MATCH (n:{identifier(node.label)}) WITH n LIMIT $k DETACH DELETE n RETURN count(*) AS n"
    return Statement(text, {"k": SWEPT_AT_ONCE})


def clear_edges(edge: EdgeType) -> Statement:
    """Delete at most `$k` edges of a type."""
    text = f"MATCH ()-[e:{identifier(edge.name)}]->() WITH e LIMIT $k DELETE e RETURN count(*) AS n"
    return Statement(text, {"k": SWEPT_AT_ONCE})


def empty_graph() -> Statement:
    """Delete at most `$k` nodes of any kind, with their edges."""
    text = "MATCH (n) WITH n LIMIT $k DETACH DELETE n RETURN count(*) AS n"
    return Statement(text, {"k": SWEPT_AT_ONCE})


def count_nodes(node: NodeType) -> Statement:
    return Statement(f"MATCH (n:{identifier(node.label)}) RETURN count(n) AS n")


def count_edges(edge: EdgeType) -> Statement:
    return Statement(f"MATCH ()-[e:{identifier(edge.name)}]->() RETURN count(e) AS n")


def _blank(label: str) -> dict[str, None]:
    return dict.fromkeys(measure_properties(label))


def _keyed(label: str, value: str) -> str:
    return f"{identifier(label)} {{{identifier(NODE[label].id)}: {value}}}"
