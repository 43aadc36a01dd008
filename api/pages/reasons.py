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
    "minutes": "月均通话分钟",
}
FALL = {"fell": "降", "rose": "升"}
CHANGE = r"(?P<what>contacts at rivals|contacts|its bill|minutes to other networks|minutes)"
PARTS = {"base": "基准", "own": "自身", "network": "关系网", "contract": "合同", "service": "服务"}
N = r"(-?[\d,]+|nan)"
TENTHS = r"(-?\d+\.\d)"
HEADS = {
    "the best-connected line of its account": "本集团联系最多的号码",
    "a line of those who decide at its account": "本集团决策人的号码",
}
HEAD = rf"(?P<head>{'|'.join(HEADS)})"
LOSERS = {"its region": "本地区", "its seller": "销售渠道"}
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
        rf"{N} of {N} neighbours? left in the last 90 days(?:: (.+))?",
        lambda m: f"近 90 天常联系的 {m[2]} 人中 {m[1]} 人离网{_names(m[3])}",
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
    (
        rf"{N} cases? of its own in the last 90 days, {N} still open",
        lambda m: f"近 90 天本人有 {m[1]} 个工单，其中 {m[2]} 个未结",
    ),
    (
        rf"{N} cases? of the last 180 days settled without satisfying it",
        lambda m: f"近 180 天 {m[1]} 个工单办结后不满意",
    ),
    (
        rf"{N} cases? of its account open or of the last 90 days",
        lambda m: f"本集团有 {m[1]} 个未结或近 90 天的工单",
    ),
    (r"its last bill is not known", lambda m: "上月账单未知"),
    (
        rf"a bill of {N} yuan last month, where half have {N} or more",
        lambda m: f"上月账单 {m[1]} 元，半数成员不低于 {m[2]} 元",
    ),
    (
        rf"{N} minutes? of calls last month, where half have {N} or more",
        lambda m: f"上月通话 {m[1]} 分钟，半数成员不少于 {m[2]} 分钟",
    ),
    (r"how much it calls other networks is not known", lambda m: "异网通话占比未知"),
    (rf"{N} % of its minutes go to other networks", lambda m: f"通话分钟的 {m[1]} % 打往异网"),
    (rf"{N} subscriptions? running", lambda m: f"在用订购 {m[1]} 项"),
    (r"its credit rating is not known", lambda m: "信用等级未知"),
    (r"its credit rating is below the best", lambda m: "信用等级不是最高"),
    (r"its credit rating is the best", lambda m: "信用等级最高"),
    (r"the line of one who decides at its account", lambda m: "是本集团决策人的号码"),
    (r"not the line of one who decides at its account", lambda m: "不是本集团决策人的号码"),
    (r"how long its plan binds is not known", lambda m: "套餐合约期未知"),
    (rf"its plan binds for {N} months?", lambda m: f"套餐合约期 {m[1]} 个月"),
    (r"who calls it back is not known", lambda m: "双向联系情况未知"),
    (rf"{N} % of its ties go both ways", lambda m: f"{m[1]} % 的联系是双向的"),
    (r"how well connected those around it are is not known", lambda m: "周围成员的联系紧密程度未知"),
    (
        rf"those around it keep at least {N} ties?, where half keep {N} or more",
        lambda m: f"周围成员彼此至少有 {m[1]} 条联系，半数成员不少于 {m[2]} 条",
    ),
    (r"how its neighbours' contacts changed is not known", lambda m: "常联系人的联系变化未知"),
    (r"its neighbours' contacts stayed as they were", lambda m: "常联系人的联系次数不变"),
    (
        rf"its neighbours' contacts (fell|rose) \({N} % of last month and before together\)",
        lambda m: (
            f"常联系人的联系次数下{FALL[m[1]]}（占前后合计的 {m[2]} %）"
            if m[1] == "fell"
            else f"常联系人的联系次数上{FALL[m[1]]}（占前后合计的 {m[2]} %）"
        ),
    ),
    (r"whether it brought anybody is not known", lambda m: "是否推荐过他人未知"),
    (rf"it brought {N} others?", lambda m: f"推荐过 {m[1]} 人"),
    (r"somebody brought it", lambda m: "由他人推荐入网"),
    (r"nobody brought it", lambda m: "不是由他人推荐入网"),
    (
        rf"its account has {N} members?, where half are in one of {N} or more",
        lambda m: f"本集团有 {m[1]} 名成员，半数成员所在集团不少于 {m[2]} 名",
    ),
    (r"how many of its contacts are outside its account is not known", lambda m: "集团外联系占比未知"),
    (rf"{N} % of its contacts are outside its account", lambda m: f"{m[1]} % 的联系在本集团之外"),
    (rf"whether {HEAD} left is not known", lambda m: f"{HEADS[m['head']]}是否离网未知"),
    (rf"{HEAD} left in the last 90 days", lambda m: f"近 90 天{HEADS[m['head']]}离网"),
    (rf"{HEAD} did not leave in the last 90 days", lambda m: f"近 90 天{HEADS[m['head']]}未离网"),
    (r"what (its region|its seller) lost is not known", lambda m: f"{LOSERS[m[1]]}的离网情况未知"),
    (
        rf"(its region|its seller) lost {N} % of its members in the last 90 days",
        lambda m: f"近 90 天{LOSERS[m[1]]}的成员离网 {m[2]} %",
    ),
    (r"who sold it its line is not known", lambda m: "销售渠道未知"),
    (
        rf"its seller has {N} members?, where half are with one of {N} or more",
        lambda m: f"销售渠道名下有 {m[1]} 名成员，半数成员的渠道不少于 {m[2]} 名",
    ),
    (r"its seller's contract has ended", lambda m: "销售渠道的合同已终止"),
    (r"its seller's contract is in force", lambda m: "销售渠道的合同有效"),
    (
        rf"a circle of {N} with {N} % of its ties present: {TENTHS} % of such leave; by its place in it"
        rf" {TENTHS} %",
        lambda m: f"所在圈子 {m[1]} 人，联系密度 {m[2]} %：此类圈子离网 {m[3]} %，按其圈内位置 {m[4]} %",
    ),
    (
        r"without the departures? of (.+): (\d+) → (\d+) %",
        lambda m: f"若{_names(m[1])[1:]}未离网：{m[2]} → {m[3]} %",
    ),
    (
        rf"{TENTHS} % = {TENTHS} base((?: [+-] {TENTHS} \w+)+)",
        lambda m: f"{m[1]} % = 基准 {m[2]}{_parts(m[3])}",
    ),
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


def _names(names: str | None) -> str:
    """Who left and when, as the refresh writes it."""
    if not names:
        return ""
    told = re.sub(r"(\S+) on ([\d-]+)", r"\1（\2）", names)
    return "：" + re.sub(r" and (\d+) more$", r" 等另 \1 人", told).replace(", ", "、")


def _parts(parts: str) -> str:
    return re.sub(r"([+-]) ([\d.]+) (\w+)", lambda m: f"{m[1]} {PARTS.get(m[3], m[3])} {m[2]}", parts)


def _yuan(unit: str | None) -> str:
    return " 元" if unit else ""
