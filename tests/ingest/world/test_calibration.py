"""The measures of `guanxi world check`, beside networkx and counting by hand; and the worlds, by them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from graph.errors import NotFound
from ingest.world.association import naive_ratio
from ingest.world.calibration import Fact, facts
from ingest.world.make import World, make
from ingest.world.record import Record, of_folder, of_world
from ingest.world.scenarios import SCENARIOS
from ingest.world.size import NEVER, Size
from ingest.world.write import write

MONTHS = 18


@pytest.fixture(scope="module")
def measured(world: World) -> dict[str, Fact]:
    return {fact.name: fact for fact in facts(of_world(world), 1.8)}


@pytest.fixture(scope="module")
def middle(world: World) -> tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp]:
    """Ties of the month in the middle and of the next, and its first day."""
    ties = world.tables["ties"]
    months = sorted(ties.month.unique())
    return ties[ties.month == months[9]], ties[ties.month == months[10]], months[9]


def directed(rows: pd.DataFrame) -> nx.DiGraph:
    return nx.from_pandas_edgelist(rows, "source", "target", "calls", nx.DiGraph)


def test_structure_is_what_networkx_finds(
    measured: dict[str, Fact], middle: tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp]
) -> None:
    graph = directed(middle[0])
    near = graph.to_undirected()
    degree = np.array([d for _, d in near.degree()])
    assert measured["degree_mean"].value == pytest.approx(degree.mean())
    assert measured["degree_median"].value == np.median(degree)
    assert measured["reciprocity"].value == pytest.approx(nx.overall_reciprocity(graph))
    assert measured["clustering"].value == pytest.approx(nx.average_clustering(near))


def test_the_mutual_graph_of_four_months_is_what_networkx_finds(
    measured: dict[str, Fact], world: World
) -> None:
    ties = world.tables["ties"]
    months = sorted(ties.month.unique())
    mutual = directed(ties[ties.month.isin(months[7:11])]).to_undirected(reciprocal=True)
    mutual.remove_nodes_from(list(nx.isolates(mutual)))
    giant = max(nx.connected_components(mutual), key=len)
    assert measured["mutual_degree_mean"].value == pytest.approx(np.mean([d for _, d in mutual.degree()]))
    assert measured["mutual_giant_part"].value == pytest.approx(len(giant) / len(mutual))


def test_strength_and_homes_are_what_counting_finds(
    measured: dict[str, Fact], middle: tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp], world: World
) -> None:
    now = middle[0]
    calls = now.calls.sort_values(ascending=False)
    fifth = calls.iloc[: len(calls) // 5].sum() / calls.sum()
    assert measured["calls_of_strongest_fifth"].value == pytest.approx(fifth)
    assert measured["calls_max"].value == calls.max()
    home = world.tables["memberships"].drop_duplicates("source").set_index("source").target
    inside = (now.source.map(home) == now.target.map(home)).mean()
    assert measured["inside_account"].value == pytest.approx(inside)
    lines = home.value_counts()
    assert measured["account_lines_median"].value == lines.median()
    assert measured["account_lines_top_1_percent"].value == lines.iloc[0] / lines.sum()


def test_a_circle_is_who_takes_four_in_five_of_the_calls(
    measured: dict[str, Fact], middle: tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp]
) -> None:
    now = middle[0]
    back = now.rename(columns={"source": "target", "target": "source"})
    pairs = pd.concat([now, back]).groupby(["source", "target"]).calls.sum()
    sizes = []
    for _, mine in pairs.groupby(level=0):
        ordered = np.sort(mine.to_numpy())[::-1]
        sizes.append(int(np.searchsorted(np.cumsum(ordered), 0.8 * ordered.sum()) + 1))
    assert measured["frequent_circle"].value == np.median(sizes)


def test_ties_that_last_are_counted_among_those_who_stay(
    measured: dict[str, Fact], middle: tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp], world: World
) -> None:
    now, after, month = middle
    members = world.tables["members"].drop_duplicates("member_id", keep="last").set_index("member_id")
    stays = ~(members.left < month + pd.DateOffset(months=2))
    old = {(a, b) for a, b in zip(now.source, now.target, strict=True) if stays[a] and stays[b]}
    again = set(zip(after.source, after.target, strict=True))
    both = {(a, b) for a, b in old if (b, a) in old}
    assert measured["persistence"].value == pytest.approx(len(old & again) / len(old))
    ratio = (len(both & again) / len(both)) / (len((old - both) & again) / len(old - both))
    assert measured["persistence_returned_over_not"].value == pytest.approx(ratio)


def test_monthly_churn_is_the_mean_over_months(measured: dict[str, Fact], world: World) -> None:
    members = world.tables["members"].drop_duplicates("member_id", keep="last")
    rates = []
    for month in pd.date_range("2025-05-01", periods=MONTHS, freq="MS"):
        here = members[(members.joined < month) & ~(members.left < month)]
        rates.append((here.left < month + pd.DateOffset(months=1)).mean())
    assert measured["monthly_churn"].value == pytest.approx(np.mean(rates))


def test_the_naive_ratio_of_a_hand_made_record() -> None:
    """0 calls 1 and 2 calls 3; 1 leaves on day 65; of the two exposed weeks of 0, it leaves in the
    second. Weeks begin on 60, 67, 74, 81, 88, 90, 97, 104 and 111.
    """
    months = np.array([0, 30, 60, 90, 120])
    left = np.array([80, 65, NEVER, NEVER])
    ties = (np.array([0, 2]), np.array([1, 3]), np.array([1, 1]))
    record = Record(np.full(4, -100), left, np.zeros(4, np.int64), months, lambda _: ties)
    exposed, unexposed = 1 / 2, 1 / (1 + 1 + 9 + 9)  # 0 and 1 in the first week, 2 and 3 in all nine
    assert naive_ratio(record) == pytest.approx(exposed / unexposed)


def test_files_give_the_same_facts_as_frames(measured: dict[str, Fact], world: World, tmp_path: Path) -> None:
    write(world, tmp_path)
    with of_folder(tmp_path) as record:
        found = {fact.name: fact.value for fact in facts(record, 1.8)}
    assert found == pytest.approx({name: fact.value for name, fact in measured.items()}, rel=0.05)
    exact = set(found) - {"overlap_strong_over_weak"}  # of ties in another order
    assert {n: found[n] for n in exact} == pytest.approx({n: measured[n].value for n in exact})
    (tmp_path / "ties.csv").unlink()
    with pytest.raises(NotFound, match=r"no ties.csv or ties.parquet"), of_folder(tmp_path):
        pass


def test_a_fact_is_within_its_range_or_nothing_is_asked() -> None:
    fact = Fact("x", 1.0, 1.0, 0.9, 1.1, "")
    assert fact.within is True
    assert replace(fact, value=1.2).within is False
    assert replace(fact, high=None, value=9.0).within is True
    assert replace(fact, low=None, high=None).within is None


@pytest.mark.nightly
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_scenarios_are_like_what_they_are_made_after(name: str) -> None:
    """But for the circle of those most called, which is smaller than published."""
    chosen = SCENARIOS[name]
    found = facts(of_world(make(Size.of(20_000), 7, chosen.knobs)), chosen.naive)
    assert {fact.name for fact in found if fact.within is False} <= {"frequent_circle"}
