"""The name of an organisation taken apart: where, who, what branch, and what is left to compare.

南粤华信能源集团有限公司佛山第二分公司 is the head 南粤华信能源集团有限公司 and the branch 佛山 2; the head's core
is 南粤华信能源. Legal forms and places are set aside because sources write them or leave them out as they
like; the branch is kept apart because it makes another account of the same firm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.resolve.normalise import is_chinese, plain, syllables
from ingest.resolve.places import leading, named

DIGITS = str.maketrans("一二三四五六七八九〇零两壹贰叁肆伍陆柒捌玖", "123456789002123456789")
BRANCHES = (
    "分公司|子公司|分部|分行|支行|分店|门店|营业部|营业厅|营业所|办事处|代表处|联络处|分院|分校|分园|校区|院区|园区|经营部|"
    "项目部|分厂|分局|分中心|分社|分队"
)
HEADS = "公司|集团|医院|医疗中心|中心|大学|学院|学校|中学|小学|幼儿园|银行|厂|局|所|院|社|处|会|馆|店"
BRANCH = re.compile(
    f"^(?P<head>.+(?:{HEADS}))(?P<branch>.{{0,14}}?(?:{BRANCHES}|[第\\d一二三四五六七八九十]+部))$"
)
SHORT_BRANCH = re.compile(
    f"^(?P<head>.{{2,}}?)(?P<branch>(?:[一-鿿]{{2}}市?)?第?[\\d一二三四五六七八九十]*(?:{BRANCHES}))$"
)
BRANCH_ENDS = (*BRANCHES.split("|"), "部")
FORMS = (
    "股份有限责任公司", "有限责任公司", "股份有限公司", "有限公司", "股份公司", "总公司", "公司", "集团", "控股", "股份", "有限",
    "普通合伙", "有限合伙",
)  # fmt: skip
GROUP = re.compile("集团|控股|\\bgroup\\b|\\bjituan\\b|\\bholdings?\\b")
LATIN_FORMS = frozenset(
    "co ltd limited inc corp corporation company llc plc group holding holdings the of and china "
    "youxian zeren gongsi gufen jituan zonggongsi youxiangongsi konggu".split()
)
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
    ('华信能源', ('广州',), '佛山2', True)
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
    found = BRANCH.match(full) or SHORT_BRANCH.match(full)
    if not found or len(_without_form(found["head"])) < 2:
        return full, ""
    what = re.sub(f"(?:{BRANCHES}|部)$", "", found["branch"])
    what = re.sub("[第市省区县]", "", what).translate(DIGITS)
    return found["head"], what or "?"


def _without_form(name: str) -> str:
    while name.endswith(FORMS):
        shorter = name.removesuffix(next(form for form in FORMS if name.endswith(form)))
        if len(shorter) < 2:
            break
        name = shorter
    return name.replace("集团", "") if "集团" in name[2:] and len(name) > 5 else name


def _latin(text: str) -> Organisation:
    joined = " ".join(word for word in text.split(" ") if word not in LATIN_FORMS) or text
    core = LATIN_FORM.sub("", joined.replace(" ", "")) or joined.replace(" ", "")
    sound = syllables(LATIN_FORM.sub("", joined))
    numbers = tuple(NUMBERS.findall(core))
    return Organisation(text.replace(" ", ""), core, (), "", bool(GROUP.search(text)), numbers, tuple(sound))
