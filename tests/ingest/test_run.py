"""A whole load: every row accounted for, nothing half-loaded, a second load that changes nothing."""

import csv
import errno
import stat
from datetime import date
from unittest.mock import Mock

import pytest

from graph.errors import BadInput, Conflict, GuanxiError, NoSpace, NotFound, Unavailable
from graph.lake import Lake
from ingest.land import MapCount
from tests.ingest.small import PEOPLE, TIES, aside

PEOPLE_AND_TIES = PEOPLE + TIES
DAY = date(1900, 1, 1)


def counts(report, table="members"):
    """rows in, landed, unchanged, set aside, left out of the one mapping to a table."""
    count = next(count for count in report.tables if count.table == table)
    return count.rows_in, count.landed, count.unchanged, count.set_aside, count.left_out


def test_rows_become_facts_and_sums_stand_for_all_their_rows(bench):
    bench.write(
        people="id\nann\nbob\n", ties="a,b,day\nann,bob,2024-03-05\nann,bob,2024-03-06\nbob,ann,2024-04-01\n"
    )
    report = bench.load(PEOPLE_AND_TIES)
    assert counts(report) == (2, 2, 0, 0, 0)
    assert counts(report, "ties") == (3, 3, 0, 0, 0)
    assert bench.rows("members", "member_id", "known_from") == [("ann", DAY), ("bob", DAY)]
    assert bench.rows("ties", "source", "target", "month", "calls") == [
        ("ann", "bob", date(2024, 3, 1), 2),
        ("bob", "ann", date(2024, 4, 1), 1),
    ]
    assert report.quarantine is None


def test_a_second_load_changes_nothing_but_is_recorded(bench):
    bench.write(people="id\nann\nbob\n", ties="a,b,day\nann,bob,2024-03-05\nann,bob,2024-03-06\n")
    first = bench.load(PEOPLE_AND_TIES)
    versions = bench.lake.view().versions
    again = bench.load(PEOPLE_AND_TIES)
    assert counts(again) == (2, 0, 2, 0, 0)
    assert counts(again, "ties") == (2, 0, 2, 0, 0)
    assert [count.facts_unchanged for count in again.tables] == [2, 1]
    now = bench.lake.view().versions
    assert {name: now[name] for name in now if name not in ("loads", "quality")} == {
        name: versions[name] for name in versions if name not in ("loads", "quality")
    }
    assert bench.rows("loads", "load_id", "feed", "rows_in", "landed", "unchanged", "set_aside") == sorted(
        [(first.load_id, "small", 4, 4, 0, 0), (again.load_id, "small", 4, 0, 4, 0)], key=repr
    )


def test_only_what_changed_is_landed_again(bench):
    bench.write(people="id\nann\nbob\n", ties="a,b,day\nann,bob,2024-03-05\nbob,ann,2024-03-06\n")
    bench.load(PEOPLE_AND_TIES)
    bench.write(
        ties="a,b,day\nann,bob,2024-03-05\nbob,ann,2024-03-06\nbob,ann,2024-03-07\nbob,ann,2024-04-07\n"
    )
    report = bench.load(PEOPLE_AND_TIES)
    assert counts(report, "ties") == (4, 3, 1, 0, 0)
    ties = report.tables[1]
    assert (ties.facts_new, ties.facts_changed, ties.facts_unchanged) == (1, 1, 1)


def test_broken_rows_are_set_aside_with_line_field_reason_and_text(bench):
    bench.write(
        people='id\nann\n"bob\nson"\n',
        ties='a,b,day\nann,"bob\nson",2024-03-05\nann,,2024-03-05\nann,ann,05.03.2024\nann\n"x\nann,zoe,2024-03-05\n',
    )
    report = bench.load(PEOPLE_AND_TIES)
    assert counts(report, "ties") == (6, 1, 0, 5, 0)
    assert aside(report) == [
        ("ties.csv", 4, "target", "target is empty", "ann,,2024-03-05"),
        ("ties.csv", 5, "month", "'05.03.2024' is not a date written %Y-%m-%d", "ann,ann,05.03.2024"),
        ("ties.csv", 6, "", "1 cells where 3 columns are named in line 1", "ann"),
        ("ties.csv", 7, "", "a quote opened in this line is never closed", '"x'),
    ]
    assert report.waiting == 1, "ann wrote to zoe, who may still come"


