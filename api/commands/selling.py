"""The command about partners: what they sold, how long it stays, what looks odd."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated, Any

import typer

from api.commands.opened import AsOf, AsTable, day_of, open_lake
from api.commands.watching import Language, Speech
from api.show import Format, say, show
from graph.errors import BadInput

commands = typer.Typer()
SHOWN = (
    "partner", "name", "book", "sold", "lost", "net", "kept_3", "kept_6", "kept_12", "largest", "share",
    "hhi", "chain_book", "odd",
)  # fmt: skip


@commands.command()
def partners(
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option(min=1, help="Most rows shown.")] = 40,
    language: Language = Speech.en,
    form: AsTable = Format.table,
) -> None:
    """Tell of each partner what it sold net of later churn, how much of it stays, what looks odd.

    Sorted by what looks odd, then by the lines that are here. See docs/methods/partners.md.
    """
    from analytics.partners.figures import partner_figures

    lake = open_lake()
    day = day_of(as_of) or lake.view().latest_day()
    if day is None:
        raise BadInput("the lake is empty; load a feed first, such as: guanxi load FEED --data FOLDER")
    table = partner_figures(lake.view(day)).table
    facts = table.reset_index().to_dict("records")
    rows = sorted((_row(row, language) for row in facts), key=lambda row: (not row["odd"], -row["book"]))
    show(rows[:limit], form, SHOWN)
    if limit < len(rows):
        say(f"{limit:,} of {len(rows):,} partners; --limit shows more")
    say(f"{len(rows):,} partners as of {day}; unknown where fewer than 20 lines were watched")


def _row(row: dict[Hashable, Any], language: Speech) -> dict[str, Any]:
    from pandas import isna

    from analytics.partners.told import oddities

    plain = ("name", "book", "sold", "lost", "net", "largest", "share", "hhi", "chain_book")
    return {
        "partner": row["partner_id"],
        **{name: None if isna(row[name]) else row[name] for name in plain},
        **{f"kept_{months}": _kept(row, months) for months in (3, 6, 12)},
        "odd": oddities(row, language),
    }


def _kept(row: dict[Hashable, Any], months: int) -> str:
    """Survival and its interval in words, such as `93% (75–98)`; `unknown` where it is."""
    from pandas import isna

    kept, low, high = (row[f"{name}{months}"] for name in ("kept", "low", "high"))
    return "unknown" if isna(kept) else f"{kept:.0%} ({100 * low:.0f}–{100 * high:.0f})"
