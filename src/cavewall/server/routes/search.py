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
from cavewall.query.filters import Comparison, Field, Filter, Value
from cavewall.query.map_area import Area
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
            hits = _search(wall, version, value, question, private, question.explain)
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
            hits = _search(wall, version, value, question, private, True, question.image_id)
            kept = ("expression", "rule", "encoder", "version", "explanation")
            told = hits.to_dict()
            return as_json({name: told[name] for name in kept})

        return await gate.run(lambda: serving.answer(work, question.version))

    return router


def _search(
    wall: Wall,
    version: int | None,
    value: Expression,
    question: Question,
    private: Privacy,
    explain: bool,
    image_id: str | None = None,
) -> Hits:
    if question.group_by is not None:
        private.check(question.group_by)
    where = private.filter(question.where)
    return wall.search(
        value,
        question.k,
        question.rule,
        _with_id(where, image_id),
        offset=question.offset,
        version=version,
        diverse=question.diverse,
        dedupe=question.dedupe,
        group_by=question.group_by,
        include_inputs=question.include_inputs or image_id is not None,
        min_percentile=question.min_percentile,
        explain=explain,
        thumbnails=False,
        space=question.space,
        area=None if question.area is None else Area.from_text(question.area, question.layout),
    )


def _with_id(where: Filter | None, image_id: str | None) -> Filter | None:
    if image_id is None:
        return where
    one = Comparison(Field(("image_id",)), "=", Value(image_id))
    return one if where is None else where & one


def hits_told(hits: Hits) -> dict[str, Any]:
    """An answer, with its paths below their sources."""
    answer = hits.to_dict()
    for told, hit in zip(answer["hits"], hits, strict=True):
        told["path"] = relative_path(hit.path, hit.source)
    return answer
