"""`/api/expression`: how an expression is understood, one term after the other."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from cavewall._internal.terminal_text import truncate
from cavewall.query import (
    Expression,
    Function,
    Image,
    Keyword,
    Like,
    MustContain,
    Sum,
    TermRef,
    Text,
    parse,
    text,
)
from cavewall.query.negation import without_negation
from cavewall.server.json_response import as_json
from cavewall.server.parameters import only
from cavewall.server.response_models import ExpressionResponse, json_responses

__all__ = ["KINDS", "expression_routes", "understood"]

_LABEL = 80


def expression_routes() -> APIRouter:
    """The route that reads expressions, which asks no wall."""
    router = APIRouter(tags=["search"])

    @router.get(
        "/api/expression",
        dependencies=[Depends(only("q", "literal"))],
        responses=json_responses(ExpressionResponse, 422),
        summary="How an expression is understood",
    )
    async def expression(
        q: Annotated[str, Query(description="The expression.", examples=["beach - 0.5 * dog"])],
        literal: Annotated[bool, Query(description="Take `q` as one text.")] = False,
    ) -> Response:
        return as_json(understood(text(q) if literal else parse(q)))

    return router


def understood(value: Expression) -> dict[str, Any]:
    """The expression as it prints, its terms, and what it may have meant."""
    pairs = value.terms if isinstance(value, Sum) else ((1.0, value),)
    return {
        "expression": str(value),
        "terms": [_term(weight, part) for weight, part in pairs],
        "suggestion": _suggestion(value),
    }


KINDS: dict[type[Expression], str] = {
    Text: "text",
    Like: "like",
    Image: "image",
    Keyword: "keyword",
    MustContain: "has",
    TermRef: "saved",
    Function: "function",
    Sum: "bracket",
}


def _term(weight: float, part: Expression) -> dict[str, Any]:
    term = {
        "weight": weight,
        "atom": f"({part})" if isinstance(part, Sum) else str(part),
        "kind": KINDS[type(part)],
        "label": truncate(_label(part), _LABEL),
    }
    match part:
        case Like(image_id):
            term["image_id"] = image_id
        case TermRef(name) | Function(name):
            term["name"] = name
    return term


def _label(part: Expression) -> str:
    """What people call a term."""
    match part:
        case Text(said) | Keyword(said) | MustContain(said) | TermRef(said):
            return said
        case Like(name) | Image(name):
            return name.rpartition("/")[2] or name
    return str(part)


def _suggestion(value: Expression) -> dict[str, str] | None:
    meant = without_negation(value)
    if meant is value:
        return None
    return {
        "expression": str(meant),
        "says": "words such as `without` are hardly heard: subtract what should not be there",
    }
