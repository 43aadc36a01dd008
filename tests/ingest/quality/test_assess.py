"""Each figure of a report on a load's data, against figures worked out by hand."""

import json
import math
from datetime import date

import duckdb
import numpy as np
import pytest

from graph.errors import NotFound
from graph.model import Kind
from graph.schema import TABLES
from ingest.quality.drift import shift
from ingest.quality.figures import CODED, SAMPLE, shows_values
from ingest.quality.kept import history, loads, report_of
from ingest.quality.report import Severity, as_text, from_text
from ingest.quality.words import SENTENCES, WHY, why_sql
from ingest.reload import reload
from tests.ingest.quality.monthly import PRIVATE, months_of_loads
from tests.ingest.small import PEOPLE, TIES, Bench

BILLS = """
name = "bills"
title = "lines and bills"
[files.lines]
path = "lines.csv"
[files.bills]
path = "bills.csv"
[[map]]
to = "members"
from = "lines"
[map.fields]
member_id = "id"
left_kind = "why"
credit_level = "credit"
joined = { column = "joined", dates = "%Y-%m-%d" }
[[map]]
to = "bills"
from = "bills"
[map.fields]
about = "line"
month = "month"
total = "total"
days_overdue = "late"
"""
LINES = """id,why,credit,joined
a,active_price,A,2024-01-05
b,active_price,A,2024-02-05
c,,A,
d,active_exit,A,2023-05-01
e,,A,2024-01-01
f,,B,2024-01-01
f,,B,2024-01-01
g,,A,soon
h,,A,2024-01-01
h,,C,2024-01-01
"""
BILL_ROWS = """line,month,total,late
a,2026-01-01,10,
a,2026-02-01,20,
a,2026-05-01,30,1
b,2026-01-01,40,2
z,2026-01-01,50,
z,2026-02-01,60,
y,2026-02-01,70,
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report on both files, for the tests that only read it."""
    return reported(Bench(tmp_path_factory.mktemp("bills")))


def reported(bench):
    bench.write(lines=LINES, bills=BILL_ROWS)
    return report_of(bench.lake, bench.load(BILLS).load_id)


def table(report, name):
    return next(table for table in report.tables if table.table == name)


def field(report, name, column):
    return next(each for each in table(report, name).fields if each.field == column)


def test_a_file_is_told_by_its_rows_its_columns_and_its_sum(report):
    lines, bills = report.files
    assert (lines.path, lines.rows, lines.broken) == ("lines.csv", 10, 0)
    assert (bills.path, bills.rows, bills.broken) == ("bills.csv", 7, 0)
    assert lines.columns == ("id", "why", "credit", "joined")
    assert len(lines.sha256) == 64


def test_completeness_counts_the_facts_that_have_a_value(report):
    members = table(report, "members")
    assert (members.rows_in, members.facts) == (10, 9)  # g's date is no date, so it states nothing
    assert field(report, "members", "left_kind").filled == 3
    assert field(report, "members", "joined").filled == 8
    assert field(report, "bills", "days_overdue").filled == 2
    # left_kind 3, credit_level 9 and joined 8 of 9 each; the keys cannot be empty
    assert members.filled_share == pytest.approx(20 / 27)
    assert members.unfilled == (
        "phone_token", "phone_masked", "plan_id", "left", "left_reason", "referrals_made",
    )  # fmt: skip


def test_validity_counts_the_rows_set_aside_by_field_and_kind_of_reason(report):
    assert [(i.table, i.field, i.why, i.rows) for i in report.invalid] == [
        ("members", "credit_level", "contradiction", 2),
        ("members", "joined", "date", 1),
    ]
    assert table(report, "members").set_aside == 3
    assert table(report, "bills").set_aside == 0


def test_duplicates_are_facts_said_again_and_keys_that_contradict(report):
    members = table(report, "members")
    assert (members.repeated, members.contradicting) == (1, 1)  # f twice the same, h twice differently
    assert (table(report, "bills").repeated, table(report, "bills").contradicting) == (0, 0)


def test_gaps_are_counted_by_the_node_that_is_missing(report):
    bills = table(report, "bills")
    assert bills.waiting == 3
    assert [(g.field, g.label, g.facts, g.nodes) for g in bills.gaps] == [("about", "Member", 3, 2)]


