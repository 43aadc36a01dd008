"""Places as they stand in the names of organisations: provinces, cities of prefecture rank, the country.

After GB/T 2260 (2020), without the words 省, 市, 自治区; those are taken off a name beside its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import pypinyin

from ingest.resolve.words import WORDS

PROVINCES = frozenset(WORDS["provinces"])
CITIES = frozenset(WORDS["cities"])
UNITS = (
    "壮族自治区",
    "回族自治区",
    "维吾尔自治区",
    "特别行政区",
    "自治区",
    "自治州",
    "地区",
    "省",
    "市",
    "盟",
)

NAMES = frozenset({*PROVINCES, *CITIES, "中国"})
LENGTHS = tuple(sorted({len(name) for name in NAMES}, reverse=True))
ANYWHERE = re.compile("|".join(sorted(NAMES, key=len, reverse=True)))


def leading(name: str) -> tuple[tuple[str, ...], str]:
    """The places that a name begins with, and the rest of it.

    A district or county is one of two characters before 区 or 县, where enough follows to be a name.

    >>> leading("广东省广州市天河区华信能源"), leading("北京华信"), leading("华信能源")
    ((('广东', '广州', '天河'), '华信能源'), (('北京',), '华信'), ((), '华信能源'))
    """
    places: list[str] = []
    while len(places) < 3:
        place, length = _first(name)
        if not length or len(name) - length < 2 or (places and _rank(places[-1]) >= _rank(place)):
            break
        places.append(place)
        name = name[length:]
    return tuple(places), name


def _rank(place: str) -> int:
    return 3 if place not in NAMES else 2 if place in CITIES else 1 if place in PROVINCES else 0


def _first(name: str) -> tuple[str, int]:
    """The place at the start of a name, and the length of it with its unit; 0 where there is none."""
    for length in LENGTHS:
        if name[:length] in NAMES:
            unit = next((unit for unit in UNITS if name.startswith(unit, length)), "")
            return name[:length], length + len(unit)
    if name[2:3] in ("市", "县", "区") and len(name) >= 7:
        return name[:2], 3
    return "", 0


def leading_spoken(sound: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """The place that a name in pinyin begins with, where enough follows to be a name.

    >>> leading_spoken(["xian", "hua", "xin", "ke", "ji"])
    (('西安',), ['hua', 'xin', 'ke', 'ji'])
    """
    for length in (4, 3, 2, 1):
        place = _spoken().get("".join(sound[:length]))
        if place and len(sound) - length >= 4:
            return (place,), list(sound[length:])
    return (), list(sound)


@cache
def _spoken() -> dict[str, str]:
    """Places by how they sound; of those that sound alike (苏州, 宿州) the first listed."""
    found: dict[str, str] = {}
    for name in (*WORDS["provinces"], *WORDS["cities"]):
        found.setdefault("".join(pypinyin.lazy_pinyin(name)), name)
    return found


def named(text: str) -> tuple[str, ...]:
    """The places named anywhere in a text."""
    return tuple(ANYWHERE.findall(text))
