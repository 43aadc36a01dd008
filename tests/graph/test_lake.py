"""Landing, reading as of a day, and the promise that a write is whole or absent."""

import errno
import os
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path
from unittest.mock import Mock

import pandas as pd
import pyarrow as pa
import pytest
from deltalake.exceptions import DeltaError

from graph.errors import Conflict, Damaged, NoSpace, NotFound, Unavailable
from graph.lake import Lake
from graph.landing import arrow_schema
from graph.schema import BELONGS_TO, CASE, MEMBER, RUN, SCORES, TIE, VISITED


def rows(kind, *given):
    return pa.Table.from_pylist([dict(row) for row in given], schema=arrow_schema(kind))


def land(lake, kind, *given, load_id="load-1", whole=None):
    with lake.writing("test") as writer:
        return writer.land(kind, rows(kind, *given), load_id, whole)


def tie(source, target, month, messages):
    return {"source": source, "target": target, "month": date(2026, month, 1), "messages": messages}


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


def test_an_empty_lake_answers_with_empty_tables(lake):
    assert lake.commit().number == 0
    assert lake.view().latest_day() is None
    assert list(lake.view().frame("ties")) == [field.name for field in TIE.columns]
    assert not lake.folder.exists(), "reading must not create anything"


def test_an_unknown_table_is_refused_by_name(lake):
    with pytest.raises(NotFound, match="no table named 'tyes'; known: account_parents"):
        lake.view().frame("tyes")


def test_landing_tells_new_from_changed_from_unchanged(lake):
    first = land(lake, TIE, tie("a", "b", 1, 3), tie("a", "b", 2, 5))
    assert (first.new, first.changed, first.unchanged) == (2, 0, 0)
    second = land(lake, TIE, tie("a", "b", 1, 4), tie("c", "b", 2, 1), tie("a", "b", 2, 5))
    assert second.status.to_pylist() == ["changed", "new", "unchanged"]
    found = lake.view().sql("SELECT source, month, messages FROM ties ORDER BY source, month")
    assert found["messages"].tolist() == [4, 5, 1]


def test_what_was_changed_can_still_be_filtered_by_text(lake):
    """Rewritten files must hold the same types as fresh ones, or filters on text fail."""
    land(lake, TIE, tie("a", "b", 1, 3), tie("c", "b", 1, 2), tie("a", "b", 2, 5))
    land(lake, TIE, tie("a", "b", 1, 4), tie("a", "b", 2, 6))
    land(lake, MEMBER, {"member_id": "a", "known_from": date(2026, 1, 1), "plan_id": "p1"})
    land(lake, MEMBER, {"member_id": "a", "known_from": date(2026, 1, 1), "plan_id": "p2"})
    assert lake.view().sql("SELECT sum(messages) AS n FROM ties WHERE source = 'a'")["n"].tolist() == [10]
    assert lake.view().sql("SELECT sum(messages) AS n FROM ties WHERE source = 'c'")["n"].tolist() == [2]
    assert len(lake.view().sql("SELECT 1 FROM members WHERE plan_id = 'p2'")) == 1


def test_the_same_rows_twice_change_nothing(lake):
    given = [tie("a", "b", 1, 3), tie("b", "a", 1, 2)]
    land(lake, TIE, *given)
    before = lake.commit().tables
    again = land(lake, TIE, *given)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    assert lake.commit().tables == before


def test_what_is_no_longer_said_of_a_thing_is_withdrawn(lake):
    def version(who, day, plan="p1"):
        return {"member_id": who, "known_from": date(2026, 1, day), "plan_id": plan}

    land(lake, MEMBER, *(version(who, day) for who in "abc" for day in (1, 2)))
    given = [version("a", 1), version("b", 1), version("b", 2), version("c", 1)]
    whole = pa.table({"member_id": ["a", "b"]})
    second = land(lake, MEMBER, *given, whole=whole)
    assert second.status.to_pylist() == ["changed", "unchanged", "unchanged", "unchanged"]
    left = lake.view().every_row("members").select(["member_id", "known_from"]).to_pylist()
    assert sorted((row["member_id"], row["known_from"].day) for row in left) == [
        ("a", 1),
        ("b", 1),
        ("b", 2),
        ("c", 1),
        ("c", 2),
    ]
    before = lake.commit().tables
    third = land(lake, MEMBER, *given, whole=whole)
    assert (third.new, third.changed, third.unchanged) == (0, 0, 4)
    assert lake.commit().tables == before
    fourth = land(lake, MEMBER, version("a", 3), whole=whole.slice(0, 1))
    assert (fourth.new, fourth.changed) == (1, 0)
    assert lake.view().sql("SELECT known_from FROM members WHERE member_id = 'a'")["known_from"][0].day == 3


