"""Two months of a small town's files, the second a change of the first: everything a load can meet."""

from __future__ import annotations

import random
from pathlib import Path

FEED = """
name = "town"
title = "a town's members, firms and ties"
[files]
firms = { path = "firms.csv" }
members = { path = "members.csv" }
ties = { path = "ties.csv" }
more = { path = "more.csv" }
[[map]]
to = "accounts"
from = "firms"
columns = "same"
[[map]]
to = "members"
from = "members"
[map.fields]
member_id = "id"
joined = "day"
credit_level = "rating"
[[map]]
to = "memberships"
from = "members"
complete = true
where = [{ column = "firm", present = true }]
[map.fields]
source = "id"
target = "firm"
[[map]]
to = "ties"
from = "ties"
[map.fields]
source = "a"
target = "b"
month = { column = "day", month = true }
calls = { aggregate = "count" }
[[map]]
to = "ties"
from = "more"
columns = "same"
"""


def write_town(folder: Path, month: int, members: int, ties: int) -> None:
    """Write the files of month 1 or 2.

    Those of month 2 have other ratings, new members, ties more in number and rows at fault; 1 in 50 ties
    of month 1 names a member that comes with month 2, some of month 2 one that never comes.
    """
    lot = random.Random(month)
    folder.mkdir(parents=True)
    known = members + (members // 10 if month == 2 else 0)
    firms = max(members // 50, 2)
    _write(folder / "firms.csv", "account_id,name", (f"F{i},firm {i} of {month}" for i in range(firms)))
    _write(
        folder / "members.csv",
        "id,day,rating,firm",
        (f"m{i},{_day(i, month)},{'ABC'[(i + month) % 3]},{_firm(i, month, firms)}" for i in range(known)),
    )
    _write(
        folder / "ties.csv",
        "a,b,day",
        (
            f"m{lot.randrange(members)},m{_other(lot, members)},2024-0{month}-{1 + i % 28:02}"
            for i in range(ties)
        ),
    )
    _write(
        folder / "more.csv",
        "source,target,month,calls",
        (f"m{i},m{(i + 1) % members},2023-{1 + i % 12:02}-01,{i % 7 + month}" for i in range(members)),
    )


def _day(member: int, month: int) -> str:
    return "soon" if month == 2 and member % 997 == 5 else f"2020-{1 + member % 12:02}-01"


def _firm(member: int, month: int, firms: int) -> str:
    return "" if month == 2 and member % 499 == 0 else f"F{member % firms}"


def _other(lot: random.Random, members: int) -> int:
    """Mostly somebody known; 1 in 50 comes with month 2 or not at all."""
    return lot.randrange(members) if lot.random() < 0.98 else members + lot.randrange(members // 5)


def _write(path: Path, header: str, rows: object) -> None:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")  # type: ignore[misc]
