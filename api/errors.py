"""How an error reaches the client: one JSON shape for every fault, whoever noticed it."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from graph.errors import GuanxiError, Unavailable

log = logging.getLogger("guanxi.api")

MEANINGS = {400: "bad_request", 404: "not_found", 405: "not_allowed", 422: "bad_input"}

ONE_OF = re.compile(r"\^\((\w+(?:\|\w+)*)\)\$")
"""A pattern that only lists words, such as that of `format`."""


class Fault(BaseModel):
    """What went wrong."""

    code: str = Field(description="stable word for programs, such as not_found")
    message: str = Field(description="one sentence for people: what was wrong and what would have worked")


class Problem(BaseModel):
    """The body of every answer that is not a success."""

    error: Fault


Responses = dict[int | str, dict[str, Any]]


def explains(*kinds: type[GuanxiError]) -> Responses:
    """The `responses=` of a route that may raise these errors, for the OpenAPI document.

    >>> from graph.errors import NotFound
    >>> sorted(explains(NotFound))
    [404, 500]
    """
    responses: Responses = {500: {"model": Problem, "description": "internal: a fault of ours, logged"}}
    for kind in kinds:
        means = f"{kind.code}: {(kind.__doc__ or '').splitlines()[0]}"
        seen = responses.get(kind.status, {}).get("description")
        responses[kind.status] = {"model": Problem, "description": f"{seen}; {means}" if seen else means}
    return responses


def problem(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer to a request that failed."""
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers=headers)


def internal() -> JSONResponse:
    """The answer where the fault is ours: nothing of what happened leaves the machine."""
    return problem(500, "internal", "something went wrong here; the server's log has the details")


def install(app: FastAPI) -> None:
    """Give every kind of error its answer."""
    app.add_exception_handler(GuanxiError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def sentence(error: RequestValidationError) -> str:
    """The first complaint of a failed validation as one sentence: which parameter, and what it takes."""
    first = error.errors()[0]
    place = " ".join(str(part) for part in first["loc"])
    given = first.get("input")
    was = f" (it is {given!r})" if isinstance(given, str | int | float) else ""
    words = ONE_OF.fullmatch(first.get("ctx", {}).get("pattern", ""))
    if words:
        return f"{first['loc'][-1]} takes {words[1].replace('|', ' or ')}{was}"
    return f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}{was}"


def _known(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GuanxiError)  # noqa: S101  for the type checker; registered for it alone
    line = " ".join(f"{request.method} {request.url.path}: {error}".split())
    if error.status == 500:
        log.error(line, exc_info=error)
    else:  # foreseen, and the sentence says it all
        log.log(logging.WARNING if error.status > 500 else logging.INFO, line)
    retry = {"Retry-After": "5"} if isinstance(error, Unavailable) else None
    return problem(error.status, error.code, error.message, retry)


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    return problem(422, "bad_input", sentence(error))


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = MEANINGS.get(error.status_code, "refused")
    message = str(error.detail)
    if error.status_code == 404:
        message = f"nothing is served at {request.url.path}; /docs lists what is"
    elif error.status_code == 405:
        message = f"{request.method} is not possible at {request.url.path}; everything here is read by GET"
    return problem(error.status_code, code, message, error.headers)
