"""What the tariffs charge beyond their fee, and rating by it: bundles, steps, zones and periods.

All in whole numbers, so that nothing hangs on the order of sums: use in tenths of a unit (minute,
message or megabyte), prices in 1/10000 yuan a unit, charges in 1/100000 yuan until a line of the bill is
rounded, half up, to the cent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from graph.schema import PERIODS, SERVICES, ZONES
from ingest.world.products import Catalogue
from ingest.world.size import Bools, Clock, Ints
from ingest.world.tables import at, choose, rows

CELLS = len(ZONES) * len(PERIODS)
"""Zones × periods, period running fastest: the order in which a bundle is used up."""
STEPS = 2
ENDLESS = 2**40
VOICE, MESSAGE, DATA = range(len(SERVICES))
CENT = 1000  # charges are in 1/100000 yuan

# For each service: the tenth at which the second step begins, and the price of each step in each
# cell, in 1/10000 yuan; rows are zones, columns peak and off-peak.
SECOND = np.array([1_000, 500, 80_000])
PRICES = np.array(
    [
        [
            [[1000, 800], [1500, 1200], [2000, 1600], [3000, 3000]],
            [[800, 600], [1000, 800], [1600, 1200], [3000, 3000]],
        ],
        [
            [[1000, 1000], [1000, 1000], [1500, 1500], [3000, 3000]],
            [[800, 800], [800, 800], [1500, 1500], [3000, 3000]],
        ],
        [
            [[45, 35], [45, 35], [45, 35], [60, 60]],
            [[40, 30], [40, 30], [40, 30], [60, 60]],
        ],
    ]
)
BUNDLES = ("minutes", "messages", "data")


@dataclass(frozen=True)
class Terms:
    """By plan, service and cell."""

    price: Ints
    """(plans, services, steps, cells): 1/10000 yuan a unit."""
    begins: Ints
    """(services, steps): tenth of a unit beyond the bundle from which a step's price holds."""
    included: Ints
    """(plans, services): tenths of a unit a month in the bundle."""
    bundled: Bools
    """(plans, services, cells): whether use there is drawn from the bundle."""


def terms(goods: Catalogue) -> Terms:
    """The dearer a tariff, the more it includes; business tariffs include long distance too."""
    fee = np.rint(goods.fee[: goods.plans]).astype(np.int64)
    zone = np.repeat(np.arange(len(ZONES)), len(PERIODS))
    bundled = np.zeros((goods.plans, len(SERVICES), CELLS), dtype=np.bool_)
    bundled[:, VOICE] = zone < np.where(fee >= 129, 3, 2)[:, None]
    bundled[:, MESSAGE] = zone < 2
    bundled[:, DATA] = zone == 0
    by_cell = PRICES.reshape(len(SERVICES), STEPS, CELLS)
    return Terms(
        price=np.broadcast_to(by_cell, (goods.plans, *by_cell.shape)),
        begins=np.stack([np.zeros_like(SECOND), SECOND], axis=1),
        included=10 * np.stack([9 * fee // 10, fee // 10, 80 * fee], axis=1),
        bundled=bundled,
    )


def charges(deal: Terms, plan: Ints, used: Ints, present: Ints, days: int) -> Ints:
    """(n, services) in 1/100000 yuan, from `used`, (n, services, cells) in tenths of a unit.

    A bundle comes in proportion to the days present, whole tenths; the cells use it up in their order.
    What is beyond is charged in steps, each cell by itself.
    """
    left = deal.included[plan] * present[:, None] // days
    total = np.zeros(used.shape[:2], dtype=np.int64)
    ends = np.append(deal.begins[:, 1:], np.full((len(SERVICES), 1), ENDLESS), axis=1)
    for cell in range(CELLS):
        from_bundle = np.where(deal.bundled[plan, :, cell], np.minimum(left, used[:, :, cell]), 0)
        left = left - from_bundle
        beyond = used[:, :, cell] - from_bundle
        for step in range(STEPS):
            inside = np.clip(beyond - deal.begins[:, step], 0, ends[:, step] - deal.begins[:, step])
            total += inside * deal.price[plan, :, step, cell]
    return total


def cents(charge: Ints) -> Ints:
    """Charges to the cent, half up."""
    return (charge + CENT // 2) // CENT


def tariff_table(goods: Catalogue, clock: Clock) -> pd.DataFrame:
    """`tariffs`: one row for each plan, service, zone, period and step."""
    deal = terms(goods)
    plan, service, step, cell = (axis.ravel() for axis in np.indices(deal.price.shape))
    bundled = deal.bundled[plan, service, cell]
    included = np.where(bundled, deal.included[plan, service] / 10, np.nan)
    return rows(
        "tariffs",
        {
            "about": at(goods.id, plan),
            "date": np.full(len(plan), clock.founded),
            "service": choose(SERVICES, service),
            "zone": choose(ZONES, cell // len(PERIODS)),
            "period": choose(PERIODS, cell % len(PERIODS)),
            "from_unit": deal.begins[service, step] / 10,
            "price": deal.price[plan, service, step, cell] / 10_000,
            "bundle": choose(BUNDLES, np.where(bundled, service, -1)),
            "included": included,
        },
    )