def test_freshness_is_the_end_of_the_newest_month_and_shows_the_months_that_are_missing(report):
    bills = table(report, "bills")
    assert (bills.oldest, bills.newest) == (date(2026, 1, 1), date(2026, 5, 31))
    assert bills.days_behind == (report.day - date(2026, 5, 31)).days
    assert bills.months == {date(2026, 1, 1): 3, date(2026, 2, 1): 3, date(2026, 5, 1): 1}
    assert bills.months_missing == 2
    members = table(report, "members")  # always known, so not dated
    assert (members.oldest, members.newest, members.days_behind) == (None, None, None)


def test_numbers_are_told_by_their_mean_and_quantiles(report):
    total = field(report, "bills", "total").numbers
    assert (total.mean, total.least, total.most, total.p50) == (40, 10, 70, 40)
    assert (total.p05, total.p95, total.counted) == (10, 70, 7)
    deciles = np.quantile([10, 20, 30, 40, 50, 60, 70], np.arange(1, 10) / 10, method="inverted_cdf")
    assert total.edges == tuple(dict.fromkeys(deciles))
    assert sum(total.bins) == 7
    assert total.bins[0] == 1


def test_values_are_shown_of_choices_and_of_words_that_five_facts_have(report):
    assert field(report, "members", "left_kind").values == {"active_price": 2, "active_exit": 1}
    credit = field(report, "members", "credit_level")
    assert (credit.values, credit.others) == ({"A": 6}, 3)  # B twice, C once
    assert field(report, "members", "member_id").values is None
    assert field(report, "members", "member_id").distinct == 7


def test_dates_are_told_from_first_to_last(report):
    joined = field(report, "members", "joined")
    assert (joined.oldest, joined.newest) == (date(2023, 5, 1), date(2024, 2, 5))


def test_what_wants_attention_is_said_in_sentences(report):
    said = {finding.code: finding for finding in report.findings}
    assert set(said) == {"set_aside", "repeated", "contradicting", "waiting", "months_missing"}
    assert said["repeated"].sentence == "members: 1 of 9 facts (11.1%) say again what another row says"
    assert said["months_missing"].sentence == (
        "bills: no rows in 2 of the months from 2026-01-01 to 2026-05-31"
    )
    assert {finding.severity for finding in report.findings} == {Severity.warning}


def test_data_dated_after_the_load_are_noticed(bench):
    bench.write(people="id\na\nb\n", ties="a,b,day\na,b,2999-01-05\n")
    report = report_of(bench.lake, bench.load(PEOPLE + TIES).load_id)
    assert table(report, "ties").later == 1
    assert "later" in {finding.code for finding in report.findings}


def test_sums_are_told_as_the_facts_they_make(bench):
    bench.write(people="id\na\nb\n", ties="a,b,day\na,b,2024-01-05\na,b,2024-01-06\nb,a,2024-01-07\n")
    ties = table(report_of(bench.lake, bench.load(PEOPLE + TIES).load_id), "ties")
    assert (ties.rows_in, ties.facts, ties.repeated) == (3, 2, 0)
    calls = next(each for each in ties.fields if each.field == "calls")
    assert (calls.filled, calls.numbers.least, calls.numbers.most) == (2, 1, 2)


def test_a_sample_of_many_numbers_gives_the_same_quantiles_within_its_error(bench):
    n = 3 * SAMPLE
    values = np.random.default_rng(5).permutation(n)
    rows = "\n".join(f"p{place},{value}" for place, value in enumerate(values))
    bench.write(people=f"id,made\n{rows}\n")
    report = report_of(bench.lake, bench.load(PEOPLE + 'referrals_made = "made"\n').load_id)
    made = field(report, "members", "referrals_made").numbers
    assert made.mean == (n - 1) / 2
    assert (made.least, made.most) == (0, n - 1)
    assert made.counted == pytest.approx(SAMPLE, rel=0.02)
    for share, found in ((0.05, made.p05), (0.25, made.p25), (0.5, made.p50), (0.75, made.p75)):
        assert found / n == pytest.approx(share, abs=0.0065)
    assert field(report, "members", "member_id").distinct == pytest.approx(n, rel=0.05)


def test_the_stability_index_is_the_sum_over_bins_and_chance_is_told_from_change():
    before, now = [100, 200, 300, 400], [400, 300, 200, 100]
    p = [(count + 0.5) / 1002 for count in before]
    q = [(count + 0.5) / 1002 for count in now]
    by_hand = sum((b - a) * math.log(b / a) for a, b in zip(p, q, strict=True))
    assert shift(before, now) == (pytest.approx(by_hand), True)
    assert shift([5, 5], [7, 3])[1] is False
    assert shift([], []) == (0.0, False)
    rng = np.random.default_rng(1)
    chance = [shift(*rng.multinomial(200, [0.1] * 10, 2).tolist())[1] for _ in range(2_000)]
    assert sum(chance) <= 12  # 99.9% quantile: 2 expected


