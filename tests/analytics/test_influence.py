import json

import numpy as np
import pytest

from analytics.influence import closest, most_influential, notes, seeds, sentences
from graph.errors import BadInput
from tests.analytics.worlds import empty_graph, graph_of, random_graph


def two_stars():
    """Hub b (4 neighbours) beside hub c (3, of them b); hub x (3) stands apart."""
    return graph_of(
        ("b", "a1", 1), ("b", "a2", 1), ("b", "a3", 1), ("b", "c", 1), ("c", "d1", 1), ("c", "d2", 1),
        ("x", "y1", 1), ("x", "y2", 1), ("x", "y3", 5),
    )  # fmt: skip


def test_the_second_seed_is_not_the_neighbour_of_the_first() -> None:
    # By hand, p = 0.1: b brings 1 + 4 p + 2 p² = 1.42; then x 1 + 3 p = 1.3, and c at most 1 + 2 p.
    graph = two_stars()
    picked, answer = most_influential(graph, 2, 0.1)
    assert graph.keys[picked["node"].to_numpy()].tolist() == ["b", "x"]
    assert picked["gain"].tolist() == pytest.approx([1.42, 1.3], abs=0.15)
    assert picked["alone"].tolist() == picked["gain"].tolist()
    assert picked["shared"].tolist() == [0, 0]
    assert picked[["reach", "fresh"]].to_numpy().tolist() == [[4, 4], [3, 3]]
    assert answer.low < 2.72 < answer.high
    assert closest(graph, int(picked["node"][1])) == ["y3", "y1", "y2"]
    rows = seeds(graph, picked)
    assert rows["rank"].tolist() == [1, 2]
    assert json.loads(rows["covers"][1]) == ["y3", "y1", "y2"]


def test_sentences_say_what_only_this_seed_reaches() -> None:
    picked, _ = most_influential(two_stars(), 2, 0.1)
    picked[["gain", "alone", "shared"]] = [[1.42, 1.4, 0.02], [1.3, 1.3, 0.0]]
    assert sentences(picked, 0.1)[0] == [
        "reaches 4 members directly, 4 of them not reached by those before",
        "brings about 1.4 members, itself included, beyond those that the ones before bring,"
        " if a contact follows with chance 0.1",
        "about 1.4 members are reached by nobody else on the list, 0.0 more by others too",
    ]


def test_what_is_kept_of_a_run_is_its_certificate() -> None:
    graph = random_graph(np.random.default_rng(3), 60, 200)
    _, answer = most_influential(graph, 5, 0.1)
    kept = notes(answer, 5)
    assert kept["chosen"] == kept["of"] == 5
    assert kept["certificate"] == round(answer.lower / answer.upper, 4) >= 0.53
    assert kept["spread_low"] <= kept["spread"] <= kept["spread_high"]
    assert json.loads(json.dumps(kept)) == kept


def test_the_same_list_comes_again() -> None:
    graph = random_graph(np.random.default_rng(4), 200, 900)
    first, again = (most_influential(graph, 10, 0.05)[0] for _ in range(2))
    assert first.equals(again)
    assert first["node"].is_unique


def test_more_asked_for_than_there_are_gives_those_there_are() -> None:
    graph = graph_of(("a", "b", 1))
    assert sorted(most_influential(graph, 50)[0]["node"]) == [0, 1]


def test_no_ties_no_seeds() -> None:
    picked, answer = most_influential(empty_graph())
    assert picked.empty
    assert seeds(empty_graph(), picked).empty
    assert sentences(picked) == []
    assert notes(answer, 0)["chosen"] == 0


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_a_chance_outside_0_to_1_is_refused(p: float) -> None:
    with pytest.raises(BadInput, match="chances are between 0 and 1"):
        most_influential(graph_of(("a", "b", 1)), 1, p)
