"""The unified social credit code of organisations in China.

Source: GB 32100-2015: 18 characters of 31; the last one checks the others with the weights 3^i mod 31.
Characters 9 to 17 are the organisation's own code (GB 11714), which it keeps for life.
"""

from __future__ import annotations

import re
from functools import cache

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
FORM = re.compile(f"[{ALPHABET}]{{18}}")


def tidy(text: str | None) -> str:
    """A code in capitals without what stands between its characters; "" for none."""
    return re.sub(r"[\s\-_.·]", "", text or "").upper()


@cache
def _values() -> dict[str, int]:
    return {char: value for value, char in enumerate(ALPHABET)}


def is_valid(code: str) -> bool:
    """Whether a tidy code has its form and its check character.

    >>> is_valid("91350100M000100Y43"), is_valid("91350100M000100Y34"), is_valid("")
    (True, False, False)
    """
    if not FORM.fullmatch(code):
        return False
    values = _values()
    total = sum(weight * values[char] for weight, char in zip(WEIGHTS, code, strict=False))
    return ALPHABET[(31 - total % 31) % 31] == code[17]