def test_a_report_is_written_with_the_load_and_read_back(bench):
    report = reported(bench)
    assert from_text(as_text(report)) == report
    listed = loads(bench.lake)
    assert [row["load_id"] for row in listed] == [report.load_id]
    assert (listed[0]["alarms"], listed[0]["warnings"]) == (0, 5)
    assert listed[0]["files"] == {"lines.csv": 10, "bills.csv": 7}
    assert bench.rows("quality", "load_id", "part", "compared_with") == [(report.load_id, False, None)]


def test_a_load_that_fails_leaves_no_report(bench):
    report = reported(bench)
    bench.write(lines="id,why,credit\na,,A\n", bills=BILL_ROWS)
    with pytest.raises(Exception, match="no column 'joined'"):
        bench.load(BILLS)
    assert [row["load_id"] for row in loads(bench.lake)] == [report.load_id]


def test_mended_rows_are_compared_with_nothing_and_nothing_with_them(bench):
    report = reported(bench)
    place = bench.folder / "quarantine" / report.load_id / "lines.csv"
    place.write_text(place.read_text(encoding="utf-8").replace("soon", "2024-03-03"), encoding="utf-8")
    mended = report_of(bench.lake, reload(report.load_id, bench.lake, bench.folder / "quarantine").load_id)
    assert (mended.part, mended.compared_with) == (True, None)
    third = report_of(bench.lake, bench.load(BILLS).load_id)
    assert third.compared_with == report.load_id
    assert [each.load_id for each in history(bench.lake, third)] == [report.load_id, third.load_id]


def test_unknown_loads_are_named_with_those_that_are_known(bench):
    with pytest.raises(NotFound, match="nothing has been loaded yet"):
        report_of(bench.lake)
    bench.write(people="id\na\n")
    load_id = bench.load(PEOPLE).load_id
    with pytest.raises(NotFound, match=load_id):
        report_of(bench.lake, "small-1999")
    assert report_of(bench.lake).load_id == load_id


def test_nothing_that_may_be_about_a_person_is_in_a_report(tmp_path):
    lake, loaded = months_of_loads(tmp_path, 60, 3)
    set_aside = loaded[-1].quarantine.joinpath("lines.csv").read_text(encoding="utf-8")
    for load in loaded:
        text = as_text(report_of(lake, load.load_id))
        assert [word for word in PRIVATE if word in text] == []
        assert "138" not in json.dumps(json.loads(text)["invalid"])
    assert [word for word in PRIVATE if word in set_aside] != [], "the files did have them"


def test_only_words_of_the_business_show_their_values():
    shown = {
        f"{name}.{column.name}"
        for name, kind in TABLES.items()
        for column in kind.columns
        if shows_values(column) and not column.choices and column.kind is Kind.TEXT
    }
    assert {place.partition(".")[2] for place in shown} == set(CODED)
    private = ("name", "title", "phone", "note", "reason", "member_id", "who", "source", "target", "about")
    assert [place for place in shown if place.partition(".")[2].startswith(private)] == []


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("empty", "member_id is empty"),
        ("phone", "'138****0002' is not a phone number"),
        ("whole", "'x' is not a whole number"),
        ("number", "'1,5' is not a number"),
        ("date", "'soon' is not a date written %Y-%m-%d"),
        ("choice", "'x' is not one of treat, control"),
        ("unlisted", "'x' is not a listed value (1, 2, …)"),
        (
            "spreadsheet",
            "'1.38E+10' has lost digits in a spreadsheet, which keeps 15; export the column as text",
        ),
        ("contradiction", "member_id ann stands with different values of plan_id (lines 2, 3)"),
        ("beside", "another row behind the same fact is set aside"),
        ("partnerless", "'7' does not stand as id in people.csv"),
        ("cells", "3 cells where 4 columns are named in line 1"),
        ("quote", "a quote opened in this line is never closed"),
        ("long", "the record that begins here is longer than 1048576 characters"),
        ("nul", "holds a NUL character"),
        ("other", "'ann' something that nobody foresaw"),
    ],
)
def test_a_reason_is_told_by_its_kind_without_the_value(why, reason):
    assert duckdb.sql(f"SELECT {why_sql('r')} FROM (SELECT $r AS r)", params={"r": reason}).fetchall() == [
        (why,)
    ]


def test_every_kind_of_reason_and_every_finding_has_words():
    assert all(words and not words[0].isupper() for _, words in WHY.values())
    assert all(text[0] == "{" for text in SENTENCES.values())
