"""Rules as configuration: what ships is whole, one's own file changes it, mistakes are named."""

from pathlib import Path

import pytest

from analytics.watch.methods import METHODS
from analytics.watch.rules import chosen, read_rules
from graph.errors import BadInput, NotFound


def own(folder: Path, text: str) -> Path:
    file = folder / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_method_ships_as_a_rule_with_all_it_needs():
    rules = read_rules()
    assert [rule.id for rule in rules] == list(METHODS)
    for rule in rules:
        assert set(rule.thresholds) == set(rule.how.thresholds)
        assert set(rule.title) == set(rule.sentence) == {"en", "zh"}
        assert rule.quiet_days > 0
        assert 0 < rule.step < 1


def test_an_own_file_changes_only_what_it_says(tmp_path):
    rules = {
        rule.id: rule for rule in read_rules(own(tmp_path, "[contract_ends]\nthresholds = { days = 120 }"))
    }
    shipped = {rule.id: rule for rule in read_rules()}
    assert rules["contract_ends"].thresholds == {"days": 120, "days_past": 30}
    assert rules["contract_ends"].sentence == shipped["contract_ends"].sentence
    assert {name: rule for name, rule in rules.items() if name != "contract_ends"} == {
        name: rule for name, rule in shipped.items() if name != "contract_ends"
    }


def test_an_own_file_adds_a_rule_and_turns_one_off(tmp_path):
    text = """
        [ends_soon]
        like = "contract_ends"
        severity = 5
        thresholds = { days = 30 }
        title = { zh = "合同即将到期" }
        [member_owes]
        off = true
    """
    rules = {rule.id: rule for rule in read_rules(own(tmp_path, text))}
    assert rules["ends_soon"].method == "contract_ends"
    assert (rules["ends_soon"].severity, rules["contract_ends"].severity) == (5, 3)
    assert rules["ends_soon"].title == {"en": "Contract near its end", "zh": "合同即将到期"}
    assert "member_owes" not in rules


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = 1", "'a' stands outside a rule; a rule begins with a line [a]"),
        ("[contract_ends]\nsevere = 1", "[contract_ends]: no field named 'severe'; did you mean 'severity'?"),
        ("[contract_end]\nseverity = 1", "no rule (a new one says which it is like"),
        ('[x]\nlike = "contract_endz"', "[x]: no rule named 'contract_endz'; did you mean 'contract_ends'?"),
        ("[contract_ends]\nseverity = 6", "[contract_ends], severity: 6 is out of range; 1 to 5 works"),
        ("[contract_ends]\nseverity = 1.5", "severity: 1.5 is not a whole number"),
        ("[contract_ends]\nseverity = true", "severity: True is not a number; 1 to 5 works"),
        ("[contract_ends]\nstep = 'x'", "step: 'x' is not a number; 0 to 1 works"),
        ("[contract_ends]\noff = 1", "off: 1 is neither true nor false"),
        (
            "[contract_ends]\nthresholds = { day = 1 }",
            "thresholds: no threshold named 'day'; did you mean 'days'?",
        ),
        ("[contract_ends]\nthresholds = { days = 0 }", "thresholds.days: 0 is out of range; 1 to 3650 works"),
        ("[contract_ends]\nthresholds = 3", "thresholds: write them as { days = 1 }"),
        (
            "[contract_ends]\nsentence = { en = 'by {day}' }",
            "sentence.en: no fact named 'day'; known: account,",
        ),
        (
            "[contract_ends]\nsentence = { en = '{account:.2f}' }",
            "sentence.en: '{account:.2f}' cannot be filled in",
        ),
        ("[contract_ends]\nsentence = { fr = 'a' }", "sentence: no language named 'fr'; known: en, zh"),
        ("[contract_ends]\ntitle = { en = '' }", "title.en: '' is no text"),
        ("[contract_ends]\ntitle = 'a'", "title: write it by language"),
        ("[Contract]\nlike = 'contract_ends'", "a rule's name is lower_snake_case"),
        ("[contract_ends", "is not valid TOML"),
    ],
)
def test_a_mistake_names_file_rule_and_field(tmp_path, text, sentence):
    file = own(tmp_path, text)
    with pytest.raises(BadInput) as refused:
        read_rules(file)
    assert str(refused.value).startswith(str(file))
    assert sentence in str(refused.value)


def test_a_file_that_is_not_there_and_a_rule_that_does_not_exist(tmp_path):
    with pytest.raises(NotFound, match=r"no file of rules .*none\.toml"):
        read_rules(tmp_path / "none.toml")
    with pytest.raises(NotFound, match="no rule named 'x'; known: account_leaves"):
        chosen(read_rules(), "x")
