"""The monthly run: every measure in order, as of one day, under one run_id.

The only module of analytics that touches the lake; the measures see views as of a day and no more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from platform import python_version

import networkit as nk
import pandas as pd

from analytics import influence, position
from analytics.churn.scores import HORIZON, ChurnScores, churn_scores
from analytics.communities.circles import Circles, circles_of
from analytics.csr import TieGraph
from analytics.csr_cache import cached_graph
from analytics.frames import TIE_MONTHS, members
from analytics.kernels.compiled import watched
from analytics.kernels.opimc import Answer, Effort
from analytics.referral import referral_counts
from graph.asof import View
from graph.errors import BadInput
from graph.lake import Lake
from graph.progress import Progress
from graph.schema import COMMUNITY, COMMUNITY_EVENTS, IN_COMMUNITY, INNER_CIRCLES, RUN, SCORES, SEEDS

THREADS = 2
CACHE = "csr"
"""Folder within the lake's where ties are kept as arrays; it may be removed at any time."""
LIBRARIES = ("networkit", "numba", "scikit-learn", "scipy", "numpy", "pandas", "duckdb", "deltalake")
STEPS = ("ties", "communities", "position", "churn", "influence", "referrals", "writing")


@dataclass(frozen=True)
class Parameters:
    """What a run may be told; kept with its results."""

    tie_months: int = TIE_MONTHS
    tie_half_life: float | None = None
    """Months after which a contact counts half; None counts all alike."""
    resolution: float | None = None
    """Of the communities; None chooses the most stable one."""
    horizon_days: int = HORIZON
    seeds: int = influence.SEEDS
    probability: float = influence.PROBABILITY
    influence_seed: int = 0
    exact_betweenness_up_to: int = position.EXACT_UP_TO
    betweenness_pivots: int = position.PIVOTS


@dataclass(frozen=True)
class RunReport:
    """What a refresh concluded: counts per result and the notes kept with the run."""

    run_id: str
    as_of: date
    figures: dict[str, object]


@dataclass(frozen=True, eq=False)
class Findings:
    """The rows of every result table, still without run_id, and the notes by measure."""

    scores: pd.DataFrame
    seeds: pd.DataFrame
    circles: Circles
    notes: dict[str, object]


def refresh(
    lake: Lake,
    as_of: date | None = None,
    progress: Progress | None = None,
    parameters: Parameters | None = None,
) -> RunReport:
    """Compute every measure as of a day (by default the last day with a fact) and keep them as one run.

    Raises BadInput for a day outside the data's days or one without a member, and what `Lake.writing`
    raises.
    """
    started = _now()
    tell = _steps(progress)
    settings = parameters or Parameters()
    base = lake.view()
    day = _day_within(base, as_of)
    kept = lake.folder / CACHE
    with watched(progress):
        found = _findings(lambda seen: lake.view(seen, base.number), day, settings, tell, kept, progress)
    tell("writing")
    with lake.writing(f"refresh as of {day}") as writer:
        run_id = _run_id(lake.view(), day)
        run = _run(run_id, day, started, settings, base.versions, found.notes)
        for kind, rows in (
            (RUN, run),
            (SCORES, found.scores),
            (SEEDS, found.seeds),
            (IN_COMMUNITY, found.circles.members),
            (COMMUNITY, found.circles.profiles),
            (COMMUNITY_EVENTS, found.circles.events),
            (INNER_CIRCLES, found.circles.inner),
        ):
            writer.append(kind, rows.assign(run_id=run_id))
    tell("done")
    return RunReport(run_id, day, {**_counts(found), **found.notes})


def _findings(
    views: Callable[[date], View],
    day: date,
    settings: Parameters,
    tell: Callable[[str], None],
    kept: Path,
    progress: Progress | None,
) -> Findings:
    nk.setNumberOfThreads(THREADS)
    view = views(day)
    active = members(view)
    if active.empty:
        raise BadInput(f"the lake has no active member as of {day}; {_span(view)}")
    tell("ties")
    graph = cached_graph(view, kept, settings.tie_months, settings.tie_half_life, progress)
    tell("communities")
    circles = circles_of(view, graph, settings.resolution, progress)
    tell("position")
    places, position_notes = _position(graph, settings)
    tell("churn")
    churn = churn_scores(views, day, settings.horizon_days)
    tell("influence")
    picked, answer = _influencers(graph, settings, progress)
    tell("referrals")
    referrals = referral_counts(view).assign(measure="referrals")
    notes = {
        "ties": {"members": len(active), "with_ties": graph.size, "pairs": int(graph.directed.nnz)},
        "communities": circles.notes,
        **position_notes,
        "churn": churn.notes,
        "influence": influence.notes(answer, min(settings.seeds, graph.size)),
        "referrals": {"referrers": len(referrals)},
    }
    scores = [places, _churn_rows(churn), _influence_rows(graph, picked, settings.probability), referrals]
    return Findings(_scores(scores), influence.seeds(graph, picked), circles, notes)


