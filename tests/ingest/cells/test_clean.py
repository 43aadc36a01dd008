"""One field at a time: what a cell becomes, and what sets its row aside."""

from datetime import date

import pytest

from graph.model import Field, Kind
from ingest.cells.clean import cleaned, kept
from ingest.mapping import Condition, FieldRule
from ingest.plan import Planned
from tests.ingest.rows import some_rows

D = date


@pytest.fixture
def source():
    return some_rows


@pytest.fixture
def make(source):
    def make(kind, cells, field=None, others=None, **rule):
        if "constant" not in rule:
            rule["column"] = "x"
        field = field or Field("f", kind)
        made = cleaned(Planned(field, FieldRule(**rule)), source(*cells, **(others or {})))
        return made.values.to_pylist(), {fault.row: fault.reason for fault in made.faults}

    return make


@pytest.mark.parametrize(
    ("rule", "cells", "values"),
    [
        ({}, [" a ", "NA", "None", "007", " - "], ["a", "NA", "None", "007", "-"]),
        ({"strip": False}, [" a ", "b"], [" a ", "b"]),
        ({"empty": ["NA", "-"]}, [" NA", "-", "na"], [None, None, "na"]),
        ({"case": "upper", "prefix": "p-"}, ["a1", "é"], ["p-A1", "p-É"]),
        ({"case": "lower"}, ["A1", "b"], ["a1", "b"]),
        ({"slug": True, "prefix": "e-"}, ["ENA Gas  (West)", "客户 一部"], ["e-ena-gas-west", "e-客户-一部"]),
        ({"values": {"Y": "yes", "?": ""}, "default": "no"}, ["Y", "?", "zzz"], ["yes", None, "no"]),
        ({"constant": "c", "prefix": "p-"}, ["1", "2"], ["p-c", "p-c"]),
    ],
)
def test_texts(make, rule, cells, values):
    assert make(Kind.TEXT, cells, **rule) == (values, {})


def test_an_empty_cell_is_no_value_and_gets_no_prefix(make):
    cells = ["", " ", "a"]
    assert make(Kind.TEXT, cells, others={"y": ["1", "2", "3"]}, prefix="p-") == ([None, None, "p-a"], {})


def test_a_text_that_the_table_of_values_does_not_list_is_a_fault(make):
    values, faults = make(Kind.TEXT, ["a", "c"], values={"a": "A", "b": "B"})
    assert values == ["A", None]
    assert faults == {1: "'c' is not a listed value (a, b, …)"}


def test_otherwise_decides_where_the_cell_is_empty_or_not_listed(make):
    values, faults = make(
        Kind.TEXT,
        ["rival", "other", "", "dead", "other"],
        others={"y": ["a", "b", "b", "b", "?"]},
        values={"rival": "R", "dead": ""},
        otherwise=FieldRule(column="y", values={"a": "A", "b": "B"}),
    )
    assert values == ["R", "B", "B", None, None]
    assert faults == {4: "'?' is not a listed value (a, b, …)"}


def test_whole_numbers(make):
    cells = ["0", "-12", "+7", "12.0", "1.5", "1e3", "١٢", "1234567890123456", "0x1f", "1,000"]
    values, faults = make(Kind.INT, cells)
    assert values == [0, -12, 7, 12, None, None, None, None, None, None]
    assert sorted(faults) == [4, 5, 6, 7, 8, 9]
    assert faults[4] == "'1.5' is not a whole number"


def test_numbers(make):
    values, faults = make(Kind.FLOAT, ["0.5", "-.5", "+3", "1e3", "nan", "inf", "1e999", "1,5"])
    assert values == [0.5, -0.5, 3.0, 1000.0, None, None, None, None]
    assert sorted(faults) == [4, 5, 6, 7]


def test_truths(make):
    assert make(Kind.BOOL, ["Yes", "TRUE", "0", "n"]) == ([True, True, False, False], {})
    values, faults = make(Kind.BOOL, ["是", "否", "yes"], yes="是", no="否")
    assert values == [True, False, None]
    assert faults == {2: "'yes' is not one of 是, 否"}


def test_dates_in_the_declared_forms_and_no_other(make):
    cells = [
        "2024-02-29",
        "20240301",
        "2024-02-30",
        "now",
        "today",
        "0000-01-01",
        "-2024-01-01",
        "45292",
        "2024021",
    ]
    values, faults = make(Kind.DATE, cells, dates=["%Y-%m-%d", "%Y%m%d"])
    assert values == [D(2024, 2, 29), D(2024, 3, 1)] + [None] * 7
    assert sorted(faults) == [2, 3, 4, 5, 6, 7, 8]
    assert faults[2] == "'2024-02-30' is not a date written %Y-%m-%d or %Y%m%d"


def test_a_sentinel_is_no_date(make):
    assert make(Kind.DATE, ["00000000", "20240131"], dates="%Y%m%d", empty="00000000") == (
        [None, D(2024, 1, 31)],
        {},
    )


def test_an_offset_does_not_move_the_day_that_is_written(make):
    offset = make(Kind.DATE, ["2024-03-01 03:30+0800"], dates="%Y-%m-%d %H:%M%z")
    assert offset == ([D(2024, 3, 1)], {})
    assert make(Kind.DATE, ["01/03/2024 23:59"], dates="%d/%m/%Y %H:%M") == ([D(2024, 3, 1)], {})


def test_unix_seconds_give_the_day_in_utc(make):
    values, faults = make(
        Kind.DATE, ["0", "86399", "86400", "-1", "910930020", "99999999999999", "x"], dates="unix"
    )
    assert values[:5] == [D(1970, 1, 1), D(1970, 1, 1), D(1970, 1, 2), D(1969, 12, 31), D(1998, 11, 13)]
    assert values[5:] == [None, None]
    assert sorted(faults) == [5, 6]


def test_the_month_of_a_date_and_months_before_it(make):
    assert make(Kind.DATE, ["2024-02-29"], month=True) == ([D(2024, 2, 1)], {})
    values, faults = make(
        Kind.DATE, ["1", "4", "12", " ", "-1", "x", "99999"], constant=D(2022, 6, 30), months_before="x"
    )
    assert values == [D(2022, 5, 30), D(2022, 2, 28), D(2021, 6, 30), None, D(2022, 7, 30), None, None]
    assert sorted(faults) == [5, 6]


def test_a_required_field_and_a_choice_are_demanded(make):
    assert make(Kind.TEXT, ["a", "-"], Field("f", required=True), empty="-")[1] == {1: "f is empty"}
    field = Field("f", choices=("in", "out"))
    assert make(Kind.TEXT, ["in", "-", "up"], field, empty="-")[1] == {2: "'up' is not one of in, out"}


@pytest.mark.parametrize(
    ("condition", "keeps"),
    [
        ({"is": "a"}, [0]),
        ({"is": ["a", ""]}, [0, 2]),
        ({"is_not": "a"}, [1, 2, 3]),
        ({"present": True}, [0, 1, 3]),
        ({"present": False}, [2]),
        ({"differs_from": "y"}, [1, 2, 3]),
        ({"at_least": 5}, [0, 2, 3]),
        ({"at_most": 5, "present": True}, [0, 1]),
    ],
)
def test_conditions_keep_the_rows_that_meet_them(source, condition, keeps):
    rows = source("a", "4", " ", "6", y=["a", "b", "c", "d"])
    mask = kept(rows, [Condition(column="x", **condition)]).to_pylist()
    assert [number for number, stays in enumerate(mask) if stays] == keeps
