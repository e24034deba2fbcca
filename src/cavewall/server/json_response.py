"""Answers as JSON, compressed for who asks for it."""

from __future__ import annotations

import gzip
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

__all__ = ["as_json"]

# Less than a packet is not worth compressing.
_LEAST = 1000
_LEVEL = 5


def as_json(value: Any, request: Request) -> Response:
    """A JSON answer. It is no client's to keep: the wall may be another one by then."""
    body = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    data = body.encode("utf-8", "replace")
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if len(data) >= _LEAST and takes_gzip(request):
        data = gzip.compress(data, _LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(data, 200, headers, "application/json")


def takes_gzip(request: Request) -> bool:
    """Whether the client reads gzip."""
    for part in request.headers.get("accept-encoding", "").split(","):
        name, _, quality = part.partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
