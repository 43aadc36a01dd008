"""A Cypher text with its parameters, and the one gate for names that must enter a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

NAME = re.compile(r"[^\W\d]\w{0,63}")


@dataclass(frozen=True)
class Statement:
    """What is sent to a graph server. Values travel in `params`, never in `text`."""

    text: str
    params: Mapping[str, object] = field(default_factory=dict)


def identifier(name: str) -> str:
    """A label, type or property name, ready to stand in a text.

    Raises ValueError for anything but one word of letters, digits and underscores (Chinese letters
    included), so that no name can close its quotes.

    >>> identifier("Account")
    '`Account`'
    >>> identifier("集团客户")
    '`集团客户`'
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be a name in Cypher; letters, digits and _ can")
    return f"`{name}`"
