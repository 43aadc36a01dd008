"""Rows set aside are mended where they lie and loaded again, alone."""

import csv

import pytest

from graph.errors import BadInput, NotFound
from ingest.reload import reload
from tests.ingest.small import PEOPLE, TIES, aside

DATED = PEOPLE + 'joined = "day"\n'


def mend(report, file, change):
    path = report.quarantine / file
    with path.open(newline="", encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    for row in rows:
        change(row)
    with path.open("w", newline="", encoding="utf-8-sig") as target:  # as a spreadsheet saves it
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_mended_rows_land_and_those_still_bad_are_set_aside_again(bench):
    bench.write(people='id,day\nann,2024-01-01\n"b,b",soon\ncy,later\n"d,2024-01-01\n')
    first = bench.load(DATED)
    assert (first.landed, first.set_aside) == (1, 3)

    def change(row):
        if row["id"] == "b,b":
            row["day"] = "2024-02-02"
        if row["#text"]:
            row["id"], row["day"] = "d", "2024-01-01"

    mend(first, "people.csv", change)
    again = reload(first.load_id, bench.lake, bench.folder / "quarantine")
    assert (again.rows_in, again.landed, again.set_aside) == (3, 2, 1)
    assert [row[0] for row in bench.rows("members", "member_id")] == ["ann", "b,b", "d"]
    assert [row[4] for row in aside(again)] == ["cy,later"]
    assert again.feed == "small"


def test_the_files_left_in_the_quarantine_are_the_owners_own(bench):
    bench.write(people="id,day\nann,soon\n")
    first = bench.load(DATED)
    reload(first.load_id, bench.lake, bench.folder / "quarantine")
    assert sorted(path.name for path in first.quarantine.iterdir()) == ["load.json", "people.csv"]


def test_a_part_of_a_sum_is_refused(bench):
    bench.write(people="id\nann\n", ties="a,b,day\nann,ann,2024-01-01\nann,ann,soon\n")
    first = bench.load(PEOPLE + TIES)
    with pytest.raises(BadInput, match=r"rows of ties\.csv are summed up for ties, so they cannot be loaded"):
        reload(first.load_id, bench.lake, bench.folder / "quarantine")


def test_a_reload_neither_withdraws_nor_counts_as_a_shrunk_file(bench):
    complete = DATED.replace('from = "people"', 'from = "people"\ncomplete = true')
    rows = "".join(f"m{n},2024-01-01\n" for n in range(60))
    bench.write(people=f"id,day\n{rows}ann,soon\n")
    first = bench.load(complete)
    mend(first, "people.csv", lambda row: row.update(day="2024-01-01"))
    again = reload(first.load_id, bench.lake, bench.folder / "quarantine")
    assert (again.landed, again.withdrawn) == (1, 0)
    assert len(bench.rows("members", "member_id")) == 61


@pytest.mark.parametrize("load_id", ["nothing", "../quarantine", ""])
def test_an_unknown_load_is_named_with_those_there_are(bench, load_id):
    bench.write(people="id,day\nann,soon\n")
    first = bench.load(DATED)
    with pytest.raises(NotFound, match=f"there are: {first.load_id}"):
        reload(load_id, bench.lake, bench.folder / "quarantine")
