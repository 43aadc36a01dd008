"""The portable subset: which Cypher means the same on both servers, checked on the parsed query.

A library query that leaves it is refused when it is loaded; an analyst's own text on the embedded
server, where the answer could be silently wrong. On Neo4j an own text is Neo4j's affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

from graph.errors import BadInput, Forbidden
from queries.grammar import NoCypher, Node, parse
from queries.portable_rules import RULES, Rule
from queries.portable_values import FUNCTIONS, PROCEDURES

MOST_SHOWN = 60
CHECKED = Path(__file__).parent / "library" / "checked.sha256"
"""The texts of the library that were found portable, one digest a line; `make docs` writes it.

Parsing takes 40 ms a query, three seconds for the library in a fresh process: what is known by its
digest is not parsed again. A text that is not in the list is, so the list is never needed.
"""

PAGE = """\
# Cypher that means the same on both servers

Generated from `queries/portable_rules.py` by `make docs`; a test keeps the two equal.

Guanxi runs on two graph servers, the embedded ArcadeDB and Neo4j 5.26. Both speak Cypher, and now and
then the same text gives other rows, or fails on one of them. Queries of the library keep to what both
answer alike, and a file that does not is refused when it is loaded. A text of your own is held to the
same rules on the embedded server only (`guanxi cypher`), since a wrong answer there comes without a word;
the message names line, column and what to write instead. On Neo4j your text goes to the server as it is.

**Silent** marks differences in which a server answers, and answers wrongly.

| rule | refused | what differs | write instead |
|---|---|---|---|
"""
MORE = """
A text may have 32 KiB and brackets 200 deep, and reading it may take two seconds of CPU.

## Functions that both servers answer alike

{functions}.

Procedures: {procedures}.
"""


@dataclass(frozen=True)
class Finding:
    """One place where a text leaves the subset; `line` and `column` count from 1."""

    rule: str
    line: int
    column: int
    construct: str
    instead: str


@lru_cache(maxsize=64)
def portable(text: str) -> tuple[Finding, ...]:
    """Where a text leaves the portable subset, in the order of the text; empty where it keeps to it.

    Raises BadInput, with line and column, for a text that is no Cypher or too large to be parsed.
    """
    tree = parse(text)
    found = {(node.start, rule.name): _finding(rule, node) for rule in RULES for node in rule.find(tree)}
    return tuple(found[place] for place in sorted(found, key=lambda place: place[0]))


def refuse_unportable(text: str, where: str) -> None:
    """Raise BadInput for the first thing that the two servers don't share, Forbidden for a write.

    `where` starts the message, such as "your text". Raises BadInput for what cannot be parsed, too.
    """
    try:
        findings = portable(text)
    except NoCypher as fault:
        raise BadInput(f"{where}, {fault}") from None
    for finding in findings:
        place = f"{where}, line {finding.line}, column {finding.column}"
        if finding.rule == "write":
            raise Forbidden(f"{place}: '{finding.construct}' would change the graph; only reading is allowed")
        raise BadInput(
            f"{place}: '{finding.construct}' does not mean the same on both servers ({finding.rule});"
            f" write instead: {finding.instead}"
        )


def is_checked(text: str) -> bool:
    """Whether a library text was found portable before."""
    return digest(text) in _checked()


def digest(text: str) -> str:
    """The SHA-256 of a library text, without the white space around it."""
    return sha256(text.strip().encode()).hexdigest()


@cache
def _checked() -> frozenset[str]:
    return frozenset(CHECKED.read_text(encoding="utf-8").split()) if CHECKED.exists() else frozenset()


def page() -> str:
    """The reference page of the subset, Markdown; `docs/portable-cypher.md` is this text."""
    rows = [
        f"| {rule.name} | {_cell(rule.construct)} | {'**Silent**: ' if rule.silent else ''}"
        f"{_cell(rule.differs)} | {_cell(rule.instead)} |\n"
        for rule in RULES
    ]
    functions, procedures = (", ".join(f"`{n}`" for n in sorted(names)) for names in (FUNCTIONS, PROCEDURES))
    return PAGE + "".join(rows) + MORE.format(functions=functions, procedures=procedures)


def _finding(rule: Rule, node: Node) -> Finding:
    words = " ".join(node.text.split())
    shown = words if len(words) <= MOST_SHOWN else f"{words[: MOST_SHOWN - 1]}…"
    return Finding(rule.name, node.line, node.column, shown, rule.instead)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
