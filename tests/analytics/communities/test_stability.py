"""How fine circles should be: the rule by hand, then on graphs whose groups are known."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.metrics import adjusted_mutual_info_score as ami

from analytics.communities import leiden
from analytics.communities.stability import agreement, choose, stable_one
from analytics.csr import Ints, TieGraph, networkit_graph
from graph.errors import BadInput
from tests.analytics.worlds import empty_graph, graph_of, random_graph


def sweep(*rows: tuple[float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["resolution", "agreement", "modularity"])


@pytest.mark.parametrize(
    ("rows", "earlier", "chosen", "why"),
    [
        ([(1, 0.80, 0.5), (2, 0.95, 0.5), (4, 0.90, 0.5)], None, 2, "the runs that agree best"),
        ([(1, 0.941, 0.5), (2, 0.95, 0.5)], None, 1, "of equally stable ones the coarsest"),
        ([(1, 0.80, 0.5), (8, 1.00, 0.3)], None, 1, "dust is stable and explains nothing"),
        ([(1, 0.80, 0.5), (2, 0.95, 0.5), (4, 0.90, 0.5)], 4, 4, "the earlier run's while nearly as stable"),
        ([(1, 0.80, 0.5), (2, 0.95, 0.5), (4, 0.84, 0.5)], 4, 2, "but no longer than that"),
        ([(1, 0.80, 0.5), (4, 0.80, 0.3)], 4, 1, "nor where it has become dust"),
    ],
)
def test_the_rule(rows: list[tuple[float, float, float]], earlier: float, chosen: float, why: str) -> None:
    assert stable_one(sweep(*rows), earlier) == chosen, why


def test_agreement_is_the_mean_over_pairs() -> None:
    one, other = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    # Of the 6 pairs none is together in both; chance expects 2 × 2 / 6.
    assert agreement([one, other]) == pytest.approx((0 - 2 / 3) / (2 - 2 / 3))
    assert agreement([one, 1 - one, other]) == pytest.approx((1 - 0.5 - 0.5) / 3)
    assert agreement([one]) == 1.0


def planted(rng: np.random.Generator, groups: int, size: int) -> tuple[TieGraph, Ints]:
    home = np.repeat(np.arange(groups), size)
    near = rng.random((len(home), len(home))) < np.where(home[:, None] == home, 0.5, 0.02)
    pairs = np.argwhere(np.triu(near, 1))
    return graph_of(*((f"{a:03d}", f"{b:03d}", 1.0) for a, b in pairs)), home


def test_groups_below_the_resolution_limit_are_found() -> None:
    graph, home = planted(np.random.default_rng(5), groups=30, size=10)
    found, tried = choose(graph)
    assert ami(home, found.circle) > 0.93
    assert ami(home, leiden.find(graph).circle) < 0.8
    assert tried["chosen"].sum() == 1
    assert found.resolution == tried.loc[tried["chosen"], "resolution"].item() > 1


def test_two_runs_choose_the_same_whatever_threads_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = random_graph(np.random.default_rng(2), 300, 2000)
    found = []
    for cores in ({0}, {0, 1}):
        monkeypatch.setattr("os.sched_getaffinity", lambda _, cores=cores: cores)
        found.append(choose(graph))
    (one, swept), (two, again) = found
    assert one.circle.tolist() == two.circle.tolist()
    assert one.stability.tolist() == two.stability.tolist()
    pd.testing.assert_frame_equal(swept, again, check_exact=True)


def test_an_empty_graph_and_one_without_weight_have_nothing_to_choose() -> None:
    assert len(choose(empty_graph())[0].circle) == 0
    nothing, _ = choose(graph_of(("a", "b", 0), ("b", "c", 0)))
    assert nothing.circle.tolist() == [0, 1, 2]


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_a_weight_that_is_none_never_reaches_leiden(weight: float) -> None:
    ties = sparse.csr_array(np.array([[0, weight], [weight, 0]]))
    graph = TieGraph(np.array(["a", "b"], object), ties, ties)
    with pytest.raises(BadInput, match=r"the tie from 'a' to 'b' has the weight .*at least 0"):
        choose(graph)


@pytest.mark.parametrize("resolution", [0.0, -1.0, float("nan")])
def test_a_resolution_is_above_nothing(resolution: float) -> None:
    with pytest.raises(BadInput, match="the resolution of communities is a number above 0"):
        leiden.find(graph_of(("a", "b", 1)), resolution=resolution)


@pytest.fixture(scope="module")
def mail(public_data: Path) -> tuple[TieGraph, Ints]:
    """Who mailed whom in a research institution, and everybody's department."""
    folder = public_data / "email-eu-core"
    arcs = np.loadtxt(folder / "email-Eu-core.txt", dtype=int)
    department = np.loadtxt(folder / "email-Eu-core-department-labels.txt", dtype=int)
    arcs = arcs[arcs[:, 0] != arcs[:, 1]]
    size = len(department)
    sent = sparse.csr_array((np.ones(len(arcs)), (arcs[:, 0], arcs[:, 1])), shape=(size, size))
    both = sparse.csr_array(sent + sent.T)
    both.sort_indices()
    keys = np.array([f"{i:04d}" for i in range(size)], object)
    return TieGraph(keys, sent, both), department[np.argsort(department[:, 0]), 1]


@pytest.mark.data
def test_departments_are_found_at_least_as_well_as_by_peers(mail: tuple[TieGraph, Ints]) -> None:
    graph, department = mail
    found, _ = choose(graph)
    ours = ami(department, found.circle)
    peers = {name: max(ami(department, circle) for circle in runs) for name, runs in peers_of(graph).items()}
    best = {name: round(float(value), 3) for name, value in peers.items()}
    print(
        f"AMI with departments: ours {ours:.3f} at resolution {found.resolution:g}; best of five runs: {best}"
    )
    assert len(peers) >= 2
    assert ours >= max(peers.values())


def peers_of(graph: TieGraph) -> dict[str, list[Ints]]:
    """Five runs of each peer that is here, as it comes: modularity at resolution 1, weights used."""
    plain = nx.from_scipy_sparse_array(graph.undirected)
    found = {
        "networkx Louvain": [
            labels(nx.community.louvain_communities(plain, seed=seed), graph.size) for seed in range(5)
        ],
        "NetworKit ParallelLeiden": networkit_runs(graph),
    }
    try:
        import igraph
    except ImportError:
        print("igraph is not here and left out of the comparison")
        return found
    upper = sparse.triu(graph.undirected, k=1, format="coo")
    theirs = igraph.Graph(n=graph.size, edges=np.c_[upper.row, upper.col])
    found["igraph Leiden"] = [
        np.array(
            theirs.community_leiden(
                objective_function="modularity", weights=upper.data, n_iterations=-1
            ).membership
        )
        for _ in range(5)
    ]
    return found


def networkit_runs(graph: TieGraph) -> list[Ints]:
    import networkit as nk

    ties = networkit_graph(graph.undirected)
    found = []
    for seed in range(5):
        nk.setSeed(seed, False)
        run = nk.community.ParallelLeiden(ties)
        run.run()
        found.append(np.array(run.getPartition().getVector()))
    return found


def labels(sets: list[set[int]], size: int) -> Ints:
    found = np.zeros(size, np.int64)
    for number, members in enumerate(sets):
        found[list(members)] = number
    return found
