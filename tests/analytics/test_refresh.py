import json
from datetime import date
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from analytics.refresh import Parameters, refresh
from graph.errors import BadInput
from graph.lake import Lake
from graph.model import UNDATED, Dating
from graph.schema import TABLES
from tests.analytics.worlds import belongs, lake_of, member, random_world, tie

AS_OF = date(2000, 10, 31)
JAN_31 = date(2000, 1, 31)
RESULTS = ("scores", "seeds", "communities", "community_profiles")
MEASURES = {
    "pagerank", "core", "betweenness", "churn", "churn_expected", "influence_rank", "influence_gain",
    "churn_group", "loyalty", "value_tier",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return random_world(tmp_path_factory.mktemp("lake"), members=600)


def results(lake: Lake, run_id: str) -> dict[str, pd.DataFrame]:
    """Every result row of a run, in a fixed order, without what tells runs apart."""
    found = {}
    for table in RESULTS:
        rows = lake.view().frame(table)
        rows = rows[rows["run_id"] == run_id].drop(columns="run_id")
        found[table] = rows.sort_values(list(rows.columns)).reset_index(drop=True)
    run = lake.view().frame("runs")
    found["notes"] = run[run["run_id"] == run_id][["as_of", "parameters", "notes"]].reset_index(drop=True)
    return found


def cut(lake: Lake, folder: Path, day: date) -> Lake:
    """A lake that never heard of anything dated after the day."""
    short, view = Lake(folder), lake.view()
    with short.writing("cut") as writer:
        for kind in (TABLES[table] for table in view.versions):
            if kind.dating is not Dating.RUN:
                rows = view.every_row(kind)
                days = rows.to_pandas(date_as_object=False)[kind.dated_by]
                last = days + pd.offsets.MonthEnd(0) if kind.monthly else days
                known = days.isna() | (last <= pd.Timestamp(day))
                writer.land(kind, rows.filter(pa.array(known)), "cut")
    return short


def test_one_run_has_every_measure_and_one_row_of_its_own(world: Lake) -> None:
    steps: list[tuple[str, int, int]] = []
    report = refresh(world, AS_OF, lambda *step: steps.append(step))
    run = world.view().frame("runs").set_index("run_id").loc[report.run_id]
    assert run["as_of"] == pd.Timestamp(AS_OF)
    assert json.loads(run["parameters"])["horizon_days"] == 60
    assert {"networkit", "scikit-learn", "python"} <= set(json.loads(run["versions"]))
    assert set(json.loads(run["inputs"])) >= {"members", "ties"}
    assert {"ties", "communities", "betweenness", "churn", "influence"} <= set(json.loads(run["notes"]))
    found = results(world, report.run_id)
    assert set(found["scores"]["measure"]) == MEASURES
    assert not found["scores"].duplicated(["kind", "id", "measure"]).any()
    assert not found["communities"].duplicated("source").any()
    assert [step for step, _, _ in steps][-1] == "done"
    assert steps[-1][1] == steps[-1][2]


def test_nothing_after_the_day_is_used(world: Lake, tmp_path: Path) -> None:
    short = cut(world, tmp_path, AS_OF)
    assert short.view().latest_day() == AS_OF
    long_run, short_run = refresh(world, AS_OF), refresh(short, AS_OF)
    with_later, without = results(world, long_run.run_id), results(short, short_run.run_id)
    ids = with_later["communities"][["source", "target"]], without["communities"][["source", "target"]]
    pd.testing.assert_frame_equal(*ids)
    for found in (with_later, without):  # the longer lake may have had a run before
        found["communities"] = found["communities"].drop(columns="matched_from")
        told = r'"continued": \d+|"changes": ({[^}]*}|null)'
        found["notes"]["notes"] = found["notes"]["notes"].str.replace(told, "", regex=True)
    for table, rows in with_later.items():
        pd.testing.assert_frame_equal(rows, without[table], check_exact=False, rtol=1e-9, obj=table)


def test_later_facts_would_have_changed_the_result(world: Lake) -> None:
    now, later = refresh(world, AS_OF), refresh(world, date(2000, 12, 31))
    assert not results(world, now.run_id)["scores"].equals(results(world, later.run_id)["scores"])


def test_the_next_month_keeps_the_ids_of_communities(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        members=[member(f"{c}{i}") for c in "abc" for i in range(6)],
        ties=[
            tie(f"{c}{i}", f"{c}{j}", date(2000, 1, 1))
            for c in "ab" for i in range(6) for j in range(i)
        ],
    )  # fmt: skip
    first = results(lake, refresh(lake, date(2000, 1, 31)).run_id)["communities"]
    lake_of(
        tmp_path,
        members=[member("a0", date(2000, 2, 5), left=date(2000, 2, 5))],
        ties=[tie(f"c{i}", f"c{j}", date(2000, 2, 1)) for i in range(6) for j in range(i)],
    )
    report = refresh(lake, date(2000, 2, 29))
    second = results(lake, report.run_id)["communities"].set_index("source")
    before = first.set_index("source")["target"]
    assert before["a1"] == "c1"
    assert before["b1"] == "c2"
    assert first["matched_from"].isna().all()
    assert second.loc["a1", ["target", "matched_from"]].tolist() == ["c1", "c1"]
    assert second.loc["b1", ["target", "matched_from"]].tolist() == ["c2", "c2"]
    assert second.loc["c1", "target"] == "c3"
    assert "a0" not in second.index
    events = lake.view().frame("community_events").drop(columns="run_id").astype(object)
    assert set(events.where(events.notna(), None).itertuples(index=False, name=None)) == {
        ("continued", "c1", "c1", 5, 5, 6),
        ("continued", "c2", "c2", 6, 6, 6),
        ("born", "c3", None, 0, 6, None),
    }
    assert json.loads(lake.view().frame("runs").set_index("run_id").loc[report.run_id, "notes"])[
        "communities"
    ]["changes"] == {"continued": 2, "born": 1, "died": 0, "split": 0, "merged": 0}


def test_a_circle_too_large_is_kept_with_the_groups_inside_it(tmp_path: Path) -> None:
    cliques = [[f"{c}{i}" for i in range(20)] for c in "abcd"]
    pairs = [(m, n) for clique in cliques for m in clique for n in clique if m < n]
    pairs += [(one[0], other[0]) for one, other in pairwise(cliques)]
    lake = lake_of(
        tmp_path,
        members=[member(m) for clique in cliques for m in clique],
        ties=[tie(m, n, date(2000, 1, 1)) for m, n in pairs],
    )
    parameters = Parameters(resolution=0.001)
    for day in (JAN_31, JAN_31):
        refresh(lake, day, parameters=parameters)
    inner = lake.view().frame("inner_circles")
    assert set(inner.groupby("run_id").size()) == {80}
    assert set(inner["parent_id"]) <= set(lake.view().frame("communities")["target"]) | set(
        inner["community_id"]
    )
    first, second = (
        rows.set_index(["member_id", "level"])[["community_id", "parent_id"]].sort_index()
        for _, rows in inner.groupby("run_id")
    )
    pd.testing.assert_frame_equal(first, second)


def test_run_ids_sort_by_day_then_by_order_of_making(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, members=[member("a"), member("b")], ties=[tie("a", "b", date(2000, 1, 1))])
    made = [refresh(lake, day).run_id for day in (JAN_31, date(2000, 1, 1), JAN_31)]
    assert made == ["2000-01-31-0001", "2000-01-01-0001", "2000-01-31-0002"]
    assert refresh(lake).as_of == JAN_31


def test_one_member_and_nothing_else_is_a_run_too(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, members=[member("only")])
    report = refresh(lake)
    assert report.as_of == date(2000, 1, 1)
    assert results(lake, report.run_id)["scores"].empty
    notes = json.loads(lake.view().frame("runs")["notes"][0])
    assert "20 are needed" in notes["churn"]["refused"]


def test_ties_without_leavers_give_everything_but_churn(tmp_path: Path) -> None:
    keys = [f"m{i}" for i in range(30)]
    lake = lake_of(
        tmp_path,
        members=[member(key) for key in keys],
        ties=[tie(a, b, date(2000, 1, 1)) for a in keys for b in keys if a < b],
    )
    report = refresh(lake)
    found = set(results(lake, report.run_id)["scores"]["measure"])
    assert found == MEASURES - {"churn", "churn_expected", "churn_group", "loyalty", "value_tier"}


def test_an_empty_lake_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"the lake is empty; .* guanxi load FEED --data FOLDER"):
        refresh(Lake(tmp_path / "none"))


