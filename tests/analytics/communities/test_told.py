"""Two runs written by hand, read back: what became of each circle, and the groups inside one."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analytics.communities.told import at_a_glance, changes, inside, run_told
from graph.asof import View
from graph.errors import NotFound
from graph.lake import Lake
from graph.schema import COMMUNITY, COMMUNITY_EVENTS, IN_COMMUNITY, INNER_CIRCLES, RUN
from tests.analytics.worlds import belongs, lake_of, member

JAN, FEB = date(2000, 1, 31), date(2000, 2, 29)
HOMES = {"m1": "a1", "m2": "a1", "m3": "a1", "m4": "a2", "m5": "a2", "m6": "a3"}


def run(number: int, day: date) -> dict[str, object]:
    at = f"2000-03-0{number}T0{{}}:00:00+00:00"
    return {"run_id": f"r{number}", "as_of": day, "started": at.format(1), "finished": at.format(2)}


def row(
    event: str, now: str | None, earlier: str | None, moved: int, sizes: tuple[int | None, int | None]
) -> dict[str, object]:
    return {
        "run_id": "r2", "event": event, "community_id": now, "earlier_id": earlier, "moved": moved,
        "size": sizes[0], "size_before": sizes[1],
    }  # fmt: skip


EVENTS = [
    row("continued", "c1", "c1", 40, (90, 50)),
    row("continued", "c4", "c4", 3, (3, 4)),
    row("merged", "c1", "c1", 40, (90, 50)),
    row("merged", "c1", "c2", 45, (90, 60)),
    row("died", None, "c3", 0, (None, 30)),
    row("born", "c5", None, 0, (7, None)),
]
LABELS = {
    "r1": {"c1": "one", "c2": "two", "c3": "three", "c4": "four"},
    "r2": {"c1": "1", "c4": "4", "c5": "5"},
}
SIZES = {"c1": 90, "c4": 3, "c5": 7}
CIRCLES = {"r1": {"m1": "c1", "m2": "c2", "m4": "c3", "m6": "c4"}, "r2": {"m1": "c1", "m4": "c4", "m6": "c5"}}
PLACES = [
    ("m1", "c1.10", "c1", 1), ("m2", "c1.10", "c1", 1), ("m4", "c1.10", "c1", 1),
    ("m1", "c1.10.1", "c1.10", 2), ("m4", "c1.10.1", "c1.10", 2),
    ("m5", "c1.9", "c1", 1), ("m3", "c1.9", "c1", 1),
    ("m6", "c10.1", "c10", 1),
]  # fmt: skip


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """m3 belonged to a2 in January and belongs to a1 since; a3 has no name."""
    lake = lake_of(
        tmp_path_factory.mktemp("lake"),
        members=[member(key) for key in HOMES],
        accounts=[{"account_id": key, "known_from": JAN, "name": name} for key, name in
                  (("a1", "华信集团"), ("a2", "粤海银行"), ("a3", None))],
        memberships=[belongs(key, home, until=date(2000, 2, 15) if key == "m2" else None)
                     for key, home in HOMES.items()],
    )  # fmt: skip
    with lake.writing("runs") as writer:
        writer.append(RUN, pd.DataFrame([run(1, JAN), run(2, FEB)]))
        writer.append(
            COMMUNITY_EVENTS, pd.DataFrame(EVENTS).astype({"size": "Int64", "size_before": "Int64"})
        )
        named = [(key, *pair) for key, labels in LABELS.items() for pair in labels.items()]
        profiles = pd.DataFrame(named, columns=["run_id", "community_id", "label"])
        writer.append(
            COMMUNITY, profiles.assign(size=profiles["community_id"].map(SIZES).fillna(30).astype(int))
        )
        held = [(key, *pair) for key, circles in CIRCLES.items() for pair in circles.items()]
        writer.append(IN_COMMUNITY, pd.DataFrame(held, columns=["run_id", "source", "target"]))
        inner = pd.DataFrame(PLACES, columns=["member_id", "community_id", "parent_id", "level"])
        writer.append(INNER_CIRCLES, inner.assign(run_id="r2"))
    return lake


@pytest.fixture(scope="module")
def view(lake: Lake) -> View:
    return lake.view(FEB)


def test_changes_come_before_what_stayed_with_the_share_that_was_kept(view: View) -> None:
    told = changes(view, run_told(view))
    assert told.reason == ""
    assert told.before is not None
    assert (told.before.run_id, told.before.as_of) == ("r1", JAN)
    assert [tuple(found.values()) for found in told.rows.to_pylist()] == [
        ("merged", "c1", "c1", "1", 90, 50, 40, 0.8),
        ("merged", "c1", "c2", "1", 90, 60, 45, 0.75),
        ("died", None, "c3", "three", None, 30, 0, 0.0),
        ("born", "c5", None, "5", 7, None, 0, None),
        ("continued", "c1", "c1", "1", 90, 50, 40, 0.8),
        ("continued", "c4", "c4", "4", 3, 4, 3, 0.75),
    ]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ("a1", [("merged", "c1", "c1"), ("merged", "c1", "c2"), ("continued", "c1", "c1")]),
        ("a2", [("died", None, "c3"), ("continued", "c4", "c4")]),
        ("a3", [("born", "c5", None), ("continued", "c4", "c4")]),
    ],
)
def test_of_an_account_those_that_have_or_had_its_members(view: View, account: str, expected: object) -> None:
    found = changes(view, run_told(view), account).rows.to_pylist()
    assert [(one["event"], one["community_id"], one["earlier_id"]) for one in found] == expected


def test_a_member_counts_for_the_account_of_that_day(tmp_path: Path) -> None:
    """m2 was in c2 and left a1 in the middle of February: by then it is in a circle without it."""
    moved = {"r1": {"m2": "c3"}, "r2": {"m2": "c4"}}
    lake = lake_of(
        tmp_path,
        accounts=[{"account_id": "a1", "known_from": JAN}],
        memberships=[belongs("m2", "a1", until=date(2000, 2, 15))],
    )
    with lake.writing("runs") as writer:
        writer.append(RUN, pd.DataFrame([run(1, JAN), run(2, FEB)]))
        writer.append(
            COMMUNITY_EVENTS, pd.DataFrame(EVENTS).astype({"size": "Int64", "size_before": "Int64"})
        )
        held = [(key, *pair) for key, circles in moved.items() for pair in circles.items()]
        writer.append(IN_COMMUNITY, pd.DataFrame(held, columns=["run_id", "source", "target"]))
    then = lake.view(FEB)
    assert changes(then, run_told(then), "a1").rows["event"].to_pylist() == ["died"]


def test_the_first_run_has_nothing_to_be_compared_with(view: View) -> None:
    told = changes(view, run_told(view, JAN))
    assert len(told.rows) == 0
    assert told.before is None
    assert told.reason == "run r1 has no run before it to be compared with"


def test_an_account_without_a_member_in_any_circle_is_told_so(tmp_path: Path) -> None:
    alone = lake_of(tmp_path, accounts=[{"account_id": "a9", "known_from": JAN}])
    with alone.writing("runs") as writer:
        writer.append(RUN, pd.DataFrame([run(1, JAN), run(2, FEB)]))
        writer.append(IN_COMMUNITY, pd.DataFrame([{"run_id": "r1", "source": "m1", "target": "c1"}]))
        writer.append(COMMUNITY_EVENTS, pd.DataFrame([EVENTS[0]]))
    then = alone.view(FEB)
    assert changes(then, run_told(then), "a9").reason == "no member of a9 is in any of them"
    with pytest.raises(NotFound, match="no account 'a8' as of 2000-02-29"):
        changes(then, run_told(then), "a8")


def test_groups_stand_under_their_parents_in_the_order_of_their_numbers(view: View) -> None:
    told = inside(view, run_told(view), "c1")
    assert told.reason == ""
    assert [tuple(found.values()) for found in told.rows.to_pylist()] == [
        ("c1.9", "c1", 1, 2, 2 / 90, 2, ["华信集团 (1)", "粤海银行 (1)"]),
        ("c1.10", "c1", 1, 3, 3 / 90, 2, ["华信集团 (1)", "粤海银行 (1)"]),  # m2 had left its account
        ("c1.10.1", "c1.10", 2, 2, 2 / 3, 2, ["华信集团 (1)", "粤海银行 (1)"]),
    ]
    within = inside(view, run_told(view), "c1.10").rows.to_pylist()
    assert [(found["community_id"], found["of_parent"]) for found in within] == [("c1.10.1", 2 / 3)]


def test_a_circle_without_groups_says_so_and_one_of_another_run_is_refused(view: View) -> None:
    assert inside(view, run_told(view), "c4").reason == (
        "no group stands out among the 3 members of c4; small circles are left whole"
    )
    with pytest.raises(NotFound, match="no community 'c3' in run r2"):
        inside(view, run_told(view), "c3")


def test_which_run_is_told_of(view: View, tmp_path: Path) -> None:
    assert run_told(view).run_id == "r2"
    assert run_told(view, date(2000, 2, 28)).run_id == "r1"
    assert run_told(view, run_id="r1").as_of == JAN
    with pytest.raises(
        NotFound, match="no run is as of 1999-12-31 or a day before; the first is as of 2000-01-31"
    ):
        run_told(view, date(1999, 12, 31))
    with pytest.raises(NotFound, match="no run named 'r3'; known: r1, r2"):
        run_told(view, run_id="r3")
    with pytest.raises(NotFound, match="no run yet"):
        run_told(Lake(tmp_path).view())


def test_without_a_day_the_run_made_last_counts_whatever_its_day(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with lake.writing("runs") as writer:
        writer.append(RUN, pd.DataFrame([run(1, FEB), run(2, JAN)]))
    assert run_told(lake.view()).run_id == "r2"
    assert run_told(lake.view(), FEB).run_id == "r1"


def test_a_glance_tells_the_foremost_event_and_the_groups(view: View) -> None:
    told = {
        found.pop("community_id"): found
        for found in at_a_glance(view, "r2", ["c1", "c4", "c5", "c9"]).to_pylist()
    }
    assert told == {
        "c1": {"event": "merged", "earlier": ["c1", "c2"], "kept": 0.8, "inside": 2},
        "c4": {"event": "continued", "earlier": ["c4"], "kept": 0.75, "inside": 0},
        "c5": {"event": "born", "earlier": [None], "kept": None, "inside": 0},
    }
    assert len(at_a_glance(view, "r1", ["c1"])) == 0
