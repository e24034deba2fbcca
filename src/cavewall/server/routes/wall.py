"""`/api/wall`, `/api/fields`, `/api/facets` and `/api/health`: what a wall is and has."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from cavewall.query.values import MAX_CHARACTERS, MAX_TERMS
from cavewall.search.request import MAX_OFFSET
from cavewall.search.rules import DEFAULT, RULES, description
from cavewall.server.concurrency import WorkerPool
from cavewall.server.json_response import as_json
from cavewall.server.live_version import LiveVersion
from cavewall.server.parameters import MAX_K, BoundedText, Version, only
from cavewall.server.privacy import Privacy
from cavewall.server.problems import ProblemError
from cavewall.server.response_models import (
    FacetsResponse,
    FieldsResponse,
    HealthResponse,
    WallResponse,
    json_responses,
)
from cavewall.server.settings import Limits
from cavewall.wall import Wall

__all__ = ["wall_routes"]


def wall_routes(
    serving: LiveVersion, gate: WorkerPool, private: Privacy, limits: Limits
) -> APIRouter:
    """The routes that tell of a wall, and not of what is asked of it."""
    router = APIRouter(tags=["wall"])

    @router.get(
        "/api/health",
        dependencies=[Depends(only())],
        responses=json_responses(HealthResponse),
        summary="Whether questions are answered",
    )
    async def health() -> Response:
        ready = serving.ready
        if ready is None:
            raise ProblemError(503, "the wall is being made ready", Retry_After="1")
        await gate.run(lambda: serving.wall.encode(["a picture"]))
        told = {"status": "ok", "version": ready.version, "pictures": ready.pictures}
        return as_json(told)

    @router.get(
        "/api/wall",
        dependencies=[Depends(only())],
        responses=json_responses(WallResponse),
        summary="What the wall is, and what may be asked of it",
    )
    async def wall() -> Response:
        return as_json(await gate.run(lambda: _told(serving, limits)))

    @router.get(
        "/api/fields",
        dependencies=[Depends(only("version"))],
        responses=json_responses(FieldsResponse, 410, 422),
        summary="What a filter may name",
    )
    async def fields(version: Version | None = None) -> Response:
        def work(wall: Wall, at: int | None) -> dict[str, Any]:
            at = wall.version if at is None else at
            found = [
                field.to_dict()
                for field in wall.table.fields(version=at)
                if not private.hides_named(field.name)
            ]
            return {"version": at, "fields": found}

        return as_json(await gate.run(lambda: serving.answer(work, version)))

    @router.get(
        "/api/facets",
        dependencies=[Depends(only("field", "where", "limit", "version"))],
        responses=json_responses(FacetsResponse, 410, 422),
        summary="How many pictures have which value of a field",
    )
    async def facets(
        field: Annotated[str, Query(max_length=4096, examples=["camera"])],
        where: BoundedText | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 20,
        version: Version | None = None,
    ) -> Response:
        def work(wall: Wall, at: int | None) -> dict[str, Any]:
            private.check(field)
            found = wall.table.facets(field, private.filter(where), limit, version=at)
            return found.to_dict()

        return as_json(await gate.run(lambda: serving.answer(work, version)))

    return router


def _told(serving: LiveVersion, limits: Limits) -> dict[str, Any]:
    wall, ready = serving.wall, serving.ready
    return {
        "name": wall.address.replace("\\", "/").rstrip("/").rpartition("/")[2],
        "pictures": len(wall) if ready is None else ready.pictures,
        "version": wall.version if ready is None else ready.version,
        "encoder": wall.encoder.name,
        "rules": [
            {"name": name, "description": description(rule), "default": name == DEFAULT}
            for name, rule in RULES.items()
        ],
        "spaces": list(wall.spaces),
        "terms": [term.to_dict() for term in wall.terms.all()],
        "limits": {
            "k": MAX_K,
            "offset": MAX_OFFSET,
            "expression": MAX_CHARACTERS,
            "terms": MAX_TERMS,
            "upload": limits.upload,
        },
    }
