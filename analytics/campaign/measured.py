"""What came of a campaign: who was in which arm, what they did within the horizon, what was known before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics.campaign.effects import LEAST_CLUSTERS, Effect, difference, effect_of, regressed, shrunk
from analytics.csr import Floats, Ints, TieGraph
from graph.asof import View
from graph.errors import BadInput, NotFound, one_of

HORIZON = 180
KNOWN = ("bill", "overdue", "tenure", "lines", "ties")
"""What was known of each before the campaign: what uplift models learn from."""
ADJUSTING = ("bill", "overdue", "tenure", "ties")
"""Those that adjusted effects are adjusted by; the account's size is of the cluster, not of the member."""
PURE, HALF, SURE = 0.95, 0.5, 1.959964
UNITS = """
WITH home AS (
  SELECT source AS member_id, target AS account_id FROM memberships WHERE since IS NULL OR since <= $starts
  QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1
), first AS (
  SELECT target AS member_id, min_by(arm, date) AS arm, min_by(channel, date) AS channel,
    bool_or(outcome = 'accepted') AS accepted, sum(coalesce(cost, 0)) AS cost, min(date) AS day
  FROM touches WHERE source = $campaign AND target_label = 'Member' AND arm IS NOT NULL GROUP BY target
), bought AS (
  SELECT source AS member_id, since FROM subscriptions WHERE source_label = 'Member' AND target = $product
)
SELECT member_id, account_id, class, arm = 'treat' AS treat, channel,
  accepted AND arm = 'treat' AS accepted, cost, day,
  coalesce("left" <= day + $horizon::INTEGER, false) AS "left",
  EXISTS (SELECT 1 FROM bought b WHERE b.member_id = first.member_id
          AND b.since > day AND b.since <= day + $horizon::INTEGER) AS joined
FROM first JOIN members USING (member_id) LEFT JOIN home USING (member_id)
  LEFT JOIN accounts USING (account_id)
WHERE ("left" IS NULL OR "left" > day) AND day + $horizon::INTEGER <= $seen ORDER BY member_id"""
BEFORE = """
WITH home AS (
  SELECT source AS member_id, target AS account_id FROM memberships WHERE "until" IS NULL OR "until" >= $day
  QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1
), lines AS (
  SELECT account_id, count(*) AS lines FROM home JOIN members USING (member_id) WHERE "left" IS NULL
  GROUP BY 1
), paid AS (
  SELECT about AS member_id, avg(total) AS bill, max(days_overdue) AS overdue FROM bills
  WHERE month > $day::DATE - 125 GROUP BY about
), near AS (
  SELECT member_id, count(DISTINCT other) AS ties FROM (
    SELECT source AS member_id, target AS other FROM ties WHERE month > $day::DATE - 125
    UNION ALL SELECT target, source FROM ties WHERE month > $day::DATE - 125) GROUP BY member_id
)
SELECT member_id, coalesce(bill, 0) AS bill, coalesce(overdue, 0) AS overdue,
  coalesce(date_diff('day', joined, $day::DATE), 0) AS tenure, coalesce(lines, 0) AS lines,
  coalesce(ties, 0) AS ties
FROM members LEFT JOIN home USING (member_id) LEFT JOIN lines USING (account_id)
  LEFT JOIN paid USING (member_id) LEFT JOIN near USING (member_id) ORDER BY member_id"""


@dataclass(frozen=True, eq=False)
class Units:
    """The members of a campaign whose horizon is over.

    `frame`: `member_id`, `account_id`, `class` of the account, `treat`, `channel`, `accepted`, `cost`, `day`
    of the contact (or of its being withheld), `left` and `joined` (the product) within the horizon after
    it, and KNOWN, all of the day before the campaign. `waiting`: members whose horizon is not over yet.
    """

    campaign: str
    starts: date
    horizon: int
    frame: pd.DataFrame
    waiting: int

    @property
    def treat(self) -> np.ndarray:
        """(n,), bool."""
        return self.frame["treat"].to_numpy(bool)

    @property
    def cluster(self) -> Ints:
        """Number of each member's account; without one it is a cluster of its own."""
        names = self.frame["account_id"].fillna("alone " + self.frame["member_id"])
        return pd.factorize(names)[0].astype(np.int64)

    @property
    def adjusting(self) -> Floats:
        """(n, len(ADJUSTING))."""
        return self.frame[list(ADJUSTING)].to_numpy(float)

    @property
    def known(self) -> Floats:
        """(n, len(KNOWN))."""
        return self.frame[list(KNOWN)].to_numpy(float)


