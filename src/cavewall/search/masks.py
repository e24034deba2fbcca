"""Which pictures may be hits, by the words that their captions hold: boolean masks.

`index` is the inverted index of the captions of the n pictures that a mask is of; it is asked for
only where an expression has a condition.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.tokenize import term_patterns
from cavewall.index.inverted_index import InvertedIndex
from cavewall.query import Expression, MustContain
from cavewall.search.compile import Query

__all__ = ["candidate_mask", "conditions_mask", "intersect", "term_mask", "unmet"]

Mask = NDArray[np.bool_]


def conditions_mask(expression: Expression, index: Callable[[], InvertedIndex]) -> Mask | None:
    """The pictures that meet every `has()`, (n,); None where there is none."""
    mask: Mask | None = None
    for sign, condition in expression.conditions:
        mask = intersect(mask, _met(sign, condition, index))
    return mask


def unmet(expression: Expression, index: Callable[[], InvertedIndex], row: int) -> str | None:
    """The first condition that a picture fails, with its sign."""
    for sign, condition in expression.conditions:
        if not _met(sign, condition, index)[row]:
            return f"{'+' if sign > 0 else '-'} {condition}"
    return None


def _met(sign: float, condition: MustContain, index: Callable[[], InvertedIndex]) -> Mask:
    held = index().match_phrase(term_patterns(condition.text))
    return held if sign > 0 else ~held


def term_mask(query: Query) -> Mask | None:
    """The pictures that hold any plus keyword, where a query has nothing but keywords.

    The others would all be equally far from it. None where the query asks for something else too,
    or for no keyword at all, as `- keyword("dog")`.
    """
    if not query.is_keywords:
        return None
    plus = query.direction.weights[query.keywords.places] > 0
    if not plus.any():
        return None
    return np.asarray((query.keywords.coordinates[plus] > 0).any(axis=0))


def candidate_mask(
    expression: Expression, query: Query, index: Callable[[], InvertedIndex]
) -> Mask | None:
    """The pictures that may be hits, (n,); None for all."""
    return intersect(conditions_mask(expression, index), term_mask(query))


def intersect(one: Mask | None, other: Mask | None) -> Mask | None:
    """The pictures of both masks, where None is all of them."""
    if one is None or other is None:
        return other if one is None else one
    return np.asarray(one & other)
