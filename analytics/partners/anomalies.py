"""What does not look like selling: bursts of activation, lines nobody uses, books that leave at once.

Each test gives a chance p per partner, of all partners together adjusted by Y. Benjamini and Y. Hochberg
(JRSS B, 1995): of those told at 5 %, at most 5 % are expected to be nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binom, false_discovery_control, fisher_exact, poisson

from analytics.calendar import last_whole_month, months_before
from analytics.frames import day_of
from analytics.partners.book import BOOK
from analytics.watch.leaving import BASE_WEEKS, OF_PARTNERS, by_week, tails
from graph.asof import View

LEVEL = 0.05
RECENT_WEEKS = 13
"""Weeks in which a burst of activation is looked for."""
LEAST_SOLD = 10
"""Lines sold in a week below which there is no burst."""
YOUNG = 183
"""Days since the sale up to which a line's use is looked at."""
IDLE = 2
"""Calls and messages over the two last whole months up to which a line counts as idle."""
TOGETHER = 60
"""Days between two sales that make them one batch."""
LEAST_YOUNG = 10
"""Young lines of a partner below which nothing is said of their use."""
LENGTHS = (2, 4, 8)
"""Weeks over which departures from a book are counted."""
LEAST_LEFT = 3
LINKED_WEEKS = 5
"""How far back a neighbour's leaving counts (M. Haenlein, IJRM 2013)."""
SPREAD = 3
"""Accounts over which departures have to be spread to be a shock of the book, none of them half of it."""

SHOCK, ONE_ACCOUNT, ALONG_TIES = "shock", "one account", "along ties"

USE = f"""
WITH book AS ({BOOK}),
young AS (
  SELECT partner_id, member_id, sold_on FROM book JOIN members USING (member_id)
  WHERE "left" IS NULL AND sold_on > $day - {YOUNG} AND sold_on < $start),
made AS (
  SELECT source AS member_id, target AS other, coalesce(calls, 0) + coalesce(messages, 0) AS contacts
  FROM ties WHERE month >= $start AND source <> target
  UNION ALL
  SELECT target, source, coalesce(calls, 0) + coalesce(messages, 0) FROM ties
  WHERE month >= $start AND source <> target),
used AS (
  SELECT y.member_id, sum(contacts) AS contacts,
    bool_and(coalesce(o.partner_id = y.partner_id AND abs(o.sold_on - y.sold_on) <= {TOGETHER}, false))
      AS closed
  FROM young y JOIN made USING (member_id) LEFT JOIN book o ON o.member_id = made.other GROUP BY y.member_id)
SELECT partner_id, count(*)::INTEGER AS young,
  count(*) FILTER (coalesce(contacts, 0) <= {IDLE})::INTEGER AS idle,
  count(*) FILTER (contacts > {IDLE} AND closed)::INTEGER AS closed
FROM young LEFT JOIN used USING (member_id) GROUP BY partner_id ORDER BY partner_id"""

LEAVERS = f"""
WITH book AS ({BOOK}),
gone AS (
  SELECT partner_id, member_id, "left" FROM book JOIN members USING (member_id)
  WHERE "left" > $after AND left_kind IS DISTINCT FROM 'internal_transfer'),
seen AS (
  SELECT partner_id, member_id, "left" FROM book JOIN members USING (member_id)
  WHERE ("left" IS NULL OR "left" > $after) AND list_contains($partners, partner_id)),
near AS (
  SELECT source, target FROM ties WHERE month >= $start
  UNION SELECT target, source FROM ties WHERE month >= $start),
linked AS (
  SELECT DISTINCT s.member_id FROM seen s JOIN near ON near.source = s.member_id
  JOIN gone g ON g.member_id = near.target AND g.partner_id = s.partner_id
  WHERE g."left" < coalesce(s."left", $day) AND g."left" >= coalesce(s."left", $day) - {7 * LINKED_WEEKS}),
homes AS (
  SELECT source AS member_id, target AS account_id FROM memberships
  QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1)
SELECT s.partner_id, s.member_id, s.member_id IN (SELECT member_id FROM gone) AS gone,
  s.member_id IN (SELECT member_id FROM linked) AS linked, account_id
FROM seen s LEFT JOIN homes USING (member_id)"""


