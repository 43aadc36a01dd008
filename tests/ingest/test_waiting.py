"""Edges whose ends are not known yet: they wait, are tried with every load, and are never made up."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest

from ingest.publishing.export import export
from ingest.waiting import DAYS, wanted
from tests.ingest.small import PEOPLE, TIES, Bench

ONLY_TIES = 'name = "ties"\ntitle = "ties alone"\n' + TIES
ACCOUNTS = """
name = "firms"
title = "who belongs where"
[files.firms]
path = "firms.csv"
[[map]]
to = "accounts"
from = "firms"
[map.fields]
account_id = "firm"
[[map]]
to = "memberships"
from = "firms"
[map.fields]
source = "id"
target = "firm"
"""


def test_an_edge_waits_for_its_end_and_lands_when_it_comes(bench):
    bench.write(ties="a,b,day\nann,bob,2024-03-05\nann,cy,2024-03-05\nbob,ann,2024-03-06\n")
    first = bench.load(ONLY_TIES)
    assert (first.set_aside, first.waiting, first.quarantine) == (3, 3, None)
    assert bench.rows("ties", "source", "target") == []
    assert wanted(bench.lake) == [
        {"table": "ties", "label": "Member", "id": "ann", "facts": 3},
        {"table": "ties", "label": "Member", "id": "bob", "facts": 2},
        {"table": "ties", "label": "Member", "id": "cy", "facts": 1},
    ]
    bench.write(people="id\nann\nbob\n")
    second = bench.load(PEOPLE)
    assert (second.landed, second.released) == (2, 2)
    assert bench.rows("ties", "source", "target", "calls") == [("ann", "bob", 1), ("bob", "ann", 1)]
    assert [row["id"] for row in wanted(bench.lake)] == ["cy"]
    bench.write(people="id\ncy\n")
    assert bench.load(PEOPLE.replace('"small"', '"more"')).released == 1
    assert wanted(bench.lake) == []
    assert "ties.waiting" not in bench.lake.commit().tables


def test_what_is_stated_anew_takes_the_place_of_what_waited(bench):
    bench.write(ties="a,b,day\nann,bob,2024-03-05\n")
    bench.load(ONLY_TIES)
    bench.write(ties="a,b,day\nann,bob,2024-03-05\nann,bob,2024-03-07\n", people="id\nann\nbob\n")
    report = bench.load(PEOPLE + TIES)
    assert (report.landed, report.released) == (4, 0)
    assert bench.rows("ties", "source", "target", "calls") == [("ann", "bob", 2)]
    assert wanted(bench.lake) == []


def test_waiting_twice_is_waiting_once(bench):
    bench.write(ties="a,b,day\nann,bob,2024-03-05\n")
    assert [bench.load(ONLY_TIES).waiting for _ in range(2)] == [1, 1]
    assert wanted(bench.lake)[0]["facts"] == 1


def test_after_its_time_it_is_given_up_with_a_note(bench, monkeypatch):
    bench.write(ties="a,b,day\nann,bob,2024-03-05\n", people="id\nzoe\n")
    bench.load(ONLY_TIES)
    later = datetime.now(UTC) + timedelta(days=DAYS + 2)

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return later

    monkeypatch.setattr("ingest.run.datetime", Later)
    assert bench.load(PEOPLE).notes == (
        f"1 facts had waited {DAYS} days for a node they name and were given up",
    )
    assert wanted(bench.lake) == []


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    folder = tmp_path_factory.mktemp("straight")
    return hashes(Bench(folder / "bench"), [ACCOUNTS, PEOPLE, ONLY_TIES], folder / "a")


@pytest.mark.parametrize("order", list(permutations([PEOPLE, ONLY_TIES, ACCOUNTS])))
def test_any_order_of_three_files_leads_to_the_same_lake(tmp_path, straight, order):
    assert hashes(Bench(tmp_path / "other"), order, tmp_path / "b") == straight
    assert {row["table"]: row["rows"] for row in straight} == {
        "accounts": 2, "members": 3, "memberships": 3, "ties": 2,
    }  # fmt: skip


def hashes(bench, order, folder):
    bench.folder.mkdir()
    bench.write(
        people="id\nann\nbob\ncy\n",
        ties="a,b,day\nann,bob,2024-03-05\nbob,cy,2024-04-05\n",
        firms="id,firm\nann,A\nbob,B\ncy,B\n",
    )
    for feed in order:
        bench.load(feed)
    return export(bench.lake, folder)


def test_nothing_waits_for_a_day(bench):
    """A waiting edge is no fact yet: it moves neither the first nor the last day of the lake."""
    bench.write(ties="a,b,day\nann,bob,2030-03-05\n", people="id\nzoe\n")
    bench.load(ONLY_TIES)
    bench.load(PEOPLE)
    assert bench.lake.view().latest_day() == date(1900, 1, 1)
