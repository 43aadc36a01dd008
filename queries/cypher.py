"""What can be told from a Cypher text without a server: its code, parameters, statements and columns.

A light reading, not a parser: strings, comments and back-ticked names are blanked out, and what
remains is searched. Positions and line numbers stay those of the text as written. It takes a millisecond
for the whole library, which a parser in Python (`queries.grammar`) would take seconds for.
"""

from __future__ import annotations

import re
from itertools import pairwise

QUOTED = re.compile(
    r"""'(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*" | `(?:``|[^`])*` | //[^\n]* | /\*.*?\*/""",
    re.VERBOSE | re.DOTALL,
)
OPENING, CLOSING = "([{", ")]}"


def code_only(text: str) -> str:
    """The text with strings, comments and back-ticked names blanked; same length, same lines.

    >>> code_only("RETURN ';' AS a // x")
    'RETURN     AS a     '
    """
    return QUOTED.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def params_used(text: str) -> dict[str, int]:
    """The parameters of a text, each with the line (from 1) of its first use."""
    code = code_only(text)
    used: dict[str, int] = {}
    for found in re.finditer(r"\$(\w+)", code):
        used.setdefault(found[1], _line(code, found.start()))
    return used


def counts_used(text: str) -> frozenset[str]:
    """The parameters that say how many rows to keep or skip."""
    return frozenset(re.findall(r"\b(?:LIMIT|SKIP)\s+\$(\w+)", code_only(text), re.IGNORECASE))


def last_limit(text: str) -> str | None:
    """The parameter of a LIMIT that ends the text, or None."""
    found = re.search(r"\bLIMIT\s+\$(\w+)[\s;]*\Z", code_only(text), re.IGNORECASE)
    return found[1] if found else None


def statements(text: str) -> list[str]:
    """The statements of a text, split at semicolons outside strings and comments; empty ones left out.

    >>> statements("RETURN ';' AS a; RETURN 1 AS b; ")
    ["RETURN ';' AS a", 'RETURN 1 AS b']
    """
    code = code_only(text)
    cuts = [-1, *(i for i, character in enumerate(code) if character == ";"), len(code)]
    spans = [(start + 1, end) for start, end in pairwise(cuts)]
    return [text[start:end].strip() for start, end in spans if code[start:end].strip()]


def columns_returned(text: str) -> tuple[str, ...] | None:
    """The column names of the last RETURN outside braces; None where there is none or it returns `*`.

    A column without alias keeps its expression as its name, as the servers do.

    >>> columns_returned("MATCH (n) RETURN n.id AS id, count(*) AS n ORDER BY id")
    ('id', 'n')
    """
    outer = _outermost(code_only(text))
    start = _last(r"\bRETURN\b(\s+DISTINCT\b)?", outer)
    if start is None:
        return None
    end = re.search(r"\b(ORDER\s+BY|SKIP|LIMIT|UNION)\b|;", outer[start:], re.IGNORECASE)
    stop = start + end.start() if end else len(text)
    parts = _split(text[start:stop], outer[start:stop])
    return None if parts == ["*"] else tuple(_alias(part) for part in parts)


def is_ordered(text: str) -> bool:
    """Whether an ORDER BY follows the last RETURN outside braces."""
    outer = _outermost(code_only(text))
    start = _last(r"\bRETURN\b", outer)
    return start is not None and re.search(r"\bORDER\s+BY\b", outer[start:], re.IGNORECASE) is not None


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _last(pattern: str, text: str) -> int | None:
    """Where the last match ends, or None."""
    ends = [found.end() for found in re.finditer(pattern, text, re.IGNORECASE)]
    return ends[-1] if ends else None


def _outermost(code: str) -> str:
    """The code with everything inside brackets of any kind blanked."""
    kept, depth = [], 0
    for character in code:
        depth -= character in CLOSING
        kept.append(character if depth <= 0 or character == "\n" else " ")
        depth += character in OPENING
    return "".join(kept)


def _split(text: str, outer: str) -> list[str]:
    """The text cut at those commas that stand in `outer`."""
    cuts = [-1, *(i for i, character in enumerate(outer) if character == ","), len(text)]
    return [text[start + 1 : end].strip() for start, end in pairwise(cuts)]


def _alias(column: str) -> str:
    found = re.search(r"\bAS\s+(`[^`]+`|\w+)\s*\Z", column, re.IGNORECASE)
    return found[1].strip("`") if found else column
