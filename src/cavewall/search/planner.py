"""One expression asked of the spaces of a wall: of each with the terms that it can have.

Each ranks its own pictures by its own rule; where several take part their answers are fused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cavewall.errors import InputError, UnknownPictureError
from cavewall.query import Centroid, Expression, Image, Keyword, Leaf, Like, Text
from cavewall.search.compile import compile_query
from cavewall.search.hybrid import HybridRanking, ScoredSpace
from cavewall.search.masks import candidate_mask, conditions_mask, intersect
from cavewall.search.ranking import SingleSpaceRanking
from cavewall.search.rules import Rule
from cavewall.search.rules import rule as rule_named
from cavewall.search.spaces import Everyone, ImageSpaceVersion, Spaces
from cavewall.search.wall_version import WallVersion

__all__ = ["SPACES", "image_space", "plan", "scores_of_captioned"]

SPACES = ("caption", "image", "both")
# What captions say, pictures do not: this rule takes the place of the one that asks for it.
_WITHOUT_WORDS = {"words": "product"}

Mask = NDArray[np.bool_]


def plan(
    expression: Expression,
    spaces: Spaces,
    rule: Rule,
    include_inputs: bool = False,
    allowed: Mask | None = None,
    space: str | None = None,
) -> SingleSpaceRanking | HybridRanking:
    """The expression, understood in each space that has a term of it, or in the one that is named.

    `allowed` (n,) are the pictures that may answer, among everyone in the spaces.

    Raises:
        InputError: a term that no space has, or a space that is not there or has no pictures.
    """
    image = spaces.image if space in (None, "caption") else image_space(spaces, space)
    if image is None:
        return SingleSpaceRanking.ask(
            expression, spaces.caption, spaces.queries(), rule, include_inputs, allowed
        )
    everyone = spaces.everyone
    assert isinstance(everyone, Everyone)
    wanted = [name for name in ("caption", "image") if space in (None, "both", name)]
    found = list(_understood(expression, spaces, image, wanted, rule))
    if space in ("caption", "image") and len(everyone.snapshot.ids):
        _check_filled(spaces.caption if space == "caption" else image, space)
    if not found:
        # Nobody is there to answer: what is wrong with the question is said all the same.
        found = [
            ("caption", SingleSpaceRanking.ask(expression, spaces.caption, spaces.queries(), rule))
        ]
    places = {name: everyone.places_of(inquiry.version) for name, inquiry in found}
    inputs = [leaf.image_id for leaf in expression.leaves() if isinstance(leaf, Like)]
    if len(found) == 1:
        ((name, inquiry),) = found
        return _alone(inquiry, include_inputs, allowed, places[name])
    excluded = () if include_inputs else tuple(map(everyone.snapshot.position, inputs))
    return HybridRanking(
        expression,
        tuple(ScoredSpace(name, inquiry, places[name]) for name, inquiry in found),
        everyone,
        rule,
        excluded,
        intersect(allowed, conditions_mask(expression, everyone)),
    )


def scores_of_captioned(
    asked: SingleSpaceRanking | HybridRanking, spaces: Spaces
) -> NDArray[np.float32]:
    """The score of every picture of the caption space, (n,); NaN for those that may not answer."""
    scores, everyone = asked.all_scores(), spaces.everyone
    if asked.version is spaces.caption or not isinstance(everyone, Everyone):
        return scores
    if asked.version is not everyone:
        found = np.full(len(everyone.snapshot.ids), np.nan, np.float32)
        found[everyone.places_of(asked.version)] = scores
        scores = found
    captioned: NDArray[np.float32] = scores[everyone.places_of(spaces.caption)]
    return captioned


def image_space(spaces: Spaces, space: str) -> ImageSpaceVersion:
    """The image space, for whoever named it, or both.

    Raises:
        InputError: there is no space of that name, or none on this wall.
    """
    if space not in SPACES:
        raise InputError(f"there is no space {space!r}: choose one of {', '.join(SPACES)}")
    if spaces.image is None:
        raise InputError(
            "this wall has no image space: cavewall reencode --space image --encoder NAME makes one"
        )
    return spaces.image


def _understood(
    expression: Expression,
    spaces: Spaces,
    image: ImageSpaceVersion,
    wanted: Sequence[str],
    rule: Rule,
) -> Iterator[tuple[str, SingleSpaceRanking]]:
    """An inquiry in each of the spaces wanted that has pictures and one of the terms."""
    has = {
        "caption": lambda leaf: _in_captions(leaf, spaces.caption),
        "image": lambda leaf: _in_images(leaf, image),
    }
    leaves = list(expression.leaves())
    for leaf in leaves:
        if not any(has[name](leaf) for name in wanted):
            raise _nowhere(leaf, wanted)
    for name in wanted:
        searchable = spaces.caption if name == "caption" else image
        nothing = leaves and not any(map(has[name], leaves))
        if nothing or not len(searchable.snapshot.ids):
            continue
        encoder, chosen = spaces.queries(), rule
        if name == "image":
            encoder, chosen = image.texts, rule_named(_WITHOUT_WORDS.get(rule.name, rule.name))
        query = compile_query(
            expression,
            encoder,
            searchable.snapshot,
            lambda: spaces.caption.caption_index,
            images=image.vector_of,
            has=has[name],
        )
        if not query.cancels_out:
            yield (
                name,
                SingleSpaceRanking(expression, query, searchable, encoder, chosen, space=name),
            )


def _in_captions(leaf: Leaf, searchable: WallVersion) -> bool:
    if isinstance(leaf, Like):
        return searchable.snapshot.holds(leaf.image_id)
    return isinstance(leaf, Text | Keyword | Centroid)


def _in_images(leaf: Leaf, searchable: WallVersion) -> bool:
    if isinstance(leaf, Like):
        return searchable.snapshot.holds(leaf.image_id)
    return isinstance(leaf, Text | Image)


def _nowhere(leaf: Leaf, wanted: Sequence[str]) -> InputError:
    if isinstance(leaf, Like):
        where = "on this wall" if len(wanted) > 1 else f"in the {wanted[0]} space of this wall"
        return UnknownPictureError(f"there is no picture {leaf.image_id!r} {where}")
    return InputError(f"{leaf} is no term of the {wanted[0]} space: leave --space out to use it")


def _check_filled(searchable: WallVersion, space: str) -> None:
    if not len(searchable.snapshot.ids):
        what = "has a caption" if space == "caption" else "has been seen by the image encoder"
        raise InputError(f"no picture of this wall {what}: leave the {space} space out")


def _alone(
    inquiry: SingleSpaceRanking,
    include_inputs: bool,
    allowed: Mask | None,
    places: NDArray[np.intp],
) -> SingleSpaceRanking:
    """The inquiry of the only space that takes part, with who may answer it."""
    snapshot = inquiry.version.snapshot
    inputs = [leaf.image_id for leaf in inquiry.leaves if isinstance(leaf, Like)]
    excluded = () if include_inputs else tuple(map(snapshot.position, inputs))
    among = None if allowed is None else allowed[places]
    may = intersect(among, candidate_mask(inquiry.expression, inquiry.query, inquiry.version))
    return replace(inquiry, excluded=excluded, allowed=may)
