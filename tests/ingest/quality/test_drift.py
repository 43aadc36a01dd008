"""The golden matrix of drift: twelve ways in which a file differs from the one before, and what is said.

Each is one change to the file `GOOD`, loaded after it by the same feed: the loader refuses it, or sets rows
aside, or lands them all, and the report on the load says what has changed.
"""

import re
from dataclasses import dataclass

import pytest

from graph.errors import BadInput
from ingest.quality.kept import report_of

FEED = """
name = "drift"
title = "lines of one extract"
[files.lines]
path = "lines.csv"
[[map]]
to = "members"
from = "lines"
columns = "same"
"""
HEADER = ("member_id", "phone_masked", "plan_id", "credit_level", "joined", "referrals_made")
ROWS = [
    (f"客户{n}", f"138****{n:04d}", f"P{n % 2}", "ABC"[n % 3], f"2024-01-{n % 28 + 1:02d}", str(n % 7))
    for n in range(400)
]


def text(rows=tuple(ROWS), header=HEADER, delimiter=","):
    return "".join(delimiter.join(row) + "\n" for row in (header, *rows))


def changed(column, how, share=1.0):
    """The file with what `how` makes of a column's cells, in the first so many of the rows."""
    place, n = HEADER.index(column), int(len(ROWS) * share)
    rows = [(*row[:place], how(row[place]), *row[place + 1 :]) if number < n else row
            for number, row in enumerate(ROWS)]  # fmt: skip
    return text(tuple(rows))


def picked(*names):
    places = [HEADER.index(name) for name in names]
    return tuple(tuple(row[place] for place in places) for row in ROWS)


REORDERED = HEADER[::-1]
WITH_MORE = text(tuple((*row, "x") for row in ROWS), (*HEADER, "mood"))
RENAMED = text(header=(*HEADER[:3], "credit_grade", *HEADER[4:]))
SAME = text()


@dataclass(frozen=True)
class Drift:
    """A file, the sentence it is refused with or how many rows are set aside, and the findings."""

    name: str
    content: str | bytes
    refused: str = ""
    set_aside: int = 0
    findings: frozenset = frozenset()


def drift(name, content, refused="", set_aside=0, findings=()):
    return Drift(name, content, refused, set_aside, frozenset(findings))


