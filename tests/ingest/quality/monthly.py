"""A feed of lines and their bills that comes every month, and a lake with some months of it.

The last month has much to look at, and everything in it that might be about a person is one of `PRIVATE`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from graph.lake import Lake
from ingest.guard import Accepted
from ingest.land import LoadReport
from ingest.run import load

FEED = """
name = "monthly"
title = "lines and what they were billed"
[files.lines]
path = "lines.csv"
[files.bills]
path = "bills.csv"
[[map]]
to = "members"
from = "lines"
[map.fields]
member_id = "id"
phone_masked = { column = "phone", phone = "masked" }
plan_id = "plan"
credit_level = "credit"
joined = "joined"
left_kind = "left_kind"
left_reason = "reason"
[[map]]
to = "bills"
from = "bills"
[map.fields]
about = "line"
month = { column = "month", month = true }
data = "data"
total = "total"
days_overdue = "late"
"""
PRIVATE = ("13800138000", "欧阳娜娜", "secret-line", "quarrelled with her brother")


def lines(n: int, seed: int, worse: bool = False) -> str:
    """`n` lines; `worse`: a plan nobody knew, credit levels missing, private words where they may stand."""
    pick, rows = np.random.default_rng(seed), ["id,phone,plan,credit,joined,left_kind,reason"]
    for number in range(n):
        plan = pick.choice(["P5", "P5", "P9"] if not worse else ["P5", "P9", "P12", "P12"])
        credit = "" if pick.random() < (0.4 if worse else 0.02) else pick.choice(list("ABC"))
        gone = pick.random() < 0.05
        kind, reason = ("active_price", PRIVATE[3]) if gone else ("", "")
        rows.append(
            f"m{number},138{number:08d},{plan},{credit},2024-01-{number % 28 + 1:02d},{kind},{reason}"
        )
    if worse:
        rows += [f"{PRIVATE[2]},{PRIVATE[0]},P5,A,soon,,", f"x1,call me,P5,{PRIVATE[1]},2024-01-01,,"]
        rows += [f"x{number},,P5,A,2024-13-01,," for number in range(2, 8)]
    return "\n".join(rows) + "\n"


def bills(n: int, months: list[str], seed: int, worse: bool = False) -> str:
    """A bill a month for each of `n` lines; `worse`: in fen, repeated, of unknown lines."""
    pick, rows = np.random.default_rng(seed), ["line,month,data,total,late"]
    for month in months:
        for number in range(n):
            total = pick.lognormal(4.4, 0.5) * (100 if worse and month == months[-1] else 1)
            late = "" if pick.random() < 0.3 else str(pick.integers(0, 13))
            rows.append(f"m{number},{month},{pick.uniform(5, 40):.2f},{total:.2f},{late}")
    if worse:
        rows += rows[1:60] + [f"{PRIVATE[2]}-{number},{months[-1]},1,80,0" for number in range(25)]
    return "\n".join(rows) + "\n"


def months_of_loads(folder: Path, lines_a_month: int = 400, months: int = 4) -> tuple[Lake, list[LoadReport]]:
    """A lake with one load for each month of 2026, the last one worse."""
    lake, data, feed = Lake(folder / "lake"), folder / "data", folder / "monthly.toml"
    data.mkdir(parents=True)
    feed.write_text(FEED, encoding="utf-8")
    loaded = []
    for number in range(1, months + 1):
        worse, n = number == months, lines_a_month + 6 * number
        dates = [f"2026-{month:02d}-01" for month in range(max(1, number - 5), number + 1)]
        dates = [date for date in dates if not (worse and date == f"2026-{number - 1:02d}-01")]
        (data / "lines.csv").write_text(lines(n, number, worse), encoding="utf-8")
        (data / "bills.csv").write_text(bills(n, dates, number, worse), encoding="utf-8")
        loaded.append(load(str(feed), data, lake, folder / "quarantine", accepted=Accepted(True, True)))
    return lake, loaded
