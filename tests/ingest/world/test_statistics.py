"""The small world looks like the networks it is made after; networkx is the independent measure."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ingest.world.make import World, make
from ingest.world.size import Size
from ingest.world.ties import clustering, overlaps

MONTHS = ("2025-05-01", "2026-01-01", "2026-10-01")


def month_graph(world: World, month: str) -> nx.DiGraph:
    ties = world.tables["ties"]
    rows = ties[ties.month == month]
    graph = nx.DiGraph()
    graph.add_weighted_edges_from(zip(rows.source, rows.target, rows.calls, strict=True))
    return graph


def test_account_sizes_are_heavy_tailed(world: World) -> None:
    sizes = world.tables["memberships"].groupby("target").source.nunique().sort_values()
    assert 14 <= sizes.median() <= 26
    assert sizes.iloc[-1] > 0.08 * 2000
    assert sizes.iloc[0] >= 2


@pytest.mark.parametrize("month", MONTHS)
def test_ties_of_a_month(world: World, month: str) -> None:
    graph = month_graph(world, month)
    degree = np.array([d for _, d in graph.to_undirected().degree()])
    assert 4 <= np.median(degree) <= 8
    assert degree.max() > 5 * np.median(degree)
    assert nx.overall_reciprocity(graph) == pytest.approx(0.65, abs=0.05)
    assert 0.15 <= nx.average_clustering(graph.to_undirected()) <= 0.40
    giant = max(nx.weakly_connected_components(graph), key=len)
    assert len(giant) > 0.8 * len(graph)


def test_strength_is_unequal_and_rises_with_overlap(world: World) -> None:
    ties = world.tables["ties"]
    month = ties[ties.month == MONTHS[1]]
    calls = np.sort(month.calls.to_numpy())[::-1]
    assert calls[: len(calls) // 5].sum() / calls.sum() == pytest.approx(0.60, abs=0.06)
    assert np.median(calls) == pytest.approx(2, abs=1)
    near = month_graph(world, MONTHS[1]).to_undirected()
    overlap = np.array(
        [
            len(set(near[a]) & set(near[b])) / max(1, len((set(near[a]) | set(near[b])) - {a, b}))
            for a, b in zip(month.source, month.target, strict=True)
        ]
    )
    strong = month.calls.to_numpy() > np.quantile(month.calls, 0.8)
    assert overlap[strong].mean() > overlap[~strong].mean()


def test_ties_live_many_months_and_the_returned_ones_longest(world: World) -> None:
    ties = world.tables["ties"]
    pairs = {m: set(zip(r.source, r.target, strict=True)) for m, r in ties.groupby("month")}
    january, february = pairs[pd.Timestamp("2026-01-01")], pairs[pd.Timestamp("2026-02-01")]
    mutual = {(a, b) for a, b in january if (b, a) in january}
    assert 0.8 <= len(january & february) / len(january) <= 0.95
    one_way = january - mutual
    assert len(mutual & february) / len(mutual) > len(one_way & february) / len(one_way)


def test_ties_stay_inside_the_account_more_than_by_chance(world: World) -> None:
    ties, stays = world.tables["ties"], world.tables["memberships"]
    home = stays.drop_duplicates("source").set_index("source").target
    inside = (ties.source.map(home) == ties.target.map(home)).mean()
    share = home.value_counts(normalize=True)
    assert 0.35 <= inside <= 0.60
    assert inside > 3 * (share**2).sum()


def test_books_of_partners_are_unequal(world: World) -> None:
    book = world.tables["sales"].groupby("source").size().sort_values(ascending=False)
    assert book.iloc[:8].sum() > 0.5 * book.sum()
    assert len(world.tables["partner_chain"]) >= 10


def test_own_clustering_and_overlap_equal_networkx() -> None:
    graph = nx.gnm_random_graph(60, 300, seed=1)
    low, high = np.sort(np.array(graph.edges), axis=1).T
    assert clustering(low, high, 60) == pytest.approx(nx.average_clustering(graph))
    jaccard = [
        len(set(graph[a]) & set(graph[b])) / len((set(graph[a]) | set(graph[b])) - {a, b})
        for a, b in zip(low, high, strict=True)
    ]
    assert overlaps(low, high, 60) == pytest.approx(jaccard)


def features(world: World, day: pd.Timestamp) -> tuple[pd.DataFrame, pd.Series]:
    """Simple features known on that day, and who leaves within 61 days after."""
    t = world.tables
    members = t["members"].drop_duplicates("member_id", keep="last").set_index("member_id")
    there = members[(members.joined < day - pd.Timedelta(days=60)) & ~(members.left <= day)]
    used = t["usage"][t["usage"].month < day]
    x = pd.DataFrame(index=there.index)
    x["tenure"] = np.log((day - there.joined).dt.days)
    x["credit"] = there.credit_level.map({"A": 0, "B": 1, "C": 2, "D": 3})
    x["plan"] = there.plan_id.str[1:].astype(int)
    for name, rows in (("all", used), ("off_net", used[used.zone == "off_net"])):
        wide = rows.groupby(["about", "month"]).minutes.sum().unstack(fill_value=0.0)
        x[name] = np.log1p(wide.iloc[:, -1]) - np.log1p(wide.iloc[:, -4:-1].mean(axis=1))
    cases = t["raised"].merge(t["cases"], left_on="target", right_on="case_id")
    recent = cases[(cases.date <= day) & (cases.date > day - pd.Timedelta(days=90))]
    x["complaints"] = recent[recent.kind == "complaint"].groupby("source").size()
    rivals = t["competitor_ties"]
    month = rivals[(rivals.month < day) & (rivals.month >= day - pd.DateOffset(months=2))]
    x["rivals"] = month.groupby("about").contacts.sum()
    return x.fillna(0), there.left <= day + pd.Timedelta(days=61)


def test_a_simple_model_beats_chance_but_not_by_magic() -> None:
    world = make(Size.of(6000), 5)
    x, y = features(world, pd.Timestamp("2026-04-01"))
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y)
    later, truth = features(world, pd.Timestamp("2026-07-01"))
    assert 0.64 <= roc_auc_score(truth, model.predict_proba(later)[:, 1]) <= 0.82
