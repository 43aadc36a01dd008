import json

import numpy as np
import pytest
from scipy import sparse

from analytics.kernels.cascades import simulate
from api.bench_influence import bench_influence, celf


def test_the_peer_finds_the_hubs() -> None:
    star = np.zeros((13, 13))
    star[0, 1:] = 0.5
    arcs = sparse.csr_array(sparse.block_diag([star, star[:9, :9], star[:5, :5]]))
    assert celf(arcs, 3, 400).tolist() == [0, 13, 22]
    assert simulate(arcs, np.array([0, 13, 22]), 4000).mean == pytest.approx(3 + 24 * 0.5, abs=0.2)


@pytest.mark.nightly
def test_the_bench_ends_with_its_promises_kept() -> None:
    line = json.loads(bench_influence(5_000).line())
    assert line["holds"], line
    assert line["ratio"] == round(line["ours"] / line["peer"], 4)
