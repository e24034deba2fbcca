"""Which pictures may answer an expression, by what their captions hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.tokenize import term_patterns
from cavewall.query import Expression, MustContain
from cavewall.search.compile import Query
from cavewall.search.wall_version import WallVersion

__all__ = ["candidate_mask", "conditions_mask", "intersect", "term_mask", "unmet"]

Mask = NDArray[np.bool_]


def conditions_mask(expression: Expression, searchable: WallVersion) -> Mask | None:
    """The rows of the snapshot that meet every `has()`, (n,); None where there is none."""
    mask: Mask | None = None
    for sign, condition in expression.conditions:
        mask = intersect(mask, _met(sign, condition, searchable))
    return mask


def unmet(expression: Expression, searchable: WallVersion, row: int) -> str | None:
    """The first condition that keeps the picture of that row from answering, with its sign."""
    for sign, condition in expression.conditions:
        if not _met(sign, condition, searchable)[row]:
            return f"{'+' if sign > 0 else '-'} {condition}"
    return None


def _met(sign: float, condition: MustContain, searchable: WallVersion) -> Mask:
    held = searchable.caption_index.match_phrase(term_patterns(condition.text))
    return held if sign > 0 else ~held


def term_mask(query: Query) -> Mask | None:
    """The rows that hold any of the keywords to be looked for, where a query is keywords alone.

    The others would all be equally far from it. None where the query asks for something else too,
    or for no keyword at all, as `- keyword("dog")`.
    """
    if not query.is_keywords:
        return None
    plus = query.direction.weights[query.keywords.places] > 0
    if not plus.any():
        return None
    return np.asarray((query.keywords.coordinates[plus] > 0).any(axis=0))


def candidate_mask(expression: Expression, query: Query, searchable: WallVersion) -> Mask | None:
    """The rows that may answer, (n,); None is everyone."""
    return intersect(conditions_mask(expression, searchable), term_mask(query))


def intersect(one: Mask | None, other: Mask | None) -> Mask | None:
    """Who is in both masks, where None is everyone."""
    if one is None or other is None:
        return other if one is None else one
    return np.asarray(one & other)
