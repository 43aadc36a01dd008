"""The name of an organisation taken apart: where, who, what branch, and what is left to compare.

In 华信能源集团有限公司佛山第二分公司 the head is 华信能源集团有限公司, its core is 华信能源,
and the branch is 佛山2 分公司. Legal forms and places are set aside because sources write them or leave
them out as they like; the branch is kept apart because it makes another account of the same firm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.resolve.normalise import is_chinese, plain, syllables
from ingest.resolve.places import ANYWHERE, leading, leading_spoken, named
from ingest.resolve.words import WORDS

DIGITS = str.maketrans("一二三四五六七八九〇零两壹贰叁肆伍陆柒捌玖", "123456789002123456789")
BRANCHES = "|".join(WORDS["branches"])
HEADS = "|".join(WORDS["heads"])
BRANCH_ENDS = (*WORDS["branches"], "部")
FORMS = WORDS["forms"]
LATIN_FORMS = frozenset(WORDS["latin_forms"])
BRANCH = re.compile(
    f"^(?P<head>.+(?:{HEADS}))(?P<branch>.{{0,14}}?(?:{BRANCHES}|[第\\d一二三四五六七八九十]+部))$"
)
KIND = re.compile(f"(?:{BRANCHES}|部)$")
NUMBERED = re.compile(f"^(?P<head>.{{2,}}?)(?P<branch>第[\\d一二三四五六七八九十]+(?:{BRANCHES}|部))$")
PLACED = re.compile(f"^(?P<head>.{{2,}}?)(?P<branch>(?:{ANYWHERE.pattern})市?(?:{BRANCHES}|部))$")
SHORT = re.compile(f"^(?P<head>.{{2,}})(?P<branch>.{{2}}[市区县]?(?:{BRANCHES}))$")
GROUP = re.compile("集团|控股|\\bgroup\\b|\\bjituan\\b|\\bholdings?\\b")
LATIN_FORM = re.compile(
    "(?:(?:jituan|gufen)*youxian(?:zeren)?gongsi|jituan(?:zong)?gongsi|gufengongsi|zonggongsi|gongsi|jituan)$"
)
NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True)
class Organisation:
    """A name taken apart. `sound` is the core's syllables."""

    full: str
    core: str
    places: tuple[str, ...]
    branch: str
    group: bool
    numbers: tuple[str, ...]
    sound: tuple[str, ...]

    @property
    def chinese(self) -> bool:
        return is_chinese(self.core)


def organisation(name: str | None) -> Organisation:
    """Take a name apart; of none, every part is empty.

    >>> o = organisation("廣州市华信能源（集团）有限公司佛山第二分公司")
    >>> o.core, o.places, o.branch, o.group
    ('华信能源', ('广州',), '佛山2 分公司', True)
    >>> organisation("Nanyue Huaxin Nengyuan Youxian Gongsi").sound
    ('nan', 'yue', 'hua', 'xin', 'neng', 'yuan')
    """
    text = plain(name or "")
    if not is_chinese(text):
        return _latin(text)
    full = text.replace(" ", "")
    head, branch = _branch(full)
    inside = " ".join(text.split(" ")[1:-1])
    places, rest = leading(head)
    for place in named(inside):
        if place in rest[1:]:
            places, rest = (*places, place), rest.replace(place, "", 1)
    core = _without_form(rest)
    numbers = tuple(NUMBERS.findall(core.translate(DIGITS)))
    return Organisation(full, core, places, branch, bool(GROUP.search(full)), numbers, tuple(syllables(core)))


def _branch(full: str) -> tuple[str, str]:
    """The head's name, and which part of it this is: "" for the whole."""
    if not full.endswith(BRANCH_ENDS):
        return full, ""
    forms = (BRANCH, NUMBERED, PLACED, SHORT)
    found = next((match for form in forms if (match := form.match(full))), None)
    if not found or len(_without_form(found["head"])) < 2:
        return full, ""
    kind = KIND.search(found["branch"])
    what = found["branch"][: kind.start()] if kind else found["branch"]
    what = re.sub("[第市省区县]", "", what).translate(DIGITS)
    return found["head"], f"{what} {kind[0] if kind else ''}".strip()


def _without_form(name: str) -> str:
    while name.endswith(FORMS):
        shorter = name.removesuffix(next(form for form in FORMS if name.endswith(form)))
        if len(shorter) < 2:
            break
        name = shorter
    return name.replace("集团", "") if "集团" in name[2:] and len(name) > 5 else name


def _latin(text: str) -> Organisation:
    joined = " ".join(word for word in text.split(" ") if word not in LATIN_FORMS) or text
    bare = LATIN_FORM.sub("", joined).strip() or joined
    places, sound = leading_spoken(syllables(bare))
    core = "".join(sound)
    numbers = tuple(NUMBERS.findall(core))
    full = text.replace(" ", "")
    return Organisation(full, core, places, "", bool(GROUP.search(text)), numbers, tuple(sound))
