"""A process that serves: its socket, its log, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import uvicorn

from cavewall._internal.blas import limit_blas_threads
from cavewall.errors import InputError
from cavewall.server.app import App, create_app
from cavewall.server.http_protocol import LONGEST_HEAD, Protocol
from cavewall.server.settings import Settings
from cavewall.wall import Wall

__all__ = ["serve"]

_BACKLOG = 2048
# How long clients may still send what they had begun to, over connections that are there.
_GRACE = 2.0


def serve(wall: Wall, settings: Settings, started: Callable[[str], None]) -> None:
    """Serve a wall until the process is told to stop; `started` is called with the address.

    Raises:
        InputError: the address cannot be listened on.
        WallNotFoundError: there is no wall.
    """
    len(wall)  # what cannot be read is told before anybody can ask
    listener = _listener(settings)
    settings = replace(settings, port=listener.getsockname()[1])
    app = create_app(wall, settings)
    _log_to_stderr()
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        h11_max_incomplete_event_size=LONGEST_HEAD,
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=int(settings.limits.seconds) + 5,
    )
    with limit_blas_threads():
        _Server(config, app, lambda: started(_address(settings))).run([listener])


class _Server(uvicorn.Server):
    """Uvicorn, ending without losing an answer."""

    def __init__(self, config: uvicorn.Config, app: App, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let every client have its answer, and close its connection with it."""
        self._app.drain()
        # What the system has taken in our name is answered too; whoever comes later is refused.
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
        """Take over the connections that wait at a listener, and close it."""
        listener.setblocking(False)
        taken = []
        with listener, contextlib.suppress(BlockingIOError):
            while True:
                taken.append(listener.accept()[0])
        loop = asyncio.get_running_loop()
        for connection in taken:
            await loop.connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        return Protocol(self.config, self.server_state, self.lifespan.state)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Being told to stop is a good end: the signal is not raised once more."""
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
    handler.setFormatter(_Lines())
    for name, level in (("cavewall.server", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False


class _Lines(logging.Formatter):
    """A JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "request", {}),
        }
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=True)
