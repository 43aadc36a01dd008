"""A small lake with every kind of row that a graph shows: three members, their account, one run."""

from datetime import date

import pandas as pd
import pyarrow as pa

from graph.lake import Lake
from graph.landing import arrow_schema
from graph.schema import COMMUNITY, IN_COMMUNITY, RUN, SCORES, TABLES
from graph.store import sweep
from graph.write import empty_graph

DAY = date(2026, 1, 1)
AS_OF = date(2026, 5, 31)
REASONS = '["1 of 2 left"]'


def land(lake, **given):
    with lake.writing("test") as writer:
        for table, rows in given.items():
            kind = TABLES[table]
            writer.land(kind, pa.Table.from_pylist(rows, schema=arrow_schema(kind)), "load-1")


def member(key, **known):
    return {"member_id": key, "known_from": DAY, **known}


def tie(source, target, month, calls):
    day = date(2026, month, 1)
    return {"source": source, "target": target, "month": day, "calls": calls, "days_active": 1}


def small_lake(folder):
    lake = Lake(folder)
    land(
        lake,
        accounts=[{"account_id": "A", "known_from": DAY, "name": "华信集团 🚚", "staff": 12}],
        members=[member("a", joined=date(2020, 5, 1)), member("b"), member("c", referrals_made=0)],
        memberships=[{"source": key, "target": "A", "since": DAY} for key in "abc"],
        products=[{"product_id": "p", "known_from": DAY, "monthly_fee": 58.0, "term_months": 24}],
        subscriptions=[
            {"source_label": "Member", "source": "a", "target": "p", "fee": 0.1, "since": DAY},
            {"source_label": "Account", "source": "A", "target": "p", "fee": 500.0, "since": None},
            {"source_label": "Account", "source": "A", "target": "p", "fee": 450.0, "since": DAY},
        ],
        ties=[tie("a", "b", 1, 4), tie("a", "b", 5, 6), tie("b", "a", 5, 3), tie("a", "c", 2, 1)],
        # Its end is not known: it waits in the lake, and the graph does not show it.
        positions=[{"source": "nobody", "target": "A", "role": "user", "since": DAY}],
    )
    add_run(lake, "r1", "2026-06-01T00:00:00")
    return lake


def add_run(lake, run_id, finished, churn=0.4):
    scores = [
        {
            "id": "a",
            "measure": "churn",
            "value": churn,
            "low": 0.3,
            "high": 0.5,
            "reasons": '["1 of 2 left"]',
        },
        {"id": "b", "measure": "churn", "value": 0.0, "reasons": "[]"},
        {"id": "b", "measure": "core", "value": 1.0},
        {"id": "gone", "measure": "core", "value": 1.0},  # no such node: shown nowhere
    ]
    circles = [{"source": key, "target": "c1", "stability": 1.0} for key in "ab"]
    with lake.writing(run_id) as writer:
        writer.append(RUN, pd.DataFrame([{"run_id": run_id, "as_of": AS_OF, "finished": finished}]))
        writer.append(COMMUNITY, pd.DataFrame([{"run_id": run_id, "community_id": "c1", "size": 2}]))
        writer.append(IN_COMMUNITY, pd.DataFrame([{"run_id": run_id, **row} for row in circles]))
        frame = pd.DataFrame([{"run_id": run_id, "kind": "Member", **row} for row in scores])
        writer.append(SCORES, frame)


def emptied(store):
    sweep(store, empty_graph())
    return store
