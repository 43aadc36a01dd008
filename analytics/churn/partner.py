"""The partner that sold a member its line: how its book fares, and whether it is still ours."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.churn.ego import RECENTLY
from analytics.churn.group import FRESH, lost_of, of_group
from analytics.churn.network import Network
from analytics.frames import day_of
from graph.asof import View


def seller_of(view: View) -> pd.Series:
    """The partner that sold each line, by member_id: of its last sold subscription, else its last sale."""
    parts = []
    if "subscriptions" in view.versions:
        parts.append(
            """SELECT source AS member_id, sold_by AS partner, since AS day, 1 AS best FROM subscriptions
               WHERE source_label = 'Member' AND sold_by IS NOT NULL"""
        )
    if "sales" in view.versions:
        parts.append(
            """SELECT target, source, date, 0 FROM sales WHERE target_label = 'Member'"""
            if parts
            else """SELECT target AS member_id, source AS partner, date AS day, 0 AS best FROM sales
                    WHERE target_label = 'Member'"""
        )
    if not parts:
        return pd.Series(dtype=object, index=pd.Index([], name="member_id"))
    found = view.sql(
        f"""SELECT member_id, partner FROM ({" UNION ALL ".join(parts)})
            QUALIFY row_number() OVER
              (PARTITION BY member_id ORDER BY best DESC, day DESC NULLS LAST, partner) = 1
            ORDER BY member_id"""
    )
    return found.set_index("member_id")["partner"]


def partner(view: View, network: Network) -> pd.DataFrame:
    """Features of the active members' sellers by member_id; NaN without a seller."""
    seller = seller_of(view).reindex(network.keys)
    if seller.notna().sum() == 0:
        return pd.DataFrame(index=pd.Index(network.keys[network.active], name="member_id"))
    code, names = pd.factorize(seller, sort=True)
    gone = network.gone(RECENTLY / 7)
    here = network.active | (gone > 0)
    share, size, _ = lost_of(code, gone, here)
    closed = view.frame("partners", ["partner_id", "closed"]).set_index("partner_id")["closed"]
    ended = closed.reindex(names).le(pd.Timestamp(day_of(view))).to_numpy().astype(np.float64)
    return network.by_member(
        book_left_share=share,
        book_left_5w=lost_of(code, network.gone(FRESH), here)[0],
        book_members=size,
        book_size=np.log1p(size),
        book_concentration=of_group(_concentration(code, network), code),
        seller_closed=of_group(ended, code),
    )


def _concentration(code: np.ndarray, network: Network) -> np.ndarray:
    """Herfindahl's index of accounts in each book: sum of squared shares."""
    known = (code >= 0) & (network.account >= 0) & network.active
    pairs = pd.DataFrame({"book": code[known], "account": network.account[known]})
    counts = pairs.value_counts()
    books = counts.index.get_level_values("book")
    total = counts.groupby("book").transform("sum")
    found = np.zeros(int(code.max(initial=-1)) + 1)
    np.add.at(found, books.to_numpy(), ((counts / total) ** 2).to_numpy())
    return found
