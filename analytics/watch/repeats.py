"""Quiet rules: what was told before, or was judged wrong or known, is not told again until it changes.

States of a warning: `new`, `going on` (told again: it grew stronger, or its quiet days are over) and
`quiet` (kept, and shown only where quiet ones are asked for).
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analytics.frames import day_of
from analytics.watch.rules import Rule
from graph.asof import View

NEW, ON, QUIET = "new", "going on", "quiet"
SILENCING = ("wrong", "known")
KEY = ["rule", "kind", "id"]

EARLIER = """
WITH one_a_day AS (
  SELECT max(run_id) AS run_id, as_of FROM runs
  WHERE as_of < $day AND run_id IN (SELECT run_id FROM alerts) GROUP BY as_of)
SELECT as_of, a.* FROM alerts a JOIN one_a_day USING (run_id)"""


def earlier_alerts(view: View) -> pd.DataFrame:
    """The alerts of runs as of earlier days, with `as_of`; of several runs as of a day the last one's.

    A run as of the same day does not count, so that a run made again says the same again.
    """
    return view.sql(EARLIER, {"day": day_of(view)})


def states(
    alerts: pd.DataFrame,
    earlier: pd.DataFrame,
    feedback: pd.DataFrame,
    rules: Mapping[str, Rule],
    day: pd.Timestamp,
) -> pd.DataFrame:
    """Per alert, by its index: `state`, and `judged`: the verdict's row number in feedback, or NA.

    `alerts` has rule, kind, id, since and strength; `earlier` these, `as_of` and `state`; `feedback` the
    columns of its table, where `measure` is the rule.
    """
    step = alerts["rule"].map({name: rule.step for name, rule in rules.items()})
    quiet_days = alerts["rule"].map({name: rule.quiet_days for name, rule in rules.items()})
    told = _last(alerts, earlier[earlier["state"] != QUIET])
    stronger = alerts["strength"] >= told["strength"] + step - 1e-9
    lately = (day - told["as_of"]).dt.days < quiet_days
    state = pd.Series(ON, index=alerts.index).mask(lately & ~stronger, QUIET)
    state = state.mask(told["as_of"].isna() | (~lately & (alerts["since"] > told["as_of"])), NEW)
    judged = _judged(alerts, earlier, feedback, step)
    return pd.DataFrame({"state": state.mask(judged.notna(), QUIET), "judged": judged})


def _last(alerts: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """`as_of` and `strength` of the latest earlier row of each alert; empty where there is none."""
    latest = earlier.sort_values("as_of", kind="stable").drop_duplicates(KEY, keep="last")
    latest = latest.assign(as_of=pd.to_datetime(latest["as_of"]), strength=latest["strength"].astype(float))
    return alerts[KEY].merge(latest[[*KEY, "as_of", "strength"]], on=KEY, how="left").set_index(alerts.index)


def _judged(
    alerts: pd.DataFrame, earlier: pd.DataFrame, feedback: pd.DataFrame, step: pd.Series
) -> pd.Series:
    """The feedback's row that silences an alert: the latest on it, while it began before and has not grown.

    What it has grown from is its strength in the last run up to the feedback's day; without one it stays
    silent until it begins anew.
    """
    words = feedback.rename(columns={"measure": "rule", "about_label": "kind", "about": "id"})
    words = words.assign(row=range(len(words)), date=pd.to_datetime(words["date"]))
    words = words.sort_values("date", kind="stable").drop_duplicates(KEY, keep="last")
    words = words[words["verdict"].isin(SILENCING)]
    found = alerts[[*KEY, "since", "strength"]].merge(words[[*KEY, "date", "row"]], on=KEY, how="left")
    found.index = alerts.index
    then = earlier.assign(as_of=pd.to_datetime(earlier["as_of"])).merge(words[[*KEY, "date"]], on=KEY)
    before = _last(alerts, then[then["as_of"] <= then["date"]])
    grown = found["strength"] >= before["strength"] + step - 1e-9
    silent = found["row"].notna() & (found["since"] <= found["date"]) & ~grown
    return found["row"].where(silent)
