"""Every measure of a run, in order: what each may look at, and the result rows that it gives.

A measure is a function from `Sight` to `Part`. It sees views as of days up to the run's, and what the
measures before it found; a new one is a function here and a line in MEASURES.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd

from analytics import influence, position
from analytics.churn.scores import HORIZON, churn_scores
from analytics.communities.circles import circles_of
from analytics.csr import TieGraph
from analytics.csr_cache import cached_graph
from analytics.frames import TIE_MONTHS, members
from analytics.kernels.opimc import Effort
from analytics.partners.figures import partner_figures
from analytics.referral.counts import referral_counts
from analytics.referral.value import referral_scores
from analytics.value.value import value
from analytics.watch.alerts import watch
from graph.asof import View
from graph.model import TableType
from graph.progress import Progress
from graph.schema import ALERTS, COMMUNITY, COMMUNITY_EVENTS, IN_COMMUNITY, INNER_CIRCLES, SCORES, SEEDS

THREADS = 2
SCORE_COLUMNS = ("kind", "id", "measure", "value", "low", "high", "reasons")


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


@dataclass(frozen=True, eq=False)
class Part:
    """What one measure concluded: rows by result table, still without run_id, and notes by name."""

    notes: Mapping[str, object]
    tables: Mapping[TableType, pd.DataFrame] = field(default_factory=dict)

    @property
    def scores(self) -> pd.DataFrame:
        """Its rows of table `scores`."""
        return self.tables.get(SCORES, no_scores())


@dataclass(frozen=True, eq=False)
class Sight:
    """What measures look at: views as of days up to the run's, and the parts found so far by step."""

    views: Callable[[date], View]
    day: date
    settings: Parameters
    kept: Path
    """Folder for what may be computed again at any time."""
    progress: Progress | None = None
    found: dict[str, Part] = field(default_factory=dict)

    @cached_property
    def view(self) -> View:
        """The view as of the run's day."""
        return self.views(self.day)

    @cached_property
    def graph(self) -> TieGraph:
        """The ties of the run, as arrays."""
        told = self.settings
        return cached_graph(self.view, self.kept, told.tie_months, told.tie_half_life, self.progress)

    def scores(self, step: str, measure: str) -> pd.DataFrame:
        """`id` and the figures of a measure that an earlier step found; empty where it found none."""
        rows = self.found[step].scores
        return rows[rows["measure"] == measure]


def no_scores() -> pd.DataFrame:
    """No row of table `scores`."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in SCORE_COLUMNS})


def score_rows(*parts: pd.DataFrame) -> pd.DataFrame:
    """Frames under each other with the columns of table `scores`; lists of reasons become JSON text."""
    filled = [part.reindex(columns=list(SCORE_COLUMNS)) for part in parts if len(part)]
    rows = pd.concat(filled or [no_scores()], ignore_index=True)
    rows["reasons"] = [
        json.dumps(why, ensure_ascii=False) if isinstance(why, list) else None for why in rows["reasons"]
    ]
    return rows


def _ties(sight: Sight) -> Part:
    graph = sight.graph
    counted = {"members": len(members(sight.view)), "with_ties": graph.size, "pairs": int(graph.directed.nnz)}
    return Part({"ties": counted})


def _communities(sight: Sight) -> Part:
    circles = circles_of(sight.view, sight.graph, sight.settings.resolution, sight.progress)
    return Part(
        {"communities": circles.notes},
        {
            IN_COMMUNITY: circles.members,
            COMMUNITY: circles.profiles,
            COMMUNITY_EVENTS: circles.events,
            INNER_CIRCLES: circles.inner,
        },
    )


def _position(sight: Sight) -> Part:
    graph, told = sight.graph, sight.settings
    between = position.betweenness(graph, told.exact_betweenness_up_to, told.betweenness_pivots)
    values = {
        "pagerank": position.pagerank(graph),
        "core": position.core(graph),
        "betweenness": between.value,
    }
    rows = [
        pd.DataFrame({"kind": "Member", "measure": name, "id": graph.keys, "value": value})
        for name, value in values.items()
    ]
    notes = {
        "pagerank": {"damping": position.DAMPING},
        "betweenness": {
            "exact": between.pivots == graph.size,
            "pivots": between.pivots,
            "largest_standard_error": round(float(between.error.max(initial=0.0)), 6),
        },
    }
    return Part(notes, {SCORES: score_rows(*rows)})


def _churn(sight: Sight) -> Part:
    churn = churn_scores(sight.views, sight.day, sight.settings.horizon_days)
    rows = score_rows(
        churn.members.assign(kind="Member", measure="churn"),
        churn.accounts.assign(kind="Account", measure="churn_expected"),
        churn.partners.assign(kind="Partner", measure="churn_book"),
        churn.groups.assign(kind="Member", measure="churn_group"),
    )
    return Part({"churn": churn.notes}, {SCORES: rows})


def _influence(sight: Sight) -> Part:
    graph, told = sight.graph, sight.settings
    effort = Effort(seed=told.influence_seed, threads=THREADS)
    picked, answer = influence.most_influential(graph, told.seeds, told.probability, effort, sight.progress)
    chosen = pd.DataFrame({"kind": "Member", "id": graph.keys[picked["node"].to_numpy(int)]})
    chosen["reasons"] = pd.Series(influence.sentences(picked, told.probability), dtype=object)
    rows = score_rows(
        chosen.assign(measure="influence_rank", value=picked["rank"].astype(float)),
        chosen.assign(measure="influence_gain", value=picked["gain"].astype(float)),
    )
    notes = influence.notes(answer, min(told.seeds, graph.size))
    return Part({"influence": notes}, {SCORES: rows, SEEDS: influence.seeds(graph, picked)})


def _referrals(sight: Sight) -> Part:
    counts = referral_counts(sight.view).assign(measure="referrals")
    worth = referral_scores(sight.view)
    rows = score_rows(counts, worth[worth["value"] != 0])
    return Part({"referrals": {"referrers": len(counts)}}, {SCORES: rows})


def _value(sight: Sight) -> Part:
    churn = sight.scores("churn", "churn").rename(columns={"id": "member_id"})
    known = churn[["member_id", "value", "low", "high"]] if len(churn) else None
    worth = value(sight.view, churn=known, churn_days=sight.settings.horizon_days)
    return Part({"value": worth.notes}, {SCORES: score_rows(worth.scores)})


def _partners(sight: Sight) -> Part:
    found = partner_figures(sight.view)
    return Part({"partners": found.notes}, {SCORES: score_rows(found.scores)})


def _alerts(sight: Sight) -> Part:
    alerts = watch(sight.view, scores=sight.found["churn"].scores, progress=sight.progress)
    return Part({"alerts": alerts.notes}, {ALERTS: alerts.frame})


MEASURES: dict[str, Callable[[Sight], Part]] = {
    "ties": _ties,
    "communities": _communities,
    "position": _position,
    "churn": _churn,
    "influence": _influence,
    "referrals": _referrals,
    "value": _value,
    "partners": _partners,
    "alerts": _alerts,
}
"""By step; each may use what the steps before it found."""

RESULTS: tuple[TableType, ...] = (
    SCORES,
    SEEDS,
    IN_COMMUNITY,
    COMMUNITY,
    COMMUNITY_EVENTS,
    INNER_CIRCLES,
    ALERTS,
)
"""The tables a run writes, in the order of writing."""
