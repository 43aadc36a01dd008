"""The meanings an error can have here: one root and eight kinds.

Each kind carries the HTTP status it is answered with and the exit code the command line ends with,
so that a fault means the same thing wherever it is met. The message is one sentence that says what
was wrong, where, and what would have worked.
"""

from __future__ import annotations


class GuanxiError(Exception):
    """The root of every error raised on purpose; `str(error)` is fit to be shown to the user."""

    status = 500
    exit_code = 1
    code = "internal"

    @property
    def message(self) -> str:
        return str(self)


class BadInput(GuanxiError):
    """What the user gave cannot be used as it is: a file, a column, a date, a parameter."""

    status = 422
    exit_code = 2
    code = "bad_input"


class NotFound(GuanxiError):
    """The thing named is not known here."""

    status = 404
    exit_code = 2
    code = "not_found"


class Forbidden(GuanxiError):
    """The thing asked for is known and refused, such as a write in a read-only text."""

    status = 403
    exit_code = 2
    code = "forbidden"


class Conflict(GuanxiError):
    """Somebody else holds what is needed: a port, the lake's write lock, the graph's folder."""

    status = 409
    exit_code = 2
    code = "conflict"


class TimedOut(GuanxiError):
    """The work was stopped at its time limit."""

    status = 408
    exit_code = 1
    code = "timed_out"


class Unavailable(GuanxiError):
    """A server or file that should be there does not answer."""

    status = 503
    exit_code = 1
    code = "unavailable"


class NoSpace(GuanxiError):
    """The disk is full or too small for what is about to be written."""

    status = 507
    exit_code = 1
    code = "no_space"


class Damaged(GuanxiError):
    """What was stored cannot be read back as it was written."""

    status = 500
    exit_code = 1
    code = "damaged"


def one_of(what: str, asked: str, known: object) -> str:
    """The sentence for a name that does not exist, listing those that do.

    >>> one_of("feed", "enrn", ["enron", "world"])
    "no feed named 'enrn'; known: enron, world"
    """
    names = ", ".join(sorted(str(name) for name in known))  # type: ignore[attr-defined]
    return f"no {what} named {asked!r}; known: {names or 'none'}"
