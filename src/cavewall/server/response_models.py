"""What the routes return, as the OpenAPI document describes it: a schema and an example of each.

The models document and do not validate: routes send what `to_dict` of the wall's values gives, and
`tests/server/test_docs.py` holds every example of docs/server.md against its model.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

__all__ = [
    "NOT_MODIFIED",
    "PROBLEM",
    "Responses",
    "binary_responses",
    "image_responses",
    "json_responses",
]

Json = dict[str, Any]
Responses = dict[int | str, Json]

_POINT = {"x": -0.28, "y": 0.49}
_EXPLANATION = {
    "hits": [
        {
            "image_id": "beach-12.jpg",
            "score": 0.71,
            "terms": [
                {
                    **{"term": "a dog on the beach", "weight": 1.0, "contribution": 0.71},
                    **{"caption": "a brown dog on the beach", "match": 1.0},
                    "words": [{"word": "dog", "says": "dog", "chance": 1.0}],
                }
            ],
        }
    ],
    "without": [
        {
            **{"term": "a dog on the beach", "weight": 1.0, "cancels": True},
            **{"entered": [], "left": [], "moved": []},
        }
    ],
}


class Response(BaseModel):
    """The base of the models: a field's example is the first of its `examples`."""

    @classmethod
    def example(cls) -> Json:
        fields = cls.model_fields.items()
        return {each.alias or name: each.examples[0] for name, each in fields if each.examples}


def _eg(example: Any, **options: Any) -> Any:
    return Field(examples=[example], **options)


def _rare(description: str) -> Any:
    """A member that most answers leave out, and the example too."""
    return Field(None, description=description)


class ProblemResponse(Response):
    type: str = _eg("about:blank")
    title: str = _eg("Unprocessable Content")
    status: int = _eg(422)
    detail: str = _eg("write `dog - cat` or quote it")
    column: int = _eg(5, default=0)
    request_id: str = _eg("0b6f3a4e7d7c4c3f9d1e5a2b8c6d4e2f")


class Contribution(Response):
    term: str = _eg("a dog on the beach")
    weight: float = _eg(1.0)
    contribution: float = _eg(0.71)
    space: str | None = _rare("`caption` or `image`, where both were searched")


class HitResponse(Response):
    image_id: str = _eg("beach-12.jpg")
    score: float = _eg(0.59)
    captions: list[str] = _eg(["a woman runs along the beach"])
    path: str | None = _eg("images/beach-12.jpg")
    terms: list[Contribution] = _eg(
        [Contribution.example(), {"term": "dog", "weight": -0.5, "contribution": -0.12}]
    )
    percentile: float | None = _eg(99.2)
    width: int | None = _eg(480)
    height: int | None = _eg(320)


class SearchResponse(Response):
    expression: str = _eg("a dog on the beach - 0.5 * dog")
    rule: str = _eg("words")
    encoder: str = _eg("all-MiniLM-L6-v2")
    version: int = _eg(2)
    where: str | None = _eg(None)
    offset: int = _eg(0)
    total: int = _eg(1200)
    took_ms: float = _eg(8.4)
    hits: list[HitResponse] = _eg([HitResponse.example()])
    advice: list[str] = _eg([])
    spaces: dict[str, float] | None = _rare("The weight of each space, where both were searched")
    area: Json | None = _rare("The part of the map, where one was given")
    explanation: Json | None = _rare("With `explain=1`")


class ExplainResponse(Response):
    expression: str = _eg("a dog on the beach")
    rule: str = _eg("words")
    encoder: str = _eg("all-MiniLM-L6-v2")
    version: int = _eg(2)
    explanation: Json = _eg(_EXPLANATION)


class Change(Response):
    image_id: str = _eg("snow-2.jpg")
    before: int | None = _eg(3, alias="from")
    after: int | None = _eg(1, alias="to")
    term: str = _eg("human")
    difference: float = _eg(0.4)


class CompareResponse(Response):
    before: str = _eg("snow")
    after: str = _eg("snow - dog + human")
    rule: str = _eg("words")
    k: int = _eg(10)
    entered: list[Change] = _eg(
        [{"image_id": "snow-3.jpg", "from": None, "to": 2, "term": "human", "difference": 1.2}]
    )
    left: list[Change] = _eg(
        [{"image_id": "snow-1.jpg", "from": 4, "to": None, "term": "dog", "difference": -0.9}]
    )
    moved: list[Change] = _eg([Change.example()])
    encoder: str = _eg("all-MiniLM-L6-v2")
    version: int = _eg(2)


class PathHit(HitResponse):
    point: int = _eg(0)


class PathResponse(Response):
    before: str = _eg("dog")
    after: str = _eg("boat")
    points: list[str] = _eg(["dog", "slerp(dog, boat, 0.5)", "boat"])
    rule: str = _eg("add")
    encoder: str = _eg("all-MiniLM-L6-v2")
    version: int = _eg(2)
    took_ms: float = _eg(9.1)
    hits: list[PathHit] = _eg([PathHit.example()])


class SimilarityResponse(Response):
    encoder: str = _eg("all-MiniLM-L6-v2")
    dimension: int = _eg(384)
    texts: list[str] = _eg(["king", "queen"])
    matrix: list[list[float]] = _eg([[1.0, 0.68], [0.68, 1.0]])
    first: list[list[float]] = _eg([[-0.05, 0.03], [-0.02, 0.01]])


class UploadResponse(Response):
    term: str = _eg('image("upload:0b6f3a4e7d7c4c3f")')
    image_id: str | None = _eg(None)


