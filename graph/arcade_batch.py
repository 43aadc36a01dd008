"""Whole types of node or edge into the embedded server, by its batch endpoint over HTTP.

The endpoint takes lines of JSON and neither looks for what is there already nor writes all or nothing: it
is for a type of which the graph has nothing, and what a load leaves that is cut off has to be cleared by
`mend` and deleted. Lines are made by DuckDB: a line made in Python takes longer than the server takes to
store it.
"""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import pyarrow as pa

from graph.arcade_http import DATABASE, HOST, REQUEST_BYTES, Address
from graph.errors import Unavailable
from graph.model import EdgeType, Field, Kind, NodeType
from graph.statement import identifier

ANSWER_SECONDS = 900.0
"""How long the server may take from the last line of a request to its answer."""

IDS_AT_ONCE = 100_000
PATH = f"/api/v1/batch/{DATABASE}"

Report = Callable[[int], None]


def declare(address: Address, kind: NodeType | EdgeType) -> None:
    """Make the type known, and which of its values are dates: JSON has none, so dates go as day numbers.

    To be done before the first row. Raises Unavailable.
    """
    if isinstance(kind, EdgeType):
        command(address, f"CREATE EDGE TYPE {identifier(kind.name)} IF NOT EXISTS")
    name = kind.name if isinstance(kind, EdgeType) else kind.label
    for field in kind.properties:
        if field.kind is Kind.DATE:
            command(
                address,
                f"CREATE PROPERTY {identifier(name)}.{identifier(field.name)} IF NOT EXISTS DATE",
            )


def node_line(node: NodeType) -> str:
    """The SQL expression that makes a node's line out of a row of the columns of `node`."""
    head = f"""'{{"@type":"v","@class":"{node.label}","{node.id}":' || to_json("{node.id}")"""
    return f"{head} || {_properties(node.properties)} || '}}\n'"


def edge_line(edge: EdgeType, source: str, target: str, key: str) -> str:
    """The SQL expression of an edge's line; the arguments are expressions of its ends' ids and its key."""
    ends = f"""'{{"@type":"e","@class":"{edge.name}","@from":"' || {source} || '","@to":"' || {target}"""
    return f"""{ends} || '","key":' || to_json({key}) || {_properties(edge.properties)} || '}}\n'"""


def load(address: Address, lines: Iterable[pa.RecordBatch], report: Report | None = None) -> int:
    """Send lines, the only column of the batches; return how many there were.

    Raises Unavailable where the server broke off or refused; any part of them may be in the graph then.
    """
    sent = 0
    waiting = iter(lines)
    while True:
        body = _Body(waiting, report)
        first = next(body, None)
        if first is None:
            return sent
        stored = _post(address, _after(first, body))
        if stored != body.rows:
            raise Unavailable(
                f"the embedded graph server stored {stored} of {body.rows} records of a bulk load;"
                " publish again"
            )
        sent += body.rows


def ids(address: Address, node: NodeType) -> Iterator[pa.Table]:
    """The server's own ids of all nodes of a type, in tables of `id` (the node's key) and `rid`."""
    last = "#-1:-1"
    while True:
        found = ask(
            address,
            f"SELECT @rid AS rid, {identifier(node.id)} AS id FROM {identifier(node.label)}"
            f" WHERE @rid > {last} LIMIT {IDS_AT_ONCE}",
        )
        if not found:
            return
        yield pa.table({name: pa.array([row[name] for row in found], pa.string()) for name in ("id", "rid")})
        last = found[-1]["rid"]


def mend(address: Address) -> None:
    """Set right what a load that was cut off left: edges that only one of their ends knows of.

    Reads the whole database. Raises Unavailable.
    """
    command(address, "CHECK DATABASE FIX")


def forget_edges(address: Address, edge: EdgeType) -> None:
    """Drop the records of edges that neither end knows of; there must be no others of the type."""
    declare(address, edge)
    command(address, f"TRUNCATE TYPE {identifier(edge.name)} UNSAFE")


def command(address: Address, text: str) -> list[dict[str, Any]]:
    """Run a command of the server's own language. Raises Unavailable."""
    return _answer(address, f"/api/v1/command/{DATABASE}", text)