def bursts(view: View, lines: pd.DataFrame) -> pd.DataFrame:
    """By partner the busiest of the last 13 weeks: `week` (its last day), `sold`, `usual`, `p`, adjusted `q`.

    Poisson tail against the weeks of the year before, p × 13 for the weeks looked at. Orders come in
    batches, so that counts and mean are divided by the dispersion (variance ÷ mean) over all partners.
    """
    day = pd.Timestamp(day_of(view))
    weeks = RECENT_WEEKS + BASE_WEEKS
    known = lines[lines["sold_on"].notna()]
    number, partners = pd.factorize(known["partner_id"], sort=True)
    back = np.asarray((day - known["sold_on"]).dt.days // 7, dtype=np.int64)
    counts = np.zeros((len(partners), weeks))
    inside = back < weeks
    np.add.at(counts, (number[inside], back[inside]), 1)
    base = counts[:, RECENT_WEEKS:]
    usual = (base.sum(axis=1) + 1) / BASE_WEEKS
    dispersion = _dispersion(base)
    busy = np.argmax(counts[:, :RECENT_WEEKS], axis=1) if len(partners) else np.zeros(0, np.int64)
    sold = counts[np.arange(len(partners)), busy]
    tail = poisson.sf(np.ceil(sold / dispersion) - 1, usual / dispersion)
    p = np.where(sold >= LEAST_SOLD, np.minimum(1, RECENT_WEEKS * tail), 1.0)
    found = pd.DataFrame(
        {"week": day - pd.to_timedelta(7 * busy, unit="D"), "sold": sold, "usual": usual, "p": p}
    )
    return found.assign(q=_adjusted(p)).set_index(pd.Index(partners, name="partner_id"))


def _dispersion(base: npt.NDArray[np.float64]) -> float:
    """Variance ÷ mean over the weeks, pooled over partners; at least 1."""
    mean = base.mean(axis=1, keepdims=True)
    some = mean[:, 0] > 0
    if not some.any():
        return 1.0
    squares = ((base - mean)[some] ** 2).sum() / (base.shape[1] - 1)
    return max(1.0, float(squares / mean[some].sum()))


def low_use(view: View) -> pd.DataFrame:
    """By partner: `young` lines, `idle` and `closed` ones among them, `usual` share elsewhere, `p` and `q`.

    Young: sold in the last half year, before the last two whole months. Idle: at most IDLE calls and
    messages in them. Closed: in touch with nobody but lines that the same partner sold within TOGETHER
    days. Binomial tail of both against the share among all other partners' young lines.
    """
    day = day_of(view)
    start = months_before(last_whole_month(day), 1)
    found = view.sql(USE, {"day": day, "start": start}).set_index("partner_id")
    odd = found["idle"] + found["closed"]
    others = (odd.sum() - odd + 1) / (found["young"].sum() - found["young"] + 2)
    p = binom.sf(odd - 1, found["young"], others)
    p = np.where((found["young"] >= LEAST_YOUNG) & (odd > 0), p, 1.0)
    return found.assign(usual=others, p=p, q=_adjusted(p))


def shocks(view: View) -> pd.DataFrame:
    """By partner the strongest excess of departures from its book over 2, 4 or 8 weeks, and what it is.

    `left`, `expected` (see `analytics.watch.leaving.tails`), `weeks`, `p` (× 3 for the lengths), `q`, and of
    those with q up to 5 %: `accounts`, `share` (of the account with most departures), `linked` and
    `linked_stay` (shares of the leavers and of those who stayed that had a tie to an earlier leaver of the
    book), and `what`: shock, one account, or along ties.
    """
    day = pd.Timestamp(day_of(view))
    lines = view.sql(OF_PARTNERS)
    weeks = by_week(lines, day, max(LENGTHS) + BASE_WEEKS)
    parts = []
    for length in LENGTHS:
        tail = tails(weeks, length, against_market=True)
        if tail is not None:
            seen, p = tail.seen[:, 0], np.minimum(1, len(LENGTHS) * tail.chance[:, 0])
            p = np.where(seen >= LEAST_LEFT, p, 1.0)
            parts.append(
                pd.DataFrame(
                    {"left": seen, "expected": tail.expected[:, 0], "weeks": length, "p": p}, weeks.units
                )
            )
    empty = pd.DataFrame({name: pd.Series(dtype=float) for name in ("left", "expected", "weeks", "p")})
    every = pd.concat(parts or [empty]).rename_axis("partner_id").reset_index()
    best = (
        every.sort_values(["partner_id", "p", "weeks"]).drop_duplicates("partner_id").set_index("partner_id")
    )
    best["q"] = _adjusted(best["p"].to_numpy(float))
    told = best.index[best["q"] <= LEVEL]
    explained = {
        str(partner): _explained(view, str(partner), int(best.loc[partner, "weeks"])) for partner in told
    }
    columns = ["accounts", "share", "linked", "linked_stay", "what"]
    return best.join(pd.DataFrame.from_dict(explained, orient="index", columns=columns))


def _explained(view: View, partner: str, weeks: int) -> list[object]:
    """Whether a book's departures are one account's, run along ties, or are spread as a shock is."""
    day = day_of(view)
    after = (pd.Timestamp(day) - pd.Timedelta(days=7 * weeks)).date()
    start = months_before(last_whole_month(after), 1)
    rows = view.sql(LEAVERS, {"day": day, "after": after, "start": start, "partners": [partner]})
    gone, stay = rows[rows["gone"]], rows[~rows["gone"]]
    homes = gone["account_id"].value_counts()
    share = float(homes.max() / len(gone)) if len(homes) else 0.0
    table = [[int(part["linked"].sum()), int((~part["linked"]).sum())] for part in (gone, stay)]
    along = fisher_exact(np.asarray(table), alternative="greater").pvalue <= LEVEL
    spread = len(homes) >= SPREAD and share < 0.5
    what = ONE_ACCOUNT if not spread else ALONG_TIES if along else SHOCK
    return [len(homes), share, _share(table[0]), _share(table[1]), what]


def _share(row: list[int]) -> float:
    return row[0] / sum(row) if sum(row) else 0.0


def _adjusted(p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(false_discovery_control(p)) if len(p) else np.asarray(p)
