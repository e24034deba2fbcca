"""`/api/images`: a picture that is sent, for a term."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from cavewall.query import Image, Like
from cavewall.server.concurrency import WorkerPool
from cavewall.server.json_response import as_json
from cavewall.server.live_version import LiveVersion
from cavewall.server.parameters import only
from cavewall.server.problems import BusyError, SlowError
from cavewall.server.request_body import bounded_picture
from cavewall.server.response_models import PROBLEM, UploadResponse, json_responses
from cavewall.server.settings import Limits
from cavewall.server.uploads import Uploads
from cavewall.wall import Wall

__all__ = ["upload_routes"]

_BODY = {
    "required": True,
    "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
}


def upload_routes(
    serving: LiveVersion, gate: WorkerPool, uploads: Uploads, limits: Limits
) -> APIRouter:
    """The route that takes pictures, of which it keeps none."""
    router = APIRouter(tags=["search"])
    # Each is held in memory as a whole, while it comes and is looked at.
    turns = asyncio.Semaphore(limits.at_work)

    async def term_of(data: bytes) -> Response:
        def work(wall: Wall, version: int | None) -> Response:
            term = wall.term_of(data, version=version)
            if isinstance(term, Image):
                uploads.keep(term)
            image_id = term.image_id if isinstance(term, Like) else None
            return as_json({"term": str(term), "image_id": image_id})

        return await gate.run(lambda: serving.answer(work))

    @router.post(
        "/api/images",
        dependencies=[Depends(only())],
        responses={**json_responses(UploadResponse, 400, 413, 415, 422), 403: PROBLEM},
        summary="A picture of one's own, as a term of expressions",
        openapi_extra={"requestBody": _BODY},
    )
    async def send(request: Request) -> Response:
        if turns.locked():
            raise BusyError
        async with turns:
            try:
                async with asyncio.timeout(limits.seconds):
                    data = await bounded_picture(request, limits.upload)
            except TimeoutError:
                raise SlowError from None
            return await term_of(data)

    return router
