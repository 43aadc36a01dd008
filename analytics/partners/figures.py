"""Partners: what they sold net of later churn, how long it stays, what it hangs on, what looks odd.

One row a partner as a table, and the same figures as rows of `scores`, each with its reasons.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analytics.frames import day_of
from analytics.partners import anomalies, keeping, structure
from analytics.partners.anomalies import LEVEL
from analytics.partners.keeping import HORIZONS
from analytics.partners.told import sentence
from graph.asof import View

MEASURED = {
    "partner_net_sales": ("net", "", ""),
    **{f"partner_kept_{months}": (f"kept{months}", f"low{months}", f"high{months}") for months in HORIZONS},
    "partner_concentration": ("share", "", ""),
    "partner_chain_book": ("chain_book", "", ""),
    "partner_burst": ("burst_q", "", ""),
    "partner_low_use": ("use_q", "", ""),
    "partner_shock": ("shock_q", "", ""),
}
"""Measure: the column of its value, and of the ends of its interval where it has one."""
SCORE_COLUMNS = ["kind", "id", "measure", "value", "low", "high", "reasons", "reasons_zh"]


@dataclass(frozen=True, eq=False)
class Partners:
    """`table` one row a partner, by `partner_id`; `scores` SCORE_COLUMNS, reasons as lists; `notes`."""

    table: pd.DataFrame
    scores: pd.DataFrame
    notes: dict[str, object]


def partner_figures(view: View) -> Partners:
    """Every partner that has sold a line, as of the view's day."""
    lines = keeping.sold_lines(view)
    names = view.frame("partners", ["partner_id", "name", "kind", "closed"]).set_index("partner_id")
    sales = keeping.net_sales(lines, pd.Timestamp(day_of(view)))
    bursts = anomalies.bursts(view, lines).add_prefix("burst_")
    use = anomalies.low_use(view).add_prefix("use_")
    shocks = anomalies.shocks(view).add_prefix("shock_")
    parts = [keeping.survival(view, lines), structure.concentration(view, lines)]
    chain = structure.chain_books(view, sales["book"])
    table = (
        sales.join([*parts, chain, bursts, use, shocks]).join(names).sort_index().rename_axis("partner_id")
    )
    table["name"] = table["name"].astype(object).where(table["name"].notna(), table.index)
    odd = {name: int((table[f"{name}_q"] <= LEVEL).sum()) for name in ("burst", "use", "shock")}
    return Partners(table, scores(table), {"partners": len(table), "told": odd})


def scores(table: pd.DataFrame) -> pd.DataFrame:
    """The table's figures as rows of `scores`; a figure that is unknown has no row."""
    parts = []
    for measure, (value, low, high) in MEASURED.items():
        known = table[table[value].notna()]
        rows = pd.DataFrame({"kind": "Partner", "id": known.index, "measure": measure})
        rows["value"] = known[value].to_numpy(float)
        rows["low"] = known[low].to_numpy(float) if low else float("nan")
        rows["high"] = known[high].to_numpy(float) if high else float("nan")
        facts = known.to_dict("records")
        for column, language in (("reasons", "en"), ("reasons_zh", "zh")):
            told = [[sentence(measure, row, language)] for row in facts]
            rows[column] = pd.Series(told, dtype=object)
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)[SCORE_COLUMNS]