def test_the_quarantine_is_its_owners_and_tells_loads_and_files_apart(bench):
    bench.write(people="id\n\nann,1\n", ties="a,b,day\nann,bob,soon\n")
    first, second = bench.load(PEOPLE_AND_TIES), bench.load(PEOPLE_AND_TIES)
    assert first.quarantine.parent == second.quarantine.parent == bench.folder / "quarantine"
    assert first.quarantine != second.quarantine
    files = sorted(first.quarantine.iterdir())
    assert [file.name for file in files] == ["load.json", "people.csv", "ties.csv"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(first.quarantine.stat().st_mode) == 0o700
    with files[2].open(newline="") as file:
        assert list(csv.DictReader(file)) == [
            {
                "#line": "2",
                "#table": "ties",
                "#field": "month",
                "#reason": "'soon' is not a date written %Y-%m-%d",
                "#text": "",
                "a": "ann",
                "b": "bob",
                "day": "soon",
            }
        ]


def test_a_key_with_different_values_sets_aside_all_that_state_it(bench):
    bench.write(people="id,rating\nann,A\nbob,B\nann,C\nbob,B\n")
    report = bench.load(PEOPLE + 'credit_level = "rating"\n')
    assert counts(report) == (4, 2, 0, 2, 0)
    assert bench.rows("members", "member_id", "credit_level") == [("bob", "B")]
    reason = "member_id ann, known_from 1900-01-01 stands with different values of credit_level (lines 2, 4)"
    assert aside(report) == [
        ("people.csv", 2, "credit_level", reason, "ann,A"),
        ("people.csv", 4, "credit_level", reason, "ann,C"),
    ]


def test_two_mappings_of_one_table_share_what_they_state_alike(bench):
    second = PEOPLE.split("[[map]]")[1].replace('"people"', '"more"')
    feed = PEOPLE + '[files.more]\npath = "more.csv"\n[[map]]' + second
    bench.write(people="id\nann\nbob\n", more="id\nbob\ncy\n")
    report = bench.load(feed)
    assert [(count.facts_new, count.landed) for count in report.tables] == [(2, 2), (2, 2)]
    assert [row[0] for row in bench.rows("members", "member_id")] == ["ann", "bob", "cy"]


def test_two_mappings_that_contradict_each_other_lose_both_rows(bench):
    second = PEOPLE.split("[[map]]")[1].replace('"people"', '"more"') + 'credit_level = "rating"\n'
    bench.write(people="id\nann\nbob\n", more="id,rating\nbob,A\n")
    report = bench.load(PEOPLE + '[files.more]\npath = "more.csv"\n[[map]]' + second)
    assert [(count.rows_in, count.landed, count.set_aside) for count in report.tables] == [
        (2, 1, 1),
        (1, 0, 1),
    ]
    assert bench.rows("members", "member_id") == [("ann",)]


def test_nodes_known_from_an_earlier_load_are_known(bench):
    bench.write(people="id\nann\nbob\n")
    bench.load(PEOPLE)
    only_ties = 'name = "ties"\ntitle = "ties alone"\n' + TIES
    bench.write(ties="a,b,day\nann,bob,2024-03-05\nann,cy,2024-03-05\n")
    assert counts(bench.load(only_ties), "ties") == (2, 1, 0, 1, 0)


def test_an_end_of_several_kinds_is_looked_up_under_its_own(bench):
    bench.write(
        people="id\nann\n", money="kind,who,what,from\nMember,ann,p,\nAccount,ann,p,\nMember,ann,q,\n"
    )
    feed = (
        PEOPLE
        + """
[files.money]
path = "money.csv"
[[map]]
to = "products"
from = "people"
[map.fields]
product_id = { constant = "p" }
[[map]]
to = "subscriptions"
from = "money"
[map.fields]
source_label = "kind"
source = "who"
target = "what"
since = "from"
"""
    )
    report = bench.load(feed)
    assert counts(report, "subscriptions") == (3, 1, 0, 2, 0)
    assert report.waiting == 2, "no account is called ann, and no product q"
    assert aside(report) == []


def test_rows_left_out_by_rule_are_not_set_aside(bench):
    bench.write(people="id\nann\n", ties="a,b,day\nann,ann,2024-03-05\nann,ann,\nann,zoe,2024-03-05\n")
    where = 'from = "ties"\nwhere = [{ column = "a", differs_from = "b" }]'
    report = bench.load(PEOPLE_AND_TIES.replace('from = "ties"', where))
    assert counts(report, "ties") == (1, 0, 0, 1, 2)


def test_a_join_sets_aside_rows_without_a_partner(bench):
    feed = (
        PEOPLE
        + TIES.replace('from = "ties"', 'from = "both"')
        + """
[files.days]
path = "days.csv"
[joins.both]
left = "ties"
right = "days"
on = "n"
"""
    )
    bench.write(people="id\nann\nbob\n", ties="n,a,b\n1,ann,bob\n2,ann,bob\n3,ann,bob\n")
    bench.write(days="n,day\n1,2024-03-05\n3,2024-03-06\n3,2024-03-07\n4\n")
    report = bench.load(feed)
    assert counts(report, "ties") == (3, 1, 0, 2, 0)
    assert [row[:4] for row in aside(report)] == [
        ("days.csv", 5, "", "1 cells where 2 columns are named in line 1"),
        ("ties.csv", 3, "n", "'2' does not stand as n in days.csv"),
        ("ties.csv", 4, "n", "'3' stands more than once as n in days.csv, with different values"),
    ]
    assert [(file.name, file.rows, file.unusable) for file in report.files] == [
        ("people", 2, 0), ("ties", 3, 0), ("days", 4, 1),
    ]  # fmt: skip


def test_columns_of_the_same_name_need_no_mapping(bench):
    feed = 'name = "same"\ntitle = "same"\n[files.members]\npath = "members.csv"\n'
    feed += '[[map]]\nto = "members"\nfrom = "members"\ncolumns = "same"\n'
    bench.write(
        members="member_id,known_from,left,shoe size\nann,2024-01-31,2024-01-15,38\nbob,2024-01-31,,40\n"
    )
    report = bench.load(feed)
    assert bench.rows("members", "member_id", "known_from", "left") == [
        ("ann", date(2024, 1, 31), date(2024, 1, 15)),
        ("bob", date(2024, 1, 31), None),
    ]
    assert report.notes == ("members.csv: no columns of the table members, so not used: shoe size",)
    bench.write(members="left\n2024-01-01\n")
    with pytest.raises(BadInput, match=r"members\.csv, line 1: no column 'member_id'; it has: left"):
        bench.load(feed)


def test_optional_files_may_be_absent_but_not_all_of_them(bench):
    feed = PEOPLE_AND_TIES.replace('path = "ties.csv"', 'path = "ties.csv"\noptional = true')
    bench.write(people="id\nann\n")
    assert [count.table for count in bench.load(feed).tables] == ["members"]
    feed = feed.replace('path = "people.csv"', 'path = "people.csv"\noptional = true')
    (bench.folder / "data" / "people.csv").unlink()
    with pytest.raises(
        NotFound, match=r"none of the feed's files is in .*; it looks for people\.csv, ties\.csv"
    ):
        bench.load(feed)


SILENCE = """
[files.mail]
path = "mail.csv"
[[map]]
to = "members"
from = "people"
[map.fields]
member_id = { column = "id", prefix = "x-" }
credit_level = "rating"
[map.silence]
events = "mail"
person = "sender"
at = { column = "sent", dates = "%d.%m.%Y" }
days = 10
"""


def test_the_silent_have_left_until_they_are_back(bench):
    bench.write(people="id,rating\nann,A\nbob,B\ncy,C\n")
    mail = ["ann,01.01.2024", "bob,01.01.2024", "bob,12.01.2024", "ann,20.01.2024", "zoe,31.01.2024"]
    bench.write(mail="sender,sent\n" + "\n".join([*mail, "ann,soon", ",31.01.2024"]) + "\n")
    feed = PEOPLE.split("[[map]]")[0] + SILENCE
    report = bench.load(feed)
    assert counts(report) == (3, 3, 0, 0, 0)
    state = bench.rows("members", "member_id", "known_from", "left", "credit_level")
    assert state == [
        ("x-ann", date(2024, 1, 31), date(2024, 1, 30), "A"),
        ("x-bob", date(2024, 1, 31), date(2024, 1, 22), "B"),
        ("x-cy", DAY, None, "C"),
    ]
    left = {}
    for day in (11, 12, 19, 20, 30, 31):
        members = bench.lake.view(date(2024, 1, day)).arrow("members").to_pylist()
        left[day] = {row["member_id"]: row["left"].day for row in members if row["left"]}
    assert left == {
        11: {},
        12: {"x-ann": 11},
        19: {"x-ann": 11},
        20: {},
        30: {},
        31: {"x-ann": 30, "x-bob": 22},
    }
    assert aside(report) == [
        ("mail.csv", 7, "at", "'soon' is not a date written %d.%m.%Y", "ann,soon"),
        ("mail.csv", 8, "sender", "sender is empty", ",31.01.2024"),
    ]
    assert [(file.name, file.rows, file.unusable) for file in report.files] == [
        ("people", 3, 0),
        ("mail", 7, 2),
    ]
    assert counts(bench.load(feed)) == (3, 0, 3, 0, 0)


def test_late_mail_withdraws_a_leaving_that_never_was(bench):
    bench.write(people="id,rating\nann,A\nbob,B\n")
    late = "ann,10.01.2024\n"
    mail = "sender,sent\nann,01.01.2024\nbob,01.01.2024\n{}ann,18.01.2024\nbob,19.01.2024\n"
    feed = PEOPLE.split("[[map]]")[0] + SILENCE

    def versions():
        rows = bench.lake.view().every_row("members").to_pylist()
        return sorted((row["member_id"], row["known_from"], row["left"]) for row in rows)

    bench.write(mail=mail.format(""))
    bench.load(feed)
    assert [row for row in versions() if row[0] == "x-ann"] == [("x-ann", DAY, None)]
    bench.write(mail=mail.format("") + "cy,12.01.2024\n")
    assert counts(bench.load(feed)) == (2, 2, 0, 0, 0)
    assert [row for row in versions() if row[0] == "x-ann"][1:] == [
        ("x-ann", date(2024, 1, 12), date(2024, 1, 11)),
        ("x-ann", date(2024, 1, 18), None),
    ]
    whole = mail.format(late) + "cy,12.01.2024\n"
    bench.write(mail=whole)
    assert counts(bench.load(feed)) == (2, 1, 1, 0, 0)
    assert [row for row in versions() if row[0] == "x-ann"] == [("x-ann", DAY, None)]
    assert len([row for row in versions() if row[0] == "x-bob"]) == 3
    before = bench.lake.view().versions["members"]
    assert counts(bench.load(feed)) == (2, 0, 2, 0, 0)
    assert bench.lake.view().versions["members"] == before


def test_a_row_that_loses_one_version_loses_them_all(bench):
    """Another mapping states ann's version of the 12th otherwise; so all that ann's rows say goes."""
    bench.write(people="id,rating\nann,A\nbob,B\n", mail="sender,sent\nann,01.01.2024\nbob,12.01.2024\n")
    bench.write(more="id,day\nx-ann,2024-01-12\n")
    more = '[files.more]\npath = "more.csv"\n[[map]]\nto = "members"\nfrom = "more"\n[map.fields]\n'
    more += 'member_id = "id"\nknown_from = "day"\n'
    report = bench.load(PEOPLE.split("[[map]]")[0] + SILENCE + more)
    assert [(count.landed, count.set_aside) for count in report.tables] == [(1, 1), (0, 1)]
    assert bench.rows("members", "member_id") == [("x-bob",)]


@pytest.mark.parametrize(
    ("files", "feed", "sentence"),
    [
        ({}, PEOPLE, "no data folder .*data; give the folder that holds people.csv"),
        ({"people": "id\n"}, PEOPLE_AND_TIES, "no file ties.csv in .*; the folder holds people.csv"),
        (
            {"people": "ID\nann\n"},
            PEOPLE,
            r"people\.csv, line 1: no column 'id'; did you mean 'ID'\? it has: ID",
        ),
        (
            {"people": "id\nann\n", "ties": b"a,b,day\n\xff\n"},
            PEOPLE_AND_TIES,
            r"ties\.csv, line 2 \(byte 8\)",
        ),
        (
            {"people": "id\nann\n", "ties": "a,b\n"},
            PEOPLE_AND_TIES,
            r"ties\.csv, line 1: no column 'day'; it has",
        ),
        (
            {"people": "id\nann\n"},
            PEOPLE.replace("members", "member"),
            r"no table 'member'; did you mean 'members'",
        ),
    ],
)
def test_a_fatal_fault_is_one_sentence_and_nothing_is_landed(bench, files, feed, sentence):
    if files:
        bench.write(**files)
    with pytest.raises(GuanxiError, match=sentence) as error:
        bench.load(feed)
    assert "\n" not in str(error.value)
    assert not bench.lake.folder.exists()
    assert not (bench.folder / "quarantine").exists()


def test_a_lake_that_another_writes_to_is_left_as_it_was(bench):
    bench.write(people="id\nann\n,\n")
    with bench.lake.writing("another"), pytest.raises(Conflict):
        bench.load(PEOPLE)
    assert bench.lake.view().versions == {}
    assert not (bench.folder / "quarantine").exists()


def test_a_quarantine_that_cannot_be_written_is_named_and_nothing_is_landed(bench):
    bench.write(people="id\nann\n,\n")
    (bench.folder / "quarantine").write_text("in the way", encoding="utf-8")
    with pytest.raises(Unavailable, match=r"quarantine folder .*/quarantine cannot take") as told:
        bench.load(PEOPLE)
    assert "GUANXI_HOME" in str(told.value)
    assert "the lake" not in str(told.value)
    assert bench.lake.view().versions == {}


def test_a_landing_that_fails_leaves_no_quarantine(bench, monkeypatch):
    bench.write(people="id\nann\n,\n")
    monkeypatch.setattr(Lake, "_record", Mock(side_effect=OSError(errno.ENOSPC, "full")))
    with pytest.raises(NoSpace, match="nothing of it was kept"):
        bench.load(PEOPLE)
    assert list((bench.folder / "quarantine").iterdir()) == []


def test_rows_that_are_not_accounted_for_cannot_be_reported():
    with pytest.raises(ValueError, match="rows of f for t are not all accounted for"):
        MapCount("t", "f", 3, 1, 1, 0, 0, 0, 1, 0, 1)


def test_progress_names_each_step(bench):
    from ingest.run import load

    bench.write(people="id\nann\n")
    bench.load(PEOPLE)
    steps = []
    feed = str(bench.folder / "feed.toml")
    load(feed, bench.folder / "data", bench.lake, bench.folder / "q", lambda *step: steps.append(step))
    assert steps[0] == ("reading people.csv", 0, 0)
    assert [step for step in steps if step[1] == step[2] > 0] == [
        ("reading people.csv", 1, 1),
        ("mapping people.csv to members", 1, 1),
        ("landing", 1, 1),
    ]


def test_a_file_that_no_mapping_can_use_lands_nothing(bench):
    """The only mapping reads a file that is absent; another file of the feed is there."""
    feed = PEOPLE.replace('path = "people.csv"', 'path = "people.csv"\noptional = true')
    bench.write(other="id\nann\n")
    report = bench.load(feed + '[files.other]\npath = "other.csv"\n')
    assert (report.rows_in, report.tables) == (0, ())
