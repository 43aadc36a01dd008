import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from analytics.contagion.spread import CAUSAL, chances, further, further_loss, protect
from graph.errors import BadInput

WEEKS = np.exp(-np.arange(1, 6) / 3)


def calls(n: int, *ends: tuple[int, int]) -> sparse.csr_array:
    """Ties of one strength from caller to called."""
    source, target = zip(*ends, strict=True)
    return sparse.csr_array((np.ones(len(ends)), (source, target)), shape=(n, n))


def test_a_caller_is_moved_by_whom_it_calls() -> None:
    # 1 calls 0; its only tie has strength 1; a hazard of 0.01 a week doubles at once and falls off.
    arcs = chances(calls(2, (1, 0)), np.array([0.5, 0.01]), 2.0)
    assert arcs.toarray() == pytest.approx(np.array([[0, 0.01 * (2**WEEKS - 1).sum()], [0, 0]]))


def test_nobody_is_moved_at_a_ratio_of_one() -> None:
    assert chances(calls(2, (1, 0)), np.array([0.5, 0.01]), 1.0).sum() == 0


def test_what_goes_with_a_member_by_hand() -> None:
    # 0 moves 1 by 0.5, 1 moves 2 by 0.1; worth 1, 2 and 30.
    arcs = sparse.csr_array([[0, 0.5, 0], [0, 0, 0.1], [0, 0, 0]])
    first, total = further(arcs, np.array([1.0, 2.0, 30.0]), horizon=10)
    assert first.tolist() == pytest.approx([1.0, 3.0, 0.0])
    assert total.tolist() == pytest.approx([1.0 + 0.5 * 3.0, 3.0, 0.0])
    assert (
        further(arcs, np.ones(3), horizon=5)[1].tolist() == further(arcs, np.ones(3), horizon=5)[0].tolist()
    )


def test_rows_run_from_the_causal_floor_to_the_adjusted_figure() -> None:
    ties, hazard = calls(3, (1, 0), (2, 0)), np.full(3, 0.01)
    found = further_loss(ties, pd.Index(["a", "b", "c"]), hazard, 1.8, np.array([5.0, 10.0, 20.0]))
    assert found["id"].tolist() == ["a", "a"]
    assert found["measure"].tolist() == ["further_loss", "further_loss_value"]
    low, high = (0.02 * (ratio**WEEKS - 1).sum() for ratio in (CAUSAL, 1.8))
    assert found.loc[0, ["value", "low", "high"]].tolist() == pytest.approx([low, low, high])
    assert found.loc[1, "high"] == pytest.approx(high * 15)


def star(n: int) -> sparse.csr_array:
    """Everybody calls 0."""
    return calls(n, *((one, 0) for one in range(1, n)))


def test_the_one_that_most_call_is_kept_first() -> None:
    found = protect(star(40), np.full(40, 0.01), 3.0, budget=3, runs=300)
    assert found.picked["place"].iloc[0] == 0
    assert found.picked["rank"].tolist() == [1, 2, 3]
    assert found.picked["gain"].is_monotonic_decreasing


def test_what_keeping_saves_is_what_the_play_without_them_lacks() -> None:
    # Without any influence the two dearest of equals are kept, each lost with 1 - 0.99^26 = 0.23.
    value = np.arange(1.0, 21.0)
    found = protect(star(20), np.full(20, 0.01), 1.0, budget=2, value=value, runs=4000)
    assert sorted(found.picked["place"]) == [18, 19]
    rows = found.simulations.set_index("figure")
    saved = rows.loc["saved (causal ratio)"]
    assert saved["low"] < (1 - 0.99**26) * 39 < saved["high"]
    assert found.simulations["scenario"].unique().tolist() == ["keep 2 members over 26 weeks"]


def test_worth_more_than_the_cascade_itself_says_so() -> None:
    found = protect(star(30), np.full(30, 0.01), 3.0, budget=1, runs=2000).simulations.set_index("figure")
    saved = found.loc["saved (adjusted ratio)"]
    assert saved["low"] > 0
    lost = found.loc["lost, doing nothing (adjusted ratio)", "value"]
    assert lost > found.loc["lost, doing nothing (causal ratio)", "value"]


def test_refuses_what_makes_no_sense() -> None:
    with pytest.raises(BadInput, match="at least 1"):
        protect(star(3), np.full(3, 0.01), 1.2, budget=0)
    with pytest.raises(BadInput, match=r"hazard ratio of 0\.5"):
        chances(star(3), np.full(3, 0.01), 0.5)
    with pytest.raises(BadInput, match="outside 0 to 1"):
        chances(star(3), np.full(3, 1.0), 1.2)
