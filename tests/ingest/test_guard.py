"""What stops a load: an extract that has shrunk, too many bad rows, a sweep that would take too much."""

from datetime import UTC, datetime, timedelta

import pytest

from graph.errors import BadInput
from tests.ingest.small import PEOPLE, TIES, aside

COMPLETE = PEOPLE.replace('from = "people"', 'from = "people"\ncomplete = true')


def people(*numbers, bad=0):
    return "id,day\n" + "".join(f"m{n},2024-01-01\n" for n in numbers) + ",\n" * bad


def ids(bench, day=None):
    return {row["member_id"] for row in bench.lake.view(day).arrow("members", ["member_id"]).to_pylist()}


def test_a_file_that_lost_a_third_of_its_rows_is_taken_for_cut_off(bench):
    bench.write(people=people(*range(100)))
    bench.load(PEOPLE)
    bench.write(people=people(*range(69)))
    with pytest.raises(BadInput, match=r"people\.csv has 69 rows where the last load of this feed read 100;"):
        bench.load(PEOPLE)
    assert bench.load(PEOPLE, shrink=True).unchanged == 69
    bench.write(people=people(*range(68)))
    assert bench.load(PEOPLE).unchanged == 68, "held against the last load, not the largest"


def test_few_rows_are_never_taken_for_cut_off(bench):
    bench.write(people=people(1, 2, 3, 4, 5))
    bench.load(PEOPLE)
    bench.write(people=people(1))
    assert bench.load(PEOPLE).unchanged == 1


@pytest.mark.parametrize(("good", "bad", "refused"), [(0, 20, False), (500, 21, True), (2100, 21, False)])
def test_too_many_bad_rows_stop_the_file_and_are_shown(bench, good, bad, refused):
    bench.write(people=people(*range(good), bad=bad))
    if not refused:
        assert bench.load(PEOPLE).set_aside == bad
        return
    with pytest.raises(BadInput, match=r"people\.csv: 21 of 521 rows cannot be used.*--accept-bad") as told:
        bench.load(PEOPLE)
    place = bench.folder / "quarantine" / str(told.value).rpartition("/")[2]
    assert (place / "people.csv").read_text().count("member_id is empty") == 21
    assert bench.lake.view().versions == {}
    assert bench.load(PEOPLE, bad=True).landed == good


def test_rows_that_contradict_each_other_count_as_bad(bench):
    rows = [f"m{n // 2},{n}\n" for n in range(60)]
    bench.write(people="id,rating\n" + "".join(rows))
    with pytest.raises(BadInput, match=r"people\.csv: 60 of 60 rows cannot be used"):
        bench.load(PEOPLE + 'credit_level = "rating"\n')
    assert bench.lake.view().versions == {}


def test_edges_that_wait_are_not_bad(bench):
    bench.write(people=people(1), ties="a,b,day\n" + "".join(f"x{n},y,2024-01-01\n" for n in range(50)))
    assert bench.load(PEOPLE + TIES).waiting == 50


def test_what_a_complete_file_no_longer_states_is_withdrawn_from_today(bench):
    bench.write(people=people(*range(100)))
    bench.load(COMPLETE)
    bench.write(people=people(*range(3, 100)))
    assert bench.load(COMPLETE).withdrawn == 3
    assert ids(bench) == {f"m{n}" for n in range(3, 100)}
    today = datetime.now(UTC).date()
    assert ids(bench, today - timedelta(days=1)) == {f"m{n}" for n in range(100)}
    assert ids(bench, today) == ids(bench)
    bench.write(people=people(*range(100)))
    back = bench.load(COMPLETE)
    assert (back.landed, back.unchanged, back.withdrawn) == (3, 97, 0)
    assert len(ids(bench)) == 100


def test_without_the_word_complete_nothing_is_withdrawn(bench):
    bench.write(people=people(*range(30)))
    bench.load(PEOPLE)
    bench.write(people=people(*range(20, 30)))
    assert bench.load(PEOPLE).withdrawn == 0
    assert len(ids(bench)) == 30


def test_an_empty_file_and_one_with_bad_rows_withdraw_nothing(bench):
    bench.write(people=people(*range(10)))
    bench.load(COMPLETE)
    bench.write(people=people())
    assert bench.load(COMPLETE).notes == (
        "people.csv: nothing was withdrawn from members, since it has no rows",
    )
    bench.write(people=people(1, bad=1))
    report = bench.load(COMPLETE)
    assert report.notes == ("people.csv: nothing was withdrawn from members, since 1 rows were set aside",)
    assert len(aside(report)) == 1
    assert len(ids(bench)) == 10


def test_more_than_a_twentieth_is_not_withdrawn_unasked(bench):
    bench.write(people=people(*range(500)))
    bench.load(COMPLETE)
    bench.write(people=people(*range(26, 500)))
    with pytest.raises(BadInput, match=r"no longer states 26 of the 500 rows of members .*--accept-shrink"):
        bench.load(COMPLETE)
    assert len(ids(bench)) == 500
    assert bench.load(COMPLETE, shrink=True).withdrawn == 26
    assert len(ids(bench)) == 474


def test_rows_of_another_feed_are_not_withdrawn(bench):
    bench.write(people=people(1, 2, 3))
    bench.load(PEOPLE.replace('"small"', '"other"'))
    bench.write(people=people(4))
    assert bench.load(COMPLETE).withdrawn == 0
    assert len(ids(bench)) == 4
