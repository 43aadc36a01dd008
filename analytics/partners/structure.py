"""What a book hangs on: the accounts it lies in, and the partners that supply one another."""

from __future__ import annotations

import pandas as pd

from analytics.frames import account_of, day_of
from graph.asof import View

CHAIN = """
WITH RECURSIVE links AS (
  SELECT source, target FROM partner_chain
  WHERE source <> target AND ("until" IS NULL OR "until" >= $day)),
above AS (
  SELECT source AS below, target AS partner_id FROM links
  UNION
  SELECT above.below, links.target FROM above JOIN links ON links.source = above.partner_id)
SELECT partner_id, below FROM above WHERE below <> partner_id"""


def concentration(view: View, lines: pd.DataFrame) -> pd.DataFrame:
    """By partner: `accounts` of its active lines, `largest` (the account with most), `share` of it and `hhi`.

    hhi is the Herfindahl–Hirschman index, Σ of squared shares: 1 for one account, 1/n for n alike. Lines
    without an account do not count.
    """
    here = lines[lines["left"].isna()]
    home = here.assign(account_id=here["member_id"].map(account_of(view))).dropna(subset="account_id")
    sizes = home.groupby(["partner_id", "account_id"]).size().rename("lines").reset_index()
    sizes["share"] = sizes["lines"] / sizes.groupby("partner_id")["lines"].transform("sum")
    sizes["square"] = sizes["share"] ** 2
    ranked = sizes.sort_values(["partner_id", "lines", "account_id"], ascending=[True, False, True])
    top = ranked.drop_duplicates("partner_id").set_index("partner_id")
    grouped = sizes.groupby("partner_id")
    return pd.DataFrame(
        {
            "accounts": grouped.size(),
            "largest": top["account_id"],
            "share": top["share"],
            "hhi": grouped["square"].sum(),
        }
    )


def chain_books(view: View, book: pd.Series) -> pd.DataFrame:
    """By partner: `below` (partners it supplies, also through others) and `chain_book`, the lines of all.

    `book` is lines by partner_id. A partner counts once, whatever ways lead to it.
    """
    links = view.sql(CHAIN, {"day": day_of(view)})
    links["lines"] = links["below"].map(book).astype(float).fillna(0)
    under = links.groupby("partner_id").agg(below=("below", "size"), lines=("lines", "sum"))
    every = book.index.union(under.index)
    under = under.reindex(every).fillna(0)
    total = book.reindex(every).fillna(0) + under["lines"]
    return pd.DataFrame({"below": under["below"].astype("int64"), "chain_book": total.astype("int64")})
