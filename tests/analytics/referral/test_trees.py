import networkx as nx
import numpy as np
import pandas as pd
import pytest

from analytics.referral.credit import credit
from analytics.referral.trees import below, trees
from graph.errors import NotFound
from tests.analytics.referral.test_credit import rows


def planted(*told: tuple[str, str, int, float | None]) -> pd.DataFrame:
    frame = rows(*told)
    return trees(frame.assign(credit=credit(frame, "linear"))).set_index("id")


def test_generations_by_hand() -> None:
    """a brought b and c, b brought d, c a little of d."""
    found = planted(("a", "b", 0, 1), ("a", "c", 1, 1), ("b", "d", 2, 0.7), ("c", "d", 2, 0.3))
    assert found["generation"].to_dict() == {"a": 0, "b": 1, "c": 1, "d": 2}
    assert found["root"].to_dict() == dict.fromkeys("abcd", "a")
    assert found["brought"].to_dict() == {"a": 2, "b": 1, "c": 0, "d": 0}
    assert found["descendants"].to_dict() == {"a": 3, "b": 1, "c": 0, "d": 0}
    assert found.loc["d", ["by", "credit"]].tolist() == ["b", 0.7]
    shown = below(found.reset_index(), "b")
    assert shown[["id", "depth"]].to_numpy().tolist() == [["b", 0], ["d", 1]]
    with pytest.raises(NotFound, match="z is in no referral"):
        below(found.reset_index(), "z")


def test_a_circle_is_opened_at_its_latest_referral() -> None:
    """a brought b on day 1, b brought c on day 2, and c is said to have brought a on day 3."""
    found = planted(("a", "b", 1, 1), ("b", "c", 2, 1), ("c", "a", 3, 1), ("c", "d", 4, 1))
    assert found["generation"].to_dict() == {"a": 0, "b": 1, "c": 2, "d": 3}
    assert pd.isna(found.loc["a", "by"])
    two = planted(("a", "b", 5, 1), ("b", "a", 2, 1), ("x", "y", 1, 1), ("y", "x", 1, 1))
    assert two["generation"].to_dict() == {"a": 1, "b": 0, "x": 1, "y": 0}


@pytest.mark.parametrize("seed", range(4))
def test_against_networkx(seed: int) -> None:
    """Everybody refers at random; what is left is a forest with the same depths and counts."""
    rng = np.random.default_rng(seed)
    told = [
        (f"n{a}", f"n{b}", day, None) for day, (a, b) in enumerate(rng.integers(0, 60, (90, 2))) if a != b
    ]
    frame = rows(*told)  # type: ignore[arg-type]
    found = trees(frame.assign(credit=credit(frame, "first"))).set_index("id")
    forest = nx.DiGraph()
    forest.add_nodes_from(found.index)
    forest.add_edges_from((row.by, key) for key, row in found.iterrows() if isinstance(row.by, str))
    assert nx.is_directed_acyclic_graph(forest)
    for key, row in found.iterrows():
        up = nx.ancestors(forest, key)
        assert row["generation"] == len(up)
        assert row["descendants"] == len(nx.descendants(forest, key))
        assert row["root"] == (next(n for n in up if not forest.in_degree(n)) if up else key)
    everybody = {(a, b) for a, b, _, _ in told}
    cut = found["by"].isna() & found.index.isin({b for _, b in everybody})
    whole = nx.DiGraph([(row.by, key) for key, row in found.iterrows() if isinstance(row.by, str)])
    for key in found.index[cut]:
        first = min((day, a) for a, b, day, _ in told if b == key)[1]
        whole.add_edge(first, key)
        assert not nx.is_directed_acyclic_graph(whole)  # nothing was left out without need
        whole.remove_edge(first, key)
