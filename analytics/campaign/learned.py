"""What past campaigns say of the next one's acceptance: counts by channel and class, drawn together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from analytics.campaign.asked import Asked
from analytics.csr import Floats
from graph.asof import View

ANSWERS = """
SELECT channel, coalesce(class, 'unknown') AS class, count(*) AS contacts,
  count(*) FILTER (outcome = 'accepted') AS accepted, count(DISTINCT t.source) AS campaigns,
  max(t.date) AS last
FROM touches t LEFT JOIN (
  SELECT source AS id, target AS account_id FROM memberships
  QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1
) h ON h.id = t.target LEFT JOIN accounts a ON a.account_id = h.account_id
WHERE arm IS DISTINCT FROM 'control' AND target_label = 'Member' AND channel IS NOT NULL
  AND outcome IS NOT NULL
GROUP BY ALL ORDER BY channel, class"""


def acceptance(view: View) -> pd.DataFrame:
    """Acceptance by channel and class up to the view's day, drawn towards the channel's mean.

    Columns: `channel`, `class`, `contacts`, `accepted`, `raw`, `rate` with its 95 % `low` and `high`,
    `prior` (contacts that the channel's mean counts for), `source` in words. Beta-binomial, empirical Bayes
    (`beta_prior`).
    """
    told = view.sql(ANSWERS)
    parts = [_of_channel(part) for _, part in told.groupby("channel", sort=True)]
    columns = [
        "channel", "class", "contacts", "accepted", "raw", "rate", "low", "high", "prior", "source",
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def beta_prior(accepted: Floats, contacts: Floats) -> tuple[float, float]:
    """(a, b) of the Beta distribution that the groups' rates are drawn from, by moments.

    J. Kleinman, Journal of the American Statistical Association 1973, weights by size. One group alone, or
    groups that differ no more than by chance, give a prior that counts for as many contacts as all of them:
    what is known of the mean is not known better than that.
    """
    total = float(contacts.sum())
    mean = min(max((float(accepted.sum()) + 0.5) / (total + 1.0), 1e-6), 1 - 1e-6)
    groups = len(contacts)
    spread = float((contacts * (accepted / contacts - mean) ** 2).sum())
    chance = mean * (1 - mean)
    room = total - float((contacts**2).sum()) / total
    alike = (spread - chance * (groups - 1)) / (chance * (room - groups + 1)) if room > groups - 1 else 0.0
    strength = 1 / alike - 1 if alike > 0 else total
    strength = min(max(strength, 1.0), max(total, 1.0))
    return mean * strength, (1 - mean) * strength


def informed(asked: Asked, known: pd.DataFrame) -> Asked:
    """The campaign with its acceptance by class taken from the past of its channel, where there is any."""
    rows = known[(known["channel"] == asked.offer.channel) & (known["class"] != "unknown")]
    if rows.empty:
        return asked
    overall = float(rows["accepted"].sum() / rows["contacts"].sum())
    by_class = dict(zip(rows["class"], rows["rate"].astype(float), strict=True))
    source = f"{int(rows['contacts'].sum()):,} contacts by {asked.offer.channel}; {rows['source'].iloc[0]}"
    offer = replace(asked.offer, acceptance=overall, acceptance_by_class=by_class, source=source)
    return replace(asked, offer=offer)


def _of_channel(part: pd.DataFrame) -> pd.DataFrame:
    accepted, contacts = part["accepted"].to_numpy(float), part["contacts"].to_numpy(float)
    a, b = beta_prior(accepted, contacts)
    after = stats.beta(a + accepted, b + contacts - accepted)
    campaigns, last = int(part["campaigns"].max()), pd.Timestamp(part["last"].max()).date()
    return part.assign(
        raw=accepted / contacts,
        rate=after.mean(),
        low=after.ppf(0.025),
        high=after.ppf(0.975),
        prior=np.full(len(part), a + b),
        source=f"measured in {campaigns} campaigns up to {last}",
    )
