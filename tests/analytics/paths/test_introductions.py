"""The best introductions, against every simple path walked by networkx, and by hand."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from analytics.paths.acquaintance import Acquaintance, acquaintance, known_people
from analytics.paths.introductions import introductions
from graph.errors import BadInput, NotFound
from tests.analytics.worlds import START, belongs, lake_of, member, tie

DAY = date(2000, 6, 30)
HALF = 0.5  # of full strength: ten contacts, two meetings


def network(people: int, accounts: int, links: list[tuple[int, int, str, float, float]]) -> Acquaintance:
    nodes = pd.DataFrame(
        [("Member", f"p{i:02d}", f"P{i}") for i in range(people)]
        + [("Account", f"x{i}", f"X{i}") for i in range(accounts)],
        columns=["kind", "id", "name"],
    )
    frame = pd.DataFrame(links, columns=["a", "b", "how", "strength", "freshness"])
    frame = frame.assign(contacts=10, last=pd.Timestamp(DAY))
    return acquaintance(nodes, frame)


def random_network(seed: int) -> Acquaintance:
    """Twelve people and three accounts; some pairs are linked twice."""
    rng = np.random.default_rng(seed)
    people, accounts = 12, 3
    links = [
        (
            int(a),
            int(b),
            str(rng.choice(["tie", "met"])),
            float(rng.uniform(0.05, 1)),
            float(rng.uniform(0.1, 1)),
        )
        for a, b in rng.integers(0, people, (22, 2))
        if a != b
    ]
    links += [
        (int(a), people + int(x), "belongs_to", float(rng.uniform(0.05, 0.5)), 1.0)
        for a, x in {tuple(pair) for pair in rng.integers(0, (people, accounts), (9, 2)).tolist()}
    ]  # fmt: skip
    return network(people, accounts, links)


def every_chain(known: Acquaintance, source: int, target: int, hops: int) -> dict[tuple[int, ...], float]:
    """Every simple path over people and accounts with its strength; a half link counts half."""
    graph = nx.Graph()
    for row in known.links.itertuples():
        cost = -np.log(row.strength * row.freshness) * (0.5 if known.hub[row.b] else 1.0)
        cost = min(cost, graph.get_edge_data(row.a, row.b, {}).get("cost", np.inf))
        graph.add_edge(row.a, row.b, cost=cost, halves=1 if known.hub[row.b] else 2)
    if not (graph.has_node(source) and graph.has_node(target)):
        return {}
    found = {}
    for path in nx.all_simple_paths(graph, source, target, cutoff=2 * hops):
        steps = [graph.edges[ends] for ends in pairwise(path)]
        if sum(step["halves"] for step in steps) <= 2 * hops:
            found[tuple(path)] = float(np.exp(-sum(step["cost"] for step in steps)))
    return found


@pytest.mark.parametrize("seed", range(24))
def test_the_best_chains_are_those_of_a_walk_over_all(seed: int) -> None:
    known, hops = random_network(seed), 1 + seed % 5
    expected = sorted(every_chain(known, 0, 1, hops).values(), reverse=True)
    for k in (1, 3, 100):
        found = introductions(known, "p00", "p01", k, hops)
        assert found.chains["strength"].tolist() == pytest.approx(expected[:k])
        product = found.steps.assign(both=found.steps["strength"] * found.steps["freshness"])
        by_rank = product.groupby("rank")["both"].prod() if len(product) else pd.Series(dtype=float)
        assert by_rank.tolist() == pytest.approx(expected[:k])
        assert (found.reason == "") == bool(expected)
        people = found.chains["people"].tolist()
        assert all(
            len(set(chain)) == len(chain) and chain[0] == "p00" and chain[-1] == "p01" for chain in people
        )


@pytest.mark.parametrize("seed", range(10))
def test_what_is_left_out_is_as_if_it_were_not_there(seed: int) -> None:
    known = random_network(seed)
    gone = {2, 3, *known.links.loc[known.links["b"] == 12, "a"], 12} - {0, 1}
    rest = known.links[
        ~known.links["a"].isin(gone) & ~known.links["b"].isin(gone) & (known.links["how"] != "met")
    ]
    expected = every_chain(acquaintance(known.nodes, rest.reset_index(drop=True)), 0, 1, 4).values()
    found = introductions(known, "p00", "p01", 100, 4, without=["p02", "p03", "x0"], without_kinds=["met"])
    assert found.chains["strength"].tolist() == pytest.approx(sorted(expected, reverse=True)[:100])


def test_a_weak_short_way_loses_to_a_strong_long_one() -> None:
    links = [(0, 1, "tie", 0.3, 1.0), (0, 2, "tie", 0.8, 1.0), (2, 1, "tie", 0.8, 0.5)]
    found = introductions(network(3, 0, links), "p00", "p01")
    assert found.chains[["hops", "names"]].to_numpy().tolist() == [[2, ["P0", "P2", "P1"]], [1, ["P0", "P1"]]]
    assert found.chains["strength"].tolist() == pytest.approx([0.32, 0.3])


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Acquaintance:
    """The manager has met 王磊, whose line m1 calls m2; m2 and 李娜 are in account x; m3 is alone."""
    contact = {"known_from": START}
    lake = lake_of(
        tmp_path_factory.mktemp("lake"),
        members=[member(f"m{i}") for i in (1, 2, 3, 4)] + [member("gone", left=date(2000, 2, 1))],
        contacts=[
            {"contact_id": "wang", "name": "王磊", "member_id": "m1", **contact},
            {"contact_id": "li", "name": "李娜", **contact},
            {"contact_id": "old", "name": "旧", "member_id": "gone", **contact},
        ],
        managers=[{"manager_id": "g1", "name": "孙丽", "known_from": START}],
        accounts=[{"account_id": "x", "name": "华信集团", "known_from": START}],
        memberships=[belongs("m2", "x"), belongs("m4", "x", until=date(2000, 5, 31))],
        positions=[{"source": "li", "target": "x", "since": START}],
        visits=[
            {"source": "g1", "target": "wang", "date": date(2000, 6, 30)},
            {"source": "g1", "target": "wang", "date": date(2000, 1, 10)},
        ],
        ties=[
            tie("m1", "m2", date(2000, 1, 1), 4),
            tie("m2", "m1", date(2000, 1, 1), 6),
            tie("m1", "m2", date(2000, 7, 1), 90),
            tie("m1", "gone", date(2000, 1, 1), 50),
        ],
    )  # fmt: skip
    return known_people(lake.view(DAY))


def test_each_step_says_how_it_is_known(known: Acquaintance) -> None:
    found = introductions(known, "g1", "li")
    stale = 0.5 ** ((DAY - date(2000, 1, 31)).days / 180)
    assert found.chains["names"].tolist() == [["孙丽", "王磊", "m2", "李娜"]]
    assert found.chains["people"].tolist() == [["g1", "m1", "m2", "li"]]
    assert found.chains["strength"].tolist() == pytest.approx([HALF * HALF * stale * 0.5])
    steps = found.steps[["how", "via", "evidence", "contacts"]].astype(object)
    assert steps.where(steps.notna(), None).to_numpy().tolist() == [
        ["met", None, "met 2 times, last on 2000-06-30", 2],
        ["tie", None, "10 calls and messages, last in 2000-01", 10],
        ["account", "华信集团", "one has a line of, the other works at 华信集团", 0],
    ]
    assert found.steps["strength"].tolist() == pytest.approx([HALF, HALF, 0.5])
    assert found.steps["freshness"].tolist() == pytest.approx([1.0, stale, 1.0])
    assert found.steps["last_contact"].tolist()[:2] == [
        pd.Timestamp("2000-06-30"),
        pd.Timestamp("2000-01-31"),
    ]


def test_a_contact_stands_for_the_own_line(known: Acquaintance) -> None:
    for key in ("wang", "m1", "Contact:wang", "Member:m1"):
        assert introductions(known, key, "m2").chains["names"].tolist() == [["王磊", "m2"]]
    with pytest.raises(BadInput, match="'wang' and 'm1' are one person: 王磊"):
        introductions(known, "wang", "m1")


def test_no_chain_comes_with_the_reason(known: Acquaintance) -> None:
    def reason(*asked: str, **bounds: object) -> str:
        found = introductions(known, *asked, **bounds)  # type: ignore[arg-type]
        assert found.chains.empty
        assert found.steps.empty
        return found.reason

    assert reason("g1", "li", hops=2) == "no chain of up to 2 hops; the shortest has 3"
    assert reason("g1", "m3") == "nothing links m3 to anybody"
    assert reason("g1", "li", without=["m2"]) == (
        "no chain at all without what is left out; with it the shortest has 3 hops"
    )
    assert reason("g1", "li", without_kinds=["tie"]).startswith("no chain at all without")
    assert reason("old", "m4") == "nothing links old to anybody".replace("old", "旧")
    apart = network(4, 0, [(0, 1, "tie", 0.5, 1.0), (2, 3, "tie", 0.5, 1.0)])
    assert (
        introductions(apart, "p00", "p03").reason == "nothing joins the two: they are in different components"
    )


def test_the_search_ends_in_time() -> None:
    links = [(a, b, "tie", 0.9, 1.0) for a in range(40) for b in range(a)]
    found = introductions(network(40, 0, links), "p00", "p01", k=100, hops=8, seconds=1e-9)
    assert found.reason.startswith("the search was ended after 1e-09 s")
    assert len(found.chains) < 100
    assert introductions(network(40, 0, links), "p00", "p01", k=100, hops=8).reason == ""


@pytest.mark.parametrize(
    ("asked", "bounds", "error", "sentence"),
    [
        (("g1", "nobody"), {}, NotFound, "'nobody' is nobody known on the day"),
        (("g1", "gone"), {}, NotFound, "'gone' is nobody known on the day"),
        (("x", "li"), {}, NotFound, "'x' is an account; give the key of a member, contact or manager"),
        (("g1", "li"), {"hops": 0}, BadInput, "a chain has 1 to 8 hops, not 0"),
        (("g1", "li"), {"k": 0}, BadInput, "1 to 100 chains can be asked for, not 0"),
        (("g1", "li"), {"seconds": float("nan")}, BadInput, "more than 0 seconds, not nan"),
        (("g1", "li"), {"without": ["g1"]}, BadInput, "'g1' is an end of the chain"),
        (("g1", "li"), {"without": ["q"]}, NotFound, "'q' to be left out is neither a person nor an account"),
        (
            ("g1", "li"),
            {"without_kinds": ["TIE"]},
            BadInput,
            "no kind of link is called 'TIE'; known: tie, met",
        ),
    ],
)
def test_bad_input_is_one_sentence(
    known: Acquaintance, asked: tuple[str, str], bounds: dict[str, object], error: type, sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        introductions(known, *asked, **bounds)  # type: ignore[arg-type]


def test_a_key_of_two_kinds_is_asked_back() -> None:
    nodes = pd.DataFrame([("Contact", "7", "A"), ("Manager", "7", "B")], columns=["kind", "id", "name"])
    links = pd.DataFrame([(0, 1, "met", 0.5, 1.0, 2, pd.Timestamp(DAY))],
                         columns=["a", "b", "how", "strength", "freshness", "contacts", "last"])  # fmt: skip
    both = acquaintance(nodes, links)
    with pytest.raises(BadInput, match="'7' may be any of Contact:7, Manager:7; say which"):
        introductions(both, "7", "Manager:7")
    assert introductions(both, "Contact:7", "Manager:7").chains["hops"].tolist() == [1]


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ((0, 9, "tie", 0.5, 1.0), "link 0 of an acquaintance network: its end b is no node"),
        ((1, 1, "tie", 0.5, 1.0), "joins a node to itself"),
        ((0, 1, "friend", 0.5, 1.0), "its kind is none of tie, met"),
        ((0, 1, "tie", float("nan"), 1.0), "its strength is not in"),
        ((0, 1, "tie", 0.5, 0.0), "its freshness is not in"),
        ((0, 2, "tie", 0.5, 1.0), "join a person to an account"),
        ((0, 1, "belongs_to", 0.5, 1.0), "join a person to an account"),
    ],
)
def test_a_bad_link_never_enters_a_search(link: tuple[int, int, str, float, float], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        network(2, 1, [link])


def test_a_lake_without_anybody_is_an_empty_network(tmp_path: Path) -> None:
    known = known_people(lake_of(tmp_path, members=[member("a"), member("b")]).view(DAY))
    assert introductions(known, "a", "b").reason == "nothing links a to anybody"