def units(views: Callable[[date], View], campaign: str, as_of: date, horizon: int = HORIZON) -> Units:
    """The arms and outcomes of a campaign as known on a day. `views` gives the lake as of a day.

    Members contacted who had left by then are no units. Raises NotFound for an unknown campaign, and
    BadInput where no member's horizon is over.
    """
    view = views(as_of)
    known = view.frame("campaigns", ["campaign_id", "starts", "product_id"]).set_index("campaign_id")
    if campaign not in known.index:
        raise NotFound(one_of("campaign", campaign, known.index))
    row = known.loc[campaign]
    starts = _first_day(view, campaign, row["starts"])
    params = {"campaign": campaign, "product": row["product_id"], "horizon": horizon, "starts": starts}
    frame = view.sql(UNITS, {**params, "seen": as_of})
    every = view.sql(UNITS, {**params, "seen": date.max})
    if frame.empty:
        raise BadInput(
            f"campaign {campaign}: of its {len(every)} members nobody's {horizon} days are over on {as_of};"
            " give a later day or a shorter horizon"
        )
    eve = starts - timedelta(days=1)
    before = views(eve).sql(BEFORE, {"day": eve})
    frame = frame.merge(before, on="member_id", how="left").fillna(dict.fromkeys(KNOWN, 0.0))
    return Units(campaign, starts, horizon, frame, len(every) - len(frame))


def average_effects(found: Units) -> pd.DataFrame:
    """The effect on leaving and, where anybody took it, on having the product; plain, and adjusted by what
    was known before.

    Columns: `outcome`, `estimate` (plain or adjusted), `treat_rate`, `control_rate`, and those of Effect.
    Raises BadInput where there is no control group.
    """
    rows = []
    for outcome in ("left", "joined"):
        values = found.frame[outcome].to_numpy(float)
        if outcome == "joined" and not values.any():
            continue
        for estimate, known in (("plain", None), ("adjusted", found.adjusting)):
            effect = difference(values, found.treat, found.cluster, known)
            rates = {"treat_rate": values[found.treat].mean(), "control_rate": values[~found.treat].mean()}
            rows.append({"outcome": outcome, "estimate": estimate, **rates, **effect.__dict__})
    return pd.DataFrame(rows)


def effects_by_class(found: Units) -> pd.DataFrame:
    """The effect on leaving by the account's class, drawn towards their common mean (`effects.shrunk`).

    Columns: `class`, `value`, `low`, `high`, `treated`, `control`, `clusters`. Classes with fewer than four
    accounts in an arm are left out. Raises BadInput where fewer than two remain.
    """
    rows = []
    for name, part in found.frame.groupby("class"):
        treat = part["treat"].to_numpy(bool)
        if min(part["account_id"][arm].nunique() for arm in (treat, ~treat)) >= LEAST_CLUSTERS:
            cluster = pd.factorize(part["account_id"])[0].astype(np.int64)
            one = difference(part["left"].to_numpy(float), treat, cluster)
            rows.append({"class": name, "error": (one.high - one.low) / (2 * SURE), **one.__dict__})
    if len(rows) <= 1:
        raise BadInput(
            f"campaign {found.campaign}: no two classes of accounts have {LEAST_CLUSTERS} in each arm"
        )
    frame = pd.DataFrame(rows)
    value, error = shrunk(frame["value"].to_numpy(float), np.maximum(frame["error"].to_numpy(float), 1e-9))
    frame = frame.assign(value=value, low=value - SURE * error, high=value + SURE * error)
    return frame[["class", "value", "low", "high", "treated", "control", "clusters"]]


def with_friends(egos: Units, friends: Units) -> pd.DataFrame:
    """Leaving of the members of one campaign by what their accounts got of both: neither, the first only,
    or the second (their friends) too.

    Rows: each arm with its `rate` and `members`, then the differences with Effect's columns. An account's
    arm in the second campaign is that of its members there; egos of accounts without any are left out, in
    every arm alike. Raises BadInput where an arm is missing, or the second's arms are mixed in accounts.
    """
    arms = friends.frame.groupby("account_id")["treat"].mean()
    _whole(arms, friends.campaign)
    frame = egos.frame.assign(called=egos.frame["account_id"].map(arms)).dropna(subset=["called"])
    both = frame["called"] > HALF
    arm = pd.Series(
        np.select([~frame["treat"] & ~both, frame["treat"] & ~both, frame["treat"] & both], ARMS, ""),
        frame.index,
    )
    rows: list[dict[str, object]] = []
    for name in ARMS:
        left = frame.loc[arm == name, "left"]
        if left.empty:
            raise BadInput(f"no member of {egos.campaign} is in the arm {name!r}; nothing can be compared")
        rows.append({"figure": name, "value": float(left.mean()), "treated": len(left)})
    for high, low in ((1, 0), (2, 0), (2, 1)):
        some = frame[arm.isin((ARMS[high], ARMS[low]))]
        cluster = pd.factorize(some["account_id"])[0].astype(np.int64)
        effect = difference(
            some["left"].to_numpy(float), (arm[some.index] == ARMS[high]).to_numpy(bool), cluster
        )
        rows.append({"figure": f"{ARMS[high]} less {ARMS[low]}", **effect.__dict__})
    return pd.DataFrame(rows)


