import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.communities.continuity import changes, counted, match, name


def circles(*groups: str) -> pd.DataFrame:
    return pd.DataFrame(
        [(m, n) for n, group in enumerate(groups) for m in group], columns=["member_id", "circle"]
    )


def earlier(**groups: str) -> pd.DataFrame:
    return pd.DataFrame(
        [(m, c) for c, group in groups.items() for m in group], columns=["member_id", "community_id"]
    )


def test_a_circle_keeps_its_id_when_a_few_members_change() -> None:
    matched = match(circles("abcdx", "efgh"), earlier(c4="efghi", c9="abcde"))
    assert matched.to_dict() == {0: "c9", 1: "c4"}


def test_when_a_circle_splits_the_larger_part_keeps_the_id() -> None:
    matched = match(circles("abcdef", "gh"), earlier(c1="abcdefgh"))
    assert matched.to_dict() == {0: "c1"}


def test_a_circle_that_shares_hardly_anyone_is_new() -> None:
    assert match(circles("abcdefghij"), earlier(c1="azyxwvutsrqp")).empty


def test_new_circles_are_numbered_after_the_highest_id_ever_used() -> None:
    named = name([0, 1, 2], pd.Series({1: "c4"}, dtype=object), ["c4", "c12"])
    assert named.to_dict() == {0: "c13", 1: "c4", 2: "c14"}


def test_a_first_run_numbers_from_one() -> None:
    none = earlier()
    assert name([0, 1], match(circles("ab", "cd"), none), none["community_id"]).to_dict() == {
        0: "c1",
        1: "c2",
    }


def happened(now: pd.DataFrame, before: pd.DataFrame) -> set[tuple[object, ...]]:
    """Every event as a tuple, None where there is no such side."""
    found = changes(now, before).astype(object)
    return set(found.where(found.notna(), None).itertuples(index=False, name=None))


def test_births_deaths_splits_and_mergers_are_named() -> None:
    before = earlier(c1="abcdefgh", c2="qrs", c3="klm", c4="nop")
    now = earlier(c1="abcdx", c5="efgh", c3="klmnop", c9="YZ")
    assert happened(now, before) == {
        ("continued", "c1", "c1", 4, 5, 8),
        ("continued", "c3", "c3", 3, 6, 3),
        ("split", "c1", "c1", 4, 5, 8),
        ("split", "c5", "c1", 4, 4, 8),
        ("merged", "c3", "c3", 3, 6, 3),
        ("merged", "c3", "c4", 3, 6, 3),
        ("died", None, "c2", 0, None, 3),
        ("born", "c9", None, 0, 2, None),
    }
    assert counted(changes(now, before)) == {
        "continued": 2, "born": 1, "died": 1, "split": 1, "merged": 1,
    }  # fmt: skip


def test_one_who_moves_splits_nothing_and_merges_nothing() -> None:
    before, now = earlier(c1="abc", c2="def"), earlier(c1="ab", c2="cdef")
    assert {event for event, *_ in happened(now, before)} == {"continued"}


def test_three_tenths_make_a_part() -> None:
    before = earlier(c1="abcdefghij")
    assert counted(changes(earlier(c1="abcdefg", c2="hij"), before))["split"] == 1
    assert counted(changes(earlier(c1="abcdefgh", c2="ij"), before)) == {
        "continued": 1, "born": 1, "died": 0, "split": 0, "merged": 0,
    }  # fmt: skip


def test_a_first_run_has_no_events() -> None:
    assert changes(earlier(c1="ab"), earlier()).empty


ASSIGNED = st.dictionaries(st.integers(0, 40).map("m{}".format), st.integers(1, 6), min_size=1, max_size=40)


@settings(deadline=None)
@given(ASSIGNED, ASSIGNED)
def test_matching_is_one_to_one_and_the_events_add_up(first: dict[str, int], second: dict[str, int]) -> None:
    before = pd.DataFrame([(m, f"c{c}") for m, c in first.items()], columns=["member_id", "community_id"])
    found = pd.DataFrame(second.items(), columns=["member_id", "circle"])
    matched = match(found, before)
    assert matched.is_unique
    ids = name(found["circle"], matched, before["community_id"])
    assert ids.is_unique
    now = found.assign(community_id=found["circle"].map(ids))[["member_id", "community_id"]]
    events = changes(now, before)
    assert set(now["community_id"]) == set(events["community_id"].dropna())
    assert set(before["community_id"]) == set(events["earlier_id"].dropna())
    for event in events.itertuples():
        here = set(now.loc[now["community_id"] == event.community_id, "member_id"])
        there = set(before.loc[before["community_id"] == event.earlier_id, "member_id"])
        assert event.moved == len(here & there)
        assert pd.isna(event.size) or event.size == len(here)
        assert pd.isna(event.size_before) or event.size_before == len(there)
    for kind, side, whole in (("split", "earlier_id", "size_before"), ("merged", "community_id", "size")):
        told = events[events["event"] == kind].groupby(side)
        assert (told["moved"].sum() <= told[whole].first()).all()
        assert (told.size() > 1).all()
    counts = counted(events)
    assert counts["continued"] == len(matched)
    assert counts["continued"] + counts["born"] <= len(ids)