class ExpressionResponse(Response):
    expression: str = _eg('beach - 0.5 * dog + like("a.jpg")')
    terms: list[Json] = _eg(
        [
            {"weight": 1.0, "atom": "beach", "kind": "text", "label": "beach"},
            {"weight": -0.5, "atom": "dog", "kind": "text", "label": "dog"},
            {
                **{"weight": 1.0, "atom": 'like("a.jpg")', "kind": "like"},
                **{"label": "a.jpg", "image_id": "a.jpg"},
            },
        ]
    )
    suggestion: dict[str, str] | None = _eg(None)


class WallResponse(Response):
    name: str = _eg("wall")
    pictures: int = _eg(1200)
    version: int = _eg(2)
    encoder: str = _eg("all-MiniLM-L6-v2")
    rules: list[Json] = _eg(
        [{"name": "words", "description": "What the captions say.", "default": True}]
    )
    spaces: list[str] = _eg(["caption"])
    terms: list[Json] = _eg([])
    limits: dict[str, int] = _eg(
        {"k": 1000, "offset": 1_000_000, "expression": 4096, "terms": 256, "upload": 33_554_432}
    )


class FieldsResponse(Response):
    version: int = _eg(2)
    fields_: list[Json] = _eg(
        [{"name": "camera", "kind": "text", "pictures": 1148}], alias="fields"
    )


class FacetsResponse(Response):
    field: str = _eg("camera")
    kind: str = _eg("text")
    counts: list[Json] = _eg([{"value": "X100", "pictures": 12, "where": 'camera = "X100"'}])
    pictures: int = _eg(1200)
    missing: int = _eg(52)
    others: int = _eg(0)


class HealthResponse(Response):
    status: Literal["ok"] = _eg("ok")
    version: int = _eg(2)
    pictures: int = _eg(1200)


class PictureResponse(Response):
    image_id: str = _eg("beach-12.jpg")
    captions: list[str] = _eg(["a woman runs along the beach"])
    path: str | None = _eg("images/beach-12.jpg")
    width: int | None = _eg(480)
    height: int | None = _eg(320)
    type: str | None = _eg("image/jpeg")
    source: str | None = _eg("captions.txt")
    added_at: str | None = _eg("2026-01-31T12:00:00+00:00")
    metadata: dict[str, Any] = _eg({"camera": "X100"})


class RowResponse(Response):
    image_id: str = _eg("beach-12.jpg")
    version: int = _eg(2)
    columns: list[Json] = _eg(
        [
            {"name": "width", "type": "int32", "value": 480, "length": None, "first": []},
            {
                **{"name": "vector", "type": "fixed_size_list<item: float>[384]"},
                **{"value": None, "length": 384, "first": [0.05, -0.01]},
            },
        ]
    )


class MapResponse(Response):
    version: int = _eg(2)
    layout: str = _eg("pca")
    pictures: int = _eg(1200)
    layouts: list[Json] = _eg(
        [
            {"name": "pca", "state": "ready", "share": 1.0, "variance": 0.11, "install": None},
            {"name": "umap", "state": "computing", "share": 0.4, "variance": None, "install": None},
        ]
    )
    clusters: list[Json] = _eg(
        [
            {
                **{"name": "dog, beach, sand", "terms": ["dog", "beach", "sand"]},
                **{"pictures": 412, "at": 17, "x": -0.31, "y": 0.52},
            }
        ]
    )


class LabelsResponse(Response):
    version: int = _eg(2)
    pictures: list[Json] = _eg(
        [
            {
                **{"at": 17, "image_id": "beach-12.jpg"},
                **{"captions": ["a woman runs along the beach"], "width": 480, "height": 320},
            }
        ]
    )


class PlacesResponse(Response):
    version: int = _eg(2)
    layout: str = _eg("pca")
    query: Json | None = _eg(_POINT)
    terms: list[Json] = _eg([{"term": "a dog on the beach", "weight": 1.0, **_POINT}])
    path: list[Json] = _eg([{**_POINT, "image_id": "beach-12.jpg"}], default=[])


PROBLEM: Json = {
    "description": "A problem, in the form of RFC 9457",
    "content": {
        "application/problem+json": {
            "schema": ProblemResponse.model_json_schema(),
            "example": ProblemResponse.example(),
        }
    },
}
NOT_MODIFIED: Json = {"description": "What the client has is still so"}
# What any request may be answered with.
_ALWAYS = (400, 401, 403, 421, 500, 503)


def _problems(*statuses: int) -> Responses:
    return dict.fromkeys(sorted({*_ALWAYS, 422, *statuses}), PROBLEM)


def json_responses(model: type[Response], *problems: int) -> Responses:
    """The responses of a JSON route, with the problems that are particular to it."""
    content = {"application/json": {"example": model.example()}}
    ok = {"description": "The answer", "model": model, "content": content}
    return {200: ok, **_problems(*problems)}


def image_responses(*kinds: str) -> Responses:
    """The responses of a route that sends a picture, or a range of its bytes."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    content = {f"image/{kind}": binary for kind in kinds}
    return {
        200: {"description": "The bytes", "content": content},
        206: {"description": "The part that `Range` asked for", "content": content},
        304: NOT_MODIFIED,
        **_problems(404, 416),
    }


def binary_responses(*problems: int) -> Responses:
    """The responses of a route that sends plain numbers."""
    content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    ok = {"description": "The numbers, little-endian", "content": content}
    return {200: ok, **_problems(*problems)}
