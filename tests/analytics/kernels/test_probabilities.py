import numpy as np
import pytest

from analytics.kernels import probabilities
from analytics.kernels.probabilities import learned, tie_strength, weighted_cascade
from graph.errors import BadInput
from tests.analytics.kernels.worlds import arcs_of, random_arcs


def test_weighted_cascade_shares_one_among_the_arcs_into_a_node() -> None:
    ties = arcs_of(3, (0, 2, 1.0), (1, 2, 3.0), (0, 1, 5.0))
    assert weighted_cascade(ties).toarray()[:, 2].tolist() == [0.5, 0.5, 0]
    assert weighted_cascade(ties, by_weight=True).toarray()[:, 2].tolist() == [0.25, 0.75, 0]


def test_each_contact_is_a_try_of_its_own() -> None:
    ties = arcs_of(2, (0, 1, 3.0), (1, 0, 0.0))
    assert tie_strength(ties, 0.1).data == pytest.approx([1 - 0.9**3, 0])
    assert tie_strength(ties, 1.0).data.tolist() == [1, 0]
    with pytest.raises(BadInput, match=r"a chance of 1\.2"):
        tie_strength(ties, 1.2)
    with pytest.raises(BadInput, match=r"the tie from 0 to 1 has the weight -1\.0"):
        tie_strength(arcs_of(2, (0, 1, -1.0)), 0.1)


TIES = arcs_of(3, (0, 2, 1.0), (1, 2, 1.0), (2, 0, 1.0))
WHO, WHAT, WHEN = [0, 1, 2, 0, 2, 1], [7, 7, 7, 8, 8, 9], [1.0, 2.0, 3.0, 1.0, 9.0, 5.0]


def test_chances_learned_by_hand() -> None:
    # 0 took up 7 and 8, and 2 after it both; 1 took up 7 and 9, and 2 after it 7. For 7 both earn half.
    whole = learned(TIES, WHO, WHAT, WHEN, credit="whole").toarray()
    assert (whole[0, 2], whole[1, 2], whole[2, 0]) == (1.0, 0.5, 0.0)
    partial = learned(TIES, WHO, WHAT, WHEN).toarray()
    assert (partial[0, 2], partial[1, 2]) == (0.75, 0.25)
    soon = learned(TIES, WHO, WHAT, WHEN, within=5.0, credit="whole").toarray()
    assert (soon[0, 2], soon[1, 2]) == (0.5, 0.5)


@pytest.mark.parametrize("credit", ["whole", "partial"])
@pytest.mark.parametrize("at_once", [7, 1 << 20])
def test_chances_learned_as_defined(credit, at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probabilities, "AT_ONCE", at_once)
    rng = np.random.default_rng(1)
    ties = random_arcs(rng, 12, 50)
    who, what, when = rng.integers(0, 12, 60), rng.integers(0, 9, 60), rng.integers(0, 20, 60).astype(float)
    first: dict[tuple[int, int], float] = {}
    for node, item, time in zip(who, what, when, strict=True):
        first[node, item] = min(time, first.get((node, item), np.inf))
    expected = np.zeros((12, 12))
    ends = list(zip(*ties.nonzero(), strict=True))
    for (v, item), time in first.items():
        before = [
            u
            for u, w in ends
            if w == v and first.get((u, item), np.inf) < time <= first.get((u, item), np.inf) + 6
        ]
        for u in before:
            expected[u, v] += 1 / len(before) if credit == "partial" else 1
    taken = np.bincount([node for node, _ in first], minlength=12)
    found = learned(ties, who, what, when, within=6.0, credit=credit).toarray()
    assert found == pytest.approx(expected / np.maximum(taken, 1)[:, None])
    assert found.max() > 0


def test_nothing_taken_up_teaches_nothing() -> None:
    assert learned(TIES, [], [], []).data.tolist() == [0, 0, 0]


def test_adoptions_that_cannot_be_are_refused() -> None:
    with pytest.raises(BadInput, match="2 nodes, 1 products and 1 times"):
        learned(TIES, [0, 1], [7], [1.0])
    with pytest.raises(BadInput, match="an adoption by a node outside 0 to 2"):
        learned(TIES, [3], [7], [1.0])
