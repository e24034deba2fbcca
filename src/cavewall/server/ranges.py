"""Bytes that a client may have already, or want a part of: RFC 9110, sections 13 and 14."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from cavewall.server.image_response import Served
from cavewall.server.problems import ProblemError

__all__ = ["file_response", "matches_etag"]

# A picture may be replaced under its id: after that time a client asks whether it was.
_SECONDS = 300
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def file_response(file: Served, request: Request) -> Response:
    """The bytes, the part of them asked for, or that the client has them.

    Raises:
        ProblemError: the part asked for is not there.
    """
    tag = f'"{file.sha256}"'
    headers = {
        "ETag": tag,
        "Cache-Control": f"private, max-age={_SECONDS}",
        "Accept-Ranges": "bytes",
    }
    if matches_etag(request, tag):
        return Response(status_code=304, headers=headers)
    part = _part(request, tag, len(file.data))
    if part is None:
        return Response(file.data, 200, headers, file.media_type)
    first, last = part
    headers["Content-Range"] = f"bytes {first}-{last}/{len(file.data)}"
    return Response(file.data[first : last + 1], 206, headers, file.media_type)


def matches_etag(request: Request, tag: str) -> bool:
    """Whether the tag is one of those in If-None-Match, whose comparison is weak."""
    given = request.headers.get("if-none-match", "")
    known = [each.strip().removeprefix("W/") for each in given.split(",")]
    return tag in known or given.strip() == "*"


def _part(request: Request, tag: str, size: int) -> tuple[int, int] | None:
    """The first and last byte asked for; None is all: several parts, or none that can be read."""
    same = request.headers.get("if-range", tag).strip() == tag
    found = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if found is None or not same or not any(found.groups()):
        return None
    low, high = found.groups()
    if not low:
        first, last = max(0, size - int(high)), size - 1
        there = int(high) > 0
    else:
        first, last = int(low), min(int(high or size), size - 1)
        if high and int(high) < int(low):
            return None
        there = first < size
    if not there:
        raise ProblemError(416, f"the picture has {size:,} bytes", Content_Range=f"bytes */{size}")
    return first, last
