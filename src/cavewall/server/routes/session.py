"""`/api/session`: a token for a cookie, so that a page need not keep it."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from cavewall.server.middleware import Session
from cavewall.server.parameters import only
from cavewall.server.problems import ProblemError
from cavewall.server.request_body import bounded_body
from cavewall.server.response_models import PROBLEM, Responses
from cavewall.server.settings import Limits

__all__ = ["session_routes"]


class Token(BaseModel):
    """What a page knows the server by."""

    model_config = ConfigDict(extra="forbid")

    token: str


def session_routes(session: Session, limits: Limits) -> APIRouter:
    """The route that sets the cookie."""
    router = APIRouter(tags=["session"], dependencies=[Depends(only())])
    problems: Responses = dict.fromkeys((400, 401, 403, 413, 415, 421, 422, 500), PROBLEM)

    @router.post(
        "/api/session",
        status_code=204,
        response_class=Response,
        responses=problems,
        summary="Exchange the token for a cookie",
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": Token.model_json_schema()}},
            }
        },
    )
    async def enter(request: Request) -> Response:
        try:
            given = Token.model_validate_json(await bounded_body(request, limits.body))
        except ValidationError:
            raise ProblemError(422, 'the body is {"token": "…"}') from None
        if session.is_needed and not session.knows(given.token):
            raise ProblemError(401, "this is not the token")
        response = Response(status_code=204, headers={"Cache-Control": "no-store"})
        if session.is_needed:
            response.set_cookie(
                session.cookie,
                session.value,
                path="/",
                secure=request.url.scheme == "https",
                httponly=True,
                samesite="strict",
            )
        return response

    return router
