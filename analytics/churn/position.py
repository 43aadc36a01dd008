"""Where a member stands among the others, over the ties of the last half year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.churn.network import Network
from analytics.csr import TieGraph
from analytics.position import core, pagerank


def position(network: Network) -> pd.DataFrame:
    """`pagerank` (log of n times the share) and `core` of the active members; NaN where nobody has a tie."""
    if not network.ties.nnz:
        return pd.DataFrame(index=pd.Index(network.keys[network.active], name="member_id"))
    graph = TieGraph(network.keys, network.out, network.ties)
    rank = np.log(network.size * pagerank(graph, tolerance=1e-7))
    return network.by_member(pagerank=rank, core=core(graph))
