"""A query file, read: a title, the decision it serves, typed parameters, named columns, one Cypher text.

// title: Key contacts nobody met lately
// about: Whom to call first. A line that goes on
//   is indented.
// for: group-account team
// param: days int = 90 — days without a meeting
// returns: contact_id, contact (full name), last_met
MATCH … RETURN … ORDER BY …
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile

from graph.errors import BadInput
from queries.cypher import (
    columns_returned,
    counts_used,
    is_ordered,
    last_limit,
    params_used,
    statements,
)
from queries.grammar import NoCypher
from queries.parameters import Param, Type, convert
from queries.portable import is_checked, portable

AUDIENCES = ("group-account team", "marketer", "analyst")
ENTRIES = ("title", "about", "for", "param", "returns")
PARAM = re.compile(
    rf"(?P<name>[a-z]\w*)\s+(?P<type>{'|'.join(Type)})(?:\s*=\s*(?P<default>.*?))?(?:\s+[—–]\s+(?P<doc>.+))?"
)
COLUMN = re.compile(r"(?P<name>\w+)(?:\s*\((?P<doc>.+)\))?")


@dataclass(frozen=True)
class Column:
    """A column of the answer; `doc` is empty where the name says it all."""

    name: str
    doc: str = ""


@dataclass(frozen=True)
class Query:
    """A question that may be asked, by its name `topic/verb_noun`."""

    name: str
    title: str
    about: str
    audience: tuple[str, ...]
    params: tuple[Param, ...]
    returns: tuple[Column, ...]
    text: str

    @property
    def topic(self) -> str:
        return self.name.split("/", 1)[0]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.returns)

    @cached_property
    def counts(self) -> frozenset[str]:
        """The parameters that say how many rows to keep or skip."""
        return counts_used(self.text)

    @cached_property
    def limit(self) -> str | None:
        """The parameter of the LIMIT that ends the text, if one does."""
        return last_limit(self.text)


@dataclass(frozen=True)
class _Entry:
    line: int
    key: str
    value: str


def parse(text: str, name: str, path: str) -> Query:
    """The query in a file's text. Raises BadInput, "<path>, line <n>: …", for the first fault found."""
    entries, body, first = _read_header(text, path)
    query = Query(
        name=name,
        title=_one(entries, "title", path),
        about=_one(entries, "about", path),
        audience=_audience(entries, path),
        params=_params(entries, path),
        returns=_returns(entries, path),
        text=body.strip() + "\n",
    )
    _check_body(query, entries, body, first, path)
    return query


def _refuse(path: str, line: int, why: str) -> BadInput:
    return BadInput(f"{path}, line {line}: {why}")


def _read_header(text: str, path: str) -> tuple[list[_Entry], str, int]:
    """The header's entries, the Cypher below it, and the line on which that starts."""
    lines = text.splitlines()
    header = list(takewhile(lambda line: line.startswith("//"), lines))
    entries: list[_Entry] = []
    for number, line in enumerate(header, start=1):
        found = re.fullmatch(r"// ?(\w+):\s*(.*)", line)
        if found and found[1] in ENTRIES:
            entries.append(_Entry(number, found[1], found[2].strip()))
        elif found:
            raise _refuse(path, number, f"no header entry '{found[1]}'; known: {', '.join(ENTRIES)}")
        elif entries and line.startswith("//  "):
            last = entries.pop()
            entries.append(_Entry(last.line, last.key, f"{last.value} {line[2:].strip()}".strip()))
        else:
            raise _refuse(
                path, number, "a header line reads '// title: …', or goes on, indented, the one above"
            )
    return entries, "\n".join(lines[len(header) :]), len(header) + 1


def _one(entries: list[_Entry], key: str, path: str) -> str:
    found = [entry for entry in entries if entry.key == key]
    if not found or not found[0].value:
        raise _refuse(path, found[0].line if found else 1, f"there is no '// {key}: …'")
    if len(found) > 1:
        raise _refuse(path, found[1].line, f"a second '// {key}: …'; one is enough")
    return found[0].value


def _audience(entries: list[_Entry], path: str) -> tuple[str, ...]:
    audience = tuple(part.strip() for part in _one(entries, "for", path).split("|"))
    line = next(entry.line for entry in entries if entry.key == "for")
    for who in audience:
        if who not in AUDIENCES:
            raise _refuse(path, line, f"no audience '{who}'; known: {' | '.join(AUDIENCES)}")
    return audience


