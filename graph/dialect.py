"""What differs between the two graph servers, side by side; all other Cypher is the same for both."""

from __future__ import annotations

from dataclasses import dataclass

from graph.statement import Statement

# Asked alike of both, and unlike other Cypher not of the graph but of the server.
RUNNING = Statement(
    "SHOW TRANSACTIONS YIELD transactionId, currentQuery RETURN transactionId AS id, currentQuery AS text"
)
TERMINATE = Statement("TERMINATE TRANSACTION $id")
INDEXES = Statement("SHOW INDEXES YIELD name, state RETURN name, state")


@dataclass(frozen=True)
class Dialect:
    """What one kind of server does in its own way."""

    name: str
    server: str
    """What the server calls itself."""
    separate_reader: bool
    """Reads log in as a user that may only read; otherwise READ access mode keeps them from writing."""
    driver_ends_queries: bool
    """The server heeds the driver's time limit; otherwise a watchdog ends the query."""
    says_why: bool
    """Error messages tell what was wrong with the text."""


ARCADEDB = Dialect(
    name="arcadedb",
    server="ArcadeDB",
    separate_reader=True,  # its Bolt ignores the access mode: a CREATE in READ mode is committed
    driver_ends_queries=False,  # asked for 1 s, a query ran for 9 s
    says_why=False,  # production mode, which it must run in, keeps every message in its log
)

NEO4J = Dialect(
    name="neo4j",
    server="Neo4j",
    separate_reader=False,  # the free edition has no roles: every user may do everything
    driver_ends_queries=True,
    says_why=True,
)
