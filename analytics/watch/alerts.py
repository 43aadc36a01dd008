"""Early warning: what the rules find on a day, what it puts at risk, and which of it is worth telling."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analytics.frames import day_of
from analytics.watch.repeats import earlier_alerts, states
from analytics.watch.rules import Rule, read_rules
from analytics.watch.told import sentences
from analytics.watch.worth import at_risk
from graph.asof import View
from graph.progress import Progress

COLUMNS = (
    "rule", "kind", "id", "account_id", "since", "strength", "severity", "value_at_risk", "state", "reasons",
    "reasons_zh",
)  # fmt: skip
"""Those of table `alerts`, besides run_id."""
FOUND = ["rule", "kind", "id", "account_id", "since", "strength", "en", "zh"]
SPOKEN = {"wrong": "错误", "known": "已知"}


@dataclass(frozen=True, eq=False)
class Alerts:
    """`frame` with the columns of table `alerts` without run_id; `notes` for the run, by rule."""

    frame: pd.DataFrame
    notes: dict[str, object]


def watch(
    view: View,
    earlier: pd.DataFrame | None = None,
    feedback: pd.DataFrame | None = None,
    scores: pd.DataFrame | None = None,
    value: pd.DataFrame | None = None,
    rules: Sequence[Rule] | None = None,
    progress: Progress | None = None,
) -> Alerts:
    """Warn, as of the view's day, of all that the rules find: the gravest first, then by value at risk.

    `earlier` are alerts of earlier runs with their `as_of` (by default the lake's), `feedback` rows of
    that table known on the day (the lake's), `scores` rows of table `scores` whose measure `churn` tells
    members' chances, `value` yuan a month by `account_id`. Quiet alerts are in the frame, as such.
    """
    used = tuple(read_rules() if rules is None else rules)
    found, notes = findings(view, used, progress)
    past = earlier_alerts(view) if earlier is None else earlier
    said = view.frame("feedback") if feedback is None else feedback
    worth = at_risk(view, found, scores, value)
    by_name = {rule.id: rule for rule in used}
    state = states(found, past, said, by_name, pd.Timestamp(day_of(view)))
    frame = found.assign(
        severity=found["rule"].map({rule.id: rule.severity for rule in used}).astype("int64"),
        value_at_risk=worth["value_at_risk"],
        state=state["state"],
        reasons=_reasons(found, worth, state, said, "en"),
        reasons_zh=_reasons(found, worth, state, said, "zh"),
    )
    frame = frame.sort_values(
        ["severity", "value_at_risk", "strength", "rule", "id"], ascending=[False, False, False, True, True]
    )
    counts = {name: int(number) for name, number in frame["state"].value_counts().items()}
    return Alerts(frame[list(COLUMNS)].reset_index(drop=True), {"alerts": counts, "rules": notes})


def findings(
    view: View, rules: Sequence[Rule], progress: Progress | None = None
) -> tuple[pd.DataFrame, dict[str, object]]:
    """What each rule finds on the view's day, FOUND as columns; and how many, or why nothing can be said."""
    parts, notes = [_nothing()], dict[str, object]()
    for done, rule in enumerate(rules):
        if progress:
            progress("warnings", done, len(rules))
        missing = [table for table in rule.how.needs if table not in view.versions]
        if missing:
            notes[rule.id] = f"not evaluated: the lake has no {' and no '.join(missing)}"
            continue
        rows = rule.how.find(view, rule.thresholds)
        notes[rule.id] = len(rows)
        if len(rows):
            words = {language: sentences(rule, rows, language) for language in ("en", "zh")}
            parts.append(rows.assign(rule=rule.id, kind=rule.kind, **words)[FOUND])
    found = pd.concat(parts, ignore_index=True)
    found["strength"] = found["strength"].astype(float)
    return found.assign(since=pd.to_datetime(found["since"])), notes


def _nothing() -> pd.DataFrame:
    texts = {name: pd.Series(dtype=object) for name in FOUND}
    return pd.DataFrame(
        {**texts, "since": pd.Series(dtype="datetime64[us]"), "strength": pd.Series(dtype=float)}
    )


def _reasons(
    found: pd.DataFrame, worth: pd.DataFrame, state: pd.DataFrame, feedback: pd.DataFrame, language: str
) -> pd.Series:
    """JSON lists of sentences: what was found, what is at risk and how that is reckoned, who judged it."""
    told = zip(found[language], worth.assign(judged=state["judged"]).itertuples(), strict=True)
    texts = [[said, _risk(row, language), *_verdict(row.judged, feedback, language)] for said, row in told]
    return pd.Series(
        [json.dumps(text, ensure_ascii=False) for text in texts], index=found.index, dtype=object
    )


def _risk(row: Any, language: str) -> str:
    """How the value at risk is reckoned; `row` is one of `worth.at_risk`."""
    if pd.isna(row.value_at_risk):
        return "value unknown: no bill and no fee" if language == "en" else "价值未知：无账单和资费"
    if language == "en":
        by = (
            f"mean churn score of {row.scored:.0f} of {row.lines:.0f} lines" if row.scored > 0 else "strength"
        )
        return f"at risk {row.value_at_risk:,.2f} yuan a month = {row.monthly:,.2f} × {row.chance:.3g} ({by})"
    by = f"{row.lines:.0f} 名成员中 {row.scored:.0f} 名的平均流失评分" if row.scored > 0 else "预警强度"
    return f"每月 {row.value_at_risk:,.2f} 元有风险 = {row.monthly:,.2f} × {row.chance:.3g}（{by}）"


def _verdict(judged: object, feedback: pd.DataFrame, language: str) -> list[str]:
    if pd.isna(judged):  # type: ignore[call-overload]
        return []
    row = feedback.iloc[[int(judged)]].to_dict("records")[0]  # type: ignore[call-overload]
    day = pd.Timestamp(row["date"]).date()
    if language == "en":
        return [f"quiet until it changes: called {row['verdict']} by {row['who']} on {day}"]
    return [f"{row['who']} 于 {day} 标为{SPOKEN[str(row['verdict'])]}，变化前不再提示"]