def _params(entries: list[_Entry], path: str) -> tuple[Param, ...]:
    params: dict[str, Param] = {}
    for entry in entries:
        if entry.key == "param":
            param = _param(entry, path)
            if param.name in params:
                raise _refuse(path, entry.line, f"parameter '{param.name}' is declared twice")
            params[param.name] = param
    return tuple(params.values())


def _param(entry: _Entry, path: str) -> Param:
    found = PARAM.fullmatch(entry.value)
    if not found:
        raise _refuse(path, entry.line, _why_no_param(entry.value))
    name, kind, doc = found["name"], Type(found["type"]), found["doc"]
    if not doc:
        raise _refuse(path, entry.line, f"parameter '{name}' has no description after ' — '")
    default: str | None = found["default"]
    if default is None:
        return Param(name, kind, doc)
    if default == "run" and kind is Type.DATE:
        return Param(name, kind, doc, required=False, from_run=True)
    try:
        value = None if default == "null" else convert(kind, default)
    except ValueError:
        raise _refuse(path, entry.line, f"the default {default!r} is no {kind}") from None
    return Param(name, kind, doc, required=False, default=value)


def _why_no_param(written: str) -> str:
    guess = re.match(r"\w+\s+([\w ]+?)\s*(?:[=—–]|$)", written)
    if guess and guess[1] not in list(Type):
        return f"no type '{guess[1]}'; known: {', '.join(Type)}"
    return "a parameter reads '// param: name type [= default] — description'"


def _returns(entries: list[_Entry], path: str) -> tuple[Column, ...]:
    written = _one(entries, "returns", path)
    line = next(entry.line for entry in entries if entry.key == "returns")
    columns: dict[str, Column] = {}
    for part in re.split(r",\s*(?![^()]*\))", written):
        found = COLUMN.fullmatch(part.strip())
        if not found:
            raise _refuse(path, line, f"a column reads 'name' or 'name (description)', not '{part.strip()}'")
        if found["name"] in columns:
            raise _refuse(path, line, f"column '{found['name']}' is declared twice")
        columns[found["name"]] = Column(found["name"], found["doc"] or "")
    return tuple(columns.values())


def _check_body(query: Query, entries: list[_Entry], body: str, first: int, path: str) -> None:
    """What the header says and what the Cypher does must agree."""
    if len(statements(body)) != 1:
        found = len(statements(body))
        raise _refuse(path, first, f"one Cypher statement is wanted below the header, found {found}")
    _check_portable(body, first, path)
    declared = {param.name for param in query.params}
    for name, line in params_used(body).items():
        if name not in declared:
            raise _refuse(path, first + line - 1, f"${name} is used and not declared by '// param: {name} …'")
    for entry in entries:
        unused = entry.key == "param" and entry.value.split()[0] not in params_used(body)
        if unused:
            raise _refuse(path, entry.line, f"parameter '{entry.value.split()[0]}' is declared and not used")
    _check_columns(query, entries, body, first, path)


def _check_portable(body: str, first: int, path: str) -> None:
    """Both servers must answer the text alike; those checked when they were shipped are not parsed."""
    if is_checked(body):
        return
    try:
        findings = portable(body)
    except NoCypher as fault:
        line = first + fault.line - 1
        raise _refuse(path, line, f"column {fault.column}: {fault.why}") from None
    for finding in findings:
        line = first + finding.line - 1
        why = (
            f"'{finding.construct}' is not for the library ({finding.rule}); write instead: {finding.instead}"
        )
        raise _refuse(path, line, why)


def _check_columns(query: Query, entries: list[_Entry], body: str, first: int, path: str) -> None:
    returned = columns_returned(body)
    if returned is None:
        raise _refuse(path, first, "there is no RETURN with named columns")
    if returned != query.columns:
        line = next(entry.line for entry in entries if entry.key == "returns")
        says, does = ", ".join(query.columns), ", ".join(returned)
        raise _refuse(path, line, f"'returns' lists {says}; RETURN gives {does}")
    if not is_ordered(body):
        raise _refuse(path, first, "no ORDER BY after RETURN: the rows would come in any order")
