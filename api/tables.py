"""Rows on their way out: one list, as JSON with what it rests on, or as CSV that opens in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from graph.errors import BadInput

PAGE = 200
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
"""First letters that make a spreadsheet take a text for a formula (OWASP, CSV injection; the full-width
ones are read the same by spreadsheets set to Chinese)."""

Row = Mapping[str, object]


class Format(StrEnum):
    """How a list is written."""

    json = "json"
    csv = "csv"


@dataclass(frozen=True)
class Listing:
    """Rows with what a reader needs to trust them.

    `total` counts all rows where that is known; `truncated` says that the server stopped at its limit.
    `query` is the library query's name and `link` the address that asks it again with the same values.
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[Row]
    truncated: bool = False
    as_of: date | None = None
    run_id: str | None = None
    query: str | None = None
    link: str | None = None

    @property
    def total(self) -> int | None:
        return None if self.truncated else len(self.rows)


class Rows(BaseModel):
    """A list: its rows and what they rest on."""

    rows: list[dict[str, Any]]
    total: int | None = Field(description="all rows there are; null where the answer was cut off")
    next: str | None = Field(description="address of the next page; null on the last")
    truncated: bool = Field(description="whether the answer stopped at the server's row limit")
    as_of: date | None = Field(description="nothing known after this day was used; null before the first run")
    run_id: str | None = Field(description="run that computed the figures; null before the first run")
    query: str | None = Field(description="name of the library query behind the rows")
    link: str | None = Field(description="address that asks this query with the same parameters")


LISTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`format=csv` or `Accept: text/csv` gives UTF-8 with BOM, CRLF, one header line.",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}


def wanted_format(request: Request) -> Format:
    """JSON, unless `?format=` or the Accept header asks for CSV. Raises BadInput for another format."""
    asked = request.query_params.get("format")
    if asked is None:
        return Format.csv if "text/csv" in request.headers.get("accept", "") else Format.json
    if asked not in list(Format):
        raise BadInput(f"format {asked!r} is not offered; json and csv are")
    return Format(asked)


def respond(request: Request, listing: Listing, limit: int | None = None, offset: int = 0) -> Response:
    """The list in the format asked for; JSON comes by pages of `limit` rows, CSV whole unless asked."""
    if wanted_format(request) is Format.csv:
        end = None if limit is None else offset + limit
        return csv_response(replace(listing, rows=listing.rows[offset:end]))
    end = offset + (limit or PAGE)
    more = str(request.url.include_query_params(offset=end)) if end < len(listing.rows) else None
    body = Rows(
        rows=[plain(dict(row)) for row in listing.rows[offset:end]],
        total=listing.total,
        next=more and more.removeprefix(str(request.base_url).rstrip("/")),
        truncated=listing.truncated,
        as_of=listing.as_of,
        run_id=listing.run_id,
        query=listing.query,
        link=listing.link,
    )
    return JSONResponse(body.model_dump(mode="json"))


def csv_response(listing: Listing) -> Response:
    """The list as a file to keep; what it rests on stands in its name and in headers."""
    day = listing.as_of.isoformat() if listing.as_of else ""
    name = "-".join(part for part in (listing.name, day) if part)
    ascii_name = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    disposition = f"attachment; filename=\"{ascii_name}.csv\"; filename*=UTF-8''{quote(name, safe='')}.csv"
    rests_on = {"X-As-Of": day, "X-Run-Id": listing.run_id, "X-Query": listing.query}
    headers = {key: quote(value, safe="/:") for key, value in rests_on.items() if value}
    headers |= {"Content-Disposition": disposition, "X-Truncated": str(listing.truncated).lower()}
    text = csv_text(listing.columns, listing.rows)
    return Response(text.encode("utf-8-sig", "replace"), media_type="text/csv", headers=headers)


def csv_text(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """A header line and a line for each row, ended by CRLF (RFC 4180).

    >>> csv_text(["name", "n"], [{"name": "=1+1", "n": -2}])
    "name,n\\r\\n'=1+1,-2\\r\\n"
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([cell(name) for name in columns])
    writer.writerows([cell(row.get(name)) for name in columns] for row in rows)
    return out.getvalue()


def cell(value: object) -> object:
    """A value as a spreadsheet cell: numbers stay numbers, no text can start a formula."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int():
            return value
        case float():
            return value if math.isfinite(value) else ""
        case date():
            return value.isoformat()
        case list() | tuple():
            return _safe("; ".join(str(_text(part)) for part in value))
        case dict():
            return _safe(json.dumps(plain(value), ensure_ascii=False))
        case _:
            return _safe(str(value).replace("\0", ""))


def plain(value: Any) -> Any:
    """A value as JSON knows it: dates as ISO text, numbers that are none as null."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case date():
            return value.isoformat()
        case dict():
            return {str(key): plain(part) for key, part in value.items()}
        case list() | tuple():
            return [plain(part) for part in value]
        case _:
            return value


def query_link(name: str, params: Mapping[str, object]) -> str:
    """The address that asks a library query with these values.

    >>> query_link("accounts/show_360", {"account_id": "A 1", "as_of": None})
    '/queries/accounts/show_360?account_id=A+1'
    """
    given = {key: _param(value) for key, value in params.items() if value is not None}
    return f"/queries/{name}" + (f"?{urlencode(given)}" if given else "")


def _param(value: object) -> object:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else plain(value)


def _safe(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text


def _text(value: object) -> object:
    return json.dumps(plain(value), ensure_ascii=False) if isinstance(value, dict | list) else plain(value)
