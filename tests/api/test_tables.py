"""Lists on their way out: what a spreadsheet makes of them."""

import csv
import io
import json
import math
from datetime import date

import pytest
from fastapi import Request

from api.tables import Listing, cell, csv_response, csv_text, plain, query_link, respond

STARTERS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]


@pytest.mark.parametrize("starter", STARTERS)
def test_no_text_can_start_a_formula(starter):
    assert cell(f"{starter}HYPERLINK(1)") == f"'{starter}HYPERLINK(1)"
    assert cell([f"{starter}1", "b"]) == f"'{starter}1; b"
    text = csv_text([f"{starter}name"], [{f"{starter}name": starter}])
    assert list(csv.reader(io.StringIO(text, newline=""))) == [[f"'{starter}name"], [f"'{starter}"]]


@pytest.mark.parametrize("text", ["华信=集团", "a-b", "1+1", " =1", "", "'=1"])
def test_other_texts_stay_as_they_are(text):
    assert cell(text) == text


def test_numbers_stay_numbers():
    assert (cell(-3), cell(-0.5), cell(0)) == (-3, -0.5, 0)
    assert csv_text(["n"], [{"n": -3.25}]) == "n\r\n-3.25\r\n"


def test_what_is_unknown_is_empty():
    assert (cell(None), cell(math.nan), cell(math.inf)) == ("", "", "")
    assert csv_text(["a", "b"], [{"a": 1}]) == "a,b\r\n1,\r\n"


def test_dates_lists_truths_and_objects_as_text():
    assert cell(date(2026, 10, 31)) == "2026-10-31"
    assert cell(["三名常联系的人已离开", "合约到期"]) == "三名常联系的人已离开; 合约到期"
    assert (cell(True), cell(False)) == ("true", "false")
    assert cell({"日": date(2026, 10, 31), "n": math.nan}) == '{"日": "2026-10-31", "n": null}'


def test_a_cell_keeps_its_commas_quotes_and_lines():
    value = 'a,"b"\r\nc'
    assert list(csv.reader(io.StringIO(csv_text(["x"], [{"x": value}]), newline=""))) == [["x"], [value]]


def test_a_file_opens_in_a_spreadsheet_with_chinese_intact():
    listing = Listing(
        "members-华信", ["名称"], [{"名称": "粤海银行"}], as_of=date(2026, 10, 31), run_id="r-1"
    )
    response = csv_response(listing)
    assert response.body == b"\xef\xbb\xbf" + "名称\r\n粤海银行\r\n".encode()
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    disposition = response.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="members-__-2026-10-31.csv"')
    assert disposition.endswith("filename*=UTF-8''members-%E5%8D%8E%E4%BF%A1-2026-10-31.csv")
    assert (response.headers["x-as-of"], response.headers["x-run-id"]) == ("2026-10-31", "r-1")


def test_no_name_can_add_a_header():
    response = csv_response(Listing('x"\r\nSet-Cookie: a=b', ["n"], [], run_id="r\r\nX: y"))
    assert "set-cookie" not in response.headers
    assert all("\r" not in value and "\n" not in value for value in response.headers.values())


def test_a_surrogate_from_a_broken_source_does_not_stop_the_export():
    assert "?" in csv_response(Listing("x", ["n"], [{"n": "a\udc80"}])).body.decode("utf-8")


def test_json_knows_no_nan():
    assert plain({"a": [math.nan, 1.5, date(2026, 1, 2)], "b": None}) == {
        "a": [None, 1.5, "2026-01-02"],
        "b": None,
    }


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [math.nan], {"a": math.nan}])
def test_a_list_with_a_number_that_is_none_is_valid_json(value):
    request = Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []})
    body = respond(request, Listing("x", ["n"], [{"n": value}])).body

    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    assert json.loads(body, parse_constant=refuse)["rows"] == [{"n": plain(value)}]


def test_the_link_of_a_query_restores_its_parameters():
    params = {"roles": ["decision", "influence"], "as_of": date(2026, 10, 31), "account_id": None}
    assert query_link("contacts/find_unmet", params) == (
        "/queries/contacts/find_unmet?roles=decision%2Cinfluence&as_of=2026-10-31"
    )
