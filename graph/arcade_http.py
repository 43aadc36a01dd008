"""The embedded server's address, and what is asked of it outside Cypher: is it ready, who may log in.

ArcadeDB is administered over HTTP and SQL; queries and writes go over Bolt like everywhere else.
"""

from __future__ import annotations

import base64
import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from graph.errors import Unavailable

HOST = "127.0.0.1"
DATABASE = "crm"
READERS = "readers"
REQUEST_BYTES = 256 * 2**20
"""What one request of a bulk load may carry; the server is started with twice this as its limit."""

# What must be in force before anybody's data or query reaches the server. ArcadeDB ignores some
# settings silently when they are given elsewhere than on the command line, so they are asked back.
REQUIRED: Mapping[str, object] = {
    "arcadedb.txWalFlush": 2,  # fsync at commit
    "arcadedb.command.timeout": 30_000,  # milliseconds; the driver's own limit is ignored
    "arcadedb.opencypher.loadCsv.allowFileUrls": False,
    "arcadedb.opencypher.loadCsv.allowRemoteUrls": False,  # a reader may fetch addresses otherwise
}


@dataclass(frozen=True)
class Address:
    """Where a server listens and the two principals it knows: one writes, the other only reads."""

    bolt_port: int
    http_port: int
    user: str
    password: SecretStr
    reader: str
    reader_password: SecretStr
    database: str

    @property
    def bolt_url(self) -> str:
        return f"bolt://{HOST}:{self.bolt_port}"


def address_of(bolt_port: int, http_port: int, passwords: Mapping[str, str]) -> Address:
    return Address(
        bolt_port=bolt_port,
        http_port=http_port,
        user="root",
        password=SecretStr(passwords["root"]),
        reader="reader",
        reader_password=SecretStr(passwords["reader"]),
        database=DATABASE,
    )


def http_ready(address: Address) -> bool:
    try:
        return ask(address, "GET", "/api/v1/ready")[0] == http.client.NO_CONTENT
    except (OSError, http.client.HTTPException):
        return False


def bolt_answers(address: Address) -> bool:
    """Whether the Bolt port agrees on a protocol version; no log-in is tried."""
    try:
        with socket.create_connection((HOST, address.bolt_port), timeout=2) as connection:
            connection.sendall(bytes.fromhex("6060b017 00000404 00000004 00000000 00000000"))
            return len(connection.recv(4)) == 4
    except OSError:
        return False


def answers(address: Address) -> bool:
    """Whether the server at this address is ready and knows our passwords."""
    if not (bolt_answers(address) and http_ready(address)):
        return False
    try:
        return ask(address, "GET", "/api/v1/server?mode=basic")[0] == http.client.OK
    except (OSError, http.client.HTTPException):
        return False


def ask(address: Address, method: str, path: str, body: object = None) -> tuple[int, bytes]:
    """One HTTP request as the writing principal: the status and the answer's body."""
    # Not urllib: that would send a request for this machine through a proxy of the environment.
    pair = f"{address.user}:{address.password.get_secret_value()}".encode()
    headers = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
    connection = http.client.HTTPConnection(HOST, address.http_port, timeout=10)
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def set_up(address: Address) -> str:
    """See that the reader exists and that the settings are in force; return the server's version."""
    readers = {
        "database": DATABASE,
        "name": READERS,
        "access": [],
        "types": {"*": {"access": ["readRecord"]}},
        "resultSetLimit": -1,  # any other number silently cuts scans inside a query
        "readTimeout": -1,
    }
    demand(address, "POST", "/api/v1/server/groups", readers)
    known = demand(address, "GET", "/api/v1/server/users")["result"]
    if address.reader not in {user["name"] for user in known}:
        reader = {
            "name": address.reader,
            "password": address.reader_password.get_secret_value(),
            "databases": {DATABASE: [READERS]},
        }
        demand(address, "POST", "/api/v1/server/users", reader)
    check_settings(address)
    version = str(demand(address, "GET", "/api/v1/server?mode=basic")["version"])
    return version.split(" ", maxsplit=1)[0]


def check_settings(address: Address) -> None:
    """Raise Unavailable unless every setting of REQUIRED is in force."""
    question = {"language": "sql", "command": "SELECT settings FROM schema:database"}
    found = demand(address, "POST", f"/api/v1/query/{DATABASE}", question)["result"][0]["settings"]
    values = {setting["key"]: setting["value"] for setting in found}
    for key, wanted in REQUIRED.items():
        if values.get(key) != wanted:
            raise Unavailable(
                f"the embedded graph server runs with {key}={values.get(key)!r} instead of "
                f"{wanted!r}; reinstall the locked version of arcadedb-embedded"
            )


def demand(address: Address, method: str, path: str, body: object = None) -> dict[str, Any]:
    """The decoded answer to a request. Raises Unavailable when it fails or is refused."""
    try:
        status, text = ask(address, method, path, body)
        answer: dict[str, Any] = json.loads(text)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unavailable(f"the embedded graph server broke off at {path}: {error}") from None
    if status not in (http.client.OK, http.client.CREATED):
        said = answer.get("error", "no reason given")
        raise Unavailable(f"the embedded graph server refused {path} ({status}): {said}")
    return answer
