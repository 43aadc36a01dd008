"""How long the lines that a partner sold stay: what was sold net of later churn, and survival.

Kaplan–Meier by partner, time counted from the sale. A line that was sold before departures were recorded
is at risk only from the record's beginning on (delayed entry): those of its fellows that had left by then
are not known. A move to another group ends the watching, and is no loss.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from analytics.frames import day_of
from analytics.partners.book import BOOK
from graph.asof import View

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HORIZONS = {3: 91, 6: 183, 12: 365}
"""Months after the sale, and the days that they are taken for."""
FEWEST = 20
"""Lines watched below which survival is unknown."""
YEAR = 365
LEVEL = 0.95

SOLD = f"""
SELECT b.partner_id, b.member_id, b.sold_on, m.joined, m."left", m.left_kind
FROM ({BOOK}) b JOIN members m USING (member_id)"""


def sold_lines(view: View) -> pd.DataFrame:
    """Every line of every book: `partner_id`, `member_id`, `sold_on`, `joined`, `left`, `left_kind`."""
    return view.sql(SOLD)


def net_sales(lines: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """By partner: `book` (lines here), `sold` in the last year, `lost` of these and `net` of them."""
    lately = lines["sold_on"] > day - pd.Timedelta(days=YEAR)
    gone = lines["left"].notna()
    found = pd.DataFrame(
        {
            "book": (~gone).groupby(lines["partner_id"]).sum(),
            "sold": lately.groupby(lines["partner_id"]).sum(),
            "lost": (lately & gone).groupby(lines["partner_id"]).sum(),
        }
    ).astype("int64")
    return found.assign(net=found["sold"] - found["lost"])


def survival(view: View, lines: pd.DataFrame) -> pd.DataFrame:
    """By partner: `kept3`, `low3`, `high3`, `watched3` and so for every horizon; NaN where unknown.

    E. L. Kaplan and P. Meier, JASA 1958; variance of Greenwood; interval on the log(−log) scale
    (J. Kalbfleisch and R. Prentice, 1980), and without a loss the exact binomial one
    for the lines watched to the end.
    """
    day = pd.Timestamp(day_of(view))
    begun = view.frame("members", ["left"])["left"].min()
    known = lines[lines["sold_on"].notna()]
    number, partners = pd.factorize(known["partner_id"], sort=True)
    end = known["left"].fillna(day)
    entry = _days(begun - known["sold_on"]).clip(0) if pd.notna(begun) else np.full(len(known), 10**6)
    leaves = _days(end - known["sold_on"])
    lost = (known["left"].notna() & (known["left_kind"] != "internal_transfer")).to_numpy()
    found = [
        _at(number, entry, leaves, lost, len(partners), months, days) for months, days in HORIZONS.items()
    ]
    return pd.concat(found, axis=1).set_index(pd.Index(partners, name="partner_id"))


def _days(spans: pd.Series) -> Ints:
    return np.asarray(spans.dt.days, dtype=np.int64)


def _at(
    number: Ints,
    entry: Ints,
    leaves: Ints,
    lost: npt.NDArray[np.bool_],
    partners: int,
    months: int,
    days: int,
) -> pd.DataFrame:
    """Survival to `days` after the sale; at risk at t are the lines with entry < t ≤ leaves."""
    scale = int(max(leaves.max(initial=0), entry.max(initial=0), days)) + 2
    watched = (leaves > entry) & (entry < days)
    event = watched & lost & (leaves <= days)
    times, deaths = np.unique(number[event] * scale + leaves[event], return_counts=True)
    who = times // scale
    risk = _beyond(number[watched] * scale + leaves[watched], times, who, scale) - _beyond(
        number[watched] * scale + entry[watched], times, who, scale
    )
    alive, spread = np.ones(partners), np.zeros(partners)
    np.multiply.at(alive, who, 1 - deaths / risk)
    np.add.at(spread, who, deaths / (risk * np.maximum(risk - deaths, 1e-9)))
    count = np.bincount(number[watched], minlength=partners)
    last = np.bincount(number[watched & (leaves >= days)], minlength=partners)
    low, high = _interval(alive, spread, last)
    unknown = (count < FEWEST) | (last == 0)
    parts = {"kept": alive, "low": low, "high": high}
    columns = {f"{name}{months}": np.where(unknown, np.nan, value) for name, value in parts.items()}
    return pd.DataFrame({**columns, f"watched{months}": count})


def _beyond(keys: Ints, times: Ints, who: Ints, scale: int) -> Ints:
    """How many keys of the same partner are at `times` or later."""
    ranked = np.sort(keys)
    return np.searchsorted(ranked, (who + 1) * scale) - np.searchsorted(ranked, times)


def _interval(alive: Floats, spread: Floats, last: Ints) -> tuple[Floats, Floats]:
    z = float(norm.ppf((1 + LEVEL) / 2))
    inner = np.clip(alive, 1e-12, 1 - 1e-12)
    wide = z * np.sqrt(spread) / np.abs(np.log(inner))
    wide = np.minimum(wide, 50.0)  # all but certain lines have no width to speak of
    low, high = inner ** np.exp(wide), inner ** np.exp(-wide)
    none = ((1 - LEVEL) / 2) ** (1 / np.maximum(last, 1))
    low = np.where(alive >= 1, none, np.where(alive <= 0, 0.0, low))
    return low, np.where(alive >= 1, 1.0, np.where(alive <= 0, np.nan, high))
