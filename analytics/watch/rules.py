"""Rules of early warning as configuration: those shipped, and a file of one's own that changes them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from string import Formatter

from analytics.watch.methods import METHODS, Method
from graph.errors import BadInput, NotFound, one_of
from graph.model import NAME

SHIPPED = Path(__file__).with_name("rules.toml")
OWN = "rules.toml"
"""Name of one's own file in the folder of all state."""
LANGUAGES = ("en", "zh")
FIELDS = ("like", "off", "severity", "quiet_days", "step", "thresholds", "title", "sentence")
NUMBERS = {"severity": (1, 5), "quiet_days": (0, 3650), "step": (0, 1)}
"""Fields that are numbers, each with its least and greatest value."""


@dataclass(frozen=True)
class Rule:
    """A method with thresholds and words. `title` and `sentence` are by language, en and zh."""

    id: str
    method: str
    severity: int
    quiet_days: int
    step: float
    thresholds: Mapping[str, float]
    title: Mapping[str, str]
    sentence: Mapping[str, str]

    @property
    def how(self) -> Method:
        return METHODS[self.method]

    @property
    def kind(self) -> str:
        """The label of the nodes that it warns of."""
        return self.how.kind


def read_rules(own: Path | None = None) -> tuple[Rule, ...]:
    """The shipped rules, changed by one's own file where there is one.

    Raises NotFound for a file that is not there and BadInput naming file, rule and field at fault.
    """
    rules = {name: _shipped(name, raw) for name, raw in _tables(SHIPPED).items()}
    if own is None:
        return tuple(rules.values())
    for name, raw in _tables(own).items():
        place = f"{own}, [{name}]"
        rule = _changed(_begun(name, raw, rules, place), raw, place)
        if raw.get("off"):
            rules.pop(name, None)
        else:
            rules[name] = rule
    return tuple(rules.values())


def chosen(rules: tuple[Rule, ...], wanted: str | None) -> tuple[Rule, ...]:
    """All rules, or the one of that id. Raises NotFound listing those that exist."""
    found = tuple(rule for rule in rules if wanted in (None, rule.id))
    if not found:
        raise NotFound(one_of("rule", wanted or "", [rule.id for rule in rules]))
    return found


def _tables(path: Path) -> dict[str, dict[str, object]]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFound(f"no file of rules {path}") from None
    except (UnicodeDecodeError, OSError) as error:
        raise BadInput(f"{path}: a file of rules is UTF-8 text that can be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path} is not valid TOML: {error}") from None
    for name, value in raw.items():
        if not isinstance(value, dict):
            raise BadInput(f"{path}: {name!r} stands outside a rule; a rule begins with a line [{name}]")
        for field in value:
            if field not in FIELDS:
                raise BadInput(f"{path}, [{name}]: {_unknown('field', field, FIELDS)}")
    return raw


def _shipped(name: str, raw: Mapping[str, object]) -> Rule:
    return _changed(Rule(name, name, 1, 0, 0.0, {}, {}, {}), raw, f"{SHIPPED.name}, [{name}]")


def _begun(name: str, raw: Mapping[str, object], rules: Mapping[str, Rule], place: str) -> Rule:
    """The rule that the file changes: the one of its name, or that which `like` names."""
    if not NAME.fullmatch(name):
        raise BadInput(f"{place}: a rule's name is lower_snake_case, such as contract_ends_soon")
    if "off" in raw and not isinstance(raw["off"], bool):
        raise BadInput(f"{place}, off: {raw['off']!r} is neither true nor false")
    like = raw.get("like", name)
    if not isinstance(like, str) or like not in rules:
        asked = "rule" if "like" in raw else 'rule (a new one says which it is like: like = "contract_ends")'
        raise BadInput(f"{place}: {_unknown(asked, str(like), tuple(rules))}")
    return replace(rules[like], id=name)


def _changed(rule: Rule, raw: Mapping[str, object], place: str) -> Rule:
    """The rule with what the file says of it, every field checked."""
    numbers = {
        field: _number(raw[field], span, f"{place}, {field}")
        for field, span in NUMBERS.items()
        if field in raw
    }
    for field in ("severity", "quiet_days"):
        if field in numbers and not numbers[field].is_integer():
            raise BadInput(f"{place}, {field}: {raw[field]!r} is not a whole number")
    found = replace(
        rule,
        severity=int(numbers.get("severity", rule.severity)),
        quiet_days=int(numbers.get("quiet_days", rule.quiet_days)),
        step=numbers.get("step", rule.step),
        thresholds={**rule.thresholds, **_thresholds(rule, raw, place)},
        title={**rule.title, **_texts("title", raw, place)},
        sentence={**rule.sentence, **_texts("sentence", raw, place)},
    )
    for language, text in found.sentence.items():
        _fits(text, rule, f"{place}, sentence.{language}")
    return found


def _thresholds(rule: Rule, raw: Mapping[str, object], place: str) -> dict[str, float]:
    given = raw.get("thresholds", {})
    if not isinstance(given, dict):
        raise BadInput(f"{place}, thresholds: write them as {{ {next(iter(rule.how.thresholds))} = 1 }}")
    spans = rule.how.thresholds
    for name in given:
        if name not in spans:
            raise BadInput(f"{place}, thresholds: {_unknown('threshold', name, tuple(spans))}")
    return {name: _number(value, spans[name], f"{place}, thresholds.{name}") for name, value in given.items()}


def _number(value: object, span: tuple[float, float], place: str) -> float:
    low, high = span
    # A bool is an int to Python, and never meant as one here.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(f"{place}: {value!r} is not a number; {low:g} to {high:g} works")
    if not low <= value <= high:
        raise BadInput(f"{place}: {value:g} is out of range; {low:g} to {high:g} works")
    return float(value)


def _texts(field: str, raw: Mapping[str, object], place: str) -> dict[str, str]:
    given = raw.get(field, {})
    if not isinstance(given, dict):
        raise BadInput(f'{place}, {field}: write it by language: {field} = {{ en = "…", zh = "…" }}')
    for language, text in given.items():
        if language not in LANGUAGES:
            raise BadInput(f"{place}, {field}: {_unknown('language', language, LANGUAGES)}")
        if not isinstance(text, str) or not text.strip():
            raise BadInput(f"{place}, {field}.{language}: {text!r} is no text")
    return dict(given)


def _fits(text: str, rule: Rule, place: str) -> None:
    """Refuse a sentence that names a fact its method does not have, or formats it as it is not."""
    facts = rule.how.facts
    try:
        for _, name, _, _ in Formatter().parse(text):
            if name is not None and name not in facts:
                raise BadInput(f"{place}: {_unknown('fact', name, tuple(facts))}")
        text.format(**facts)
    except (ValueError, KeyError, IndexError) as error:
        raise BadInput(f"{place}: {text!r} cannot be filled in: {error}") from None


def _unknown(what: str, asked: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(asked, known, 1, 0.6)
    offer = f"did you mean {near[0]!r}? " if near else ""
    return f"no {what} named {asked!r}; {offer}known: {', '.join(known)}"
