"""`/api/compare`, `/api/path`, `/api/similarity`: two expressions, the way between, texts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from cavewall._internal.vectors import cosines
from cavewall.query import text
from cavewall.search.path import interpolate, pick_along_path
from cavewall.server.concurrency import WorkerPool
from cavewall.server.json_response import as_json
from cavewall.server.live_version import LiveVersion
from cavewall.server.parameters import MAX_K, BoundedText, Version, only
from cavewall.server.privacy import Privacy
from cavewall.server.response_models import (
    CompareResponse,
    PathResponse,
    SimilarityResponse,
    json_responses,
)
from cavewall.server.routes.search import hits_told
from cavewall.server.uploads import Uploads
from cavewall.wall import Wall

__all__ = ["compare_routes"]

_MAX_STEPS, _MAX_TEXTS, _FIRST = 50, 32, 16


class _Pair(BaseModel):
    model_config = ConfigDict(extra="forbid")

    a: BoundedText = Field(description="The expression to begin with.", examples=["snow"])
    b: BoundedText = Field(
        description="The expression to end with.", examples=["snow - dog + human"]
    )
    version: Version | None = Field(
        None, description="A version of the wall. Default: the one that is ready."
    )


class _Compared(_Pair):
    k: int = Field(10, ge=1, le=MAX_K, description="How many pictures of each answer.")
    rule: BoundedText | None = Field(
        None, description="How terms combine. Default: the best measured."
    )
    where: BoundedText | None = Field(None, description="Only pictures of which it is true.")


class _Way(_Pair):
    steps: int = Field(5, ge=2, le=_MAX_STEPS, description="How many way-points, both ends too.")


def compare_routes(
    serving: LiveVersion, gate: WorkerPool, private: Privacy, uploads: Uploads
) -> APIRouter:
    """The routes that hold one thing against another."""
    router = APIRouter(tags=["compare"])

    @router.get(
        "/api/compare",
        dependencies=[Depends(only(*_Compared.model_fields))],
        responses=json_responses(CompareResponse, 410, 422),
        summary="What changes from one answer to another, and the term responsible",
    )
    async def compare(asked: Annotated[_Compared, Query()]) -> Response:
        def work(wall: Wall, at: int | None) -> Response:
            return as_json(_compared(wall, at, asked, private, uploads))

        return await gate.run(lambda: serving.answer(work, asked.version))

    @router.get(
        "/api/path",
        dependencies=[Depends(only(*_Way.model_fields))],
        responses=json_responses(PathResponse, 410, 422),
        summary="Different pictures at even steps from one expression to another",
    )
    async def path(asked: Annotated[_Way, Query()]) -> Response:
        def work(wall: Wall, at: int | None) -> Response:
            return as_json(_walked(wall, at, asked, uploads))

        return await gate.run(lambda: serving.answer(work, asked.version))

    @router.get(
        "/api/similarity",
        dependencies=[Depends(only(many=("text",)))],
        responses=json_responses(SimilarityResponse, 422),
        summary="How alike texts are, each with each",
    )
    async def similarity(
        texts: Annotated[
            list[BoundedText],
            Query(
                alias="text",
                min_length=2,
                max_length=_MAX_TEXTS,
                description="Texts, each a parameter of its own. They are never parsed.",
                examples=[["king", "queen"]],
            ),
        ],
    ) -> Response:
        return as_json(await gate.run(lambda: _alike(serving.wall, texts)))

    return router


def _compared(
    wall: Wall, at: int | None, asked: _Compared, private: Privacy, uploads: Uploads
) -> dict[str, Any]:
    at = wall.version if at is None else at
    a, b = (uploads.expression(wall, each) for each in (asked.a, asked.b))
    where = private.filter(asked.where)
    found = wall.compare(a, b, asked.k, asked.rule, where, version=at).to_dict()
    return {**found, "encoder": wall.encoder.name, "version": at}


def _walked(wall: Wall, at: int | None, asked: _Way, uploads: Uploads) -> dict[str, Any]:
    a, b = (uploads.expression(wall, each) for each in (asked.a, asked.b))
    points = interpolate(a, b, asked.steps)
    hits = wall.path(a, b, asked.steps, version=at)
    places = pick_along_path(asked.steps, len(hits))
    told = hits_told(hits)
    return {
        "before": str(a),
        "after": str(b),
        "points": [str(point) for point in points],
        **{name: told[name] for name in ("rule", "encoder", "version", "took_ms")},
        "hits": [{**hit, "point": place} for hit, place in zip(told["hits"], places, strict=True)],
    }


def _alike(wall: Wall, texts: list[str]) -> dict[str, Any]:
    for each in texts:
        text(each)  # what is no text is told as it is of an expression
    vectors = wall.encode(texts)
    return {
        "encoder": wall.encoder.name,
        "dimension": vectors.shape[1],
        "texts": texts,
        "matrix": cosines(vectors, vectors).tolist(),
        "first": vectors[:, :_FIRST].tolist(),
    }
