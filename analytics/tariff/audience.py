"""Whom a rehearsal is about: the members active on the day, or a part of them named in one text."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analytics.frames import account_of
from graph.asof import View
from graph.errors import BadInput, NotFound

WAYS = "all, account:ID, region:CODE, class:CLASS, plan:ID or members:FILE (a member_id a line)"


def audience(view: View, text: str = "all") -> pd.DataFrame:
    """`member_id`, `account_id`, `class`, `region` and `plan` of the members meant, sorted by key.

    `account:` takes the account's subsidiaries in, at any depth; `region:` takes the districts of a province
    or city in. Empty texts where nothing is known. Raises BadInput for a text of another form, NotFound
    where it means nobody.
    """
    every = _everybody(view)
    way, colon, value = text.partition(":")
    if text != "all" and not (colon and value and way in _CHOSEN):
        raise BadInput(f"an audience is {WAYS}, not {text!r}")
    meant = every if text == "all" else every[_CHOSEN[way](view, every, value)]
    if meant.empty:
        raise NotFound(f"no active member in the audience {text!r}; {WAYS} works")
    return meant.reset_index(drop=True)


def _everybody(view: View) -> pd.DataFrame:
    own = view.sql('SELECT member_id, plan_id AS plan FROM members WHERE "left" IS NULL ORDER BY member_id')
    home = own["member_id"].map(account_of(view))
    accounts = view.frame("accounts", ["account_id", "class", "region"]).set_index("account_id")
    of_account = accounts.reindex(home).reset_index(drop=True)
    every = own.assign(account_id=home, **{"class": of_account["class"], "region": of_account["region"]})
    for name in ("account_id", "class", "region", "plan"):
        every[name] = every[name].astype("object").where(every[name].notna(), "")
    return every


def _of_account(view: View, every: pd.DataFrame, account: str) -> pd.Series[bool]:
    """UNION, not UNION ALL: accounts that are each other's parents end the walk."""
    found = view.sql(
        """WITH RECURSIVE below AS (
             SELECT $account AS id UNION
             SELECT p.source FROM account_parents p JOIN below ON p.target = below.id
             WHERE p."until" IS NULL OR p."until" >= $day)
           SELECT id FROM below""",
        {"account": account, "day": view.as_of},
    )
    return every["account_id"].isin(found["id"])


def _listed(view: View, every: pd.DataFrame, file: str) -> pd.Series[bool]:
    try:
        lines = Path(file).read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read the audience from {file}: {error}; a member_id a line works") from None
    unknown = sorted(set(lines) - set(every["member_id"]))
    if unknown:
        raise BadInput(f"{file}: {unknown[0]} is no active member ({len(unknown)} such lines)")
    return every["member_id"].isin(lines)


_CHOSEN = {
    "account": _of_account,
    "region": lambda _, every, code: every["region"].str.startswith(code),
    "class": lambda _, every, name: every["class"] == name,
    "plan": lambda _, every, plan: every["plan"] == plan,
    "members": _listed,
}
