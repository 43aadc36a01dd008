"""Scores of earlier runs, as a question as of a day may use them."""

from __future__ import annotations

import json

import pandas as pd

from graph.asof import View

HORIZON = 60
"""Days ahead that a run which does not say looked for leavers."""

_NEWEST = """
SELECT r.run_id, r.parameters FROM runs r
WHERE r.as_of <= $day AND r.run_id IN (SELECT run_id FROM scores WHERE measure = 'churn')
ORDER BY r.as_of DESC, r.finished DESC LIMIT 1"""


def churn_known(view: View) -> tuple[pd.DataFrame | None, int]:
    """The members' churn scores of the newest run that used nothing known after the view's day, and the days
    ahead that they are about: `member_id`, `value`, `low`, `high`; None where there is no such run.
    """
    run = view.sql_arrow(_NEWEST, {"day": view.as_of}).to_pylist()
    if not run:
        return None, HORIZON
    found = view.sql(
        """SELECT id AS member_id, value, low, high FROM scores
           WHERE run_id = $run AND kind = 'Member' AND measure = 'churn' AND value IS NOT NULL""",
        {"run": run[0]["run_id"]},
    )
    days = json.loads(run[0]["parameters"] or "{}").get("horizon_days")
    return (found if len(found) else None), int(days or HORIZON)
