"""What every answer carries and every request must pass, before any route sees it.

The headers let a browser load nothing but our own files. The Host check keeps a web page elsewhere from
reading a server on this machine by pointing its own name at 127.0.0.1 (DNS rebinding). There is no CORS:
only our own pages may read the answers.
"""

from __future__ import annotations

import logging
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import internal, problem

log = logging.getLogger("guanxi.api")

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
LOCAL = ("localhost", "127.0.0.1", "::1", "testserver")


class Guarded:
    """The outermost layer: checks Host, adds the headers, and turns what nobody caught into a plain 500."""

    def __init__(self, app: ASGIApp, host: str) -> None:
        self.app = app
        self.host = host.strip("[]").lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        asked = Headers(scope=scope).get("host", "")
        if not allowed_host(asked, self.host):
            message = f"the Host {asked!r} is not this server's; use http://localhost and its port"
            await problem(400, "bad_request", message)(scope, receive, with_headers)
            return
        try:
            await self.app(scope, receive, with_headers)
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            if started:
                raise
            await internal()(scope, receive, with_headers)


def allowed_host(asked: str, configured: str) -> bool:
    """Whether a request's Host header names this server.

    A server that listens on every address may also be asked by any of its numbers: rebinding needs a name.

    >>> allowed_host("127.0.0.1:8000", "127.0.0.1"), allowed_host("evil.example", "127.0.0.1")
    (True, False)
    >>> allowed_host("10.1.2.3:8000", "0.0.0.0"), allowed_host("[::1]:80", "127.0.0.1")
    (True, True)
    """
    try:
        name = urlsplit(f"//{asked}").hostname or ""
    except ValueError:
        return False
    if name in LOCAL or name == configured:
        return True
    return _is_number(name) and _is_number(configured) and ip_address(configured).is_unspecified


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
