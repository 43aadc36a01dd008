"""The parameters of a question: their types, and how a text from a form or a URL becomes a value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from graph.errors import BadInput

WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
LARGEST = 2**63 - 1


class Type(StrEnum):
    """What a parameter takes."""

    STR = "str"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    DATE = "date"
    LIST = "list of str"


@dataclass(frozen=True)
class Param:
    """One parameter of a query.

    A parameter that is not `required` has a `default`, of its type or None (null in Cypher: no
    restriction). `from_run` marks a date whose default is the `as_of` of the newest run.
    """

    name: str
    type: Type
    doc: str
    required: bool = True
    default: object = None
    from_run: bool = False

    @property
    def usage(self) -> str:
        """The declaration as people write it, such as `days int = 90`."""
        if self.required:
            return f"{self.name} {self.type}"
        shown = "run" if self.from_run else _shown(self.default)
        return f"{self.name} {self.type} = {shown}"


def convert(kind: Type, given: object) -> object:
    """The value of that type; a text is read, a value is checked. Raises ValueError for anything else.

    >>> convert(Type.DATE, "2026-10-31"), convert(Type.LIST, "a, b"), convert(Type.FLOAT, 1)
    (datetime.date(2026, 10, 31), ['a', 'b'], 1.0)
    """
    return READERS[kind](given.strip() if isinstance(given, str) else given)


def bind(
    owner: str, declared: Sequence[Param], counts: frozenset[str], given: Mapping[str, object], today: date
) -> dict[str, object]:
    """A value for every declared parameter, from what was given and the defaults.

    `today` stands for the default `run`; `counts` names those that must not be negative. Raises
    BadInput, in one sentence that names `owner`, for an unknown, missing or unreadable parameter.
    """
    names = [param.name for param in declared]
    for name in given:
        if name not in names:
            takes = f"it takes {', '.join(names)}" if names else "it takes none"
            raise BadInput(f"{owner} has no parameter '{name}'; {takes}")
    values = {param.name: _value(owner, param, given.get(param.name), today) for param in declared}
    for name in sorted(counts & values.keys()):
        if isinstance(number := values[name], int) and number < 0:
            raise BadInput(f"parameter '{name}' of {owner} takes a number from 0 up, not {number}")
    return values


def _value(owner: str, param: Param, given: object, today: date) -> object:
    # A form sends an empty text for a field left alone.
    if given is None or (isinstance(given, str) and not given.strip()):
        if param.required:
            raise BadInput(f"{owner} needs parameter '{param.name}' ({param.type}): {param.doc}")
        return today if param.from_run else param.default
    try:
        return convert(param.type, given)
    except ValueError:
        shown = f"'{given}'" if isinstance(given, str) else repr(given)
        raise BadInput(
            f"parameter '{param.name}' of {owner} takes {TAKES[param.type]}, not {shown}"
        ) from None


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise ValueError(given)
    return given


def _whole(given: object) -> int:
    if isinstance(given, str) and re.fullmatch(r"[+-]?\d{1,19}", given):
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool) or abs(given) > LARGEST:
        raise ValueError(given)
    return given


def _real(given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise ValueError(given)
    number = float(given)
    if not math.isfinite(number):
        raise ValueError(given)
    return number


def _truth(given: object) -> bool:
    if isinstance(given, bool):
        return given
    if not isinstance(given, str) or given.lower() not in WORDS:
        raise ValueError(given)
    return WORDS[given.lower()]


def _day(given: object) -> date:
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    # fromisoformat alone would also take 20261031 and 2026-W44-6.
    if not isinstance(given, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", given):
        raise ValueError(given)
    return date.fromisoformat(given)


def _texts(given: object) -> list[str]:
    if isinstance(given, str):
        return [part.strip() for part in re.split(r"[,,、]", given) if part.strip()]
    if not isinstance(given, Sequence) or isinstance(given, bytes):
        raise ValueError(given)
    return [_text(part) for part in given]


def _shown(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


READERS: dict[Type, Callable[[object], object]] = {
    Type.STR: _text,
    Type.INT: _whole,
    Type.FLOAT: _real,
    Type.BOOL: _truth,
    Type.DATE: _day,
    Type.LIST: _texts,
}
TAKES = {
    Type.STR: "a text",
    Type.INT: "a whole number such as 90",
    Type.FLOAT: "a number such as 0.3",
    Type.BOOL: "true or false",
    Type.DATE: "a date such as 2026-10-31",
    Type.LIST: "texts separated by commas",
}
