import pandas as pd

from analytics.continuity import match, name


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
