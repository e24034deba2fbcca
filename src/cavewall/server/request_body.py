"""Read request bodies up to a limit."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import Request

from cavewall.server.problems import ProblemError

__all__ = ["bounded_body", "bounded_picture", "drained"]


async def bounded_body(request: Request, most: int) -> bytes:
    """The body of a request in JSON.

    Raises:
        ProblemError: it is of another kind, or longer than `most` bytes.
    """
    if _kind(request) != "application/json":
        raise ProblemError(415, "the body has to be JSON: say Content-Type: application/json")
    return b"".join([part async for part in _parts(request, most)])


async def bounded_picture(request: Request, most: int) -> bytes:
    """The body of a request that says it is a picture.

    Raises:
        ProblemError: it says something else, or is longer than `most` bytes.
    """
    if not _kind(request).startswith("image/"):
        await drained(request, most)
        raise ProblemError(
            415, "the body has to be the bytes of a picture: say Content-Type: image/jpeg, or so"
        )
    return b"".join([part async for part in _parts(request, most)])


async def drained(request: Request, most: int) -> None:
    """Read a body and forget it: a client that is still sending hears no answer."""
    async for _ in _parts(request, most):
        pass


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _parts(request: Request, most: int) -> AsyncIterator[bytes]:
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > most:
        raise _too_long(most)
    read = 0
    async for part in request.stream():
        read += len(part)
        if read > most:
            raise _too_long(most)
        yield part


def _too_long(most: int) -> ProblemError:
    return ProblemError(413, f"the body is longer than the {most:,} bytes allowed")
