"""The best introductions between two people: chains of acquaintances, the likeliest to work first.

A chain works if each link does: its strength is the product of strength × freshness over its links, so
that the best chains are the shortest paths under the cost −log(strength × freshness).

The k best simple paths of bounded length are found exactly. First a table of costs to the target within
so many steps (Bellman and Ford's, by layers), only for the nodes that a chain can pass at that step. Then
the beginnings of chains are followed from the source in the order of their cost so far plus the table's
cost for the rest, which never says too much (A*: Hart, Nilsson, Raphael 1968): chains come out best first.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from time import monotonic
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.csr import Floats, Ints
from analytics.paths.acquaintance import KINDS, PEOPLE, Acquaintance, Arcs
from graph.errors import BadInput, NotFound

MOST_HOPS, MOST_CHAINS = 8, 100
CHAINS = ("rank", "strength", "hops", "people", "names")
STEPS = ("rank", "step", "from_id", "from_name", "to_id", "to_name", "how", "via", "evidence", "contacts")
FIGURES = ("last_contact", "strength", "freshness", "also")
CLOCK_EVERY = 64
OVER = {"works_at": "works at", "belongs_to": "has a line of", "manages": "looks after"}

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Introductions:
    """Chains from one person to another, and the evidence for each of their steps.

    `chains`: `rank` from 1, `strength` (0 to 1), `hops`, `people` and `names` (lists, both ends
    included). `steps`, one row per hop: `rank`, `step`, `from_id`, `from_name`, `to_id`, `to_name`, `how`
    (tie, met, reports_to, or account where they share one), `via` (the account's name), `evidence` (in
    words), `contacts`, `last_contact` (NaT where it lasts), `strength` and `freshness` (their product over
    all steps is the chain's), `also` (further kinds of link between the two). `reason` says why there is
    no chain, or that the search was cut short; empty otherwise.
    """

    chains: pd.DataFrame
    steps: pd.DataFrame
    reason: str


@dataclass(frozen=True, eq=False)
class _Search:
    """What one search may use. Lengths are counted in halves: a step over an account has two."""

    arcs: Arcs
    hub: Mask
    barred: Mask
    usable: Mask
    source: int
    target: int
    halves: int


Chain = tuple[float, tuple[int, ...], tuple[int, ...]]
"""Cost, nodes and links of a chain found."""


def introductions(
    known: Acquaintance,
    source: str,
    target: str,
    k: int = 3,
    hops: int = 4,
    without: Sequence[str] = (),
    without_kinds: Sequence[str] = (),
    seconds: float = 10.0,
) -> Introductions:
    """The `k` best chains of up to `hops` introductions from one person to another.

    `source`, `target` and `without` are keys, with their kind in front where several have the same
    ("Manager:17"). Nobody in `without` stands between; an account there is not passed, nor are the people
    who belong to it or work at it. `without_kinds` names kinds of link (acquaintance.KINDS) not to be used.
    After `seconds` what was found by then is given, and said to be so.

    Raises NotFound for a key that nobody has, BadInput for one of several meanings, one person at both
    ends, an end that is excluded, an unknown kind of link, and bounds outside what is allowed.
    """
    _check_bounds(k, hops, seconds, without_kinds)
    ends = [person(known, key) for key in (source, target)]
    if ends[0] == ends[1]:
        raise BadInput(f"{source!r} and {target!r} are one person: {known.nodes['name'].iloc[ends[0]]}")
    usable = np.array([kind not in without_kinds for kind in KINDS])
    barred = _barred(known, without, ends)
    search = _Search(known.arcs, known.hub, barred, usable, ends[0], ends[1], 2 * hops)
    deadline = monotonic() + seconds
    found = list(islice(_best_first(search, deadline), k))
    reason = ""
    if len(found) < k and monotonic() > deadline:
        reason = f"the search was ended after {seconds:g} s; there may be more or better chains"
    elif not found:
        reason = _why_none(known, search, hops, bool(without or without_kinds))
    found.sort(key=lambda chain: (chain[0], len(chain[1]), chain[1]))
    return Introductions(_chains(known, found), _steps(known, search, found), reason)


def person(known: Acquaintance, key: str) -> int:
    """The node number of a person's key. Raises as `introductions` does."""
    found = _nodes_of(known, key)
    people = found[~known.hub[found]]
    if not len(people):
        what = "is an account" if len(found) else "is nobody known on the day"
        raise NotFound(f"{key!r} {what}; give the key of a member, contact or manager")
    if len(people) > 1:
        named = ", ".join(f"{known.nodes['kind'].iloc[one]}:{known.nodes['id'].iloc[one]}" for one in people)
        raise BadInput(f"{key!r} may be any of {named}; say which")
    return int(people[0])


def _nodes_of(known: Acquaintance, key: str) -> Ints:
    """Every node that a key may mean, ascending."""
    kind, colon, rest = key.partition(":")
    typed = bool(colon) and kind in (*PEOPLE, "Account")
    wanted = rest if typed else key
    same = (known.nodes["id"] == wanted).to_numpy(bool)
    if typed:
        same = same & (known.nodes["kind"] == kind).to_numpy(bool)
    found = set(np.flatnonzero(same).tolist())
    if wanted in known.alias.index and (not typed or kind == "Contact"):
        found.add(int(known.alias[wanted]))
    return np.array(sorted(found), np.int64)


def _barred(known: Acquaintance, without: Sequence[str], ends: Sequence[int]) -> Mask:
    """The nodes that no chain passes: those named, and the people of the accounts named."""
    barred = np.zeros(known.size, bool)
    for key in without:
        nodes = _nodes_of(known, key)
        if not len(nodes):
            raise NotFound(f"{key!r} to be left out is neither a person nor an account known on the day")
        if set(nodes.tolist()) & set(ends):
            raise BadInput(f"{key!r} is an end of the chain and cannot be left out of it")
        barred[nodes] = True
    accounts = np.flatnonzero(barred & known.hub)
    inside = np.isin(known.links["b"], accounts) & known.links["how"].isin(["works_at", "belongs_to"])
    barred[known.links.loc[inside, "a"].to_numpy(np.int64)] = True
    barred[list(ends)] = False
    return barred


def _best_first(search: _Search, deadline: float) -> Iterator[Chain]:
    """Simple chains in order of their cost, until there are no more or the time is up.

    The heap holds for each beginning only its best next step not yet taken, so that an account of a
    hundred thousand people costs one sorting and not a hundred thousand entries.
    """
    rest = _costs_to_target(search)
    first = _Beginning((search.source,), (), 0.0, search.halves)
    heap = list(_offered(first, _next(search, rest, first), 0))
    taken = 0
    while heap:
        taken += 1
        if taken % CLOCK_EVERY == 0 and monotonic() > deadline:
            return
        _, _, place, beginning, following = heapq.heappop(heap)
        for offer in _offered(beginning, following, place + 1):
            heapq.heappush(heap, offer)
        longer = beginning.longer(following, place)
        if longer.nodes[-1] == search.target:
            yield longer.cost, longer.nodes, longer.links
            continue
        for offer in _offered(longer, _next(search, rest, longer), 0):
            heapq.heappush(heap, offer)


@dataclass(frozen=True, eq=False)
class _Following:
    """The steps that may follow a beginning, best first: all arrays of one length."""

    bound: Floats
    node: Ints
    cost: Floats
    link: Ints
    halves: Ints


@dataclass(frozen=True, eq=False)
class _Beginning:
    nodes: tuple[int, ...]
    links: tuple[int, ...]
    cost: float
    halves: int
    """Half steps left."""

    def longer(self, following: _Following, place: int) -> _Beginning:
        return _Beginning(
            (*self.nodes, int(following.node[place])),
            (*self.links, int(following.link[place])),
            self.cost + float(following.cost[place]),
            self.halves - int(following.halves[place]),
        )


Offer = tuple[float, tuple[int, ...], int, _Beginning, _Following]


def _offered(beginning: _Beginning, following: _Following, place: int) -> Iterator[Offer]:
    """The step at that place as an entry of the heap, if there is one; equal bounds go by the nodes."""
    if place < len(following.node):
        nodes = (*beginning.nodes, int(following.node[place]))
        yield float(following.bound[place]), nodes, place, beginning, following


def _next(search: _Search, rest: Floats, beginning: _Beginning) -> _Following:
    _, end, cost, link, halves = _arcs_from(search, np.array([beginning.nodes[-1]]))
    able = (halves <= beginning.halves) & ~np.isin(end, beginning.nodes)
    end, cost, link, halves = end[able], cost[able], link[able], halves[able]
    bound = beginning.cost + cost + rest[beginning.halves - halves, end]
    order = np.lexsort((link, end, bound))
    order = order[np.isfinite(bound[order])]
    _, once = np.unique(end[order], return_index=True)  # of parallel links the cheapest stands first
    order = order[np.sort(once)]
    return _Following(bound[order], end[order], cost[order], link[order], halves[order])


def _costs_to_target(search: _Search) -> Floats:
    """Least cost to the target within 0, 1, … half steps, by half steps and node; inf where out of reach.

    Filled in where a chain can be: within half its length of the target for the first layers, and as near
    to the source as its remaining length allows for the others.
    """
    middle = search.halves // 2
    near_source, near_target = (_within(search, end, middle) for end in (search.source, search.target))
    cost = np.full((search.halves + 1, len(search.hub)), np.inf)
    cost[:, search.target] = 0.0
    for step in range(1, search.halves + 1):
        near = near_target <= step if step <= middle else near_source <= search.halves - step
        rows = np.flatnonzero(near)
        row, end, arc, _, halves = _arcs_from(search, rows)
        before = np.where(step >= halves, cost[np.maximum(step - halves, 0), end], np.inf)
        least = np.full(len(rows), np.inf)
        np.minimum.at(least, row, arc + before)
        cost[step, rows] = np.minimum(np.minimum(least, cost[step - 1, rows]), cost[step, rows])
    return cost


def _within(search: _Search, start: int, halves: int) -> npt.NDArray[np.int16]:
    """How many half steps each node is away, up to `halves`; the largest int16 where farther."""
    away = np.full(len(search.hub), np.iinfo(np.int16).max, np.int16)
    away[start] = 0
    for step in range(halves):
        _, end, _, _, halves_of = _arcs_from(search, np.flatnonzero(away == step))
        np.minimum.at(away, end, (step + halves_of).astype(np.int16))
    return away


def _arcs_from(search: _Search, rows: Ints) -> tuple[Ints, Ints, Floats, Ints, Ints]:
    """The arcs that may be used from these nodes: place of the row, end, cost, link, half steps."""
    start, stop = search.arcs.indptr[rows], search.arcs.indptr[rows + 1]
    row = np.repeat(np.arange(len(rows)), stop - start)
    at = np.arange(len(row)) - np.repeat(np.cumsum(stop - start) - (stop - start), stop - start) + start[row]
    able = search.usable[search.arcs.how[at]] & ~search.barred[search.arcs.end[at]]
    row, at = row[able], at[able]
    end = search.arcs.end[at]
    halves = np.where(search.hub[end] | search.hub[rows[row]], 1, 2)
    return row, end, search.arcs.cost[at], search.arcs.link[at], halves


def _check_bounds(k: int, hops: int, seconds: float, kinds: Sequence[str]) -> None:
    if not 1 <= hops <= MOST_HOPS:
        raise BadInput(f"a chain has 1 to {MOST_HOPS} hops, not {hops}")
    if not 1 <= k <= MOST_CHAINS:
        raise BadInput(f"1 to {MOST_CHAINS} chains can be asked for, not {k}")
    if not seconds > 0:
        raise BadInput(f"a search takes more than 0 seconds, not {seconds}")
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise BadInput(f"no kind of link is called {unknown[0]!r}; known: {', '.join(KINDS)}")


def _why_none(known: Acquaintance, search: _Search, hops: int, excluded: bool) -> str:
    away = _distance(search)
    if away is not None:
        return f"no chain of up to {hops} hop{'s' if hops > 1 else ''}; the shortest has {away}"
    if excluded:
        free = _Search(
            search.arcs, search.hub, np.zeros_like(search.barred), np.ones_like(search.usable), search.source,
            search.target, search.halves,
        )  # fmt: skip
        away = _distance(free)
        if away is not None:
            return f"no chain at all without what is left out; with it the shortest has {away} hops"
    alone = [end for end in (search.source, search.target) if not _degree(known.arcs, end)]
    if alone:
        return f"nothing links {known.nodes['name'].iloc[alone[0]]} to anybody"
    return "nothing joins the two: they are in different components"


def _degree(arcs: Arcs, node: int) -> int:
    return int(arcs.indptr[node + 1] - arcs.indptr[node])


def _distance(search: _Search) -> int | None:
    """Fewest hops between the two ends, whatever the bound; None where nothing joins them."""
    away = np.full(len(search.hub), np.iinfo(np.int32).max, np.int32)
    away[search.source], step, farthest = 0, 0, 0
    while step <= farthest:
        if away[search.target] <= step:
            return int(away[search.target] + 1) // 2
        _, end, _, _, halves = _arcs_from(search, np.flatnonzero(away == step))
        np.minimum.at(away, end, (step + halves).astype(np.int32))
        farthest = max(farthest, int((step + halves).max(initial=0)))
        step += 1
    return None


def _chains(known: Acquaintance, found: Sequence[Chain]) -> pd.DataFrame:
    rows = []
    for rank, (cost, nodes, _) in enumerate(found, start=1):
        people = known.nodes.iloc[[node for node in nodes if not known.hub[node]]]
        ids, names = people["id"].tolist(), people["name"].tolist()
        rows.append((rank, float(np.exp(-cost)), len(ids) - 1, ids, names))
    return pd.DataFrame(rows, columns=list(CHAINS))


def _steps(known: Acquaintance, search: _Search, found: Sequence[Chain]) -> pd.DataFrame:
    used = sorted({link for _, _, links in found for link in links})
    link_rows = dict(zip(used, known.links.iloc[used].itertuples(index=False), strict=True))
    node_rows = {node: known.nodes.iloc[node] for node in {n for _, nodes, _ in found for n in nodes}}
    rows = []
    for rank, (_, nodes, links) in enumerate(found, start=1):
        for step, (a, b, over, through) in enumerate(_hops(known, nodes, links), start=1):
            evidence = [link_rows[link] for link in through]
            shown = (
                _direct(evidence[0], bool(evidence[0].a == a), _also(known, search, a, b, through[0]))
                if over is None
                else _over_account(node_rows[over]["name"], *evidence)
            )
            ends = (node_rows[end][column] for end in (a, b) for column in ("id", "name"))
            rows.append((rank, step, *ends, *shown))
    return pd.DataFrame(rows, columns=[*STEPS, *FIGURES])


def _hops(
    known: Acquaintance, nodes: Sequence[int], links: Sequence[int]
) -> Iterator[tuple[int, int, int | None, tuple[int, ...]]]:
    """The steps of a chain between people: both ends, the account passed if any, and the links used."""
    places = [place for place, node in enumerate(nodes) if not known.hub[node]]
    for start, end in pairwise(places):
        over = nodes[start + 1] if end - start > 1 else None
        yield nodes[start], nodes[end], over, tuple(links[start:end])


def _also(known: Acquaintance, search: _Search, a: int, b: int, link: int) -> list[str]:
    """The other kinds of link between two people."""
    _, end, _, others, _ = _arcs_from(search, np.array([a]))
    beside = [other for other in others[end == b] if other != link]
    return sorted(set(known.links["how"].iloc[beside]))


def _direct(row: Any, forward: bool, also: list[str]) -> tuple[object, ...]:
    """What is known of a direct link, in words and in figures."""
    match row.how:
        case "tie":
            told = f"{row.contacts} calls and messages, last in {row.last:%Y-%m}"
        case "met":
            times = "once" if row.contacts == 1 else f"{row.contacts} times"
            told = f"met {times}, last on {row.last:%Y-%m-%d}"
        case _:
            told = "reports to" if forward else "is the superior of"
    return row.how, None, told, row.contacts, row.last, row.strength, row.freshness, also


def _over_account(name: str, one: Any, other: Any) -> tuple[object, ...]:
    """The two half links over an account as one step: the strength is their geometric mean."""
    first, second = (OVER[row.how] for row in (one, other))
    told = f"both: {first} {name}" if first == second else f"one {first}, the other {second} {name}"
    strength, freshness = (one.strength * other.strength) ** 0.5, (one.freshness * other.freshness) ** 0.5
    return "account", name, told, 0, pd.NaT, strength, freshness, []
