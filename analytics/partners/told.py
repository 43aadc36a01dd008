"""A partner's figures in words, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import pandas as pd

from analytics.partners.anomalies import ALONG_TIES, LEVEL, ONE_ACCOUNT, SHOCK
from analytics.partners.keeping import HORIZONS

Facts = Mapping[Hashable, object]
"""A row of the table of figures."""

SENTENCES = {
    "partner_net_sales": (
        "sold {sold:.0f} lines in the last year, {lost:.0f} of them left; {book:.0f} of its lines are here",
        "近一年售出 {sold:.0f} 名成员，其中 {lost:.0f} 名已离网；现有在网 {book:.0f} 名",
    ),
    **{
        f"partner_kept_{months}": (
            f"{{kept{months}:.0%}} of its lines stay {months} months ({{low{months}:.0%}} to"
            f" {{high{months}:.0%}}), by {{watched{months}:.0f}} watched",
            f"所售成员 {months} 个月留存 {{kept{months}:.0%}}（{{low{months}:.0%}} 至"
            f" {{high{months}:.0%}}），据 {{watched{months}:.0f}} 名观察",
        )
        for months in HORIZONS
    },
    "partner_concentration": (
        "{share:.0%} of its lines are at {largest}; accounts: {accounts:.0f}; Herfindahl index {hhi:.2f}",
        "{share:.0%} 的在网成员在 {largest}，共分布于 {accounts:.0f} 个集团；赫芬达尔指数 {hhi:.2f}",
    ),
    "partner_chain_book": (
        "{chain_book:.0f} lines, with those of all that it supplies; partners supplied: {below:.0f}",
        "含其供货的 {below:.0f} 家伙伴共 {chain_book:.0f} 名成员",
    ),
    "partner_burst": (
        "{burst_sold:.0f} lines sold in the week to {burst_week:%Y-%m-%d}, {burst_usual:.1f} a week are"
        " usual; chance {burst_q:.2g}, adjusted for all partners",
        "截至 {burst_week:%Y-%m-%d} 一周售出 {burst_sold:.0f} 名，通常每周 {burst_usual:.1f} 名；"
        "校正后概率 {burst_q:.2g}",
    ),
    "partner_low_use": (
        "of {use_young:.0f} lines sold in the half year {use_idle:.0f} are idle and {use_closed:.0f} call"
        " only one another; {use_usual:.0%} do elsewhere; chance {use_q:.2g}, adjusted for all partners",
        "近半年售出的 {use_young:.0f} 名中 {use_idle:.0f} 名几乎无用量，{use_closed:.0f} 名仅彼此联系；"
        "其他伙伴为 {use_usual:.0%}；校正后概率 {use_q:.2g}",
    ),
    "partner_shock": (
        "{shock_left:.0f} lines left within {shock_weeks:.0f} weeks, {shock_expected:.1f} expected by its own"
        " rate and everybody's; chance {shock_q:.2g}, adjusted for all partners",
        "{shock_weeks:.0f} 周内离网 {shock_left:.0f} 名，按自身和整体水平应为 {shock_expected:.1f} 名；"
        "校正后概率 {shock_q:.2g}",
    ),
}
WHAT = {
    SHOCK: ("spread over accounts, as a shock of the book is", "分散于多个集团，系渠道冲击"),
    ONE_ACCOUNT: ("mostly of one account, or of few", "集中于一个或少数集团"),
    ALONG_TIES: ("along ties to those who had left", "沿与先离网者的联系发生"),
}
EXPLAINED = (
    "{}: {:.0f} accounts, the most from one {:.0%}; in touch with an earlier leaver {:.0%} of those who left,"
    " {:.0%} of those who stayed",
    "{}：涉及 {:.0f} 个集团，单一集团最多 {:.0%}；与先离网者有联系的，离网者中 {:.0%}，留下者中 {:.0%}",
)
LANGUAGES = ("en", "zh")
ODD = {"burst_q": "partner_burst", "use_q": "partner_low_use", "shock_q": "partner_shock"}


def sentence(measure: str, facts: Facts, language: str) -> str:
    """What is said of a measure of a partner."""
    number = LANGUAGES.index(language)
    said = SENTENCES[measure][number].format(**{str(name): value for name, value in facts.items()})
    what = facts.get("shock_what")
    if measure != "partner_shock" or what not in WHAT:
        return said
    figures = (facts[f"shock_{name}"] for name in ("accounts", "share", "linked", "linked_stay"))
    return f"{said}; {EXPLAINED[number].format(WHAT[str(what)][number], *figures)}"


def oddities(facts: Facts, language: str) -> list[str]:
    """What looks odd about a partner: the tests whose adjusted chance is at most 5 %."""
    odd = [measure for column, measure in ODD.items() if _at_most(facts[column], LEVEL)]
    return [sentence(measure, facts, language) for measure in odd]


def _at_most(value: object, level: float) -> bool:
    return not pd.isna(value) and float(value) <= level  # type: ignore[arg-type,call-overload]
