"""Names taken apart by hand, and what must hold of any text."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ingest.resolve.credit import ALPHABET, is_valid, tidy
from ingest.resolve.normalise import cut, plain, syllables
from ingest.resolve.organisations import organisation
from ingest.resolve.people import person
from ingest.world.names import credit_code
from ingest.world.regions import REGIONS

ANY = some.text(
    alphabet=some.sampled_from("华信能源第二分公司有限集团（）()廣東广州市李建国經理 ABab12,.-·　ＡＢ"),
    max_size=24,
)

NAMES = {
    # name: (core, places, branch)
    "廣州市華信能源（集團）有限公司": ("华信能源", ("广州",), ""),
    "华信（广州）能源有限责任公司": ("华信能源", ("广州",), ""),
    "广东省广州市天河区华信能源": ("华信能源", ("广东", "广州", "天河"), ""),
    "华信能源集团有限公司佛山第二分公司": ("华信能源", (), "佛山2 分公司"),
    "华信能源佛山市分公司": ("华信能源", (), "佛山 分公司"),
    "华信能源第二分公司": ("华信能源", (), "2 分公司"),
    "招商银行股份有限公司广州天河支行": ("招商银行", (), "广州天河 支行"),
    "深圳市第一人民医院龙华院区": ("第一人民医院", ("深圳",), "龙华 院区"),
    "之江职业技术学院": ("之江职业技术学院", (), ""),
    "公司": ("公司", (), ""),
    "Guangzhou Huaxin Nengyuan Co., Ltd.": ("huaxinnengyuan", ("广州",), ""),
    "HUAXIN NENGYUAN YOUXIANGONGSI": ("huaxinnengyuan", (), ""),
}


@pytest.mark.parametrize("name", NAMES)
def test_an_organisation_is_taken_apart(name):
    found = organisation(name)
    assert (found.core, found.places, found.branch) == NAMES[name]


def test_chinese_and_pinyin_sound_the_same():
    assert organisation("西安华信能源有限公司").sound == organisation("Xian Huaxin Nengyuan Ltd").sound
    assert organisation("第一中学").numbers != organisation("第二中学").numbers


PEOPLE = [
    ("李建国", "李建國"), ("李建国", "建国 李"), ("李建国", "Jianguo LI"), ("李建国", "Li, Jianguo"),
    ("李建国", "Li Jian Guo"), ("李建国", "李建国先生"), ("曾伟", "Wei Zeng"), ("欧阳雪", "Xue Ouyang"),
    ("许娜娜", "XU, Nana"), ("解静", "Xie Jing"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PEOPLE)
def test_a_person_is_the_same_in_every_order_and_script(one, other):
    assert person(one)[0].unordered == person(other)[0].unordered


def test_name_and_title_in_each_others_columns_are_put_right():
    found, title = person("財務經理", "李建国")
    assert (found.name, title) == ("李建国", "财务经理")
    assert person("李建国", "财务经理") == (found, title)
    assert person("经理", "")[0].name == "经理", "nothing to put in its place"


def test_of_a_surname_with_an_honorific_only_the_surname_is_known():
    assert person("李总")[0].surname_only
    assert not person("李建国总经理")[0].surname_only


@given(ANY)
def test_plain_text_stays_as_it_is(text):
    assert plain(plain(text)) == plain(text)


@given(ANY)
def test_a_core_has_the_same_core(text):
    core = organisation(text).core
    assert len(core) <= len(plain(text).replace(" ", ""))
    assert organisation(text) == organisation(plain(text)) or "（" in text or "(" in text


@given(some.lists(some.sampled_from(["hua", "xin", "neng", "xian", "guo", "ji"]), min_size=1, max_size=4))
def test_syllables_of_one_word_are_found_again(spoken):
    assert "".join(cut("".join(spoken))) == "".join(spoken)
    assert syllables(" ".join(spoken)) == spoken


def test_a_credit_code_is_valid_by_its_check_character():
    """The generator's codes come from another implementation of GB 32100-2015."""
    chance = random.Random(5)
    for _ in range(200):
        code = credit_code(chance.choice(REGIONS), "energy", chance.randrange(31**6))
        assert is_valid(code)
        place = chance.randrange(18)
        other = chance.choice([char for char in ALPHABET if char != code[place]])
        assert not is_valid(code[:place] + other + code[place + 1 :]), "any one wrong character is noticed"
    assert tidy(" 9135-0100 m000100y43 ") == "91350100M000100Y43"
    assert not is_valid("91350100M000100Y4I"), "I, O, S, V and Z are not used"
