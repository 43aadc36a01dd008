"""The figures of a rehearsal, with intervals by resampling whole accounts."""

from __future__ import annotations

import numpy as np
import pandas as pd

RESAMPLES = 1000
AT_ONCE = 50
SUMMED = [
    "revenue_old", "revenue_new", "revenue_change", "winners", "losers", "unchanged", "winners_change",
    "losers_change", "leavers_old", "leavers_new", "leavers_added", "revenue_lost_to_leavers",
    "revenue_change_after_leavers", "arrears_old", "arrears_new", "arrears_change",
]  # fmt: skip
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
COLUMNS = ["scenario", "figure", "value", "low", "high"]


def figures(scenario: str, members: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """COLUMNS, from the members of `analytics.tariff.rehearse.Rehearsal`.

    Sums over the audience and each class carry the 2.5 and 97.5 % points of RESAMPLES resamples of accounts
    (percentile bootstrap over clusters; Efron & Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13);
    none where there is one account. `change_p05` and so on are points of the members' own changes.
    """
    parts = _parts(members)
    sums = pd.concat([parts[SUMMED], _by_class(members)], axis=1)
    found = _with_intervals(sums.groupby(members["counted_as"]).sum(), seed)
    share = _share(found)
    points = members["change"].quantile(list(QUANTILES))
    rows = [
        ("members", float(len(members)), np.nan, np.nan),
        *((name, *found.loc[name]) for name in SUMMED),
        ("revenue_change_share", *share),
        *((f"change_p{round(100 * q):02d}", points[q], np.nan, np.nan) for q in QUANTILES),
        *((name, *row) for name, row in found.iterrows() if name not in SUMMED),
        *_by_account(members),
    ]
    table = pd.DataFrame(rows, columns=COLUMNS[1:])
    table.insert(0, "scenario", scenario)
    return table


def _parts(members: pd.DataFrame) -> pd.DataFrame:
    """What each member adds to each of SUMMED. A change below half a cent a month is none."""
    change, added = members["change"], members["leave_new"] - members["leave"]
    less, more = change < -0.005, change > 0.005
    return pd.DataFrame({
        "revenue_old": members["old"],
        "revenue_new": members["new"],
        "revenue_change": change,
        "winners": less.astype(float),
        "losers": more.astype(float),
        "unchanged": (~less & ~more).astype(float),
        "winners_change": change.where(less, 0.0),
        "losers_change": change.where(more, 0.0),
        "leavers_old": members["leave"],
        "leavers_new": members["leave_new"],
        "leavers_added": added,
        "revenue_lost_to_leavers": added * members["new"],
        "revenue_change_after_leavers": change - added * members["new"],
        "arrears_old": members["unpaid"],
        "arrears_new": members["unpaid_new"],
        "arrears_change": members["unpaid_new"] - members["unpaid"],
    })  # fmt: skip


def _by_class(members: pd.DataFrame) -> pd.DataFrame:
    classes = sorted(set(members["class"]) - {""})
    return pd.DataFrame(
        {
            f"revenue_change.class={name}": members["change"].where(members["class"] == name, 0.0)
            for name in classes
        },
        index=members.index,
    )


def _by_account(members: pd.DataFrame) -> list[tuple[str, float, float, float]]:
    """Every account's change, the widest first."""
    sums = members[members["account_id"] != ""].groupby("account_id")["change"].sum()
    ordered = sums.loc[sums.abs().sort_values(ascending=False, kind="stable").index]
    return [
        (f"revenue_change.account={name}", float(value), np.nan, np.nan) for name, value in ordered.items()
    ]


def _with_intervals(clusters: pd.DataFrame, seed: int) -> pd.DataFrame:
    """`value`, `low`, `high` by figure, from a row for each cluster."""
    data, count = clusters.to_numpy(float), len(clusters)
    found = pd.DataFrame({"value": data.sum(axis=0), "low": np.nan, "high": np.nan}, index=clusters.columns)
    if count < 2:
        return found
    rng, drawn = np.random.default_rng(seed), []
    for _ in range(RESAMPLES // AT_ONCE):
        times = rng.multinomial(count, np.full(count, 1 / count), size=AT_ONCE)
        drawn.append(times @ data)
    low, high = np.quantile(np.concatenate(drawn), [0.025, 0.975], axis=0)
    return found.assign(low=low, high=high)


def _share(found: pd.DataFrame) -> tuple[float, float, float]:
    """The change over the old revenue; the interval is the change's, the old revenue held."""
    old = found.loc["revenue_old", "value"]
    change = found.loc["revenue_change", ["value", "low", "high"]].to_numpy(float)
    value, low, high = change / old if old else np.full(3, np.nan)
    return float(value), float(low), float(high)
