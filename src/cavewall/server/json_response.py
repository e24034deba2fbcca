"""Text responses, gzipped by Starlette where the client accepts it, and JSON in particular."""

from __future__ import annotations

import json
from typing import Any

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

__all__ = ["TextResponse", "as_json"]

# A body that fits into one packet gains nothing from compression.
_MIN_SIZE = 1000
_LEVEL = 5


class TextResponse(Response):
    """A response that may be gzipped.

    The middleware wraps single responses, not the application: depending on its version it would
    also compress ranges (a 206 of gzip is a wrong answer), pictures and the numbers of the map.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        encoding = b"gzip" if _accepts_gzip(Headers(scope=scope)) else b"identity"
        # It looks for the letters `gzip` in the header, which are in `gzip;q=0` too.
        scope = {**scope, "headers": [(b"accept-encoding", encoding)]}
        compressed = GZipMiddleware(super().__call__, _MIN_SIZE, _LEVEL)
        await compressed(scope, receive, send)


def as_json(value: Any) -> Response:
    """A JSON response. Clients must not cache it: the wall may have changed since."""
    body = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    headers = {"Cache-Control": "no-store"}
    return TextResponse(body.encode("utf-8", "replace"), 200, headers, "application/json")


def _accepts_gzip(headers: Headers) -> bool:
    for part in headers.get("accept-encoding", "").split(","):
        name, _, quality = part.partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