def test_an_empty_date_in_a_key_equals_an_empty_date(lake):
    belongs = {"source": "a", "target": "A", "since": None, "until": None}
    land(lake, BELONGS_TO, belongs)
    ended = land(lake, BELONGS_TO, {**belongs, "until": date(2026, 5, 1)})
    assert (ended.new, ended.changed) == (0, 1)
    assert len(lake.view().frame("memberships")) == 1


def test_a_month_is_known_from_its_last_day(lake):
    land(lake, TIE, tie("a", "b", 1, 3), tie("a", "b", 2, 5))
    assert lake.view(date(2026, 1, 30)).frame("ties").empty
    assert lake.view(date(2026, 1, 31)).frame("ties")["messages"].tolist() == [3]
    assert lake.view(date(2026, 2, 28)).frame("ties")["messages"].sum() == 8
    assert lake.view().latest_day() == date(2026, 2, 28)


def test_versions_show_what_was_known_on_the_day(lake):
    left = date(2026, 3, 10)
    land(
        lake,
        MEMBER,
        {"member_id": "a", "known_from": date(2026, 1, 1), "plan_id": "p1"},
        {"member_id": "a", "known_from": left, "plan_id": "p1", "left": left, "left_kind": "active_price"},
        {"member_id": "a", "known_from": date(2026, 5, 2), "plan_id": "p2"},
    )

    def as_of(*day):
        found = lake.view(date(*day)).frame("members", ["plan_id", "left"]).to_dict("records")
        return [(row["plan_id"], None if pd.isna(row["left"]) else row["left"].date()) for row in found]

    assert as_of(2025, 12, 31) == []
    assert as_of(2026, 3, 9) == [("p1", None)]
    assert as_of(2026, 3, 10) == [("p1", left)]
    assert as_of(2026, 5, 2) == [("p2", None)]


def test_what_became_known_later_is_hidden(lake):
    land(
        lake,
        CASE,
        {
            "case_id": "k",
            "known_from": date(2026, 1, 5),
            "opened": date(2026, 1, 5),
            "closed": date(2026, 2, 1),
            "satisfied": False,
        },
    )
    before = lake.view(date(2026, 1, 31)).arrow("cases").to_pylist()[0]
    after = lake.view(date(2026, 2, 1)).arrow("cases").to_pylist()[0]
    assert (before["closed"], before["satisfied"]) == (None, None)
    assert (after["closed"], after["satisfied"]) == (date(2026, 2, 1), False)


def test_an_interval_is_open_until_it_has_ended(lake):
    land(
        lake,
        BELONGS_TO,
        {"source": "a", "target": "A", "since": date(2026, 1, 10), "until": date(2026, 2, 10)},
        {"source": "a", "target": "B", "since": date(2026, 2, 11)},
    )

    def open_at(*day):
        return (
            lake.view(date(*day)).sql("SELECT target FROM memberships WHERE until IS NULL")["target"].tolist()
        )

    assert open_at(2026, 1, 9) == []
    assert open_at(2026, 2, 9) == ["A"]
    assert open_at(2026, 2, 11) == ["B"]


def test_events_appear_on_their_day(lake):
    land(lake, VISITED, {"source": "m", "target": "c", "date": date(2026, 4, 4)})
    assert lake.view(date(2026, 4, 3)).frame("visits").empty
    assert len(lake.view(date(2026, 4, 4)).frame("visits")) == 1


def test_results_are_appended_with_absent_columns_empty(lake):
    with lake.writing("run") as writer:
        writer.append(RUN, pd.DataFrame([{"run_id": "r1", "as_of": date(2026, 1, 31)}]))
        writer.append(SCORES, pd.DataFrame([{"run_id": "r1", "kind": "Member", "id": "a", "value": 0.5}]))
    assert lake.view().frame("scores")["value"].tolist() == [0.5]
    assert lake.view().arrow("runs").to_pylist()[0]["notes"] is None


def test_a_write_that_fails_leaves_nothing_and_the_next_one_works(lake):
    land(lake, TIE, tie("a", "b", 1, 3))
    with pytest.raises(RuntimeError), lake.writing("cut off") as writer:  # noqa: PT012
        writer.land(TIE, rows(TIE, tie("x", "y", 1, 9)), "load-2")
        writer.land(MEMBER, rows(MEMBER, {"member_id": "x", "known_from": date(2026, 1, 1)}), "load-2")
        raise RuntimeError
    assert lake.commit().number == 1
    assert lake.view().frame("ties")["source"].tolist() == ["a"]
    assert lake.view().frame("members").empty
    land(lake, TIE, tie("c", "d", 1, 1))
    land(lake, MEMBER, {"member_id": "c", "known_from": date(2026, 1, 1)})
    assert sorted(lake.view().frame("ties")["source"]) == ["a", "c"]
    assert lake.view().frame("members")["member_id"].tolist() == ["c"]


