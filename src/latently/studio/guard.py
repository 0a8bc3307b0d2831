"""Who may ask: known hosts, own pages, a token beyond this machine; and what a page of ours may load."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from hmac import compare_digest
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "latently"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
MOST = 256 * 2**20  # bytes that may be sent to us at once
POLICY = "; ".join(  # NiceGUI makes its templates in the browser, which is eval; nothing comes from elsewhere
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """Lets through what a person's own page asks, and answers everything else with a word.

    A page elsewhere can make a browser ask a server on loopback: by a name that it lets point here (so the host is
    checked), or by a form or a script (so the origin is).

    Parameters
    ----------
    app
        What is guarded.
    hosts
        By which names it may be called; none for any, where a token is asked for.
    token
        What must be known; None where only this machine can ask.
    """

    def __init__(self, app: App, hosts: tuple[str, ...] = LOOPBACK, token: str | None = None) -> None:
        self.app, self.hosts, self.token = app, hosts, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "")
        if self.hosts and _name(host) not in self.hosts:
            await _refuse(scope, send, 403, "This address is not one that the studio answers to.")
        elif _foreign(headers, host, scope.get("method", "")):
            await _refuse(scope, send, 403, "The studio answers its own pages alone.")
        elif self.token and (query := self._shown(scope)) is not None:
            await self._welcome(scope, send, query)
        elif self.token and not self._known(headers):
            await _refuse(scope, send, 401, "Open the studio with the address that it printed, token and all.")
        elif int(headers.get("content-length") or 0) > MOST:
            await _refuse(scope, send, 413, f"Send {MOST // 2**20} MiB at most.")
        else:
            await self.app(scope, _bounded(receive), _headed(send))

    def _shown(self, scope: Scope) -> str | None:
        """The query without its token, where it has the right one."""
        pairs = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        rest = [(name, value) for name, value in pairs if name != "token"]
        right = any(name == "token" and self._same(value) for name, value in pairs)
        return urlencode(rest) if right and scope["type"] == "http" else None

    async def _welcome(self, scope: Scope, send: Send, query: str) -> None:
        """Keeps the token in a cookie, so that it stands in no address, no history and no picture of the page."""
        place = "/" + scope["path"].lstrip("/\\") + (f"?{query}" if query else "")
        cookie = f"{COOKIE}={self.token}; Path=/; HttpOnly; SameSite=Strict"
        await _answer(send, 303, "", {"location": place, "set-cookie": cookie})

    def _known(self, headers: dict[str, str]) -> bool:
        bearer = headers.get("authorization", "")
        if bearer.startswith("Bearer ") and self._same(bearer.removeprefix("Bearer ")):
            return True
        kept = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        return kept is not None and self._same(kept.value)

    def _same(self, given: str) -> bool:
        return compare_digest(given.encode(), (self.token or "").encode())


def _foreign(headers: dict[str, str], host: str, method: str) -> bool:
    """Whether a page elsewhere asks: by what its browser says of it."""
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc != host
    return headers.get("sec-fetch-site") == "cross-site" and method not in ("GET", "HEAD")


def _name(host: str) -> str:
    """A host without its port.

    >>> _name("localhost:8420"), _name("[::1]:80"), _name("::1")
    ('localhost', '[::1]', '::1')
    """
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host if host.count(":") > 1 else host.partition(":")[0].lower()


def _bounded(receive: Receive) -> Receive:
    """What comes in, ended where it is more than it said or more than is allowed."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > MOST and message["type"] == "http.request" else message

    return bounded


def _headed(send: Send) -> Send:
    async def headed(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *((k.encode(), v.encode()) for k, v in HEADERS.items())]
        await send(message)

    return headed


async def _refuse(scope: Scope, send: Send, status: int, text: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    elif scope["path"].startswith("/api"):
        await _answer(send, status, json.dumps({"error": text}), {"content-type": "application/json"})
    else:
        await _answer(send, status, text, {})


async def _answer(send: Send, status: int, text: str, headers: dict[str, str]) -> None:
    told = {**HEADERS, "content-type": "text/plain; charset=utf-8", **headers}
    start = {"type": "http.response.start", "status": status}
    await send({**start, "headers": [(name.encode(), value.encode("latin-1")) for name, value in told.items()]})
    await send({"type": "http.response.body", "body": text.encode()})
