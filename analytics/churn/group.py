"""A member's account, region and seller: size, density, leader, and what they have lost already."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from analytics.churn.ego import RECENTLY
from analytics.churn.network import Bools, Network
from analytics.csr import Floats, Ints
from analytics.frames import day_of
from graph.asof import View

FRESH = 5
"""Weeks in which a departure still moves others; see `analytics.contagion`."""


def group(view: View, network: Network) -> pd.DataFrame:
    """Figures and features of the active members' accounts and regions by member_id."""
    code, gone = network.account, network.gone(RECENTLY / 7)
    here = network.active | (gone > 0)
    found = losses(network)
    counted = np.bincount(code[(code >= 0) & here], minlength=len(network.accounts)).astype(np.float64)
    found["account_size"] = np.log1p(of_group(counted, code))
    if network.ties.nnz:
        found |= _ties(network, here)
    found["decider_gone"] = _deciders(view, network, gone)
    regions = view.frame("accounts", ["account_id", "region"]).set_index("account_id")["region"]
    province = regions.reindex(network.accounts).str[:2]
    number = pd.factorize(province)[0]
    of_member = np.where(code >= 0, number[code] if len(number) else -1, -1)
    found["region_left_share"] = lost_of(of_member, gone, here)[0]
    return network.by_member(**found)


def losses(network: Network) -> dict[str, Floats]:
    """What its account has lost: all of an account that changes were somebody still here."""
    gone = network.gone(RECENTLY / 7)
    here = network.active | (gone > 0)
    share, count, lost = lost_of(network.account, gone, here)
    return {
        "account_members": count,
        "account_gone": lost,
        "account_left_share": share,
        "account_left_5w": lost_of(network.account, network.gone(FRESH), here)[0],
    }


def lost_of(code: Ints, gone: Floats, here: Bools) -> tuple[Floats, Floats, Floats]:
    """Of each one's group the share that is gone, its size and how many are; NaN without a group."""
    known = (code >= 0) & here
    size = np.bincount(code[known], minlength=1).astype(np.float64)
    lost = np.bincount(code[known], gone[known], minlength=1).astype(np.float64)
    share = of_group(lost / np.maximum(size, 1.0), code)
    return share, of_group(size, code), of_group(lost, code)


def of_group(values: Floats, code: Ints) -> Floats:
    """Each one's group's value, NaN without a group."""
    if not len(values):
        return np.full(len(code), np.nan)
    return np.where(code >= 0, values[np.minimum(np.maximum(code, 0), len(values) - 1)], np.nan)


def _ties(network: Network, here: Bools) -> dict[str, Floats]:
    """Ties inside the account and out of it; the leader is the line with the most ties inside."""
    code, ties = network.account, network.ties
    row = np.repeat(np.arange(network.size), np.diff(ties.indptr))
    known = (code[row] >= 0) & here[row] & here[ties.indices]
    inside = known & (code[row] == code[ties.indices])
    own = np.bincount(row[inside], minlength=network.size).astype(np.float64)
    weight = np.bincount(row[known], ties.data[known], network.size)
    within = np.bincount(row[inside], ties.data[inside], network.size)
    at = (code >= 0) & here
    size, pairs, total, kept = (
        np.bincount(code[at], values[at], minlength=1)
        for values in (np.ones(network.size), own, weight, within)
    )
    return {
        "account_density": of_group(pairs / np.maximum(size * (size - 1), 1.0), code),
        "account_outside": of_group(1 - kept / np.maximum(total, 1e-300), code),
        "own_outside": np.where(at & (weight > 0), 1 - within / np.maximum(weight, 1e-300), np.nan),
        "leader_gone": of_group(_leader_gone(network, own, at), code),
    }


def _leader_gone(network: Network, own: Floats, at: Bools) -> Floats:
    """1 for accounts whose line with the most ties inside, left or not, is gone."""
    places = np.flatnonzero(at)
    order = places[np.lexsort((places, -own[places], network.account[places]))]
    first = np.unique(network.account[order], return_index=True)[1]
    found = np.zeros(int(network.account.max(initial=-1)) + 1)
    leaders = order[first]
    found[network.account[leaders]] = ~network.active[leaders] & (own[leaders] > 0)
    return found


def _deciders(view: View, network: Network, gone: Floats) -> Floats:
    """1 for members of accounts of which a deciding person's line left lately, NaN where none is known."""
    since = day_of(view) - timedelta(days=RECENTLY)
    lines = view.sql(
        """SELECT DISTINCT c.member_id FROM contacts c JOIN members m USING (member_id)
           WHERE c.role = 'decision' AND (m."left" IS NULL OR m."left" > $since)""",
        {"since": since},
    )["member_id"]
    decides = pd.Index(network.keys).isin(lines) & (network.account >= 0)
    if not decides.any():
        return np.full(network.size, np.nan)
    lost = np.bincount(network.account[decides], gone[decides], minlength=len(network.accounts))
    return of_group((lost > 0).astype(np.float64), network.account)
