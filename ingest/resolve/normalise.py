"""Text as it is compared: one width, one script, one case; and how Chinese text sounds.

Simplified characters and syllables are looked up once for each character and then replaced in C, so that
a million names take seconds.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import opencc
import pypinyin

from ingest.resolve.words import WORDS

APART = re.compile(r"[\s\W_]+")
HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿]")
LETTERS = re.compile(r"[a-z]+")

SYLLABLES = frozenset({i + f for i in WORDS["initials"] for f in WORDS["finals"]} | {*WORDS["alone"]})

SURNAMES_READ = str.maketrans(
    {
        "曾": "增",
        "单": "善",
        "解": "谢",
        "仇": "求",
        "查": "扎",
        "覃": "秦",
        "朴": "嫖",
        "翟": "宅",
        "尉": "玉",
    }
)
"""Characters that sound another way as a surname, with one of that sound."""


_CONVERTER = opencc.OpenCC("t2s")


class _Simplified(dict[int, str]):
    def __missing__(self, code: int) -> str:
        self[code] = _CONVERTER.convert(chr(code))
        return self[code]


class _Sound(dict[int, str]):
    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = f" {pypinyin.lazy_pinyin(char)[0].lower()} " if HAN.match(char) else char
        return self[code]


SIMPLIFIED, SOUND = _Simplified(), _Sound()


def plain(text: str) -> str:
    """Half-width, simplified, lower case, words parted by one space.

    >>> plain("廣州華信（集團）有限公司　ＣＯ．，LTD")
    '广州华信 集团 有限公司 co ltd'
    """
    folded = unicodedata.normalize("NFKC", text)
    if not folded.isascii():
        folded = folded.translate(SIMPLIFIED)
    return APART.sub(" ", folded.casefold().replace("ü", "v")).strip()


def is_chinese(text: str) -> bool:
    """Whether any of it is written in Chinese characters."""
    return HAN.search(text) is not None


def syllables(text: str) -> list[str]:
    """How plain text sounds, without tones: Chinese by character, Latin words cut into syllables.

    >>> syllables("华信energy"), syllables("li jianguo"), syllables("ibm 2")
    (['hua', 'xin', 'energy'], ['li', 'jian', 'guo'], ['ibm', '2'])
    """
    found: list[str] = []
    for word in text.translate(SOUND).split():
        found.extend(cut(word) or [word])
    return found


@cache
def cut(word: str) -> list[str]:
    """A run of letters as pinyin syllables, the longest first; empty where it is none.

    Within a word a syllable begins with a vowel only where nothing else fits: pinyin writes an
    apostrophe there.

    >>> cut("xian"), cut("jianguo"), cut("nana"), cut("smith")
    (['xian'], ['jian', 'guo'], ['na', 'na'], [])
    """
    return _cut(word, "aeo") or _cut(word, "")


@cache
def _cut(word: str, barred: str) -> list[str]:
    for length in range(min(6, len(word)), 0, -1):
        if word[:length] in SYLLABLES and word[length : length + 1] not in tuple(barred):
            rest = _cut(word[length:], barred)
            if rest or length == len(word):
                return [word[:length], *rest]
    return []


class Sounds:
    """Syllables as one character each, so that a distance in C counts syllables."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}

    def coded(self, spoken: list[str]) -> str:
        codes = self._codes
        return "".join(codes.setdefault(one, chr(0x10000 + len(codes))) for one in spoken)
