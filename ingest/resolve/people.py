"""The name of a person as it is compared, however a source orders and spells it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.resolve.normalise import SURNAMES_READ, is_chinese, plain, syllables

SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾"
    "夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧"
    "耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪"
    "简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
COMPOUND = (
    "欧阳",
    "上官",
    "司马",
    "司徒",
    "诸葛",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "夏侯",
    "东方",
    "端木",
    "独孤",
    "南宫",
)
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
