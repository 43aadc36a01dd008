"""What a route may ask for: the lake, the graph, the settings, and a way to ask the query library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from api.tables import PAGE, Listing, query_link, respond
from graph.errors import NotFound
from graph.lake import Lake
from graph.settings import Settings
from graph.store import GraphStore, Row
from queries.catalog import find
from queries.run import Answer, ask

Asker = Callable[..., Answer]
"""`ask("members/show_member", member_id="M1")`: the answer of a library query."""


def lake_of(request: Request) -> Lake:
    return cast(Lake, request.app.state.lake)


def store_of(request: Request) -> GraphStore:
    return cast(GraphStore, request.app.state.store)


def settings_of(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


def asker(request: Request) -> Asker:
    """A function that asks the library within the settings' limits; parameters that are None are left out."""
    store, limits = store_of(request), settings_of(request)

    def asked(name: str, /, **params: object) -> Answer:
        given = {key: value for key, value in params.items() if value is not None}
        return ask(store, find(name), given, limits)

    return asked


def asker_of_all(request: Request) -> Asker:
    """As `asker`, with every row up to the server's limit, whatever the query shows unless told."""
    asked, most = asker(request), settings_of(request).query_rows

    def asked_all(name: str, /, **params: object) -> Answer:
        limit = find(name).limit
        return asked(name, **({limit: most} if limit else {}), **params)

    return asked_all


TheLake = Annotated[Lake, Depends(lake_of)]
TheStore = Annotated[GraphStore, Depends(store_of)]
TheSettings = Annotated[Settings, Depends(settings_of)]
Ask = Annotated[Asker, Depends(asker)]
AskAll = Annotated[Asker, Depends(asker_of_all)]

Limit = Annotated[
    int | None,
    Query(ge=1, le=PAGE, description=f"rows of a page, {PAGE} where not said; CSV comes whole"),
]
Offset = Annotated[int, Query(ge=0, description="rows to skip")]
OutAs = Annotated[
    str | None,
    Query(
        alias="format",
        description="json or csv; without it the Accept header decides",
        pattern="^(json|csv)$",
    ),
]
"""Declared on every list so that the OpenAPI document shows it; `tables.respond` reads it."""


@dataclass(frozen=True)
class Reply:
    """How the client wants a list."""

    request: Request
    limit: int | None
    offset: int

    def send(self, listing: Listing) -> Response:
        """The page asked for as JSON, or the list as CSV."""
        return respond(self.request, listing, self.limit, self.offset)


def reply_to(request: Request, limit: Limit = None, offset: Offset = 0, form: OutAs = None) -> Reply:
    return Reply(request, limit, offset)


Answering = Annotated[Reply, Depends(reply_to)]


def link_of(answer: Answer) -> str:
    """The address of the query behind an answer, with the values it was asked with."""
    return query_link(answer.query.name, answer.params)


def listing(answer: Answer, *about: str) -> Listing:
    """An answer as a list to be sent; `about` goes into the file's name."""
    return Listing(
        name="-".join([answer.query.name.replace("/", "-"), *about]),
        columns=answer.columns,
        rows=answer.rows,
        truncated=answer.truncated,
        as_of=answer.as_of,
        run_id=answer.run_id,
        query=answer.query.name,
        link=link_of(answer),
    )


def only_row(answer: Answer, what: str, key: str) -> Row:
    """The one row of an answer about one thing, with what it rests on. Raises NotFound without a row."""
    if not answer.rows:
        raise NotFound(f"no {what} {key!r} in the graph; the list of {what}s has those that are")
    rests_on: Row = {
        "as_of": answer.as_of,
        "run_id": answer.run_id,
        "query": answer.query.name,
        "link": link_of(answer),
    }
    return {**answer.rows[0], **rests_on}
