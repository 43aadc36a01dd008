"""The pages speak two languages, and leave nothing out in either."""

import math
import re
from pathlib import Path

import pandas as pd
import pytest

from analytics.churn.reasons import SIGNS
from analytics.influence import sentences
from api.pages.reasons import in_words
from api.pages.words import PROVINCES, WORDS, Language, speaker
from graph.schema import CLASSES, INDUSTRIES, PARTNER_KINDS, ROLES, TIERS

PAGES = Path(__file__).resolve().parents[2] / "api"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_word_is_there_in_both_languages():
    assert [key for key, (zh, en) in WORDS.items() if not CHINESE.search(zh) or CHINESE.search(en)] == []


def test_both_languages_take_the_same_values():
    holes = {key: [set(re.findall(r"{(\w+)}", text)) for text in pair] for key, pair in WORDS.items()}
    assert [key for key, (zh, en) in holes.items() if zh != en] == []


def test_every_word_that_a_page_asks_for_is_known():
    sources = [*PAGES.glob("templates/*.html"), *PAGES.glob("pages/*.py")]
    asked = {
        key for path in sources for key in re.findall(r'say\("(\w+)"[,)]', path.read_text(encoding="utf-8"))
    }
    assert asked - WORDS.keys() == set()


@pytest.mark.parametrize("language", Language)
def test_every_choice_of_the_model_has_a_word(language):
    say = speaker(language)
    choices = {"industry": INDUSTRIES, "tier": TIERS, "class": CLASSES, "role": ROLES, "kind": PARTNER_KINDS}
    for group, names in choices.items():
        assert len({say(f"{group}_{name}") for name in names}) == len(names)


def test_the_31_provinces_and_three_more_are_known():
    assert len(PROVINCES) == 34


class Same(dict):
    """A row of features that all have one value."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def __missing__(self, name):
        return self.value


NEVER_UNKNOWN = {
    "months_active", "partners_out", "contacts", "neighbours_left", "open_cases", "unhappy_cases",
    "account_cases", "minutes", "products", "decides", "referred",
}  # fmt: skip
"""Counts of what the record has, so 0 where it has nothing."""


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.features[0])
def test_every_reason_of_the_refresh_can_be_said_in_chinese(sign):
    unknown = () if sign.features[0] in NEVER_UNKNOWN else (math.nan,)
    for number in (0.0, 1.0, 3.0, 12.0, 1234.0, -20.0, *unknown):
        reason = sign.words(Same(number), Same(7.0))
        said = in_words(reason, Language.zh)
        assert not re.search(r"[a-z]", said.replace("nan", "")), reason
        assert sorted(re.findall(r"[\d,]+", said)) == sorted(re.findall(r"\d[\d,]*", reason))
        assert in_words(reason, Language.en) == reason


def test_rises_falls_and_reassurances_in_chinese():
    assert in_words("contacts fell from 42 to 11 a month", Language.zh) == "月均联系次数由 42 降至 11"
    assert (
        in_words("its bill rose from 99 to 1,128 yuan a month", Language.zh) == "月均账单由 99 升至 1,128 元"
    )
    calm = "nothing known raises the risk; what keeps it low: its bill stayed at 99 yuan a month"
    assert in_words(calm, Language.zh) == "没有已知因素推高风险；压低风险的是：月均账单保持在 99 元"


def test_named_neighbours_what_if_and_parts_in_chinese():
    said = {
        "2 of 14 neighbours left in the last 90 days: M1 on 2026-09-03, M2 on 2026-09-20 and 2 more": (
            "近 90 天常联系的 14 人中 2 人离网：M1（2026-09-03）、M2（2026-09-20） 等另 2 人"
        ),
        "without the departures of M1 on 2026-09-03, M2 on 2026-09-20: 57 → 42 %": (
            "若M1（2026-09-03）、M2（2026-09-20）未离网：57 → 42 %"
        ),
        "57.0 % = 4.0 base + 20.0 own + 31.0 network + 5.0 contract - 3.0 service": (
            "57.0 % = 基准 4.0 + 自身 20.0 + 关系网 31.0 + 合同 5.0 - 服务 3.0"
        ),
    }
    assert {reason: in_words(reason, Language.zh) for reason in said} == said


@pytest.mark.parametrize("p", [0.05, 1, 0.00001])
@pytest.mark.parametrize("size", [0, 1, 1234.5])
def test_every_reason_of_an_influencer_can_be_said_in_chinese(size, p):
    picked = pd.DataFrame([{"reach": int(size), "fresh": 0, "gain": size, "alone": size, "shared": 0.25}])
    for reason in sentences(picked, p)[0]:
        said = in_words(reason, Language.zh)
        assert not re.search(r"[a-z]", said.replace("1e-05", "")), reason
        assert sorted(re.findall(r"[\d.]+", said)) == sorted(re.findall(r"[\d.]+", reason))
        assert in_words(reason, Language.en) == reason


def test_an_influencer_in_chinese():
    row = {"reach": 4, "fresh": 3, "gain": 2.5, "alone": 1.25, "shared": 1.0}
    assert [in_words(reason, Language.zh) for reason in sentences(pd.DataFrame([row]), 0.05)[0]] == [
        "直接联系 4 名成员，其中 3 名是排在前面的人联系不到的",
        "在排在前面的人带动的之外，再带动约 2.5 名成员（含本人），假设每名联系人跟随的概率为 0.05",
        "约 1.2 名成员只有此人能带动，另有 1.0 名也可由名单中其他人带动",
    ]


def test_an_unknown_sentence_stays_as_it_is():
    assert in_words("三名常联系的人已离开", Language.zh) == "三名常联系的人已离开"
