"""Where the world lies: real GB/T 2260 codes of districts in a few provinces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.world.size import Floats


@dataclass(frozen=True)
class Region:
    """A district or city without districts; `poetic` is what companies there call themselves."""

    code: str
    city: str
    poetic: str
    weight: float

    @property
    def province(self) -> str:
        return self.code[:2]


def _districts(city: str, poetic: str, weight: float, *codes: str) -> tuple[Region, ...]:
    return tuple(Region(code, city, poetic, weight / len(codes)) for code in codes)


REGIONS: tuple[Region, ...] = (
    *_districts("广州", "南粤", 24, "440103", "440104", "440105", "440106", "440111", "440113"),
    *_districts("深圳", "鹏城", 18, "440303", "440304", "440305", "440306", "440307"),
    *_districts("佛山", "岭南", 9, "440604", "440605", "440606"),
    *_districts("东莞", "莞邑", 6, "441900"),
    *_districts("杭州", "之江", 9, "330106", "330108", "330110"),
    *_districts("宁波", "甬江", 4, "330203", "330212"),
    *_districts("南京", "金陵", 6, "320102", "320106", "320115"),
    *_districts("苏州", "吴中", 5, "320505", "320508"),
    *_districts("成都", "天府", 7, "510104", "510105", "510107"),
    *_districts("武汉", "荆楚", 5, "420102", "420106", "420111"),
    *_districts("上海", "申江", 4, "310101", "310104", "310115"),
    *_districts("北京", "燕京", 3, "110102", "110105", "110108"),
)


def weights() -> Floats:
    """How much of the business lies in each region; sums to 1."""
    raw = np.array([region.weight for region in REGIONS])
    return np.asarray(raw / raw.sum())
