"""What went wrong, as problem details: RFC 9457. No path of this machine is ever in one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from cavewall._internal.terminal_text import truncate
from cavewall.errors import (
    EncoderMismatchError,
    InputError,
    OperationalError,
    VersionExpiredError,
)

__all__ = ["BusyError", "Problem", "ProblemError", "SlowError", "in_words", "problem_of"]

_MEDIA = "application/problem+json"
_LONGEST = 2000
_AGAIN = 1


class BusyError(Exception):
    """More is asked for than can be worked on."""


class SlowError(Exception):
    """A request has taken longer than it may."""


@dataclass(frozen=True)
class Problem:
    """One problem: `status` and `detail`, the column of what was written wrong, more headers."""

    status: int
    detail: str
    column: int | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def to_dict(self, request_id: str) -> dict[str, Any]:
        found: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": truncate(self.detail, _LONGEST),
            "request_id": request_id,
        }
        return found if self.column is None else {**found, "column": self.column}

    def to_response(self, request_id: str) -> Response:
        # In ASCII: what somebody sent may hold what is no Unicode.
        body = json.dumps(self.to_dict(request_id)).encode("ascii")
        headers = {"Cache-Control": "no-store", **dict(self.headers)}
        return Response(body, self.status, headers, _MEDIA)


class ProblemError(Exception):
    """A problem that a route finds."""

    def __init__(self, status: int, detail: str, column: int | None = None, **headers: str) -> None:
        super().__init__(detail)
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        self.problem = Problem(status, detail, column, named)


def problem_of(fault: Exception) -> Problem:
    """What a client is told of a fault."""
    if isinstance(fault, ProblemError):
        return fault.problem
    if isinstance(fault, HTTPException):
        return _of_http(fault)
    if isinstance(fault, RequestValidationError):
        return Problem(422, in_words(fault))
    known = next((said for kind, said in _SAID if isinstance(fault, kind)), None)
    if known is not None:
        return known
    if isinstance(fault, InputError):
        column = getattr(fault, "column", None)
        return Problem(422, getattr(fault, "message", None) or str(fault), column)
    return Problem(500, "the server has a fault: its log says which, under this request_id")


def _later(detail: str) -> Problem:
    return Problem(503, detail, headers=(("Retry-After", str(_AGAIN)),))


def _of_http(fault: HTTPException) -> Problem:
    said = {
        404: "there is nothing at this address",
        405: "this address does not take that method",
    }
    headers = tuple((fault.headers or {}).items())
    return Problem(fault.status_code, said.get(fault.status_code, str(fault.detail)), None, headers)


def in_words(fault: RequestValidationError | ValidationError) -> str:
    """What is wrong with what was asked, field by field."""
    return "; ".join(map(_of_field, fault.errors()))


def _of_field(error: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in error.get("loc", ()) if part not in ("query", "body"))
    said = str(error.get("msg", "it cannot be read"))
    return f"{where}: {said[:1].lower()}{said[1:]}" if where else said


# In this order: the last are the roots of the others.
_SAID: tuple[tuple[type[Exception], Problem], ...] = (
    (BusyError, _later("too many requests are waiting: ask again in a moment")),
    (SlowError, _later("this took longer than a request may: ask for less")),
    (
        VersionExpiredError,
        Problem(410, "this version of the wall has been cleaned up: ask for the newest"),
    ),
    (EncoderMismatchError, _later("the wall has another model now, which is not loaded unasked")),
    (OperationalError, _later("the wall cannot be read at the moment: the log says why")),
)
