"""What the driver and the servers complain of, in the words of `graph.errors`.

Messages never hold parameters or passwords, nor a server's text about anything but the syntax:
such texts quote values and paths.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from neo4j.exceptions import (
    ConfigurationError,
    ConnectionAcquisitionTimeoutError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    SessionExpired,
)

from graph.dialect import Dialect
from graph.errors import (
    BadInput,
    Conflict,
    Forbidden,
    GuanxiError,
    TimedOut,
    Unavailable,
)

CONSTRAINT = "ConstraintValidationFailed"
COLLISIONS = (CONSTRAINT, "EntityNotFound")

NO_MEMORY = ("MemoryPoolOutOfMemoryError", "OutOfMemoryError", "TransactionOutOfMemoryError")

_ENDED = (TimedOut, "the query was stopped at its time limit; ask for less or allow more time")
_LOG_IN = (
    Unavailable,
    "the graph server at {address} refused the log-in; check the user and password"
    " (after several failures it refuses all for half a minute)",
)
_WRITES = (Forbidden, "the text would change the graph or its rights; only reading is allowed")

# By the last word of the server's code, such as Neo.ClientError.Security.Unauthorized.
MEANINGS: dict[str, tuple[type[GuanxiError], str]] = {
    "Terminated": _ENDED,
    "TransactionTimedOut": _ENDED,
    "TransactionTimedOutClientConfiguration": _ENDED,
    "Unauthorized": _LOG_IN,
    "AuthenticationRateLimit": _LOG_IN,
    "CredentialsExpired": (
        Unavailable,
        "the graph server at {address} wants this user's password changed before the first use",
    ),
    "AccessMode": _WRITES,
    "Forbidden": _WRITES,
    "ForbiddenDueToTransactionType": _WRITES,
    CONSTRAINT: (Conflict, "the graph already holds a node with this key; MERGE would update it"),
    "DatabaseNotFound": (
        Unavailable,
        "the graph server at {address} has no such database; check its name",
    ),
    "TransactionNotFound": (
        Unavailable,
        "the graph server at {address} could not commit; a full disk shows itself so, see its log",
    ),
}
BAD_TEXT = {
    "SyntaxError": "is not valid Cypher",
    "ParameterMissing": "uses a parameter for which no value was given",
    "ArithmeticError": "fails in its arithmetic, such as a division by zero",
    "SemanticError": "cannot be run as it stands: a function or value does not fit",
    "TypeError": "uses a value of the wrong type",
    "ArgumentError": "gives a function or clause a value that it cannot use",
    "ProcedureNotFound": "calls a procedure that this server does not have",
}

DATA_EXCEPTION = "22"
"""How the standard's codes begin for a value that does not fit."""


class OutOfMemory(Unavailable):
    """The server has no memory for a transaction as large as this one; a smaller one may do."""


@contextmanager
def translated(address: str, dialect: Dialect) -> Iterator[None]:
    """Raise the driver's errors as ours, and values that cannot travel as BadInput."""
    try:
        yield
    except Neo4jError as error:
        raise from_server(error, address, dialect) from None
    except DriverError as error:
        raise from_driver(error, address) from None
    except (OverflowError, ValueError, TypeError):
        raise BadInput(
            "a parameter cannot be sent to the graph server; values must be text, numbers of up to"
            " 64 bits, true or false, dates, lists or objects of these, and the text not empty"
        ) from None


def may_succeed_later(error: Exception, text: str) -> bool:
    """Whether the same work may succeed when tried again.

    A MERGE that meets another writer's MERGE fails on the constraint or on a vanished node, and
    both servers report that as if the text were at fault.
    """
    if isinstance(error, Neo4jError):
        if _title(error) in NO_MEMORY:  # said to be transient, but the same transaction needs the same
            return False
        collided = _title(error) in COLLISIONS and "MERGE" in text.upper()
        return collided or error.is_retryable()
    return isinstance(error, SessionExpired)


def connection_lost(error: Unavailable) -> bool:
    """Whether this error of `translated` means that the server is gone and nothing was written.

    Not so where a commit was under way: nobody knows what became of that.
    """
    cause = error.__context__
    lasting = IncompleteCommit, ConnectionAcquisitionTimeoutError, ConfigurationError
    return isinstance(cause, DriverError) and not isinstance(cause, lasting)


def from_server(error: Neo4jError, address: str, dialect: Dialect) -> GuanxiError:
    code, title = error.code or "no code", _title(error)
    if title in MEANINGS:
        kind, sentence = MEANINGS[title]
        return kind(sentence.format(address=address))
    if title in NO_MEMORY:
        return OutOfMemory(
            f"the graph server at {address} has too little memory for this ({title}); ask for less at once,"
            " or give the server more"
        )
    if error.is_retryable():
        return Unavailable(f"the graph server at {address} is too busy ({code}); try again")
    if code.startswith(("Neo.ClientError.Statement.", "Neo.ClientError.Procedure.")):
        return BadInput(_bad_text(error, dialect))
    return Unavailable(f"the graph server at {address} failed ({code}); see its log")


def _title(error: Neo4jError) -> str:
    return (error.code or "").rpartition(".")[2]


def _bad_text(error: Neo4jError, dialect: Dialect) -> str:
    title = _title(error)
    if error.gql_status.startswith(DATA_EXCEPTION):  # which Neo4j calls a SyntaxError in a constant
        title = "SemanticError" if title == "SyntaxError" else title
    what = f"the text {BAD_TEXT.get(title, f'cannot be run ({title})')}"
    if dialect.says_why and title == "SyntaxError":
        return f"{what}: {str(error.message).splitlines()[0]}"
    if dialect.says_why:
        return what
    return (
        f"{what}; {dialect.server} gives no further reason in production mode,"
        " so try a shorter part of the text to find the place"
    )


def from_driver(error: DriverError, address: str) -> GuanxiError:
    if isinstance(error, IncompleteCommit):
        return Unavailable(
            f"the connection to the graph server at {address} broke while committing;"
            " it is not known whether the last batch was written, so run it again"
        )
    if isinstance(error, ConnectionAcquisitionTimeoutError):
        return Unavailable(f"all connections to the graph server at {address} are busy; try again")
    if isinstance(error, ConfigurationError):
        return BadInput(f"the graph server's address {address} cannot be used with these settings")
    return Unavailable(
        f"the graph server at {address} does not answer; check that it runs and that its address is right"
    )
