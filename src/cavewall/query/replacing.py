"""An expression with other terms in the places of its pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cavewall.query.values import Expression, Function, Image, Leaf, Sum, TermRef

__all__ = ["with_images"]


def with_images(expression: Expression, found: Mapping[Image, Leaf]) -> Expression:
    """The expression with what was found for its `image()` terms; others stay as they are."""
    match expression:
        case Image():
            return found.get(expression, expression)
        case Sum(terms):
            return Sum(tuple((weight, with_images(part, found)) for weight, part in terms))
        case Function(arguments=arguments):
            inside = tuple(with_images(each, found) for each in arguments)
            return replace(expression, arguments=inside)
        case TermRef(meaning=Expression() as meaning):
            return replace(expression, meaning=with_images(meaning, found))
    return expression
