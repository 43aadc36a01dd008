"""The members around a member: how many, who of them left and when, and how far a walk from leavers comes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from analytics.churn.network import BACK, Network
from analytics.contagion.panel import MEMORY, TAU, strengths
from analytics.csr import Floats, TieGraph
from analytics.position import pagerank

RECENTLY = 90
"""Days that a departure counts as recent."""
SPANS = (1, 2, 4, 8, 12)
"""Weeks over which departed neighbours are weighed."""
DAMPING = 0.85


def ego(network: Network, trend: pd.Series) -> pd.DataFrame:
    """Figures and features of the active members by member_id; `trend` is their contacts' trend.

    NaN throughout where nobody has a tie.
    """
    if not network.ties.nnz:
        return pd.DataFrame(index=pd.Index(network.keys[network.active], name="member_id"))
    parts = {**_degrees(network), **departures(network), "neighbours_trend": _trend(network, trend)}
    return network.by_member(**parts)


def departures(network: Network) -> dict[str, Floats]:
    """What tells of neighbours who left: all that changes were somebody still here. Shape (n,) each."""
    linked = _counted(network.ties)
    recent = network.gone(RECENTLY / 7)
    near = linked @ (network.active | (recent > 0)).astype(np.float64)
    gone = linked @ recent
    total = np.asarray(network.ties.sum(axis=1)).ravel()
    found = {
        "neighbours": near,
        "neighbours_gone": gone,
        "neighbours_left": np.log1p(gone),
        "neighbours_left_share": gone / np.maximum(near, 1.0),
    }
    for weeks in SPANS:
        lost = network.ties @ network.gone(weeks)
        found[f"left_share_{weeks}w"] = lost / np.maximum(total, 1.0)
    fading = np.where(network.weeks <= MEMORY, np.exp(-network.weeks / TAU), 0.0)
    found["left_dose"] = strengths(network.out) @ fading
    found["weeks_since_left"] = _since(network)
    found["walk"] = walk(network)
    return found


def walk(network: Network) -> Floats:
    """log(1 + n · share) of a walk over undirected ties that restarts at those who left within twelve weeks.

    Restarts are weighted by e^(-weeks ÷ 3); 0 where nobody left. Personalised PageRank (Page et al. 1999),
    damping 0.85.
    """
    lots = np.where(network.weeks <= SPANS[-1], np.exp(-network.weeks / TAU), 0.0)
    if not lots.sum():
        return np.zeros(network.size)
    both = TieGraph(network.keys, network.ties, network.ties, network.ties)
    share = pagerank(both, DAMPING, jump=lots, tolerance=1e-7)
    return np.asarray(np.log1p(network.size * share))


def _degrees(network: Network) -> dict[str, Floats]:
    out, back = _counted(network.lately), _counted(sparse.csr_array(network.lately.T))
    reached, heard = (np.asarray(side.sum(axis=1)).ravel() for side in (out, back))
    both = np.asarray(out.multiply(back).sum(axis=1)).ravel()
    return {
        "reached": reached,
        "reached_by": heard,
        "partners_out": np.log1p(reached),
        "partners_in": np.log1p(heard),
        "reciprocity": both / np.maximum(reached + heard - both, 1.0),
    }


def _since(network: Network) -> Floats:
    """Weeks since the last of those it calls left, BACK for none."""
    recency = np.where(np.isinf(network.weeks), 0.0, np.maximum(BACK - network.weeks, 0.0))
    told = sparse.csr_array((recency[network.out.indices], network.out.indices, network.out.indptr),
                            shape=network.out.shape)  # fmt: skip
    return np.asarray(BACK - told.max(axis=1).toarray().ravel())


def _trend(network: Network, trend: pd.Series) -> Floats:
    """The mean of the active neighbours' trend, by weight; 0 where there is none."""
    own = trend.reindex(network.keys).to_numpy(np.float64)
    known = (~np.isnan(own) & network.active).astype(np.float64)
    weight = network.ties @ known
    return np.asarray((network.ties @ (np.nan_to_num(own) * known)) / np.maximum(weight, 1e-300))


def _counted(ties: sparse.csr_array) -> sparse.csr_array:
    rows = sparse.csr_array(ties)
    return sparse.csr_array((np.ones(rows.nnz), rows.indices, rows.indptr), shape=rows.shape)
