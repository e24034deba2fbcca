"""Answers as the OpenAPI document shows them."""

from __future__ import annotations

from typing import Any

__all__ = [
    "ALIKE",
    "COMPARED",
    "EXPLAINED",
    "FACETS",
    "FIELDS",
    "HEALTH",
    "LABELS",
    "MAP",
    "PATH",
    "PICTURE",
    "PLACES",
    "PROBLEM",
    "ROW",
    "SEARCHED",
    "SENT",
    "UNDERSTOOD",
    "WALL",
    "Answers",
    "answers",
    "bytes_of",
    "numbers",
]

Answers = dict[int | str, dict[str, Any]]

_PROBLEM = {
    "type": "about:blank",
    "title": "Unprocessable Content",
    "status": 422,
    "detail": "write `dog - cat` or quote it",
    "column": 5,
    "request_id": "0b6f3a4e7d7c4c3f9d1e5a2b8c6d4e2f",
}
_OF_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "column": {"type": "integer"},
        "request_id": {"type": "string"},
    },
}
PROBLEM: dict[str, Any] = {
    "description": "A problem, in the form of RFC 9457",
    "content": {"application/problem+json": {"schema": _OF_PROBLEM, "example": _PROBLEM}},
}
# What may go wrong with any request.
_ALWAYS = (400, 401, 403, 421, 500, 503)

_TERMS = [
    {"term": "a dog on the beach", "weight": 1.0, "contribution": 0.71},
    {"term": "dog", "weight": -0.5, "contribution": -0.12},
]
SEARCHED = {
    "expression": "a dog on the beach - 0.5 * dog",
    "rule": "words",
    "encoder": "all-MiniLM-L6-v2",
    "version": 2,
    "where": None,
    "offset": 0,
    "total": 1200,
    "took_ms": 8.4,
    "hits": [
        {
            "image_id": "beach-12.jpg",
            "score": 0.59,
            "captions": ["a woman runs along the beach"],
            "path": "images/beach-12.jpg",
            "terms": _TERMS,
            "percentile": 99.2,
            "width": 480,
            "height": 320,
        }
    ],
    "advice": [],
}
EXPLAINED = {
    "expression": "a dog on the beach",
    "rule": "words",
    "encoder": "all-MiniLM-L6-v2",
    "version": 2,
    "explanation": {
        "hits": [
            {
                "image_id": "beach-12.jpg",
                "score": 0.71,
                "terms": [
                    {
                        "term": "a dog on the beach",
                        "weight": 1.0,
                        "contribution": 0.71,
                        "caption": "a brown dog on the beach",
                        "match": 1.0,
                        "words": [{"word": "dog", "says": "dog", "chance": 1.0}],
                    }
                ],
            }
        ],
        "without": [
            {
                "term": "a dog on the beach",
                "weight": 1.0,
                "cancels": True,
                "entered": [],
                "left": [],
                "moved": [],
            }
        ],
    },
}
COMPARED = {
    "before": "snow",
    "after": "snow - dog + human",
    "rule": "words",
    "k": 10,
    "entered": [
        {"image_id": "snow-3.jpg", "from": None, "to": 2, "term": "human", "difference": 1.2}
    ],
    "left": [{"image_id": "snow-1.jpg", "from": 4, "to": None, "term": "dog", "difference": -0.9}],
    "moved": [{"image_id": "snow-2.jpg", "from": 3, "to": 1, "term": "human", "difference": 0.4}],
    "encoder": "all-MiniLM-L6-v2",
    "version": 2,
}
PATH = {
    "before": "dog",
    "after": "boat",
    "points": ["dog", "slerp(dog, boat, 0.5)", "boat"],
    "rule": "add",
    "encoder": "all-MiniLM-L6-v2",
    "version": 2,
    "took_ms": 9.1,
    "hits": [{**SEARCHED["hits"][0], "point": 0}],  # type: ignore[index]
}
ALIKE = {
    "encoder": "all-MiniLM-L6-v2",
    "dimension": 384,
    "texts": ["king", "queen"],
    "matrix": [[1.0, 0.68], [0.68, 1.0]],
    "first": [[-0.05, 0.03], [-0.02, 0.01]],
}
SENT = {"term": 'image("upload:0b6f3a4e7d7c4c3f")', "image_id": None}
UNDERSTOOD = {
    "expression": 'beach - 0.5 * dog + like("a.jpg")',
    "terms": [
        {"weight": 1.0, "atom": "beach", "kind": "text", "label": "beach"},
        {"weight": -0.5, "atom": "dog", "kind": "text", "label": "dog"},
        {
            "weight": 1.0,
            "atom": 'like("a.jpg")',
            "kind": "like",
            "label": "a.jpg",
            "image_id": "a.jpg",
        },
    ],
    "suggestion": None,
}
WALL = {
    "name": "wall",
    "pictures": 1200,
    "version": 2,
    "encoder": "all-MiniLM-L6-v2",
    "rules": [{"name": "words", "description": "What the captions say.", "default": True}],
    "spaces": ["caption"],
    "terms": [],
    "limits": {
        "k": 1000,
        "offset": 1_000_000,
        "expression": 4096,
        "terms": 256,
        "upload": 33_554_432,
    },
}
FIELDS = {"version": 2, "fields": [{"name": "camera", "kind": "text", "pictures": 1148}]}
FACETS = {
    "field": "camera",
    "kind": "text",
    "counts": [{"value": "X100", "pictures": 12, "where": 'camera = "X100"'}],
    "pictures": 1200,
    "missing": 52,
    "others": 0,
}
HEALTH = {"status": "ok", "version": 2, "pictures": 1200}
PICTURE = {
    "image_id": "beach-12.jpg",
    "captions": ["a woman runs along the beach"],
    "path": "images/beach-12.jpg",
    "width": 480,
    "height": 320,
    "type": "image/jpeg",
    "source": "captions.txt",
    "added_at": "2026-01-31T12:00:00+00:00",
    "metadata": {"camera": "X100"},
}
MAP = {
    "version": 2,
    "layout": "pca",
    "pictures": 1200,
    "layouts": [
        {"name": "pca", "state": "ready", "share": 1.0, "variance": 0.11, "install": None},
        {"name": "umap", "state": "computing", "share": 0.4, "variance": None, "install": None},
    ],
    "clusters": [
        {
            "name": "dog, beach, sand",
            "terms": ["dog", "beach", "sand"],
            "pictures": 412,
            "at": 17,
            "x": -0.31,
            "y": 0.52,
        }
    ],
}
LABELS = {
    "version": 2,
    "pictures": [
        {
            "at": 17,
            "image_id": "beach-12.jpg",
            "captions": ["a woman runs along the beach"],
            "width": 480,
            "height": 320,
        }
    ],
}
PLACES = {
    "version": 2,
    "layout": "pca",
    "query": {"x": -0.28, "y": 0.49},
    "terms": [{"term": "a dog on the beach", "weight": 1.0, "x": -0.28, "y": 0.49}],
    "path": [{"x": -0.28, "y": 0.49, "image_id": "beach-12.jpg"}],
}