def ask(address: Address, text: str) -> list[dict[str, Any]]:
    """Ask in the server's own language, without its limit of rows. Raises Unavailable."""
    return _answer(address, f"/api/v1/query/{DATABASE}", text)


class _Body:
    """What one request carries of the lines, as bytes; `rows` counts what was taken."""

    def __init__(self, lines: Iterator[pa.RecordBatch], report: Report | None) -> None:
        self.rows = 0
        self._lines = lines
        self._report = report
        self._left = REQUEST_BYTES

    def __iter__(self) -> _Body:
        return self

    def __next__(self) -> bytes:
        if self._left <= 0:
            raise StopIteration
        batch = next(self._lines)
        text = _bytes(batch.column(0))
        self._left -= len(text)
        self.rows += batch.num_rows
        if self._report is not None:
            self._report(batch.num_rows)
        return text


def _bytes(lines: pa.Array) -> bytes:
    """The texts of an array one after the other, as they lie in memory."""
    lines = lines.cast(pa.large_string())
    if not len(lines):
        return b""
    _, offsets, data = lines.buffers()
    ends = memoryview(offsets).cast("q")
    return bytes(memoryview(data)[ends[lines.offset] : ends[lines.offset + len(lines)]])


def _after(first: bytes, body: _Body) -> Iterator[bytes]:
    yield first
    yield from body


def _post(address: Address, body: Iterator[bytes]) -> int:
    """Send one request and return how many records the server says it stored."""
    connection = http.client.HTTPConnection(HOST, address.http_port, timeout=ANSWER_SECONDS)
    try:
        # A server that refuses the rest closes its end, and its answer says why.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(
                "POST", PATH + OPTIONS, body, _headers(address, "application/x-ndjson"), encode_chunked=True
            )
        answer = _decoded(connection, "a bulk load")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unavailable(
            f"the embedded graph server broke off a bulk load ({error}); publish again"
        ) from None
    finally:
        connection.close()
    return int(answer["verticesCreated"]) + int(answer["edgesCreated"])


# With its log, so that a server that is killed meanwhile opens an undamaged database afterwards, and
# without room reserved for each node's edges: 4 kB a node, most of which stays empty.
OPTIONS = "?wal=true&preAllocateEdgeChunks=false&edgeListInitialSize=256&idMapping=false"


def _answer(address: Address, path: str, text: str) -> list[dict[str, Any]]:
    connection = http.client.HTTPConnection(HOST, address.http_port, timeout=ANSWER_SECONDS)
    try:
        body = json.dumps({"language": "sql", "command": text, "limit": -1})
        connection.request("POST", path, body, _headers(address, "application/json"))
        found: list[dict[str, Any]] = _decoded(connection, "a command")["result"]
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unavailable(f"the embedded graph server broke off a command: {error}") from None
    finally:
        connection.close()
    return found


def _decoded(connection: http.client.HTTPConnection, what: str) -> dict[str, Any]:
    """The answer. Raises Unavailable where it is a refusal: its own words may quote what was sent."""
    response = connection.getresponse()
    text = response.read()
    if response.status != http.client.OK:
        kind = ""
        with suppress(ValueError, AttributeError):
            kind = str(json.loads(text).get("exception", "")).rpartition(".")[2]
        raise Unavailable(
            f"the embedded graph server refused {what} ({response.status} {kind}); see its log/server.log"
        )
    found: dict[str, Any] = json.loads(text)
    return found


def _headers(address: Address, kind: str) -> dict[str, str]:
    pair = f"{address.user}:{address.password.get_secret_value()}".encode()
    return {"Authorization": "Basic " + base64.b64encode(pair).decode(), "Content-Type": kind}


def _properties(fields: Iterable[Field]) -> str:
    """The SQL expression of the properties' part of a line; one that is null is left out."""
    parts = [f"""coalesce(',"{field.name}":' || {_value(field)}, '')""" for field in fields]
    return " || ".join(parts or ["''"])


def _value(field: Field) -> str:
    name = f'"{field.name}"'
    match field.kind:
        case Kind.TEXT:
            return f"to_json({name})"
        case Kind.DATE:
            return f"({name} - DATE '1970-01-01')"
        case Kind.FLOAT:
            return f"CASE WHEN isfinite({name}) THEN {name} END"
        case Kind.INT | Kind.BOOL:
            return name
