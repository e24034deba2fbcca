"""The server process: its socket, malformed requests, its log and its shutdown."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import socket
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from cavewall._internal.blas import limit_blas_threads
from cavewall.errors import InputError
from cavewall.server.app import App, create_app
from cavewall.server.middleware import HEADERS
from cavewall.server.problems import Problem
from cavewall.server.settings import Settings
from cavewall.wall import Wall

__all__ = ["serve"]

_BACKLOG = 2048
# Seconds in which clients may finish requests on open connections at shutdown.
_GRACE = 2.0

# The longest expression and filter, percent-encoded, and what browsers add.
_MAX_HEAD = 128 * 1024

# Seconds for a client to finish sending and to read why it was refused: closing a connection that
# has unread input resets it, and the answer would be lost.
_LINGER = 2.0

_MALFORMED = Problem(
    400, f"this is no HTTP/1.1 request, or its head is longer than {_MAX_HEAD:,} bytes"
)


def serve(wall: Wall, settings: Settings, started: Callable[[str], None]) -> None:
    """Serve a wall until SIGINT or SIGTERM; `started` is called with the address.

    Raises:
        InputError: the address cannot be listened on.
        WallNotFoundError: there is no wall.
    """
    len(wall)  # an unreadable wall fails here, before the port is open
    listener = _listener(settings)
    settings = replace(settings, port=listener.getsockname()[1])
    app = create_app(wall, settings)
    _log_to_stderr()
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        h11_max_incomplete_event_size=_MAX_HEAD,
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=int(settings.limits.seconds) + 5,
    )
    with limit_blas_threads():
        _Server(config, app, lambda: started(_address(settings))).run([listener])


class _Protocol(H11Protocol):
    """Uvicorn's HTTP/1.1, which answers malformed requests in our error format too."""

    _refused = False

    def data_received(self, data: bytes) -> None:
        """Parse incoming bytes, and drop those after a refusal."""
        if not self._refused:
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Refuse a malformed request, or hang up if an answer to it has begun."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        request_id = uuid.uuid4().hex
        answer = _MALFORMED.to_response(request_id)
        headers = [*answer.raw_headers, (b"connection", b"close")]
        headers += [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        headers.append((b"x-request-id", request_id.encode()))
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=bytes(answer.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self._refused = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(_LINGER, self.transport.close)


class _Server(uvicorn.Server):
    """Uvicorn, which loses no answer at shutdown."""

    def __init__(self, config: uvicorn.Config, app: App, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer every request that has arrived, and close its connection with the answer."""
        self._app.drain()
        # Connections in the backlog are answered too; later ones are refused.
        waiting = [listener.dup() for listener in sockets or []]
        for server in self.servers:
            server.close()
        for listener in waiting:
            await self._take(listener)
        until = time.monotonic() + _GRACE
        while self.server_state.connections and time.monotonic() < until and not self.force_exit:
            await asyncio.sleep(0.02)
        await super().shutdown(sockets)

    async def _take(self, listener: socket.socket) -> None:
        """Accept the connections in the backlog of a listener, and close it."""
        listener.setblocking(False)
        taken = []
        with listener, contextlib.suppress(BlockingIOError):
            while True:
                taken.append(listener.accept()[0])
        loop = asyncio.get_running_loop()
        for connection in taken:
            await loop.connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        return _Protocol(self.config, self.server_state, self.lifespan.state)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Exit with 0 on SIGTERM and SIGINT: unlike Uvicorn, do not raise the signal again."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {each: signal.signal(each, self.handle_exit) for each in signals}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def _listener(settings: Settings) -> socket.socket:
    host = settings.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, settings.port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as fault:
        why = getattr(fault, "strerror", None) or str(fault)
        raise InputError(
            f"{settings.host} port {settings.port} cannot be listened on ({why}): choose another "
            "--port, or 0 for any that is free"
        ) from fault


def _address(settings: Settings) -> str:
    host = settings.host.strip("[]")
    if host in ("0.0.0.0", "::", ""):
        host = socket.gethostname()
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    for name, level in (("cavewall.server", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False


class _JsonLines(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "request", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)
