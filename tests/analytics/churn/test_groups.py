import numpy as np
import pandas as pd
import pytest

from analytics.churn.groups import PLACE, SHAPE, group_first, grouped, sentences
from analytics.churn.network import Network
from api.pages.reasons import in_words
from api.pages.words import Language
from tests.analytics.worlds import graph_of


def cliques(sizes: tuple[int, ...], gone: tuple[str, ...] = ()) -> Network:
    """Cliques with weight 4 inside, whose first members know each other by a single contact."""
    names = [[f"{'abcdefgh'[c]}{i}" for i in range(size)] for c, size in enumerate(sizes)]
    edges = [(m, n, 4.0) for clique in names for m in clique for n in clique if m != n]
    edges += [(names[i][0], names[i + 1][0], 1.0) for i in range(len(names) - 1)]
    graph = graph_of(*edges)
    weeks = np.where(np.isin(graph.keys, gone), 1.0, np.inf)
    home = np.zeros(graph.size, np.int64)
    return Network(graph.keys, weeks, graph.directed, graph.directed, graph.undirected, home, np.array(["x"]))


def test_circles_are_told_by_shape_and_place() -> None:
    found = grouped(cliques((5, 4)))
    assert found["group"].groupby(found.index.str[0]).nunique().tolist() == [1, 1]
    assert found["group"].nunique() == 2
    first = found.loc["a0"]
    assert np.exp(first["group_size"]) == pytest.approx(5)
    assert first["group_density"] == 1
    assert first["group_leader"] == pytest.approx(1 / 5)
    assert first["group_outside"] == pytest.approx(1 / (5 * 4 * 8 + 1))
    assert first["place_inside"] == pytest.approx(32 / 33)
    assert found.loc[["a0", "a4"], "place_rank"].tolist() == [0, 1]
    assert found.loc[["a0", "a4"], "place_leads"].tolist() == [1, 0]


def test_who_left_is_in_no_circle() -> None:
    assert "a1" not in grouped(cliques((5, 4), gone=("a1",))).index
    assert grouped(cliques((2,), gone=("a0",))).empty


def frame(rows: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Dense circles lose three times as many; within them those with the least standing go."""
    rng = np.random.default_rng(seed)
    found = pd.DataFrame(rng.random((rows, len((*SHAPE, *PLACE)))), columns=[*SHAPE, *PLACE])
    chance = 0.1 * np.where(found["group_density"] > 0.5, 1.5, 0.5) * (0.5 + found["place_rank"])
    return found, rng.random(rows) < chance


def test_the_score_is_the_groups_times_the_members() -> None:
    before, left = frame(8000, 1)
    now, _ = frame(500, 2)
    found = group_first(before, left, now)
    product = found["group_chance"] * found["place_chance"] / left.mean()
    assert found["value"].to_numpy() == pytest.approx(np.minimum(product, 1).to_numpy())
    dense = now["group_density"] > 0.5
    assert found["group_chance"][dense].mean() > 1.5 * found["group_chance"][~dense].mean()
    assert found["place_chance"].corr(now["place_rank"]) > 0.9
    assert found["value"].mean() == pytest.approx(left.mean(), rel=0.1)


def test_the_words_are_there_in_chinese() -> None:
    before, left = frame(2000, 1)
    found = group_first(before, left, before)
    for (reason,) in sentences(found.head(5), before.head(5)):
        assert in_words(reason, Language.zh).startswith("所在圈子")