def test_a_killed_writer_leaves_nothing_and_no_lock(lake):
    land(lake, TIE, tie("a", "b", 1, 3))
    program = textwrap.dedent(f"""
        import os, sys
        from tests.graph.test_lake import TIE, Lake, rows, tie
        from pathlib import Path
        with Lake(Path({str(lake.folder)!r})).writing("killed") as writer:
            writer.land(TIE, rows(TIE, tie("x", "y", 1, 9)), "load-2")
            os.kill(os.getpid(), 9)
    """)
    died = subprocess.run([sys.executable, "-c", program], check=False)
    assert died.returncode == -9
    assert lake.view().frame("ties")["source"].tolist() == ["a"]
    land(lake, TIE, tie("c", "d", 1, 1))
    assert sorted(lake.view().frame("ties")["source"]) == ["a", "c"]


def test_an_earlier_state_can_be_read_again(lake):
    land(lake, TIE, tie("a", "b", 1, 3))
    land(lake, TIE, tie("a", "b", 1, 4))
    assert lake.view(number=1).frame("ties")["messages"].tolist() == [3]
    assert lake.view().frame("ties")["messages"].tolist() == [4]


def test_two_writers_at_once_are_told_apart(lake):
    with (
        lake.writing("first"),
        pytest.raises(Conflict, match="another process is writing"),
        lake.writing("second"),
    ):
        pass


def test_a_damaged_commit_is_named(lake):
    land(lake, TIE, tie("a", "b", 1, 3))
    path = next((lake.folder / "commits").glob("*.json"))
    path.write_text("{", encoding="utf-8")
    with pytest.raises(Damaged, match=path.name):
        lake.view()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    lake = Lake(tmp_path / "file" / "lake")
    with pytest.raises(Unavailable, match="GUANXI_HOME"):
        land(lake, TIE, tie("a", "b", 1, 3))


def test_whatever_the_system_refuses_is_one_sentence(monkeypatch, tmp_path):
    with pytest.raises(Unavailable, match=r"the lake /proc/nothing/lake cannot be used \(No such file"):
        land(Lake(Path("/proc/nothing/lake")), TIE, tie("a", "b", 1, 3))
    lake = Lake(tmp_path / "lake")
    land(lake, TIE, tie("a", "b", 1, 3))
    for fault, kind, says in [
        (OSError(errno.EROFS, "x"), Unavailable, "Read-only file system"),
        (OSError(errno.EIO, "x"), Unavailable, "Input/output error"),
        (OSError(errno.EDQUOT, "x"), NoSpace, "too full"),
        (DeltaError("Generic error: Unable to write (os error 30)"), Unavailable, "Read-only"),
        (DeltaError("Generic error: No space left on device (os error 28)"), NoSpace, "too full"),
    ]:
        monkeypatch.setattr("graph.writer.write_deltalake", Mock(side_effect=fault))
        with pytest.raises(kind, match=says) as told:
            land(lake, TIE, tie("c", "b", 1, 3))
        assert str(lake.folder) in str(told.value)
        assert "\n" not in str(told.value)


def test_the_lake_is_not_blamed_for_what_others_do_while_it_is_written(lake):
    with pytest.raises(OSError, match="not the lake's"), lake.writing("test"):
        raise OSError(errno.ENOSPC, "not the lake's")


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MB, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=False, capture_output=True
        ).returncode
    )
    if not mounted:
        pytest.skip("a small file system can only be mounted by root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_and_nothing_is_half_landed(small_disk, capfd):
    lake = Lake(small_disk / "lake")
    land(lake, TIE, tie("a", "b", 1, 3))
    many = [tie(os.urandom(16).hex(), os.urandom(16).hex(), 1, n) for n in range(60_000)]
    with pytest.raises(NoSpace, match=r"disk of the lake .* is too full .*; nothing of it was kept"):
        land(lake, TIE, *many)
    assert capfd.readouterr() == ("", ""), "delta-rs panics on the terminal when it is let run into it"
    assert lake.view().frame("ties")["source"].tolist() == ["a"]
    land(lake, TIE, tie("c", "d", 1, 1))
    assert sorted(lake.view().frame("ties")["source"]) == ["a", "c"]
