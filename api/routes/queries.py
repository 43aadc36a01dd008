"""The query library over HTTP: what may be asked, and the answers."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.deps import Ask, OutAs, TheSettings, listing
from api.errors import explains
from api.tables import LISTED, Listing, Rows, plain, respond
from graph.errors import BadInput, Forbidden, NotFound, TimedOut, Unavailable
from queries.catalog import catalog
from queries.query import Query

router = APIRouter(prefix="/queries", tags=["queries"])

OURS = ("format",)
"""Names in the query string that are the API's own, never a parameter of a query."""
COLUMNS = ("name", "title", "about", "audience", "parameters", "columns", "url")


@router.get(
    "",
    summary="Every question of the library, with its parameters and columns",
    response_model=Rows,
    responses=LISTED | explains(BadInput),
)
def list_queries(request: Request, form: OutAs = None) -> Response:
    """The catalog. `url` asks the question; its parameters go into the query string."""
    rows = [described(query) for query in catalog().values()]
    return respond(request, Listing("queries", COLUMNS, rows, link="/queries"), limit=len(rows) or None)


@router.get(
    "/{name:path}",
    summary="Ask one question of the library",
    response_model=Rows,
    responses=LISTED | explains(NotFound, BadInput, Forbidden, TimedOut, Unavailable),
)
def ask_query(request: Request, name: str, ask: Ask, settings: TheSettings, form: OutAs = None) -> Response:
    """Run a library query; its parameters are given in the query string, such as `?account_id=A1`.

    All rows come at once, up to the server's limit; `truncated` says whether there are more.
    """
    given = parameters(request)
    return respond(request, listing(ask(name, **given), *given.values()), limit=settings.query_rows)


def described(query: Query) -> dict[str, Any]:
    """A query as the catalog shows it: its parameters with types and defaults, its columns."""
    return {
        "name": query.name,
        "title": query.title,
        "about": query.about,
        "audience": list(query.audience),
        "parameters": [
            {
                "name": param.name,
                "type": str(param.type),
                "required": param.required,
                "default": "the newest run's day" if param.from_run else plain(param.default),
                "about": param.doc,
            }
            for param in query.params
        ],
        "columns": [{"name": column.name, "about": column.doc} for column in query.returns],
        "url": f"/queries/{query.name}",
    }


def parameters(request: Request) -> dict[str, str]:
    """The query's parameters in the request. Raises BadInput for one given twice."""
    pairs = [(key, value) for key, value in request.query_params.multi_items() if key not in OURS]
    twice = [name for name, count in Counter(key for key, _ in pairs).items() if count > 1]
    if twice:
        raise BadInput(f"parameter {twice[0]!r} is given more than once; once would work")
    return dict(pairs)
