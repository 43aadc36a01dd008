"""What differs between the two graph servers, side by side; all other Cypher is the same for both.

The page `docs/servers.md` gives the sentences of DIFFERENCES; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph.statement import Statement

# Asked alike of both, and unlike other Cypher not of the graph but of the server.
TERMINATE = Statement("TERMINATE TRANSACTION $id")
INDEXES = Statement("SHOW INDEXES YIELD name, state RETURN name, state")
CONSTRAINTS = Statement("SHOW CONSTRAINTS YIELD name RETURN name")

TAG = "guanxi"
"""Key of the transaction's metadata under which a query's tag stands."""


@dataclass(frozen=True)
class Dialect:
    """What one kind of server does in its own way."""

    name: str
    server: str
    """What the server calls itself."""
    separate_reader: bool
    """Reads log in as a user that may only read; otherwise READ access mode keeps them from writing."""
    tags_in_text: bool
    """The tag by which a running query is found stands in its text, otherwise in its metadata."""
    running: Statement
    """The transactions that run: `id`, and the `tag` or a text that holds it."""
    drops_unread: bool
    """What is not read of a result is not worked out; otherwise the query has to be ended."""
    says_why: bool
    """Error messages tell what was wrong with the text."""
    science: Statement | None = None
    """The version of Graph Data Science; a text that the server cannot run where it has none."""
    limits: Statement | None = None
    """What the server says of its own limits: `what`, `value`."""


ARCADEDB = Dialect(
    name="arcadedb",
    server="ArcadeDB",
    separate_reader=True,
    tags_in_text=True,
    running=Statement(
        "SHOW TRANSACTIONS YIELD transactionId, currentQuery RETURN transactionId AS id, currentQuery AS tag"
    ),
    drops_unread=False,
    says_why=False,
)

NEO4J = Dialect(
    name="neo4j",
    server="Neo4j",
    separate_reader=False,
    tags_in_text=False,
    running=Statement(
        "SHOW TRANSACTIONS YIELD transactionId, metaData RETURN transactionId AS id, metaData.guanxi AS tag"
    ),
    drops_unread=True,
    says_why=True,
    science=Statement("RETURN gds.version() AS version"),
    limits=Statement(
        "SHOW SETTINGS 'db.transaction.timeout', 'dbms.memory.transaction.total.max',"
        " 'server.memory.heap.max_size', 'server.memory.pagecache.size'"
        " YIELD name, value RETURN name AS what, value ORDER BY what"
    ),
)

DIALECTS = {dialect.name: dialect for dialect in (ARCADEDB, NEO4J)}


@dataclass(frozen=True)
class Difference:
    """One thing that the two servers do differently, what each does, and the field that knows of it."""

    what: str
    arcadedb: str
    neo4j: str
    field: str = ""
    """Of `Dialect`; empty where the difference lies in how the server is started or what it costs."""


DIFFERENCES = (
    Difference(
        "Reading only",
        "A second user that may only read; READ access mode is ignored (a CREATE in it is committed).",
        "READ access mode; the free edition has no roles, so every user may do everything.",
        "separate_reader",
    ),
    Difference(
        "Ending a query at its time limit",
        "The driver's limit is ignored (asked for 1 s, a query ran for 9 s): a watchdog finds the query by a"
        " tag in its text and ends it.",
        "The driver's limit is heeded up to two seconds late: a watchdog finds the query by a tag in its"
        " transaction's metadata and ends it in time.",
        "tags_in_text",
    ),
    Difference(
        "Which queries run",
        "`SHOW TRANSACTIONS` gives their texts, and no metadata.",
        "`SHOW TRANSACTIONS` gives their metadata.",
        "running",
    ),
    Difference(
        "Rows beyond a limit",
        "Are worked out before the result ends: the query is terminated instead.",
        "Are dropped with the result.",
        "drops_unread",
    ),
    Difference(
        "Why a text cannot run",
        "Not said: production mode keeps every reason in the server's log.",
        "Said with line and column.",
        "says_why",
    ),
    Difference(
        "Graph Data Science",
        "None; all measures are computed outside the server.",
        "Where the plugin is installed.",
        "science",
    ),
    Difference(
        "Its own limits",
        "Set when it is started: a query 30 s, memory by GUANXI_GRAPH_HEAP.",
        "Told by `SHOW SETTINGS`.",
        "limits",
    ),
    Difference(
        "Loading many rows",
        "Over its HTTP batch endpoint where they are new to it, otherwise over Bolt.",
        "Over Bolt, by several sessions that share the rows so that none waits for another's locks.",
    ),
    Difference(
        "EXPLAIN of a change to the schema",
        "Is the change itself, so it is refused to a reader.",
        "Changes nothing and answers no rows.",
    ),
    Difference(
        "Files and addresses (`LOAD CSV`)",
        "Switched off at the start.",
        "Read with the server's rights, in READ access mode too: switch it off as `compose.yaml` does.",
    ),
)
