"""Width of characters and damage by spreadsheets: what is read, what is repaired, what is a fault."""

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from graph.model import Kind
from ingest.cells.kinds import misplaced, numbers, whole_numbers
from ingest.cells.width import half, halved
from ingest.mapping import FieldRule
from tests.ingest.rows import made_of

LOST = "has lost digits in a spreadsheet, which keeps 15; export the column as text"


def test_full_width_digits_are_numbers_and_superscripts_are_not():
    values, faults = made_of(Kind.INT, "１３８", "－５", "１２．０", "²", "①", "١٢", "　７　")
    assert values == [138, -5, 12, None, None, None, 7]
    assert faults == {row: f"{cell!r} is not a whole number" for row, cell in [(3, "²"), (4, "①"), (5, "١٢")]}
    assert made_of(Kind.FLOAT, "１．５", "½", "１ｅ３")[0] == [1.5, None, 1000.0]
    assert made_of(Kind.BOOL, "Ｙｅｓ", "０")[0] == [True, False]


def test_keys_have_the_usual_width_and_names_stay_as_written():
    cell = "ＡＢ　公司（１）＆Ｃｏ"
    assert made_of(Kind.TEXT, cell) == ([cell], {})
    assert made_of(Kind.TEXT, cell, key=True) == (["AB 公司(1)&Co"], {})
    assert made_of(Kind.TEXT, cell, width="half") == (["AB 公司(1)&Co"], {})
    assert made_of(Kind.TEXT, cell, key=True, width="keep") == ([cell], {})
    assert made_of(Kind.TEXT, "m²", "①", "e\u0301", key=True) == (["m²", "①", "é"], {})


def test_empties_and_listed_values_are_met_in_either_width():
    assert made_of(Kind.TEXT, "－", "Ａ１", key=True, empty="-") == ([None, "A1"], {})
    assert made_of(Kind.TEXT, "-", "a", key=True, empty="－") == ([None, "a"], {})
    assert made_of(Kind.TEXT, "Ａ（１）", key=True, values={"Ａ(１)": "x"}) == (["x"], {})
    assert made_of(Kind.INT, "是", "１", values={"是": "7", "1": "8"}) == ([7, 8], {})


WIDE = [chr(code) for code in (0x3000, *range(0xFF01, 0xFFEF)) if unicodedata.decomposition(chr(code))]


def test_every_full_width_character_becomes_what_nfkc_makes_of_it():
    changed = {wide for wide in WIDE if half(wide) != wide}
    assert changed == set(WIDE)
    assert len(WIDE) == 226  # 225 of the block from U+FF01 on, and the blank U+3000
    assert all(
        unicodedata.normalize("NFKC", wide) == unicodedata.normalize("NFKC", half(wide)) for wide in WIDE
    )


@given(
    st.lists(
        st.one_of(
            st.none(), st.text(st.one_of(st.sampled_from(WIDE), st.characters(exclude_categories=["Cs"])))
        )
    )
)
def test_arrays_are_halved_cell_by_cell(texts):
    found = halved(pa.array(texts, pa.string())).to_pylist()
    assert found == [None if text is None else half(text) for text in texts]
    assert [text and half(text) for text in found] == found


def test_a_whole_number_with_a_point_is_repaired_where_the_feed_says_so():
    cells = ["13800138000.0", "007.0", "5.00", "a.0", "007", "1.5"]
    repaired = ["13800138000", "007.0", "5", "a.0", "007", "1.5"]
    assert made_of(Kind.TEXT, *cells, excel="repair") == (repaired, {})
    assert made_of(Kind.TEXT, *cells, key=True) == (cells, {})
    assert made_of(Kind.INT, "13800138000.0") == ([13800138000], {})


@pytest.mark.parametrize(
    "cell", ["1.38E+10", "1.38001e+10", "8E+18", "８．９８６E+18", "8986012345678901248.0"]
)
def test_a_number_without_all_its_digits_is_never_a_key(cell):
    for rule in ({}, {"excel": "repair"}, {"excel": "refuse"}):
        values, faults = made_of(Kind.TEXT, cell, "a", key=True, **rule)
        assert values == [None, "a"]
        assert faults == {0: f"{half(cell)!r} {LOST}"}
    assert made_of(Kind.TEXT, cell, key=True, excel="keep") == ([half(cell)], {})
    assert made_of(Kind.TEXT, cell) == ([cell], {})


def test_sixteen_digits_are_a_key_unless_they_came_through_a_spreadsheet():
    assert made_of(Kind.TEXT, "8986012345678901234", key=True) == (["8986012345678901234"], {})
    values, faults = made_of(Kind.TEXT, "8986012345678900000", "123456789012345", key=True, excel="repair")
    assert values == [None, "123456789012345"]
    assert faults == {0: f"'8986012345678900000' {LOST}"}


def test_a_whole_number_that_was_rounded_is_told_as_such():
    values, faults = made_of(Kind.INT, "1.38E+10", "12345678901234567.0", "x")
    assert values == [None] * 3
    assert faults == {
        0: f"'1.38E+10' {LOST}",
        1: f"'12345678901234567.0' {LOST}",
        2: "'x' is not a whole number",
    }
    assert made_of(Kind.FLOAT, "1.38E+10") == ([1.38e10], {})


def test_a_fault_of_the_cell_is_not_told_where_another_column_is_asked():
    values, faults = made_of(Kind.TEXT, "1E+10", "", key=True, otherwise={"constant": "none"})
    assert (values, faults) == ([None, "none"], {0: f"'1E+10' {LOST}"})


def test_keys_of_a_rule_that_do_not_fit_the_field_are_named():
    assert list(misplaced(Kind.TEXT, FieldRule(column="x", sentinels="usual"))) == [
        "sentinels are for dates, the field is text; use empty"
    ]
    assert list(misplaced(Kind.INT, FieldRule(column="x", excel="repair", width="half"))) == [
        "excel is for texts, the field is int",
        "width is for texts, the field is int",
    ]
    assert list(misplaced(Kind.DATE, FieldRule(column="x", phone="token"))) == [
        "phone is for texts, the field is date"
    ]
    assert not list(misplaced(Kind.DATE, FieldRule(column="x", sentinels="usual")))


@pytest.mark.parametrize(
    "rule", [{"case": "lower"}, {"slug": True}, {"excel": "repair"}, {"values": {"a": "b"}}]
)
def test_phone_goes_with_nothing_that_changes_its_text(rule):
    with pytest.raises(ValidationError, match="phone makes its own text"):
        FieldRule(column="x", phone="token", **rule)
    with pytest.raises(ValidationError, match="phone reads a column"):
        FieldRule(constant="x", phone="token")


def test_numbers_of_either_width_in_bulk():
    assert whole_numbers(pa.array(["1", "２", None, "x"], pa.string())).to_pylist() == [1, 2, None, None]
    assert numbers(pa.array(["1.5", "２．５", None, "x"], pa.string())).to_pylist() == [1.5, 2.5, None, None]
