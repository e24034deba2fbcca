"""From a request to a ranking: the vector spaces to search, the rule, the pictures to rank."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cavewall.errors import InputError, UnknownPictureError
from cavewall.query import Expression, Leaf, Like
from cavewall.query.negation import without_negation
from cavewall.search.compile import compile_query
from cavewall.search.hybrid import HybridRanking, ScoredSpace
from cavewall.search.image_lookup import replace_known_images
from cavewall.search.masks import conditions_mask, intersect
from cavewall.search.ranking import Ranking, SingleSpaceRanking
from cavewall.search.request import SearchRequest
from cavewall.search.rules import Rule
from cavewall.search.rules import rule as rule_named
from cavewall.search.vector_space import VectorSpace
from cavewall.search.wall_version import WallVersion

__all__ = ["plan"]

Mask = NDArray[np.bool_]


def plan(request: SearchRequest, version: WallVersion) -> Ranking:
    """The ranking of a request on a version of the wall.

    Every space that the request names takes part with the terms that have a vector in it. A wall
    with one space, or a request that only one can answer, is ranked by that one alone.

    Raises:
        InputError: a term that no space has, or a space that is not there or has no pictures.
        ExpressionError: the expression cancels out, or is conditions alone.
        FilterError: the filter names a field that is not there.
    """
    expression, rule = request.expression, rule_named(request.rule)
    if request.apply_negation:
        expression = without_negation(expression)
    if version.image is None:
        expression = replace_known_images(expression, version)
    wanted = version.chosen(request.space)
    allowed = None if request.where is None else version.filter_mask(request.where)
    if request.area is not None:
        allowed = intersect(allowed, version.area_mask(request.area))
    if version.image is None:
        (space,) = wanted
        return SingleSpaceRanking.ask(
            expression, space, space.texts, rule, request.include_inputs, allowed
        )
    found = _rankings(expression, version, wanted, rule)
    if request.space in ("caption", "image") and len(version):
        _check_filled(wanted[0])
    if not found:
        # No picture can be a hit; what is wrong with the expression is said all the same.
        caption = version.caption
        found = [SingleSpaceRanking.ask(expression, caption, caption.texts, rule)]
    if len(found) == 1:
        return found[0].among(allowed, request.include_inputs)
    inputs = [leaf.image_id for leaf in expression.leaves() if isinstance(leaf, Like)]
    position = version.pictures.position
    return HybridRanking(
        expression,
        tuple(map(ScoredSpace, found)),
        version,
        rule,
        () if request.include_inputs else tuple(map(position, inputs)),
        intersect(allowed, conditions_mask(expression, lambda: version.inverted_index)),
    )


def _rankings(
    expression: Expression, version: WallVersion, wanted: Sequence[VectorSpace], rule: Rule
) -> list[SingleSpaceRanking]:
    """A ranking in each of those spaces that has pictures and a vector of one of the terms."""
    leaves = list(expression.leaves())
    for leaf in leaves:
        if not any(space.has(leaf) for space in wanted):
            raise _in_no_space(leaf, wanted)
    found = []
    for space in wanted:
        if not len(space) or (leaves and not any(map(space.has, leaves))):
            continue
        query = compile_query(
            expression,
            space.texts,
            space.snapshot,
            lambda space=space: space.inverted_index,  # type: ignore[misc]
            images=space.image_vector,
            has=space.has,
        )
        if not query.cancels_out:
            found.append(
                SingleSpaceRanking(
                    expression, query, space, space.texts, space.rule(rule), named=True
                )
            )
    return found


def _in_no_space(leaf: Leaf, wanted: Sequence[VectorSpace]) -> InputError:
    name = wanted[0].name
    if isinstance(leaf, Like):
        where = "on this wall" if len(wanted) > 1 else f"in the {name} space of this wall"
        return UnknownPictureError(f"there is no picture {leaf.image_id!r} {where}")
    return InputError(f"{leaf} is no term of the {name} space: leave --space out to use it")


def _check_filled(space: VectorSpace) -> None:
    if not len(space):
        what = "has a caption" if space.name == "caption" else "has been seen by the image encoder"
        raise InputError(f"no picture of this wall {what}: leave the {space.name} space out")