@pytest.mark.parametrize(
    ("day", "advice"),
    [
        (date(1990, 1, 1), "use a day between them"),
        (date(2000, 1, 30), "use a day between them"),
        (date(2000, 3, 1), "use a day up to it"),
        (date(2091, 10, 31), "use a day up to it"),
    ],
)
def test_a_day_outside_the_data_is_refused_and_makes_no_run(tmp_path: Path, day: date, advice: str) -> None:
    ties = [tie("a", "b", date(2000, 1, 1)), tie("a", "b", date(2000, 2, 1))]
    lake = lake_of(tmp_path, members=[member("a", UNDATED), member("b", UNDATED)], ties=ties)
    span = "the first dated fact is of 2000-01-31, the last fact is of 2000-02-29"
    with pytest.raises(BadInput, match=f"^{day} is outside the data: {span}; {advice}$"):
        refresh(lake, day)
    assert lake.view().frame("runs").empty
    assert [refresh(lake, day).as_of.day for day in (JAN_31, date(2000, 2, 29))] == [31, 29]


def test_the_first_day_is_that_of_the_oldest_version(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, members=[member("a"), member("a", date(2000, 5, 1))])
    assert (lake.view().first_day(), lake.view().latest_day()) == (date(2000, 1, 1), date(2000, 5, 1))
    assert refresh(lake, date(2000, 1, 1)).as_of == date(2000, 1, 1)


def test_where_no_fact_has_a_date_any_day_will_do(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, members=[member("a", UNDATED)], memberships=[belongs("a", "x", None)])
    assert lake.view().first_day() is None
    assert refresh(lake, date(2091, 10, 31)).as_of == date(2091, 10, 31)
    with pytest.raises(BadInput, match=r"no active member as of 1899-12-31; no fact is known by then"):
        refresh(lake, date(1899, 12, 31))
