"""The refresh's reasons in Chinese: they are kept as English sentences, and each kind has its pattern.

A sentence without a pattern is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from api.pages.words import Language

CHANGING = {
    "contacts": "月均联系次数",
    "its bill": "月均账单",
    "minutes to other networks": "月均异网通话分钟",
    "contacts at rivals": "月均与竞争对手号码的联系",
}
FALL = {"fell": "降", "rose": "升"}
CHANGE = r"(?P<what>contacts at rivals|contacts|its bill|minutes to other networks)"
N = r"(-?[\d,]+|nan)"
D = r"([\d.]+(?:e-\d+)?)"

PATTERNS: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"the day it joined is not known", lambda m: "入网日期未知"),
    (rf"a member for {N} days?, where half are for {N}", lambda m: f"入网 {m[1]} 天，半数成员为 {m[2]} 天"),
    (r"joined too lately for a whole month of contacts", lambda m: "入网不足一个完整月"),
    (r"no contact in the last 12 months", lambda m: "近 12 个月无联系"),
    (r"in touch with others last month", lambda m: "上月与他人有联系"),
    (rf"no contact for {N} months?", lambda m: f"已 {m[1]} 个月无联系"),
    (
        rf"in touch with others in {N} of the last 12 months, where half are in {N} or more",
        lambda m: f"近 12 个月中 {m[1]} 个月与他人有联系，半数成员不少于 {m[2]} 个月",
    ),
    (
        rf"called or wrote to {N} members? and heard from {N} in 3 months,"
        rf" where half reach {N} and hear from {N} or more",
        lambda m: f"3 个月内主动联系 {m[1]} 人、被 {m[2]} 人联系，半数成员不少于 {m[3]} 人、{m[4]} 人",
    ),
    (
        rf"{N} contacts? last month, where half have {N} or more",
        lambda m: f"上月联系 {m[1]} 次，半数成员不少于 {m[2]} 次",
    ),
    (
        rf"{N} of {N} neighbours? left in the last 90 days",
        lambda m: f"近 90 天常联系的 {m[2]} 人中 {m[1]} 人离网",
    ),
    (r"the account it belongs to is not known", lambda m: "所属集团未知"),
    (
        rf"{N} of {N} members? of its account left in the last 90 days",
        lambda m: f"近 90 天本集团 {m[2]} 名成员中 {m[1]} 名离网",
    ),
    (r"the end of its account's contract is not known", lambda m: "集团合同到期日未知"),
    (rf"its account's contract ended {N} days? ago", lambda m: f"集团合同已到期 {m[1]} 天"),
    (rf"its account's contract ends in {N} days?", lambda m: f"集团合同 {m[1]} 天后到期"),
    (r"how punctually it pays is not known", lambda m: "缴费及时性未知"),
    (rf"paid up to {N} days? late in the last 3 months", lambda m: f"近 3 个月缴费最多逾期 {m[1]} 天"),
    (rf"{N} cases? of its own still open", lambda m: f"本人有 {m[1]} 个未结工单"),
    (r"the fee of its plan is not known", lambda m: "套餐资费未知"),
    (
        rf"a plan of {N} yuan a month, where half pay {N} or more",
        lambda m: f"套餐月费 {m[1]} 元，半数成员不低于 {m[2]} 元",
    ),
    (rf"how {CHANGE} changed is not known", lambda m: f"{CHANGING[m['what']]}变化未知"),
    (
        rf"{CHANGE} stayed at {N}( yuan)? a month",
        lambda m: f"{CHANGING[m['what']]}保持在 {m[2]}{_yuan(m[3])}",
    ),
    (
        rf"{CHANGE} (fell|rose) from {N} to {N}( yuan)? a month",
        lambda m: f"{CHANGING[m['what']]}由 {m[3]} {FALL[m[2]]}至 {m[4]}{_yuan(m[5])}",
    ),
    (
        r"nothing known raises the risk; what keeps it low: (.+)",
        lambda m: f"没有已知因素推高风险；压低风险的是：{in_words(m[1], Language.zh)}",
    ),
    (
        rf"reaches {N} members? directly, {N} of them not reached by those before",
        lambda m: f"直接联系 {m[1]} 名成员，其中 {m[2]} 名是排在前面的人联系不到的",
    ),
    (
        rf"brings about {D} members?, itself included, beyond those that the ones before bring,"
        rf" if a contact follows with chance {D}",
        lambda m: (
            f"在排在前面的人带动的之外，再带动约 {m[1]} 名成员（含本人），假设每名联系人跟随的概率为 {m[2]}"
        ),
    ),
    (
        rf"about {D} members? are reached by nobody else on the list, {D} more by others too",
        lambda m: f"约 {m[1]} 名成员只有此人能带动，另有 {m[2]} 名也可由名单中其他人带动",
    ),
)
COMPILED = tuple((re.compile(pattern), words) for pattern, words in PATTERNS)


def in_words(reason: str, language: Language) -> str:
    """The sentence in that language.

    >>> in_words("contacts fell from 42 to 11 a month", Language.zh)
    '月均联系次数由 42 降至 11'
    """
    if language is Language.zh:
        for pattern, words in COMPILED:
            if found := pattern.fullmatch(reason):
                return words(found)
    return reason


def _yuan(unit: str | None) -> str:
    return " 元" if unit else ""
