"""The page and its files, read once: nothing that a request says becomes a path."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from cavewall.server.json_response import takes_gzip
from cavewall.server.ranges import has_already

__all__ = ["PAGES", "static_routes"]

# What a browser shows, and where.
PAGES = {"index.html": "/", "tour.html": "/tour"}

_FOLDER = Path(__file__).parent / "page"
_MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/vnd.microsoft.icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_PACKED = frozenset([".html", ".js", ".css", ".json", ".svg", ".txt"])
_ASSETS = "assets/"


@dataclass(frozen=True)
class _File:
    data: bytes
    packed: bytes | None
    media_type: str
    tag: str
    cache: str


def static_routes(folder: Path = _FOLDER) -> APIRouter:
    """`/`, `/tour` and every file of the pages by its name; hashed ones may be kept for ever."""
    router = APIRouter(include_in_schema=False)
    for name, file in _files(folder):
        address = PAGES.get(name, f"/{name}")
        router.add_api_route(address, _route(file), methods=["GET"], response_class=Response)
    return router


def _route(file: _File) -> Callable[[Request], Awaitable[Response]]:
    async def route(request: Request) -> Response:
        headers = {"ETag": file.tag, "Cache-Control": file.cache, "Vary": "Accept-Encoding"}
        if has_already(request, file.tag):
            return Response(status_code=304, headers=headers)
        data = file.data
        if file.packed is not None and takes_gzip(request):
            data = file.packed
            headers["Content-Encoding"] = "gzip"
        return Response(data, 200, headers, file.media_type)

    return route


def _files(folder: Path) -> Iterator[tuple[str, _File]]:
    for path in sorted(folder.rglob("*")):
        suffix = path.suffix.lower()
        if not path.is_file() or suffix not in _MEDIA:
            continue
        name, data = path.relative_to(folder).as_posix(), path.read_bytes()
        yield (
            name,
            _File(
                data,
                gzip.compress(data, 9, mtime=0) if suffix in _PACKED else None,
                _MEDIA[suffix],
                f'"{hashlib.sha256(data).hexdigest()[:32]}"',
                "public, max-age=31536000, immutable" if name.startswith(_ASSETS) else "no-cache",
            ),
        )
