import json
from pathlib import Path

import pytest

from analytics.campaign.asked import Asked, asked_of, read_asked
from graph.errors import BadInput, NotFound


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    told = {"select": {"region": ["11"], "class": "large"}, "offer": {"cost_by_tier": {"national": 8}}}
    (tmp_path / "a.json").write_text(json.dumps(told))
    (tmp_path / "a.toml").write_text(
        '[select]\nregion = ["11"]\nclass = "large"\n[offer]\ncost_by_tier = { national = 8 }\n'
    )
    found = read_asked(tmp_path / "a.toml")
    assert found == read_asked(tmp_path / "a.json")
    assert found.select.region == ("11",)
    assert found.select.class_ == ("large",)
    assert found.offer.cost_by_tier == {"national": 8.0}
    assert asked_of({}) == Asked()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"selct": {}}, "no section named 'selct'; known: caps, control"),
        ({"select": {"regoin": "11"}}, r"\[select\]: no key named 'regoin'; known: above, account"),
        ({"select": {"region": 11}}, r"\[select\] region must be a list of texts, not int 11"),
        ({"select": {"class": ["big"]}}, "class: 'big' is none of large, commercial, public"),
        ({"offer": {"acceptance": 1.2}}, r"\[offer\] acceptance must be between 0 and 1, not 1.2"),
        ({"offer": {"cost": -1}}, r"\[offer\] cost must be a number of at least 0, not -1"),
        ({"offer": {"cost": True}}, "cost must be a number of at least 0, not True"),
        ({"caps": {"per_account": 1.5}}, "per_account must be a whole number, not 1.5"),
        ({"control": {"share": 0.8}}, "share must be at most 0.5"),
        ({"control": {"by": "street"}}, "by: 'street' is none of account, community"),
        ({"exclude": {"complaint_open": 1}}, "complaint_open must be true or false, not 1"),
        ({"value": {"months": 0}}, "months must be at least 1"),
        ([], "sections are needed"),
        ({"select": 3}, "must have keys and values"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(given: object, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        asked_of(given, "f.toml")


def test_files_that_are_not_there_or_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no file"):
        read_asked(tmp_path / "none.toml")
    (tmp_path / "a.toml").write_text("[select\n")
    with pytest.raises(BadInput, match=r"a\.toml: cannot be read"):
        read_asked(tmp_path / "a.toml")
