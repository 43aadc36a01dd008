"""Templates into pages. Text is always escaped; a name without a value is an error, not a blank."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.pages import figures
from api.pages.words import HTML_LANG, Language, speaker

TEMPLATES = Path(__file__).parents[1] / "templates"


@cache
def environment() -> Environment:
    """The templates with the formats of `api.pages.figures` as filters."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("number", "percent", "yuan", "day", "month"):
        made.filters[name] = getattr(figures, name)
    return made


def page(template: str, language: Language, status: int = 200, **values: object) -> HTMLResponse:
    """The page in that language; `frame` values have defaults, so that a page of refusal needs none."""
    frame: dict[str, object] = {
        "language": language.value,
        "html_lang": HTML_LANG[language],
        "say": speaker(language),
        "chosen": "",
        "accounts": [],
        "asked": False,
        "as_of": None,
        "run_id": None,
        "here": "/",
    }
    text = environment().get_template(template).render({**frame, **values})
    return HTMLResponse(text, status)
