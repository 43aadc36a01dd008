from datetime import date
from pathlib import Path

import numpy as np
import pytest

from analytics.csr import lake_graph
from api.generated_graph import graph_of, land, random_ties
from graph.errors import BadInput
from graph.lake import Lake


def test_as_many_different_pairs_as_asked_for_and_no_loops() -> None:
    drawn = random_ties(500, 5000, seed=3)
    pairs = drawn.source * 500 + drawn.target
    assert len(pairs) == len(drawn.weight) == 5000
    assert (np.diff(pairs) > 0).all()
    assert (drawn.source != drawn.target).all()
    assert (
        0 <= min(drawn.source.min(), drawn.target.min()) <= max(drawn.source.max(), drawn.target.max()) < 500
    )
    assert set(drawn.weight) <= {float(weight) for weight in range(1, 100)}


def test_the_same_seed_draws_the_same_ties() -> None:
    one, again, other = random_ties(300, 2000, 5), random_ties(300, 2000, 5), random_ties(300, 2000, 6)
    assert one.source.tolist() == again.source.tolist()
    assert one.weight.tolist() == again.weight.tolist()
    assert one.source.tolist() != other.source.tolist()


def test_a_few_have_very_many_ties() -> None:
    drawn = random_ties(20_000, 200_000)
    degree = np.sort(np.bincount(np.concatenate([drawn.source, drawn.target]), minlength=20_000))
    assert degree.mean() == pytest.approx(20)
    assert degree[-1] > 15 * degree.mean()
    assert np.median(degree) < degree.mean()


def test_most_ties_stay_near() -> None:
    drawn = random_ties(20_000, 200_000)
    assert 0.5 < (np.abs(drawn.source - drawn.target) < 1000).mean() < 0.9


def test_more_ties_than_fit_are_refused() -> None:
    with pytest.raises(BadInput, match="do not fit between 10 members"):
        random_ties(10, 50)


def test_through_a_lake_come_the_same_ties(tmp_path: Path) -> None:
    drawn = random_ties(200, 2000)
    lake = Lake(tmp_path / "lake")
    land(drawn, lake)
    read, direct = lake_graph(lake.view(date(2025, 12, 31))), graph_of(drawn)
    assert list(read.keys) == list(direct.keys)
    assert (read.directed != direct.directed).nnz == 0
    assert read.directed.sum() == drawn.weight.sum()
