"""Parameters come as texts from forms and URLs, or as values from Python, and are refused in one sentence."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from graph.errors import BadInput
from queries.parameters import Param, Type, bind, convert

TODAY = date(2026, 10, 31)
PARAMS = (
    Param("account_id", Type.STR, "the account"),
    Param("days", Type.INT, "how many", required=False, default=90),
    Param("share", Type.FLOAT, "least share", required=False, default=0.3),
    Param("strict", Type.BOOL, "or not", required=False, default=False),
    Param("as_of", Type.DATE, "the day", required=False, from_run=True),
    Param("roles", Type.LIST, "which", required=False),
    Param("limit", Type.INT, "most", required=False, default=20),
)


def bound(**given: object) -> dict[str, object]:
    return bind("accounts/show_360", PARAMS, frozenset({"limit"}), given, TODAY)


def test_defaults_fill_in() -> None:
    assert bound(account_id="a1") == {
        "account_id": "a1",
        "days": 90,
        "share": 0.3,
        "strict": False,
        "as_of": TODAY,
        "roles": None,
        "limit": 20,
    }


def test_a_field_left_empty_in_a_form_takes_its_default() -> None:
    assert bound(account_id="a1", days="", as_of=" ", roles=None) == bound(account_id="a1")


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        (Type.STR, " 华信 ", "华信"),
        (Type.INT, "-7", -7),
        (Type.INT, 12, 12),
        (Type.FLOAT, "1e-2", 0.01),
        (Type.FLOAT, 3, 3.0),
        (Type.BOOL, "True", True),
        (Type.BOOL, "no", False),
        (Type.BOOL, False, False),
        (Type.DATE, "2024-02-29", date(2024, 2, 29)),
        (Type.DATE, datetime(2026, 1, 2, 3), date(2026, 1, 2)),
        (Type.DATE, date(2026, 1, 2), date(2026, 1, 2)),
        (Type.LIST, "决策,影响、使用, user", ["决策", "影响", "使用", "user"]),
        (Type.LIST, ("a", "b"), ["a", "b"]),
    ],
)
def test_what_is_taken(kind: Type, given: object, value: object) -> None:
    assert convert(kind, given) == value
    assert type(convert(kind, given)) is type(value)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"as_of": "tomorow"}, "takes a date such as 2026-10-31, not 'tomorow'"),
        ({"as_of": "2026-02-30"}, "takes a date such as 2026-10-31, not '2026-02-30'"),
        ({"as_of": "20261031"}, "takes a date such as 2026-10-31, not '20261031'"),
        ({"as_of": 20261031}, "takes a date such as 2026-10-31, not 20261031"),
        ({"days": "many"}, "takes a whole number such as 90, not 'many'"),
        ({"days": "1.5"}, "takes a whole number such as 90, not '1.5'"),
        ({"days": True}, "takes a whole number such as 90, not True"),
        ({"days": 2**63}, "takes a whole number such as 90, not 9223372036854775808"),
        ({"share": "nan"}, "takes a number such as 0.3, not 'nan'"),
        ({"share": "a third"}, "takes a number such as 0.3, not 'a third'"),
        ({"strict": "perhaps"}, "takes true or false, not 'perhaps'"),
        ({"roles": 5}, "takes texts separated by commas, not 5"),
        ({"roles": [5]}, "takes texts separated by commas, not [5]"),
        ({"account_id": 7}, "takes a text, not 7"),
        ({"limit": "-1"}, "takes a number from 0 up, not -1"),
    ],
)
def test_what_is_refused(given: dict[str, object], says: str) -> None:
    with pytest.raises(BadInput) as caught:
        bound(**{"account_id": "a1", **given})
    assert str(caught.value) == f"parameter '{next(iter(given))}' of accounts/show_360 {says}"


def test_a_missing_one_is_named_with_its_meaning() -> None:
    with pytest.raises(BadInput) as caught:
        bound()
    assert str(caught.value) == "accounts/show_360 needs parameter 'account_id' (str): the account"


def test_an_unknown_one_is_told_what_there_is() -> None:
    with pytest.raises(BadInput) as caught:
        bound(acount_id="a1")
    takes = "account_id, days, share, strict, as_of, roles, limit"
    assert str(caught.value) == f"accounts/show_360 has no parameter 'acount_id'; it takes {takes}"


def test_one_where_none_is_taken() -> None:
    with pytest.raises(BadInput, match="graph/count_types has no parameter 'x'; it takes none"):
        bind("graph/count_types", (), frozenset(), {"x": 1}, TODAY)
