"""Each account's class and tier by rule, beside those recorded, and why."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.frames import day_of
from analytics.value.rollup import Tree
from analytics.value.rules import Rules
from graph.asof import View

PROVINCE, CITY = 2, 4  # digits of a GB/T 2260 code
COLUMNS = ["yuan", "kinds", "provinces", "cities", "weighty", "points", "class", "tier"]


def classed(view: View, tree: Tree, revenue: pd.Series, rules: Rules) -> pd.DataFrame:
    """By `account_id`, of every account: COLUMNS, counted with its subsidiaries, `recorded_class`,
    `recorded_tier` and `why`, lists of sentences. `revenue` is ARPA by account_id.
    """
    accounts = view.sql(
        'SELECT account_id, "class" AS recorded_class, tier AS recorded_tier, industry, region FROM accounts'
    ).set_index("account_id")
    found = accounts.assign(
        yuan=tree.summed(revenue.reindex(accounts.index).fillna(0.0).to_frame())[revenue.name],
        kinds=_kinds(view, tree),
        provinces=_sites(tree, accounts["region"], PROVINCE),
        cities=_sites(tree, accounts["region"], CITY),
    ).fillna({"yuan": 0.0, "kinds": 0, "provinces": 0, "cities": 0})
    large = rules.large
    signs = pd.DataFrame({
        "revenue": found["yuan"] >= large.monthly_yuan,
        "kinds": found["kinds"] >= large.kinds,
        "sites": found["provinces"] >= large.provinces,
        "weighty": found["recorded_tier"].isin(large.tiers) | found["industry"].isin(large.industries),
    })  # fmt: skip
    small = np.where(found["yuan"] < rules.commercial.below_yuan, "commercial", "public")
    regional = np.where(found["cities"] >= rules.tier.provincial_cities, "provincial", "regional")
    points = signs.sum(axis=1)
    named = found.assign(
        weighty=signs["weighty"],
        points=points,
        **{
            "class": np.where(points >= large.points, "large", small),
            "tier": np.where(found["provinces"] >= rules.tier.national_provinces, "national", regional),
        },
    )
    why = [_why(row, rules) for row in named.to_dict("records")]  # an account a turn, not a member
    return named[[*COLUMNS, "recorded_class", "recorded_tier"]].assign(
        why=pd.Series(why, named.index, dtype=object)
    )


def _kinds(view: View, tree: Tree) -> pd.Series:
    """Different kinds of product held on the day by the account, its lines, and those of its subsidiaries."""
    held = view.sql(
        """WITH homes AS (
             SELECT source, target FROM memberships WHERE "until" IS NULL OR "until" >= $day
             QUALIFY row_number() OVER (PARTITION BY source ORDER BY since DESC NULLS LAST, target) = 1)
           SELECT DISTINCT CASE WHEN s.source_label = 'Account' THEN s.source ELSE h.target END AS account_id,
                  coalesce(p.category, s.target) AS product
           FROM subscriptions s LEFT JOIN products p ON p.product_id = s.target
           LEFT JOIN homes h ON s.source_label = 'Member' AND h.source = s.source
           WHERE s."until" IS NULL OR s."until" >= $day""",
        {"day": day_of(view)},
    )
    return tree.above.merge(held, on="account_id").groupby("ancestor")["product"].nunique()


def _sites(tree: Tree, region: pd.Series, digits: int) -> pd.Series:
    code = region.dropna().str[:digits]
    where = tree.above.assign(site=tree.above["account_id"].map(code[code.str.len() == digits]))
    return where.groupby("ancestor")["site"].nunique()


def _why(row: Mapping[Hashable, Any], rules: Rules) -> list[str]:
    large = rules.large
    return [
        f"{row['class']} by the rules, {row['recorded_class'] or 'no class'} on record; "
        f"points: {row['points']}, and {large.points} make it large",
        f"revenue {row['yuan']:,.0f} yuan a month with its subsidiaries; {large.monthly_yuan:,.0f} makes a "
        f"point, under {rules.commercial.below_yuan:,.0f} is commercial",
        f"{row['kinds']:.0f} kinds of product; {large.kinds} make a point",
        f"sites in {row['provinces']:.0f} provinces and {row['cities']:.0f} cities; {large.provinces} "
        f"provinces make a point; {row['tier']} by the rules, {row['recorded_tier'] or 'no tier'} on record",
        "of social influence by its tier or line of business"
        if row["weighty"]
        else "no social influence by rule",
    ]
