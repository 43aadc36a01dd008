"""Chinese names of people and companies, made from parts. Any likeness to a real one is chance."""

from __future__ import annotations

import numpy as np

from ingest.world.regions import Region
from ingest.world.size import Ints

# Surnames with their share of people in per mille, after the 2020 census's order of frequency.
SURNAMES = {
    "王": 72, "李": 71, "张": 67, "刘": 54, "陈": 50, "杨": 31, "赵": 23, "黄": 22, "周": 19,
    "吴": 19, "徐": 15, "孙": 15, "胡": 13, "朱": 13, "高": 12, "林": 12, "何": 11, "郭": 11,
    "马": 11, "罗": 10, "梁": 9, "宋": 8, "郑": 8, "谢": 7, "韩": 7, "唐": 7, "冯": 6, "于": 6,
    "董": 6, "萧": 6, "程": 6, "曹": 5, "袁": 5, "邓": 5, "许": 5, "傅": 5, "沈": 5, "曾": 5,
    "彭": 5, "吕": 5, "苏": 4, "卢": 4, "蒋": 4, "蔡": 4, "贾": 4, "丁": 4, "魏": 4, "薛": 4,
    "叶": 4, "阎": 4, "欧阳": 1, "司徒": 1,
}  # fmt: skip
GIVEN_FIRST = "建志晓文海国永家子俊宇明雅思欣佳美丽小春秋金玉振立嘉梓浩一泽若雨静德新"
GIVEN_LAST = "华强军伟明辉杰涛磊鹏飞勇斌波平生林峰龙敏静丽芳娟玲红梅霞燕婷慧颖怡轩宁然远航"
BRAND_FIRST = "华中金鼎恒瑞盛安泰宏嘉天东远正信科联创博汇润卓新海立达银锦"
BRAND_LAST = "信达远和泰利源通成康安诚业隆兴邦凯宁丰创越华德宝辰翔博润"

# What follows the brand: line of business, legal form. Two digits open the credit code:
# 91 an enterprise, 12 a public institution (GB 32100-2015).
FORMS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "government": ("12", ("政务服务", "公共事务", "市政管理"), ("中心", "管理处")),
    "finance": ("91", ("金融服务", "融资租赁", "保险代理"), ("有限公司", "股份有限公司")),
    "transport": ("91", ("物流", "航运", "客运", "快运"), ("有限公司", "集团有限公司")),
    "energy": ("91", ("能源", "电力", "燃气"), ("有限公司", "集团有限公司")),
    "manufacturing": ("91", ("电子", "机械", "精密", "家具"), ("有限公司", "股份有限公司")),
    "education": ("12", ("职业技术", "外国语", "实验"), ("学院", "学校")),
    "health": ("12", ("康复", "骨科", "综合"), ("医院", "医疗中心")),
    "media": ("91", ("传媒", "文化", "广告"), ("有限公司",)),
    "trade": ("91", ("商贸", "百货", "进出口", "供应链"), ("有限公司",)),
    "construction": ("91", ("建设", "建筑工程", "路桥"), ("有限公司", "集团有限公司")),
    "agriculture": ("91", ("农业", "水产", "食品"), ("有限公司",)),
    "other": ("91", ("科技", "物业管理", "人力资源"), ("有限公司",)),
}
# GB 32100-2015: the 31 characters of a credit code, and GB 11714: 36 of an organisation code.
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def people(count: int, rng: np.random.Generator) -> list[str]:
    """Full names; surnames by frequency, one given name in five of a single character."""
    share = np.array(list(SURNAMES.values()), dtype=float)
    surnames = rng.choice(list(SURNAMES), size=count, p=share / share.sum())
    first = rng.choice(list(GIVEN_FIRST), size=count)
    last = rng.choice(list(GIVEN_LAST), size=count)
    single = rng.random(count) < 0.2
    named = zip(surnames, first, last, single, strict=True)
    return [f"{s}{'' if one else f}{g}" for s, f, g, one in named]


def brands(count: int, rng: np.random.Generator) -> list[str]:
    """Two-character names of firms; they repeat only once all have been used."""
    every = [a + b for a in BRAND_FIRST for b in BRAND_LAST if a != b]
    order = np.concatenate([rng.permutation(len(every)) for _ in range(count // len(every) + 1)])
    return [every[i] for i in order[:count]]


def company(region: Region, brand: str, industry: str, rng: np.random.Generator) -> str:
    """A name such as 南粤华信能源集团有限公司: place, brand, line of business, legal form."""
    _, lines, forms = FORMS[industry]
    return f"{region.poetic}{brand}{rng.choice(lines)}{rng.choice(forms)}"


def subsidiary(parent: str, region: Region, number: int) -> str:
    """A part of a group, such as 南粤华信能源集团有限公司佛山分公司."""
    form = "分公司" if parent.endswith("公司") else "分部"
    return f"{parent}{region.city}{'第' + '一二三四五六七八九'[number - 1] if number else ''}{form}"


def credit_code(region: Region, industry: str, number: int) -> str:
    """An 18-character unified social credit code with both check characters right.

    Sources: GB 32100-2015 (weights 3^i mod 31) and GB 11714-1997 (weights of the organisation code).
    """
    body = "MA" + _digits(number, 6)
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(w * ORGANISATION.index(c) for w, c in zip(weights, body, strict=True))
    body += "0123456789X0"[(11 - total % 11) % 11]
    code = f"{FORMS[industry][0]}{region.code}{body}"
    total = sum(CREDIT.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return code + CREDIT[(31 - total % 31) % 31]


def _digits(number: int, width: int) -> str:
    """The number written in the 31 characters of a credit code."""
    text = ""
    for _ in range(width):
        number, rest = divmod(number, len(CREDIT))
        text = CREDIT[rest] + text
    return text


def distinct(count: int, limit: int, rng: np.random.Generator) -> Ints:
    """`count` different numbers under `limit`, in no order: a random affine walk around it."""
    step = int(rng.integers(limit // 3, limit // 2)) | 1
    while np.gcd(step, limit) != 1:
        step += 2
    return (int(rng.integers(limit)) + step * np.arange(count, dtype=np.int64)) % limit
