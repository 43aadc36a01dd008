"""The page that lists what may be asked over HTTP; made from the OpenAPI document, nothing from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.pages.render import page
from api.pages.words import Language

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Endpoint:
    """One address: what it answers, what it takes, how it may fail."""

    path: str
    summary: str
    description: str
    parameters: tuple[dict[str, Any], ...]
    errors: tuple[tuple[str, str], ...]


@router.get("/docs")
def list_endpoints(request: Request, lang: Language = Language.zh) -> HTMLResponse:
    """Every endpoint with its parameters and errors."""
    found = endpoints(request.app.openapi())
    return page("endpoints.html", lang, endpoints=found, here="/docs")


def endpoints(document: dict[str, Any]) -> list[Endpoint]:
    """The addresses of an OpenAPI document, in its order."""
    return [
        Endpoint(
            path=path,
            summary=said.get("summary", ""),
            description=said.get("description", ""),
            parameters=tuple(said.get("parameters", ())),
            errors=tuple((code, r["description"]) for code, r in said["responses"].items() if code >= "4"),
        )
        for path, methods in document["paths"].items()
        for said in methods.values()
    ]
