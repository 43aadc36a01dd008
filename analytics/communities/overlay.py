"""Circles laid over the formal accounts: who sits in whose circle.

The account is what the contract says, the circle is what the calls say. Where they differ, somebody
looks after the wrong people.
"""

from __future__ import annotations

import pandas as pd

MAIN_FROM = 0.5
"""Share of a circle from which it counts as one account's own."""


def overlay(circles: pd.DataFrame, account_of: pd.Series) -> pd.DataFrame:
    """How each account spreads over circles, a row per pair that shares a member.

    `circles` has member_id and community_id, `account_of` gives account_id by member_id. Returns
    `community_id`, `account_id`, `members` (int64), `of_circle` (share of the circle's members, those
    without an account counted too), `of_account` (share of the account's members that are in any
    circle), `circles` (over how many circles the account spreads), `main` (whether the account has half
    of the circle or more). Sorted by circle, largest share first.
    """
    placed = _placed(circles, account_of)
    pairs = placed.groupby(["community_id", "account_id"]).size().rename("members").reset_index()
    size = circles.groupby("community_id").size()
    in_any = placed.groupby("account_id").size()
    spread = pairs.groupby("account_id").size()
    pairs["of_circle"] = pairs["members"] / pairs["community_id"].map(size).astype(float)
    pairs["of_account"] = pairs["members"] / pairs["account_id"].map(in_any).astype(float)
    pairs["circles"] = pairs["account_id"].map(spread).astype("int64")
    pairs["main"] = pairs["of_circle"] >= MAIN_FROM
    order = ["community_id", "of_circle", "account_id"]
    return pairs.sort_values(order, ascending=[True, False, True]).reset_index(drop=True)


def strangers(circles: pd.DataFrame, account_of: pd.Series) -> pd.DataFrame:
    """Members who are alone of their account in a circle that is another account's own.

    Returns `member_id`, `account_id`, `community_id`, `main_account`, `main_share` (of the circle),
    sorted by the share, largest first, then by member. Arguments as of `overlay`.
    """
    pairs = overlay(circles, account_of)
    own = pairs[pairs["main"]].drop_duplicates("community_id")
    main = own.set_index("community_id")[["account_id", "of_circle"]]
    alone = _placed(circles, account_of).merge(
        pairs.loc[pairs["members"] == 1, ["community_id", "account_id"]], on=["community_id", "account_id"]
    )
    joined = alone.join(main.set_axis(["main_account", "main_share"], axis=1), on="community_id", how="inner")
    found = joined[joined["main_account"] != joined["account_id"]]
    columns = ["member_id", "account_id", "community_id", "main_account", "main_share"]
    return found.sort_values(["main_share", "member_id"], ascending=[False, True])[columns].reset_index(
        drop=True
    )


def _placed(circles: pd.DataFrame, account_of: pd.Series) -> pd.DataFrame:
    """The members of circles whose account is known."""
    homes = circles.assign(account_id=circles["member_id"].map(account_of))
    return homes.dropna(subset=["account_id"])[["member_id", "community_id", "account_id"]]
