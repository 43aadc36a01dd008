"""Lines cut by a delimiter of several characters, held against csv.reader where that can cut too."""

import csv
import io
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.files.cut import Cutter, reader, records, split, written


@dataclass(frozen=True)
class Rule:
    delimiter: str = "|@|"
    quote: str = '"'


def cut(text, rule=None):
    # A stream without newline translation is what `decode.opened` gives.
    return list(records(io.StringIO(text, newline=""), rule or Rule()))


def cells(text, rule=None):
    return [found.cells for found in cut(text, rule)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a|@|b", ["a", "b"]),
        ("a||@|b|", ["a|", "b|"]),
        ("|@||@|", ["", "", ""]),
        ("a|@|", ["a", ""]),
        ('"a|@|b"|@|c', ["a|@|b", "c"]),
        ('"a ""b"""|@|""', ['a "b"', ""]),
        ('a"b|@|c""', ['a"b', 'c""']),
        ('"two\nlines"|@|x', ["two\nlines", "x"]),
        ('"a\r\n\r\nb"|@|x', ["a\r\n\r\nb", "x"]),
        ('"a"|@|', ["a", ""]),
        ("a\u2028b\x85c\x1cd|@|e", ["a\u2028b\x85c\x1cd", "e"]),
        (" a |@| b", [" a ", " b"]),
        ("億|@|誠", ["億", "誠"]),
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_record_is_cut(line, expected, end):
    assert cells(line + end) == [expected]


def test_a_quote_is_ordinary_text_where_the_feed_says_none():
    assert cells('"a|@|"b"\n""|@|c\n', Rule(quote="none")) == [['"a', '"b"'], ['""', "c"]]


def test_lines_are_counted_and_blank_ones_are_no_records():
    found = cut('a|@|b\n\n"c\nd"|@|e\r\n\r\nf|@|g\rh|@|i')
    assert [(each.line, each.cells) for each in found] == [
        (1, ["a", "b"]), (3, ["c\nd", "e"]), (6, ["f", "g"]), (7, ["h", "i"]),
    ]  # fmt: skip
    assert found[1].text == '"c\nd"|@|e\r\n'


@pytest.mark.parametrize("delimiter", ["|@|", "\t", "||"])
@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('2D"b', "a quote opened in this line is never closed"),
        ('2D"b"c', "its quotes do not fit together"),
        ("2Db\0", "holds a NUL character"),
        ('2D"b\0"', "holds a NUL character"),
        ("2D" + "x" * 1_100_000, "the record that begins here is longer than 1048576 characters"),
    ],
)
def test_a_broken_record_costs_its_own_line_only(delimiter, line, fault):
    broken = line.replace("D", delimiter)
    text = '1D"a"""E{}E3DcE4DdE'.replace("D", delimiter).replace("E", "\n").replace("{}", broken)
    found = cut(text, Rule(delimiter))
    assert [each.cells for each in found if not each.fault] == [["1", 'a"'], ["3", "c"], ["4", "d"]]
    assert [each.line for each in found] == [1, 2, 3, 4]
    assert found[1].fault.startswith(fault)
    assert found[1].text == broken + "\n"


def test_a_quoted_cell_that_runs_past_the_limit_is_broken(monkeypatch):
    monkeypatch.setattr("ingest.files.cut.LIMIT", 1_000)
    text = '1|@|"' + "x\n" * 700 + '"\n2|@|b\n'
    found = cut(text)
    assert found[0].fault == "the record that begins here is longer than 1000 characters"
    assert (found[-1].line, found[-1].cells) == (702, ["2", "b"])


DELIMITERS = st.sampled_from(["|@|", "||", "\t\t", "@@@", "#|", "，，", "\x01\x02", ",", "\t", "|"])
QUOTES = st.sampled_from(['"', "'"])
CELL = st.text(
    st.one_of(
        st.sampled_from("|@\"'\t\n\r,#，，\x01\x02\u2028\x85\x1c億㐂𠮷"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=8,
)


@given(
    rows=st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=6),
    delimiter=DELIMITERS,
    quote=QUOTES,
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=400, deadline=None)
def test_any_cells_written_in_any_dialect_come_back_equal(rows, delimiter, quote, encoding, end):
    rule = Rule(delimiter, quote)
    data = "".join(written(row, rule) + end for row in rows).encode(encoding)
    text = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
    assert [found.cells for found in records(text, rule)] == rows


JUNK = st.text(st.sampled_from('ab,"\n\r \0'), max_size=40)


@given(text=JUNK)
@settings(max_examples=400, deadline=None)
def test_junk_is_cut_as_the_csv_module_cuts_it(text):
    """With a delimiter of one character both must agree: in the cells, and in what is refused."""
    lines = list(io.StringIO(text, newline=""))

    def outcome(cutter):
        found = []
        while True:
            try:
                found.append(next(cutter))
            except csv.Error as error:
                return [*found, str(error).replace("'", "").replace('"', "")]
            except StopIteration:
                return found

    theirs = outcome(csv.reader(iter(lines), strict=True))
    ours = outcome(Cutter(iter(lines), ",", '"'))
    assert ours == theirs


@given(text=JUNK, delimiter=st.sampled_from([",", ",,", "b,"]))
@settings(max_examples=200, deadline=None)
def test_no_text_is_lost_and_none_is_read_twice(text, delimiter):
    found = cut(text, Rule(delimiter))
    blank = sum(not line.strip("\r\n") for line in io.StringIO(text, newline=""))
    assert sum(len(each.text) for each in found) <= len(text)
    assert len("".join(each.text for each in found).replace("\n", "").replace("\r", "")) == len(
        text.replace("\n", "").replace("\r", "")
    )
    assert len({each.line for each in found}) == len(found)
    assert len(found) + blank >= 0


def test_the_fast_path_cuts_the_same():
    lines = ["a|@|b\r\n", "\n", "c|@|\n", "|@|d"]
    assert list(split(lines, "|@|")) == list(reader(lines, Rule())) == [["a", "b"], [], ["c", ""], ["", "d"]]
