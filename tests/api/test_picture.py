"""The picture of an account: the same for everyone, and legible."""

import numpy as np
import pytest

from api.pages.people import MOST_EDGES, MOST_NODES, as_tie, chosen, once, strongest_first
from api.pages.picture import HEIGHT, WIDTH, Person, Tie, draw, layout, spread


def people(count):
    return [Person(f"member:{i}", f"M{i}", "member", f"/members/{i}", f"M{i}") for i in range(count)]


def ties(count, seed=1):
    rng = np.random.default_rng(seed)
    pairs = {tuple(sorted(rng.choice(count, 2, replace=False))) for _ in range(count * 2)}
    strengths = sorted(rng.integers(1, 3000, len(pairs)), reverse=True)
    return [
        Tie(f"member:{a}", f"member:{b}", "TIE", float(w))
        for (a, b), w in zip(sorted(pairs), strengths, strict=True)
    ]


def test_the_same_people_always_stand_in_the_same_places():
    first = draw(people(40), ties(40))
    layout.cache_clear()
    assert draw(people(40), ties(40)) == first


@pytest.mark.parametrize("count", [1, 2, 3, 10, 60])
def test_everybody_stands_on_the_canvas_and_apart(count):
    picture = draw(people(count), ties(count) if count > 1 else [])
    places = np.array([(node.x, node.y) for node in picture.nodes])
    assert len(places) == count
    assert (places >= 0).all()
    assert (places[:, 0] <= WIDTH).all()
    assert (places[:, 1] <= HEIGHT).all()
    distance = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2)) + np.eye(count) * 99
    assert distance.min() > 12, "a mark is 12 pixels wide"


def test_people_on_one_spot_are_told_apart():
    assert len(np.unique(spread(np.full((5, 2), 200.0)).round(1), axis=0)) == 5


def test_an_edge_is_drawn_between_its_ends_and_thicker_for_more():
    picture = draw(
        people(3), [Tie("member:0", "member:1", "TIE", 100.0), Tie("member:1", "member:2", "TIE", 4.0)]
    )
    strong, weak = picture.edges
    assert (strong.source.person.id, strong.target.person.id) == ("member:0", "member:1")
    assert strong.width == 5.0
    assert weak.width == pytest.approx(0.8 + 4.2 * 0.2)


def test_a_contact_and_the_contacts_own_line_are_one():
    row = {"source": "m1", "target": "m2", "kind": "TIE", "contacts": 7}
    tie = as_tie(row, {"m2": "c9"})
    assert (tie.source, tie.target, tie.contacts) == ("member:m1", "contact:c9", 7.0)
    assert once([as_tie(row, {"m1": "c9", "m2": "c9"})]) == []


def test_a_pair_is_drawn_once_for_each_kind():
    pair = [Tie("a", "b", "TIE", 9), Tie("b", "a", "TIE", 5), Tie("b", "a", "REPORTS_TO")]
    assert once(pair) == [pair[0], pair[2]]


def test_the_strongest_come_first_and_who_reports_last():
    weak, strong, reports = Tie("a", "b", "TIE", 0), Tie("b", "c", "TIE", 5), Tie("d", "e", "REPORTS_TO")
    assert strongest_first([reports, weak, strong]) == [strong, weak, reports]


def test_those_at_risk_are_drawn_before_stronger_strangers():
    strong = [Tie(f"x{i}", f"y{i}", "TIE", 1000.0 - i) for i in range(100)]
    weak = [Tie("at risk", "friend", "TIE", 1.0)]
    drawn = chosen([*strong, *weak], ["at risk", "nobody knows"], ["y99"])
    ends = {end for tie in drawn for end in (tie.source, tie.target)}
    assert {"at risk", "friend", "x99", "y99"} <= ends
    assert "nobody knows" not in ends
    assert len(ends) == MOST_NODES
    assert drawn == sorted(drawn, key=lambda tie: -tie.contacts)


def test_a_dense_account_is_cut_to_what_can_be_seen():
    every = [Tie(f"n{i:02}", f"n{j:02}", "TIE", float(100 - i)) for i in range(60) for j in range(i)]
    drawn = chosen(sorted(every, key=lambda tie: -tie.contacts), ["n59"])
    assert len(drawn) == MOST_EDGES
    assert "n59" in {end for tie in drawn for end in (tie.source, tie.target)}