MATRIX = [
    drift(
        "a column is missing",
        text(picked(*HEADER[1:]), HEADER[1:]),
        refused=r"lines\.csv, line 1: no column 'member_id'; it has: phone_masked, ",
    ),
    drift(
        "a column nobody knows",
        WITH_MORE,
        findings=[
            ("warning", "columns_added", "lines.csv has columns that it did not have before: mood"),
            ("note", "columns_unknown", "lines.csv: no columns of its table, so not used: mood"),
        ],
    ),
    drift(
        "a type changes",
        changed("referrals_made", lambda cell: f"about {cell}", 0.04),
        set_aside=16,
        findings=[
            (
                "warning",
                "fault_new",
                "members.referrals_made is not a whole number, which did not occur in the load before;"
                " rows: 16",
            ),
            (
                "warning",
                "set_aside",
                "members: 16 of 400 rows (4.00%) were set aside;"
                " most often referrals_made is not a whole number",
            ),
        ],
    ),
    drift(
        "a column is renamed",
        RENAMED,
        findings=[
            (
                "warning",
                "column_renamed",
                "lines.csv: what was the column credit_level seems to be called credit_grade",
            ),
            ("note", "columns_unknown", "lines.csv: no columns of its table, so not used: credit_grade"),
            (
                "alarm",
                "field_gone",
                "members.credit_level is no longer given; the load before had it in 100.0%",
            ),
        ],
    ),
    drift(
        "the columns are reordered",
        text(picked(*REORDERED), REORDERED),
        findings=[
            (
                "note",
                "columns_reordered",
                "lines.csv has its columns in another order; they are found by name",
            )
        ],
    ),
    drift(
        "the delimiter changes",
        text(delimiter=";"),
        refused=r"lines\.csv, line 1: no column 'member_id'; it has: member_id;phone_masked;",
    ),
    drift(
        "the encoding changes",
        text().encode("gb18030"),
        refused=r"lines\.csv, line 2 \(byte \d+\): not valid utf-8.*gb18030",
    ),
    drift(
        "the form of the dates changes",
        changed("joined", lambda cell: cell.replace("-", "/")),
        refused=r"lines\.csv: 400 of 400 rows cannot be used, so nothing was loaded",
    ),
    drift(
        "a field is empty more often",
        changed("credit_level", lambda cell: "", 0.2),
        findings=[
            ("warning", "nulls_more", "members.credit_level is empty in 20.0% of the facts, up from 0.0%")
        ],
    ),
    drift(
        "rows are lost",
        text(tuple(ROWS[:330])),
        findings=[
            ("warning", "rows_fewer", "lines.csv: 330 rows, where the load before had 400 (-18%)"),
        ],
    ),
    # P0 and P1 had 200 each, now 190, and P9 has 20: 2·(190.5 - 200.5)/401.5·ln(190.5/200.5)
    # + (20.5 - 0.5)/401.5·ln(20.5/0.5) = 0.19
    drift(
        "a category appears",
        changed("plan_id", lambda cell: "P9", 0.05),
        findings=[
            (
                "warning",
                "values_new",
                "members.plan_id has values that it did not have before: P9 (5.0% of facts)",
            ),
            (
                "warning",
                "shifted",
                "members.plan_id is spread differently than in the load before (PSI 0.19)",
            ),
        ],
    ),
    drift(
        "the file is the one before",
        SAME,
        findings=[
            ("note", "file_same", "lines.csv is, byte for byte, the file of the load before"),
        ],
    ),
]
BEYOND = [
    drift(
        "an extract is cut off",
        text(tuple(ROWS[:200])),
        refused=r"lines\.csv has 200 rows where the last load of this feed read 400",
    ),
    # The deciles are 0 … 6, with 58, 6 x 57 and, above, 0 rows; now 58, 6 x 0 and 342:
    # 6·57/404·ln(57.5/0.5) + 342/404·ln(342.5/0.5) = 9.54
    drift(
        "amounts are in another unit",
        changed("referrals_made", lambda cell: f"{cell}00"),
        findings=[
            (
                "alarm",
                "shifted_numbers",
                "members.referrals_made is spread differently than in the load before (PSI 9.54);"
                " its median went from 3 to 300",
            )
        ],
    ),
]


@pytest.mark.parametrize("case", MATRIX + BEYOND, ids=lambda case: case.name)
def test_drift(bench, case):
    bench.write(lines=SAME)
    first = bench.load(FEED)
    assert report_of(bench.lake, first.load_id).findings == ()
    bench.write(lines=case.content)
    if case.refused:
        with pytest.raises(BadInput, match=re.compile(case.refused, re.DOTALL)):
            bench.load(FEED)
        return
    second = bench.load(FEED)
    report = report_of(bench.lake, second.load_id)
    assert report.compared_with == first.load_id
    assert second.set_aside == case.set_aside
    assert {(f.severity.value, f.code, f.sentence) for f in report.findings} == case.findings


def test_the_matrix_has_twelve():
    assert len({case.name for case in MATRIX}) == 12


def test_a_like_file_is_no_drift(bench):
    """The same people in another order, a few more and a few fewer: nothing to say."""
    bench.write(lines=SAME)
    bench.load(FEED)
    bench.write(lines=text((*ROWS[395:5:-1], *((f"new{row[0]}", *row[1:]) for row in ROWS[:12]))))
    assert report_of(bench.lake, bench.load(FEED).load_id).findings == ()


def test_files_and_fields_come_and_go(bench):
    optional = FEED.replace(
        'path = "lines.csv"', 'path = "lines.csv"\n[files.more]\npath = "more.csv"\noptional = true'
    )
    optional += '[[map]]\nto = "products"\nfrom = "more"\ncolumns = "same"\n'
    bench.write(lines=SAME, more="product_id\np1\n")
    first = bench.load(optional)
    (bench.folder / "data" / "more.csv").unlink()
    gone = report_of(bench.lake, bench.load(optional).load_id)
    assert "file_gone" in {finding.code for finding in gone.findings}
    bench.write(more="product_id\np1\n")
    again = report_of(bench.lake, bench.load(optional).load_id)
    assert ("note", "file_new") in {(f.severity.value, f.code) for f in again.findings}
    assert report_of(bench.lake, first.load_id).compared_with is None
