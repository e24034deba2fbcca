"""The web page and its assets, read into memory once: no part of a request becomes a path.

Starlette's StaticFiles would serve any file of the folder, answer a bad range in plain text, take
media types from the system's registry (wrong there, `nosniff` stops the scripts) and build ETags
from size and time of change, which two releases of `index.html` may share in a built image.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from cavewall.server.json_response import TextResponse
from cavewall.server.ranges import matches_etag

__all__ = ["PAGES", "static_routes"]

# HTML files and their addresses.
PAGES = {"index.html": "/", "tour.html": "/tour"}

_FOLDER = Path(__file__).parent / "page"
_TEXT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_MEDIA_TYPES = {
    **_TEXT_TYPES,
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".ico": "image/vnd.microsoft.icon",
    ".woff2": "font/woff2",
}


def static_routes(folder: Path = _FOLDER) -> APIRouter:
    """`/`, `/tour` and every other file of a known type below `folder`, by its name."""
    router = APIRouter(include_in_schema=False)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in _MEDIA_TYPES:
            name = path.relative_to(folder).as_posix()
            route = _route(path, is_hashed=name.startswith("assets/"))
            address = PAGES.get(name, f"/{name}")
            router.add_api_route(address, route, methods=["GET"], response_class=Response)
    return router


def _route(path: Path, is_hashed: bool) -> Callable[[Request], Awaitable[Response]]:
    data, suffix = path.read_bytes(), path.suffix.lower()
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    # The name of a hashed file changes with its content; any other has to be asked for again.
    cache = "public, max-age=31536000, immutable" if is_hashed else "no-cache"
    headers = {"ETag": etag, "Cache-Control": cache}
    response = TextResponse if suffix in _TEXT_TYPES else Response

    async def route(request: Request) -> Response:
        if matches_etag(request, etag):
            return Response(status_code=304, headers={**headers, "Vary": "Accept-Encoding"})
        return response(data, 200, headers, _MEDIA_TYPES[suffix])

    return route
