"""The product in a few minutes: a made-up world, loaded, refreshed, asked, served."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from time import perf_counter

from analytics.refresh import RunReport, refresh
from api.serve import listener, run_server
from api.show import Format, flattened, load_told, progress, say, show
from graph.connect import connect
from graph.lake import Lake
from graph.settings import Settings, settings
from graph.store import GraphStore
from ingest.publishing.publish import publish
from ingest.run import load
from ingest.world.make import make
from ingest.world.size import Size
from ingest.world.write import write
from queries.catalog import find
from queries.run import ask

FIGURES = (
    "communities.found",
    "churn.scored",
    "churn.out_of_time.lift_10",
    "churn.out_of_time.auc",
    "churn.out_of_time.leavers",
    "seeds",
    "referrals.referrers",
)
"""What of a run's figures the demo tells; `guanxi refresh` shows them all."""

INSIGHTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("accounts/list_accounts", ("name", "class", "tier", "members", "churn_expected", "contract_end")),
    ("members/list_at_risk", ("member_id", "account", "churn", "churn_low", "churn_high", "reasons")),
    ("influencers/top_of_region", ("influence_rank", "member_id", "account", "region", "reasons")),
    ("communities/find_cross_account", ("community_id", "size", "accounts", "largest", "churn_expected")),
)
"""The questions the demo asks, and the columns it has room for."""


def run_demo(serve: bool, port: int | None, seed: int) -> None:
    """Make, load, refresh and show the world of that seed, under its own folder of GUANXI_HOME."""
    chosen = settings().model_copy(update={"home": settings().home / f"demo-{seed}"})
    wanted = chosen.port if port is None else port
    with listener(chosen.host, wanted) if serve else nullcontext() as bound:
        lake = _loaded(chosen, seed)
        run = _refreshed(lake)
        with connect(chosen) as store:
            with _step("publish it to the graph"), progress() as report:
                publish(lake, store, report, run.as_of)
            _insights(store)
            say(f"ask on with: GUANXI_HOME={chosen.home} guanxi ask")
            if isinstance(bound, socket.socket):
                run_server(lake, store, chosen, bound)


def _loaded(chosen: Settings, seed: int) -> Lake:
    files = chosen.home / "world"
    lake = Lake(chosen.lake_folder)
    with _step("make a small telecom world"):
        write(make(Size(), seed), files)
    with _step("load it into the lake"), progress() as report:
        loaded = load("world", Path(files), lake, chosen.quarantine_folder, report)
    for line in load_told(loaded):
        say(f"  {line}")
    return lake


def _refreshed(lake: Lake) -> RunReport:
    with _step("run the monthly refresh"), progress() as report:
        run = refresh(lake, None, report)
    figures = dict(flattened(run.figures))
    say("  " + ", ".join(f"{name} {figures[name]}" for name in FIGURES if name in figures))
    return run


def _insights(store: GraphStore) -> None:
    for name, columns in INSIGHTS:
        answer = ask(store, find(name), {"limit": 5})
        print(f"\n{answer.query.title}  (guanxi ask {name})")
        show(answer.rows, Format.table, columns)


@contextmanager
def _step(name: str) -> Iterator[None]:
    started = perf_counter()
    yield
    say(f"{name}: {perf_counter() - started:.1f} s")