def _position(graph: TieGraph, settings: Parameters) -> tuple[pd.DataFrame, dict[str, object]]:
    between = position.betweenness(graph, settings.exact_betweenness_up_to, settings.betweenness_pivots)
    rows = [
        pd.DataFrame({"measure": "pagerank", "id": graph.keys, "value": position.pagerank(graph)}),
        pd.DataFrame({"measure": "core", "id": graph.keys, "value": position.core(graph)}),
        pd.DataFrame({"measure": "betweenness", "id": graph.keys, "value": between.value}),
    ]
    notes: dict[str, object] = {
        "pagerank": {"damping": position.DAMPING},
        "betweenness": {
            "exact": between.pivots == graph.size,
            "pivots": between.pivots,
            "largest_standard_error": round(float(between.error.max(initial=0.0)), 6),
        },
    }
    return pd.concat(rows).assign(kind="Member"), notes


def _churn_rows(churn: ChurnScores) -> pd.DataFrame:
    return pd.concat(
        [
            churn.members.assign(kind="Member", measure="churn"),
            churn.accounts.assign(kind="Account", measure="churn_expected"),
        ]
    )


def _influencers(
    graph: TieGraph, settings: Parameters, progress: Progress | None
) -> tuple[pd.DataFrame, Answer]:
    effort = Effort(seed=settings.influence_seed, threads=THREADS)
    return influence.most_influential(graph, settings.seeds, settings.probability, effort, progress)


def _influence_rows(graph: TieGraph, picked: pd.DataFrame, p: float) -> pd.DataFrame:
    told = pd.DataFrame({"kind": "Member", "id": graph.keys[picked["node"].to_numpy(int)]})
    told["reasons"] = pd.Series(influence.sentences(picked, p), dtype=object)
    ranks = told.assign(measure="influence_rank", value=picked["rank"].astype(float))
    return pd.concat([ranks, told.assign(measure="influence_gain", value=picked["gain"].astype(float))])


def _scores(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """One frame with the columns of table `scores`; reasons as JSON text."""
    columns = ["kind", "id", "measure", "value", "low", "high", "reasons"]
    rows = pd.concat([part.reindex(columns=columns) for part in parts if len(part)] or [_none(columns)])
    rows["reasons"] = [
        json.dumps(why, ensure_ascii=False) if isinstance(why, list) else None for why in rows["reasons"]
    ]
    return rows.reset_index(drop=True)


def _none(columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})


def _run(
    run_id: str,
    day: date,
    started: str,
    settings: Parameters,
    inputs: Mapping[str, int],
    notes: Mapping[str, object],
) -> pd.DataFrame:
    texts = {
        "parameters": asdict(settings),
        "versions": {"python": python_version(), **{name: version(name) for name in LIBRARIES}},
        "inputs": dict(inputs),
        "notes": dict(notes),
    }
    row = {name: json.dumps(value, ensure_ascii=False) for name, value in texts.items()}
    return pd.DataFrame([{"run_id": run_id, "as_of": day, "started": started, "finished": _now(), **row}])


def _run_id(view: View, day: date) -> str:
    """Such as 2001-10-31-0003, the third run as of that day: sorts by day, then by order of making."""
    before = view.sql("SELECT count(*) AS runs FROM runs WHERE as_of = $day", {"day": day})["runs"][0]
    return f"{day.isoformat()}-{int(before) + 1:04d}"


def _counts(found: Findings) -> dict[str, object]:
    return {
        "scores": len(found.scores),
        "seeds": len(found.seeds),
        "in_communities": len(found.circles.members),
    }


def _day_within(view: View, as_of: date | None) -> date:
    """The day asked for, by default the last one with a fact. A run outside the data would be empty, and
    take the place of the good one; where no fact has a date, every day is as good.
    """
    first, last = view.first_day(), view.latest_day()
    if last is None:
        raise BadInput("the lake is empty; load a feed first, such as: guanxi load FEED --data FOLDER")
    if as_of and first and not first <= as_of <= last:
        raise BadInput(
            f"{as_of} is outside the data: the first dated fact is of {first}, the last fact is of {last};"
            f" use a day {'up to it' if as_of > last else 'between them'}"
        )
    return as_of or last


def _span(view: View) -> str:
    """What is known by then, for the sentence that says it was too early."""
    last = view.latest_day()
    return f"the last fact known by then is of {last}" if last else "no fact is known by then"


def _steps(progress: Progress | None) -> Callable[[str], None]:
    """Count the steps as they begin."""

    def tell(step: str) -> None:
        if progress:
            done = STEPS.index(step) if step in STEPS else len(STEPS)
            progress(step, done, len(STEPS))

    return tell


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
