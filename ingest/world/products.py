"""The catalogue: tariffs for lines, and what accounts buy besides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingest.world.size import Clock, Floats, Ints, Size
from ingest.world.tables import ids, rows

# name, category, yuan a month, months bound, network; tariffs first, cheapest first.
PLANS: tuple[tuple[str, str, float, int, str], ...] = (
    ("集团畅聊39", "plan", 39.0, 0, "4G"),
    ("集团畅聊59", "plan", 59.0, 12, "4G"),
    ("集团畅享79", "plan", 79.0, 12, "5G"),
    ("集团畅享99", "plan", 99.0, 12, "5G"),
    ("集团商务129", "plan", 129.0, 24, "5G"),
    ("集团商务169", "plan", 169.0, 24, "5G"),
    ("集团尊享239", "plan", 239.0, 24, "5G"),
    ("集团尊享299", "plan", 299.0, 24, "5G"),
)
SERVICES: tuple[tuple[str, str, float, int, str], ...] = (
    ("互联网专线100M", "line", 800.0, 24, "fibre"),
    ("互联网专线500M", "line", 2600.0, 36, "fibre"),
    ("数据专线", "line", 1800.0, 36, "fibre"),
    ("IDC机柜", "idc", 3500.0, 36, "fibre"),
    ("IDC带宽", "idc", 5200.0, 36, "fibre"),
    ("云主机", "cloud", 600.0, 12, "cloud"),
    ("云存储", "cloud", 300.0, 12, "cloud"),
    ("云桌面", "cloud", 980.0, 24, "cloud"),
    ("企业短信", "messaging", 260.0, 12, "sms"),
    ("视频会议", "collaboration", 450.0, 12, "cloud"),
    ("集团彩铃", "messaging", 120.0, 12, "4G"),
    ("企业邮箱", "collaboration", 180.0, 12, "cloud"),
    ("物联网卡", "iot", 700.0, 24, "NB-IoT"),
    ("车联网", "iot", 1500.0, 24, "5G"),
    ("视频监控", "security", 900.0, 24, "fibre"),
    ("安全防护", "security", 750.0, 12, "cloud"),
    ("5G专网", "private_network", 8800.0, 36, "5G"),
    ("呼叫中心", "collaboration", 2200.0, 24, "cloud"),
    ("政企宽带", "line", 299.0, 12, "fibre"),
    ("固定电话", "voice", 60.0, 12, "fibre"),
    ("国际漫游包", "roaming", 150.0, 1, "4G"),
    ("大数据洞察", "data", 3000.0, 12, "cloud"),
)


@dataclass(frozen=True)
class Catalogue:
    """Products by number; the first `plans` are tariffs, in rising price."""

    id: pd.Series[str]
    category: list[str]
    fee: Floats
    term: Ints
    plans: int
    table: pd.DataFrame

    @property
    def services(self) -> Ints:
        """Numbers of the products that accounts buy."""
        return np.arange(self.plans, len(self.id))


def catalogue(size: Size, clock: Clock) -> Catalogue:
    """The first `size.products` of the list; a larger catalogue repeats services as editions."""
    plans = min(len(PLANS), size.products // 3)
    chosen = list(PLANS[:plans])
    for number in range(size.products - plans):
        edition, place = divmod(number, len(SERVICES))
        name, *rest = SERVICES[place]
        chosen.append((f"{name}{'' if not edition else f'（第{edition + 1}版）'}", *rest))  # type: ignore[arg-type]
    names, categories, fees, terms, networks = map(list, zip(*chosen, strict=True))
    key = ids("P", size.products, 3)
    table = rows(
        "products",
        {
            "product_id": key,
            "known_from": np.full(size.products, clock.founded),
            "name": names,
            "category": categories,
            "monthly_fee": fees,
            "term_months": terms,
            "network": networks,
        },
    )
    return Catalogue(key, categories, np.array(fees), np.array(terms), plans, table)
