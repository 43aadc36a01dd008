"""A rule's finding in words: the facts put into its sentence, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from analytics.watch.methods import Fact
from analytics.watch.rules import Rule

NOTHING = {"en": "none known", "zh": "无"}
BETWEEN = {"en": ", ", "zh": "、"}
MORE = {"en": "{} more", "zh": "另 {} 名"}


def sentences(rule: Rule, found: pd.DataFrame, language: str) -> list[str]:
    """The rule's sentence for each row of what its method found."""
    names = [name for name in rule.how.facts if name in found.columns]
    text = rule.sentence[language]
    rows = found[names].astype(object).to_dict("records")
    return [text.format(**_facts(row, language)) for row in rows]


def _facts(row: Mapping[Hashable, object], language: str) -> dict[str, Fact]:
    return {str(name): fact(value, language) for name, value in row.items()}


def fact(value: object, language: str) -> Fact:
    """A value as a sentence quotes it: a day without its time, a list by commas, nothing in words."""
    if isinstance(value, list | np.ndarray):
        return BETWEEN[language].join(_one(str(part), language) for part in value)
    if pd.isna(value) or value == "":  # type: ignore[call-overload]
        return NOTHING[language]
    if isinstance(value, pd.Timestamp):
        return value.date()
    return value if isinstance(value, str) else float(value)  # type: ignore[arg-type]


def _one(text: str, language: str) -> str:
    """`+3` at the end of a list is how many more there are."""
    return MORE[language].format(text[1:]) if text.startswith("+") else text
