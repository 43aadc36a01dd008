"""The name of a person as it is compared, however a source orders and spells it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.resolve.normalise import SURNAMES_READ, is_chinese, plain, syllables
from ingest.resolve.words import WORDS

SURNAMES = frozenset("".join(WORDS["surnames"]))
COMPOUND = WORDS["compound_surnames"]
HONORIFICS = re.compile(
    "(?:先生|女士|小姐|同志|老师|总经理|副总经理|副总|董事长|总监|经理|主任|处长|科长|部长|局长|院长|校长|书记|主管|工程师|总工|总|工)$"
)
TITLES = re.compile(
    "经理|主任|总监|主管|专员|秘书|工程师|董事|院长|校长|处长|科长|部长|局长|书记|会计|出纳|助理|负责人|领导|老师|副总|总裁|厂长|店长|"
    "manager|director|engineer|officer|chief|head|secretary|assistant|president|\\b(?:ceo|cfo|cto|cio|hr|it)\\b"
)
LATIN_HONORIFICS = re.compile(r"\b(?:mr|mrs|ms|miss|dr|prof)\b")


@dataclass(frozen=True)
class Person:
    """A name as compared. `sound` are its syllables in their order, `letters` initials where only those."""

    name: str
    sound: tuple[str, ...]
    surname_only: bool = False

    @property
    def chinese(self) -> bool:
        return is_chinese(self.name)

    @property
    def unordered(self) -> str:
        """The same for every order of surname and given name."""
        return " ".join(sorted(self.sound))


def person(name: str | None, title: str | None = None) -> tuple[Person, str]:
    """A person's name and title, put right where a source holds one in the column of the other.

    >>> person("財務經理", "李建国")
    (Person(name='李建国', sound=('li', 'jian', 'guo'), surname_only=False), '财务经理')
    >>> person("Jianguo LI")[0].unordered == person("李建国 先生")[0].unordered
    True
    """
    text, office = plain(name or ""), plain(title or "").replace(" ", "")
    if _is_title(text) and office and _is_name(office):
        text, office = office, text.replace(" ", "")
    if not is_chinese(text):
        text = LATIN_HONORIFICS.sub("", text).strip()
        return Person(text.replace(" ", ""), tuple(syllables(text))), office
    return _chinese(text.replace(" ", "")), office


def _chinese(text: str) -> Person:
    bare = HONORIFICS.sub("", text) or text
    alone = bare != text and (bare in COMPOUND or len(bare) == 1)
    return Person(bare, tuple(syllables(_read(bare))), alone)


def _read(name: str) -> str:
    """A name with its surname spelled by a character that always sounds as surnames do."""
    return name[:1].translate(SURNAMES_READ) + name[1:]


def _is_title(text: str) -> bool:
    return bool(TITLES.search(text)) and not _is_name(text.replace(" ", ""))


def _is_name(text: str) -> bool:
    if is_chinese(text):
        compound = text[:2] in COMPOUND
        return (
            (text[:1] in SURNAMES or compound) and 2 <= len(text) <= 3 + compound and not TITLES.search(text)
        )
    return 2 <= len(syllables(text)) <= 4 and not TITLES.search(text)