ROW = {
    "image_id": "beach-12.jpg",
    "version": 2,
    "columns": [
        {"name": "width", "type": "int32", "value": 480, "length": None, "first": []},
        {
            "name": "vector",
            "type": "fixed_size_list<item: float>[384]",
            "value": None,
            "length": 384,
            "first": [0.05, -0.01],
        },
    ],
}


def answers(example: dict[str, Any], *problems: int) -> Answers:
    """What a route answers, and which problems it may tell of."""
    said = {"description": "The answer", "content": {"application/json": {"example": example}}}
    return {200: said, **dict.fromkeys(sorted({*_ALWAYS, 422, *problems}), PROBLEM)}


def bytes_of(*kinds: str) -> Answers:
    """What a route of pictures answers."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    content = dict.fromkeys(kinds, binary)
    said = {"description": "The bytes", "content": content}
    part = {"description": "The part that `Range` asked for", "content": content}
    none = {"description": "What the client has is still so"}
    found: Answers = {200: said, 206: part, 304: none}
    return {**found, **dict.fromkeys(sorted({*_ALWAYS, 404, 416, 422}), PROBLEM)}


def numbers(*problems: int) -> Answers:
    """What a route of plain numbers answers."""
    content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    found: Answers = {200: {"description": "The numbers, little-endian", "content": content}}
    return {**found, **dict.fromkeys(sorted({*_ALWAYS, 422, *problems}), PROBLEM)}
