"""The tables of docs/engines.md say what the code does."""

from __future__ import annotations

from pathlib import Path

from analytics.engines.gds import ONE_COIN
from analytics.engines.measures import MEASURES
from analytics.engines.semantics import MEANINGS, meanings_table, offers_table

DOCUMENT = Path(__file__).parents[3] / "docs" / "engines.md"


def test_every_measure_has_a_meaning_and_a_name_of_its_own() -> None:
    assert list(MEANINGS) == list(MEASURES)
    assert len({kind.name for kind in MEASURES}) == len(MEASURES)


def test_the_document_has_the_tables_of_the_code() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert meanings_table() in text
    assert offers_table() in text


def test_the_document_and_the_warning_tell_the_same_closed_forms() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for figure in ("1.11", "5.9", "5.0", "33.8", "6.0"):
        assert figure in text
        assert figure in ONE_COIN