ARMS = ("neither", "contacted", "contacted, friends too")


def spillover(every: Sequence[Units], view: View, graph: TieGraph) -> Effect:
    """The effect on leaving of those in no arm by the treated share of their neighbours that are in one.

    left = a + b · share + c · ln(1 + neighbours in an arm); the value is b, from none of them treated to
    all. Whose neighbours were drawn is not random, but given how many, the share treated is (exposure
    mapping: P. Aronow, C. Samii, Annals of Applied Statistics 2017). Errors by own account. `graph`: ties
    of before the campaign; `view`: of a day with all horizons over. Raises BadInput where nobody is exposed.
    """
    arms = pd.concat([one.frame[["member_id", "treat"]] for one in every]).groupby("member_id")["treat"].max()
    start = min(one.starts for one in every)
    place = pd.Series(np.arange(graph.size), graph.keys)
    inside = arms.index.isin(graph.keys)
    drawn, treated = np.zeros(graph.size), np.zeros(graph.size)
    drawn[place[arms.index[inside]]] = 1.0
    treated[place[arms.index[inside]]] = arms.to_numpy(float)[inside]
    ties = graph.undirected.copy()
    ties.data = np.ones_like(ties.data)
    near, reached = ties @ drawn, ties @ treated
    people = view.sql(OTHERS, {"starts": start, "horizon": every[0].horizon}).set_index("member_id")
    wanted = np.flatnonzero((near > 0) & (drawn == 0) & np.isin(graph.keys, people.index.to_numpy(object)))
    share = reached[wanted] / near[wanted]
    if len(wanted) == 0 or not share.std() > 0:
        raise BadInput("no member outside the campaign has neighbours in both arms; no spillover can be told")
    others = people.reindex(graph.keys[wanted])
    columns = np.column_stack([np.ones(len(wanted)), share, np.log1p(near[wanted])])
    cluster = pd.factorize(others["account_id"].fillna("none"))[0].astype(np.int64)
    value, error, count = regressed(others["gone"].to_numpy(float), columns, cluster, 1)
    return effect_of(value, error, count, int((share > 0).sum()), int((share == 0).sum()))


def total_effect(found: Units, view: View) -> Effect:
    """The effect on leaving of everybody in accounts of the campaign, contacted or not: what a contact does
    and what it sets going inside the account.

    Raises BadInput where arms are mixed within accounts: then nobody was left quite without.
    """
    arms = found.frame.groupby("account_id")["treat"].mean()
    _whole(arms, found.campaign)
    people = view.sql(OTHERS, {"starts": found.starts, "horizon": found.horizon})
    people = people[people["account_id"].isin(arms.index)]
    treat = (people["account_id"].map(arms) > HALF).to_numpy(bool)
    cluster = pd.factorize(people["account_id"])[0].astype(np.int64)
    return difference(people["gone"].to_numpy(float), treat, cluster)


OTHERS = """
SELECT member_id, account_id, coalesce("left" <= $starts::DATE + $horizon::INTEGER, false) AS gone
FROM members LEFT JOIN (
  SELECT source AS member_id, target AS account_id FROM memberships WHERE since IS NULL OR since <= $starts
  QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1
) USING (member_id)
WHERE (joined IS NULL OR joined <= $starts) AND ("left" IS NULL OR "left" > $starts) ORDER BY member_id"""


def _whole(arms: pd.Series, campaign: str) -> None:
    pure = float(((arms == 0) | (arms == 1)).mean())
    if pure < PURE:
        raise BadInput(
            f"campaign {campaign} went to members, not to whole accounts: {1 - pure:.0%} of its accounts have"
            " both arms, so that what passes between colleagues cannot be told from what was done"
        )


def _first_day(view: View, campaign: str, starts: object) -> date:
    if not pd.isna(starts):  # type: ignore[call-overload]
        return pd.Timestamp(starts).date()  # type: ignore[arg-type]
    touched = view.sql(
        "SELECT min(date) AS day FROM touches WHERE source = $campaign", {"campaign": campaign}
    )
    if pd.isna(touched["day"][0]):
        raise BadInput(f"campaign {campaign} has neither a first day nor a touch")
    return pd.Timestamp(touched["day"][0]).date()
