"""`/api/search` and `/api/explain`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from cavewall.models import Hits
from cavewall.query import Expression
from cavewall.query.filters import Comparison, Field, Value
from cavewall.search.request import SearchRequest
from cavewall.server.concurrency import WorkerPool
from cavewall.server.json_response import as_json
from cavewall.server.live_version import LiveVersion
from cavewall.server.parameters import Question, ReasonsQuestion, only
from cavewall.server.privacy import Privacy, relative_path
from cavewall.server.problems import ProblemError, in_words
from cavewall.server.request_body import bounded_body, drained
from cavewall.server.response_models import PROBLEM, ExplainResponse, SearchResponse, json_responses
from cavewall.server.settings import Limits
from cavewall.server.uploads import Uploads
from cavewall.wall import Wall

__all__ = ["hits_told", "search_routes"]

_NO_FORMS = (
    "a picture is sent to /api/images, as it is and not as a part of a form: the answer has the "
    "term that stands for it in q"
)
_OF_SEARCH = tuple(Question.model_fields)
_OF_REASONS = tuple(ReasonsQuestion.model_fields)


def search_routes(
    serving: LiveVersion, gate: WorkerPool, private: Privacy, uploads: Uploads, limits: Limits
) -> APIRouter:
    """The routes that rank pictures."""
    router = APIRouter(tags=["search"])

    async def answered(question: Question) -> Response:
        def work(wall: Wall, version: int | None) -> Response:
            value = uploads.expression(wall, question.q, question.literal)
            hits = wall.answer(_request(question, value, version, private))
            if not question.advice:
                hits = replace(hits, advised=tuple)
            return as_json(hits_told(hits))

        return await gate.run(lambda: serving.answer(work, question.version))

    @router.get(
        "/api/search",
        dependencies=[Depends(only(*_OF_SEARCH))],
        responses=json_responses(SearchResponse, 410, 422),
        summary="The pictures that an expression describes best",
    )
    async def search(question: Annotated[Question, Query()]) -> Response:
        return await answered(question)

    @router.post(
        "/api/search",
        dependencies=[Depends(only())],
        responses={**json_responses(SearchResponse, 400, 410, 413, 415, 422), 403: PROBLEM},
        summary="The same for long expressions",
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": Question.model_json_schema()}},
            }
        },
    )
    async def search_by_body(request: Request) -> Response:
        if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            await drained(request, limits.upload)
            raise ProblemError(422, _NO_FORMS)
        body = await bounded_body(request, limits.body)
        try:
            question = Question.model_validate_json(body)
        except ValidationError as fault:
            raise ProblemError(422, in_words(fault)) from None
        return await answered(question)

    @router.get(
        "/api/explain",
        dependencies=[Depends(only(*_OF_REASONS))],
        responses=json_responses(ExplainResponse, 410, 422),
        summary="Why an answer is what it is",
    )
    async def explain(question: Annotated[ReasonsQuestion, Query()]) -> Response:
        def work(wall: Wall, version: int | None) -> Response:
            value = uploads.expression(wall, question.q, question.literal)
            request = _request(question, value, version, private)
            hits = wall.answer(_of_one(request, question.image_id))
            kept = ("expression", "rule", "encoder", "version", "explanation")
            told = hits.to_dict()
            return as_json({name: told[name] for name in kept})

        return await gate.run(lambda: serving.answer(work, question.version))

    return router


def _request(
    question: Question, value: Expression, version: int | None, private: Privacy
) -> SearchRequest:
    if question.group_by is not None:
        private.check(question.group_by)
    return question.request(value, private.filter(question.where), version)


def _of_one(request: SearchRequest, image_id: str | None) -> SearchRequest:
    """The request for reasons: of all hits, or of one picture, which may be one of the terms."""
    if image_id is None:
        return replace(request, explain=True)
    one = Comparison(Field(("image_id",)), "=", Value(image_id))
    where = one if request.where is None else request.where & one
    return replace(request, explain=True, where=where, include_inputs=True)


def hits_told(hits: Hits) -> dict[str, Any]:
    """An answer, with its paths below their sources."""
    answer = hits.to_dict()
    for told, hit in zip(answer["hits"], hits, strict=True):
        told["path"] = relative_path(hit.path, hit.source)
    return answer
