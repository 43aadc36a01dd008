"""The benches of arrays and structure at a small size: every figure is there, and the same work is done."""

import json

import pytest

from api import bench_graph
from api.bench import run_bench
from api.bench_graph import _halves
from api.bench_growth import exponent_of
from graph.errors import BadInput, NotFound
from graph.neo4j_server import missing


def line(capsys: pytest.CaptureFixture[str], *given: object, **options: object) -> dict[str, object]:
    run_bench(*given, only_json=True, **options)
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", ["pagerank", "components", "betweenness"])
def test_a_measure_is_compared_with_networkx(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = line(capsys, name, 400, against="networkx", threads=1)
    assert told["name"] == name
    assert (told["nodes"], told["arcs"], told["threads"]) == (400, 4000, 1)
    assert told["ratio"] == pytest.approx(told["ours"] / told["peer"], rel=0.01)
    assert told["ratio"] == pytest.approx(told["compute_ratio"], rel=0.01)
    assert told["ours_s"]["compute_s"] > 0
    assert told["peer_s"]["end_to_end_s"] > told["peer_s"]["compute_s"]


def test_leiden_is_compared_by_its_modularity_too(capsys: pytest.CaptureFixture[str]) -> None:
    told = line(capsys, "leiden", 400)
    assert told["judged"] == "end to end"
    assert told["modularity"]["ours"] == pytest.approx(told["modularity"]["peer"], abs=0.03)
    assert told["ratio"] == pytest.approx(told["end_to_end_ratio"], rel=0.01)


def test_igraph_finds_as_good_communities(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("igraph", reason="igraph is an optional comparator and not installed here")
    told = line(capsys, "leiden", 400, against="igraph")
    assert told["modularity"]["ours"] == pytest.approx(told["modularity"]["peer"], abs=0.03)


def test_arrays_come_from_the_lake_cold_and_warm(capsys: pytest.CaptureFixture[str]) -> None:
    told = line(capsys, "csr", 400)
    assert told["arcs"] == 8000
    assert 0 < told["warm_s"] < told["cold_s"]
    assert told["peer_nodes"] == 400


def test_a_peer_that_is_not_here_is_left_out_with_the_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.graph_peers.missing", lambda: "Neo4j needs a JDK 17 or newer")
    run_bench("components", 200, only_json=True, against="gds")
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert told["peer"] is None
    assert told["ratio"] is None
    assert told["left_out"] == "Neo4j needs a JDK 17 or newer"
    assert "gds is left out: Neo4j needs a JDK 17" in said.err


@pytest.mark.neo4j
@pytest.mark.nightly
@pytest.mark.parametrize("name", ["pagerank", "components", "leiden", "betweenness"])
def test_graph_data_science_does_the_same_work(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    if missing():
        pytest.skip(missing())
    told = line(capsys, name, 2000, against="gds")
    assert told["peer_s"]["load_s"] > 0
    assert told["peer"] > 0
    if name == "leiden":
        assert told["modularity"]["ours"] > told["modularity"]["peer"] - 0.01


def test_an_option_that_a_bench_does_not_take_is_refused() -> None:
    with pytest.raises(BadInput, match="bench publish has no option --against; it takes none"):
        run_bench("publish", 20, against="gds")
    with pytest.raises(BadInput, match="bench leiden has no option --data; it takes --against, --threads"):
        run_bench("leiden", 400, data="here")
    with pytest.raises(NotFound, match="no peer named 'neo'; known: gds, igraph, networkx"):
        run_bench("leiden", 400, against="neo")


def test_the_exponent_is_that_of_the_cost() -> None:
    sizes = _halves(1600)
    assert sizes == [100, 200, 400, 800]
    assert exponent_of(sizes, [3e-9 * size**1.5 for size in sizes]) == 1.5
    assert exponent_of([100], [1.0]) == 0.0
    assert bench_graph.DOUBLINGS == 4
