"""What every request passes and every answer carries: who may ask, and what browsers may do.

It stands around the whole application, so that errors and files are treated like everything else.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import re
import socket
import time
import uuid
from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cavewall.server.problems import Problem, ProblemError, problem_of
from cavewall.server.settings import Settings
from cavewall.server.static import PAGES

__all__ = ["HEADERS", "Guard", "Session"]

_log = logging.getLogger("cavewall.server")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PICTURES = b"/api/pictures/"
_API = "/api/"
_SESSION = "/api/session"
_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_NOTHING = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
)
# Of everything; the policy for scripts is that of what is no page.
HEADERS = {
    "Content-Security-Policy": _NOTHING,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Session:
    """A token, and the cookie that stands for it: the token itself is in no browser."""

    def __init__(self, settings: Settings) -> None:
        self._token = None if settings.token is None else settings.token.encode()
        # Cookies do not tell ports apart.
        self.cookie = f"cavewall-{settings.port}"
        key = self._token or b""
        self.value = hmac.new(key, b"cavewall session", hashlib.sha256).hexdigest()

    @property
    def is_needed(self) -> bool:
        return self._token is not None

    def knows(self, token: str) -> bool:
        """Whether that is the token, in a time that tells nothing."""
        said = token.encode("utf-8", "surrogatepass")
        return self._token is not None and hmac.compare_digest(said, self._token)

    def admits(self, headers: Headers) -> bool:
        """Whether a request comes with the token or the cookie."""
        if self._token is None:
            return True
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and self.knows(token.strip()):
            return True
        cookie = cookie_parser(headers.get("cookie", "")).get(self.cookie, "")
        return hmac.compare_digest(cookie.encode("utf-8", "replace"), self.value.encode())


class Guard:
    """The application, guarded."""

    def __init__(self, app: ASGIApp, settings: Settings, session: Session) -> None:
        self._app = app
        self._session = session
        self._hosts = _hosts_of(settings)
        self._any_address = settings.host in ("0.0.0.0", "::", "")
        self.draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        exchange = _Exchange(scope, headers, send, self)
        # A HEAD is a GET whose body the server underneath leaves out.
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        state = {**scope.get("state", {}), "request_id": exchange.request_id}
        scope = {**scope, "method": method, "state": state}
        if scope.get("raw_path", b"").startswith(_PICTURES):
            # An id is one segment, in which `/` is `%2F`: routes see it as it came.
            scope["path"] = scope["raw_path"].decode("latin-1")
        exchange.scope = scope
        try:
            self._check(scope, headers)
            await self._app(scope, receive, exchange.send)
        except ProblemError as fault:
            await exchange.tell(fault.problem, receive)
        except Exception as fault:
            _log.exception("request %s failed", exchange.request_id)
            if exchange.status is None:
                await exchange.tell(problem_of(fault), receive)
        exchange.log()

    def _check(self, scope: Scope, headers: Headers) -> None:
        """Raises ProblemError for who may not ask."""
        if not self._is_host(headers.getlist("host")):
            raise ProblemError(
                421,
                "this server answers to its own name and address only, which guards against "
                "DNS rebinding: use the address that it printed",
            )
        path, method = scope["path"], scope["method"]
        is_api = path.startswith(_API) or path == "/api"
        if is_api and not _is_own(headers, method):
            raise ProblemError(403, "a page of another site asks: this server answers its own")
        if is_api and path != _SESSION and not self._session.admits(headers):
            raise ProblemError(
                401,
                "a token is needed: send it as `Authorization: Bearer …`, or to /api/session",
                WWW_Authenticate='Bearer realm="cavewall"',
            )

    def _is_host(self, given: list[str]) -> bool:
        if len(given) != 1:
            return False
        name = _host_name(given[0])
        if name and name in self._hosts:
            return True
        # An address cannot be rebound: only names can.
        return self._any_address and _is_address(name)


class _Exchange:
    """One request, and what became of it."""

    def __init__(self, scope: Scope, headers: Headers, send: Send, guard: Guard) -> None:
        said = headers.get("x-request-id", "")
        self.request_id = said if _REQUEST_ID.fullmatch(said) else uuid.uuid4().hex
        self.scope = scope
        self.status: int | None = None
        self._method = scope["method"]
        self._sent = 0
        self._send = send
        self._guard = guard
        self._start = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._dress(message)
        elif message["type"] == "http.response.body":
            self._sent += len(message.get("body", b""))
        await self._send(message)

    def _dress(self, message: MutableMapping[str, Any]) -> None:
        headers = MutableHeaders(raw=message.setdefault("headers", []))
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        # Of a 304 the browser takes these headers for the page that it kept.
        is_page = headers.get("content-type", "").startswith("text/html") or (
            self.status == HTTPStatus.NOT_MODIFIED and self.scope["path"] in PAGES.values()
        )
        if is_page:
            headers["Content-Security-Policy"] = _PAGE
        headers["X-Request-Id"] = self.request_id
        if self._guard.draining:
            headers["Connection"] = "close"

    async def tell(self, problem: Problem, receive: Receive) -> None:
        await problem.to_response(self.request_id)(self.scope, receive, self.send)

    def log(self) -> None:
        """What was asked, without what it was about: no query, no id."""
        route = self.scope.get("route")
        client = self.scope.get("client")
        _log.info(
            "request",
            extra={
                "request": {
                    "id": self.request_id,
                    "method": self._method,
                    "route": getattr(route, "path", None),
                    "status": self.status,
                    "bytes": self._sent,
                    "ms": round((time.perf_counter() - self._start) * 1000, 1),
                    "client": client[0] if client else None,
                }
            },
        )


def _is_own(headers: Headers, method: str) -> bool:
    """Whether a browser's request comes from the page itself; anything else is no browser."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        # Somebody may follow a link to a picture: that is no other page reading it.
        follows = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
        return site in ("same-origin", "none") or follows
    origin = headers.get("origin")
    if origin is None or method == "GET":
        return True
    return origin.partition("://")[2].lower() == headers.get("host", "").lower()


def _hosts_of(settings: Settings) -> frozenset[str]:
    names = {"localhost", "127.0.0.1", "::1", settings.host.strip("[]").lower()}
    names |= {name.lower() for name in settings.allowed_hosts}
    if not settings.is_loopback:
        name = socket.gethostname().lower()
        names |= {name, f"{name}.local"}
    return frozenset(names)


def _host_name(given: str) -> str:
    """The name in a Host header, without its port and the brackets of IPv6; empty if it is none."""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?", given)
    return "" if found is None else (found[1] or found[2]).lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
