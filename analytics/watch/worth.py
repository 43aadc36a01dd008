"""What a warning puts at risk, in yuan a month: what the node pays × the chance that it is lost.

What it pays are the last whole month's bills of the lines concerned, or of a line without one what its
subscriptions cost a month. Concerned are of a member itself, of an account its active lines and its own
subscriptions, of a partner the active lines it sold. The chance is the mean of the lines' churn scores,
weighted by what they pay; a line without a score counts at the warning's strength.

Warnings of one node each put the same money at risk: their values do not add up.
"""

from __future__ import annotations

import pandas as pd

from analytics.frames import account_of
from analytics.partners.book import BOOK
from analytics.watch.asked import asked
from graph.asof import View

FRESH = 45
"""Days after which a run's scores are too old to be used."""
CHURN = "churn"
"""The measure of members that is their chance to leave."""
FEES = """
SELECT source AS id, sum(fee) AS value FROM subscriptions
WHERE source_label = '{label}' AND ("until" IS NULL OR "until" >= $day) GROUP BY source"""
LINES = f"""
SELECT m.member_id, coalesce(b.total, f.value)::DOUBLE AS value
FROM members m LEFT JOIN (SELECT about, total FROM bills WHERE month = $last) b ON b.about = m.member_id
LEFT JOIN ({FEES.format(label="Member")}) f ON f.id = m.member_id
WHERE m."left" IS NULL"""


def known_scores(view: View) -> pd.DataFrame:
    """Members' chances to leave by the newest run as of the day or up to FRESH days before; none is empty."""
    text = f"""
        SELECT kind, id, measure, value FROM scores WHERE measure = '{CHURN}' AND run_id = (
          SELECT run_id FROM runs WHERE as_of <= $day AND as_of >= $day - {FRESH}
          ORDER BY as_of DESC, run_id DESC LIMIT 1)"""
    return asked(view, text, {})


def at_risk(
    view: View, alerts: pd.DataFrame, scores: pd.DataFrame | None, value: pd.DataFrame | None
) -> pd.DataFrame:
    """Per alert, by its index: `monthly` and `value_at_risk` (yuan a month, NaN unknown), `chance`, and of
    how many of the lines concerned (`lines`) it is by a score (`scored`).

    `alerts` has kind, id and strength; `scores` the columns of table `scores`; `value`, where it is
    given, `account_id` and `value` (yuan a month), which take the place of what its lines and it pay.
    """
    lines = asked(view, LINES, {}).set_index("member_id")
    lines["chance"] = _chances(scores).reindex(lines.index)
    found = _concerned(view, alerts).merge(lines, left_on="member_id", right_index=True)
    found = found.merge(alerts["strength"], left_on="alert", right_index=True)
    found["scored"] = found["chance"].notna()
    found["lost"] = found["value"] * found["chance"].fillna(found["strength"])
    summed = found.groupby("alert").agg(
        paid=("value", _sum), lost=("lost", _sum), scored=("scored", "sum"), lines=("scored", "size")
    )
    summed = summed.reindex(alerts.index)
    chance = (summed["lost"] / summed["paid"].where(summed["paid"] > 0)).fillna(alerts["strength"])
    monthly = _paid(view, alerts, summed["paid"], value)
    return summed[["scored", "lines"]].assign(monthly=monthly, chance=chance, value_at_risk=monthly * chance)


def _sum(values: pd.Series) -> float:
    return float(values.sum(min_count=1))


def _chances(scores: pd.DataFrame | None) -> pd.Series:
    if scores is None:
        return pd.Series(dtype=float)
    churn = scores[(scores["measure"] == CHURN) & (scores["kind"] == "Member")]
    return churn.set_index("id")["value"].astype(float)


def _concerned(view: View, alerts: pd.DataFrame) -> pd.DataFrame:
    """`alert` (index of the alert) and `member_id` of each line that it concerns."""
    home = account_of(view).rename("id").rename_axis("member_id").reset_index()
    book = view.sql(BOOK).rename(columns={"partner_id": "id"})[["member_id", "id"]]
    own = pd.DataFrame({"member_id": alerts.loc[alerts["kind"] == "Member", "id"].unique()})
    parts = []
    for kind, of in (("Member", own.assign(id=own["member_id"])), ("Account", home), ("Partner", book)):
        ids = alerts.loc[alerts["kind"] == kind, ["id"]].rename_axis("alert").reset_index()
        parts.append(ids.merge(of, on="id")[["alert", "member_id"]])
    return pd.concat(parts, ignore_index=True)


def _paid(view: View, alerts: pd.DataFrame, lines: pd.Series, value: pd.DataFrame | None) -> pd.Series:
    """Yuan a month: of an account what is given in `value`, else its lines' and its own subscriptions."""
    account = alerts["kind"] == "Account"
    fees = asked(view, FEES.format(label="Account"), {}).set_index("id")["value"]
    own = alerts["id"].map(fees).where(account).astype(float)
    found = lines.add(own, fill_value=0)
    if value is None:
        return found
    given = alerts["id"].map(value.set_index("account_id")["value"]).where(account).astype(float)
    return given.fillna(found)
