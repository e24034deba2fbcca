"""One expression asked of both spaces of a wall, and the two answers made one.

Each space ranks its own pictures by its own rule; scores of captions and of pixels have nothing in
common but that both have a mean and a deviation over the wall. So every contribution is told in
deviations of its space's scores from their mean, and the fused score is their weighted sum, scaled
to deviations again: once for the pictures that are in both spaces and once for those in one, so
that who lacks a vector is neither ahead nor behind for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cavewall.conditions import both, conditions_mask, who_may_answer
from cavewall.errors import InputError, UnknownPictureError
from cavewall.expression import Centroid, Expression, Image, Keyword, Leaf, Like, Text
from cavewall.inquiry import Inquiry
from cavewall.pictures import Contribution
from cavewall.remembered import lazily
from cavewall.rules import Rule
from cavewall.rules import rule as rule_named
from cavewall.search import Query, Ranked, understand
from cavewall.searchable import Searchable
from cavewall.shortlist import by_scores
from cavewall.spaces import Everyone, ImageSearchable, Spaces

__all__ = ["SPACES", "Fused", "Space", "ask", "image_space"]

SPACES = ("caption", "image", "both")
# Nothing is known that would set one above the other.
_WEIGHT = 0.5
# What captions say, pictures do not: this rule takes the place of the one that asks for it.
_WITHOUT_WORDS = {"words": "product"}
_LEAST_DEVIATION = 1e-9
# A remainder shorter than this against its parts is rounding: nothing is said in that space.
_RELATIVE_ZERO = 1e-6

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Space:
    """A space that takes part: its inquiry, and where its pictures stand among everyone, (n,)."""

    name: str
    inquiry: Inquiry
    places: NDArray[np.intp]
    weight: float = _WEIGHT

    @lazily
    def contributions(self) -> NDArray[np.floating]:
        """What each term brings to each picture of the space, in single precision."""
        inquiry = self.inquiry
        return inquiry.rule.contributions(inquiry.terms, inquiry.similarities)

    @lazily
    def means(self) -> NDArray[np.float64]:
        """The mean of each term's contributions over the wall, (terms,)."""
        return np.asarray(self.contributions.mean(axis=1, dtype=np.float64), np.float64)

    @lazily
    def deviation(self) -> float:
        """The standard deviation of the scores over the wall; 1 where all are equal."""
        found = float(self.contributions.sum(axis=0, dtype=np.float64).std())
        return found if found > _LEAST_DEVIATION else 1.0

    def standing(self, count: int) -> NDArray[np.float64]:
        """The weighted standardised score of everyone, (count,); 0 where the space has none."""
        found = np.zeros(count)
        scores = self.contributions.sum(axis=0, dtype=np.float64) - self.means.sum()
        found[self.places] = self.weight * scores / self.deviation
        return found

    def rows_of(self, positions: NDArray[np.intp]) -> NDArray[np.intp]:
        """The rows in the space of pictures among everyone; -1 for who is not in it."""
        at = np.minimum(np.searchsorted(self.places, positions), max(len(self.places) - 1, 0))
        there = self.places[at] == positions if len(self.places) else np.zeros(len(at), np.bool_)
        return np.where(there, at, -1)

    def parts_at(self, positions: NDArray[np.intp]) -> NDArray[np.float64]:
        """The weighted standardised contributions to those of everyone, (terms, positions)."""
        rows = self.rows_of(positions)
        found = np.zeros((len(self.means), len(positions)))
        there = rows >= 0
        if there.any():
            exact = self.inquiry.contributions_at(rows[there])
            found[:, there] = self.weight * (exact - self.means[:, None]) / self.deviation
        return found


@dataclass(frozen=True)
class Fused:
    """An expression asked of several spaces: what an `Inquiry` is for one.

    `allowed` (n,) are those of everyone who may answer, None for all; of these, the places in
    `excluded` may not.
    """

    expression: Expression
    spaces: tuple[Space, ...]
    searchable: Everyone
    rule: Rule
    excluded: tuple[int, ...] = ()
    allowed: Mask | None = None

    @property
    def asked(self) -> Mapping[str, float]:
        """The spaces that take part, with their weights."""
        return {space.name: space.weight for space in self.spaces}

    @property
    def made_by(self) -> str:
        """The encoders of the spaces."""
        return " + ".join(space.inquiry.made_by for space in self.spaces)

    @property
    def parts(self) -> tuple[Inquiry, ...]:
        """What is asked of each space, in the order of a hit's terms."""
        return tuple(space.inquiry for space in self.spaces)

    @lazily
    def leaves(self) -> tuple[Leaf, ...]:
        """The distinct terms, whichever space has them."""
        return tuple(dict.fromkeys(leaf for leaf, _ in self._weighted))

    @lazily
    def weights(self) -> NDArray[np.float64]:
        """Those of the terms, as they count in the first space that has them."""
        known = dict(reversed(self._weighted))
        return np.array([known[leaf] for leaf in self.leaves])

    @property
    def _weighted(self) -> list[tuple[Leaf, float]]:
        return [
            (leaf, float(weight))
            for space in self.spaces
            for leaf, weight in zip(space.inquiry.leaves, space.inquiry.weights, strict=True)
        ]

    @lazily
    def _scales(self) -> NDArray[np.float64]:
        """What the summed scores of everyone are divided by, (n,).

        The deviation over those who are in the same spaces.
        """
        count = len(self.searchable.snapshot.ids)
        total, kinds = np.zeros(count), np.zeros(count, np.int64)
        for at, space in enumerate(self.spaces):
            total += space.standing(count)
            kinds[space.places] |= 1 << at
        scales = np.ones(count)
        for kind in np.unique(kinds):
            alike = kinds == kind
            inside = [space.weight for at, space in enumerate(self.spaces) if kind & (1 << at)]
            # Of one space it is known: few pictures would tell it worse.
            spread = float(total[alike].std()) if len(inside) > 1 else sum(inside)
            scales[alike] = spread if spread > _LEAST_DEVIATION else sum(inside) or 1.0
        return scales

    @lazily
    def scores(self) -> NDArray[np.float64]:
        """The score of everyone, those who may not answer too; of who is in no space, none."""
        count = len(self.searchable.snapshot.ids)
        total = np.zeros(count)
        inside = np.zeros(count, np.bool_)
        for space in self.spaces:
            total += space.standing(count)
            inside[space.places] = True
        return np.where(inside, total / self._scales, -np.inf)

    @lazily
    def _standing(self) -> NDArray[np.float64]:
        scores = self.scores.copy()
        if self.allowed is not None:
            scores[~self.allowed] = -np.inf
        scores[list(self.excluded)] = -np.inf
        return scores

    @lazily
    def answering(self) -> int:
        """How many pictures may answer."""
        return int(np.isfinite(self._standing).sum())

    def best(self, k: int) -> list[Ranked]:
        """The k best pictures, best first."""
        return self.page(k)

    def page(self, k: int, offset: int = 0) -> list[Ranked]:
        """The k best pictures after the first `offset`, by a look at all that may answer."""
        if self.answering <= offset:
            return []
        near, ahead = by_scores(self._standing, self._steepness, k, offset)
        return self._ranked(near, offset - ahead + k)[offset - ahead :]

    @property
    def _steepness(self) -> float:
        least = float(self._scales.min())
        return sum(
            space.weight * space.inquiry.rule.steepness(space.inquiry.terms) / space.deviation
            for space in self.spaces
        ) / max(least, _LEAST_DEVIATION)

    def _ranked(self, chosen: NDArray[np.intp], k: int) -> list[Ranked]:
        parts = np.vstack([space.parts_at(chosen) for space in self.spaces]) / self._scales[chosen]
        totals = parts.sum(axis=0)
        ids = self.searchable.snapshot.ids.take(chosen).to_pylist()
        order = sorted(range(len(chosen)), key=lambda at: (-totals[at], ids[at]))[:k]
        terms = list(self.terms())
        return [
            Ranked(
                int(chosen[at]),
                float(totals[at]),
                tuple(
                    Contribution(str(leaf), weight, float(part), name)
                    for (name, leaf, weight), part in zip(terms, parts[:, at], strict=True)
                ),
            )
            for at in order
        ]

    def terms(self) -> Iterator[tuple[str, Leaf, float]]:
        """Each term of each space with its weight, in the order of a hit's `terms`."""
        for space in self.spaces:
            for leaf, weight in zip(space.inquiry.leaves, space.inquiry.weights, strict=True):
                yield space.name, leaf, float(weight)

    def percentiles(self, scores: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """None: what a fused score is worth is not known."""
        return None

    def vectors_at(self, positions: Sequence[int]) -> NDArray[np.float32]:
        """Unit vectors of those pictures, (n, d): what is alike is so in every space it is in."""
        chosen = np.asarray(positions, np.intp)
        parts = []
        for space in self.spaces:
            vectors = space.inquiry.searchable.snapshot.vectors
            rows = space.rows_of(chosen)
            part = np.zeros((len(chosen), vectors.shape[1]), np.float32)
            part[rows >= 0] = vectors[rows[rows >= 0]]
            parts.append(part)
        found = np.hstack(parts)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.maximum(lengths, _LEAST_DEVIATION), np.float32)

    def without(self, leaf: int) -> Fused | None:
        """The same with the weight of that leaf at 0 in every space; None where nothing is left."""
        left = []
        for space in self.spaces:
            leaves = space.inquiry.leaves
            if self.leaves[leaf] not in leaves:
                left.append(space)
                continue
            rest = space.inquiry.without(leaves.index(self.leaves[leaf]))
            if rest is not None:
                left.append(replace(space, inquiry=rest))
        return replace(self, spaces=tuple(left)) if left else None


# Asking.


def ask(
    expression: Expression,
    spaces: Spaces,
    rule: Rule,
    include_inputs: bool = False,
    allowed: Mask | None = None,
    space: str | None = None,
) -> Inquiry | Fused:
    """The expression, understood in each space that has a term of it, or in the one that is named.

    `allowed` (n,) are the pictures that may answer, among everyone in the spaces.

    Raises:
        InputError: a term that no space has, or a space that is not there.
    """
    image = spaces.image if space in (None, "caption") else image_space(spaces, space)
    if image is None:
        return Inquiry.ask(
            expression, spaces.caption, spaces.queries(), rule, include_inputs, allowed
        )
    everyone = spaces.everyone
    assert isinstance(everyone, Everyone)
    wanted = [name for name in ("caption", "image") if space in (None, "both", name)]
    found = list(_understood(expression, spaces, image, wanted, rule))
    if not found:
        # Nobody is there to answer: what is wrong with the question is said all the same.
        found = [("caption", Inquiry.ask(expression, spaces.caption, spaces.queries(), rule))]
    places = {name: everyone.places_of(inquiry.searchable) for name, inquiry in found}
    inputs = [leaf.image_id for leaf in expression.leaves() if isinstance(leaf, Like)]
    if len(found) == 1:
        ((name, inquiry),) = found
        return _alone(inquiry, include_inputs, allowed, places[name])
    excluded = () if include_inputs else tuple(map(everyone.snapshot.position, inputs))
    return Fused(
        expression,
        tuple(Space(name, inquiry, places[name]) for name, inquiry in found),
        everyone,
        rule,
        excluded,
        both(allowed, conditions_mask(expression, everyone)),
    )


def image_space(spaces: Spaces, space: str) -> ImageSearchable:
    """The image space, for whoever named it, or both.

    Raises:
        InputError: there is no space of that name, or none on this wall.
    """
    if space not in SPACES:
        raise InputError(f"there is no space {space!r}: choose one of {', '.join(SPACES)}")
    if spaces.image is None:
        raise InputError(
            f"the wall {spaces.caption.store.address} has no image space: "
            "cavewall reencode --space image --encoder NAME makes one"
        )
    return spaces.image


def _understood(
    expression: Expression,
    spaces: Spaces,
    image: ImageSearchable,
    wanted: Sequence[str],
    rule: Rule,
) -> Iterator[tuple[str, Inquiry]]:
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
        query = understand(
            expression,
            encoder,
            searchable.snapshot,
            lambda: spaces.caption.caption_index,
            images=image.vector_of,
            has=has[name],
        )
        if _says_something(query):
            yield name, Inquiry(expression, query, searchable, encoder, chosen, space=name)


def _in_captions(leaf: Leaf, searchable: Searchable) -> bool:
    if isinstance(leaf, Like):
        return _holds(searchable, leaf.image_id)
    return isinstance(leaf, Text | Keyword | Centroid)


def _in_images(leaf: Leaf, searchable: Searchable) -> bool:
    if isinstance(leaf, Like):
        return _holds(searchable, leaf.image_id)
    return isinstance(leaf, Text | Image)


def _holds(searchable: Searchable, image_id: str) -> bool:
    try:
        searchable.snapshot.position(image_id)
    except UnknownPictureError:
        return False
    return True


def _nowhere(leaf: Leaf, wanted: Sequence[str]) -> InputError:
    if isinstance(leaf, Like):
        where = "on this wall" if len(wanted) > 1 else f"in the {wanted[0]} space of this wall"
        return UnknownPictureError(f"there is no picture {leaf.image_id!r} {where}")
    return InputError(f"{leaf} is no term of the {wanted[0]} space: leave --space out to use it")


def _says_something(query: Query) -> bool:
    parts = float(np.abs(query.direction.weights).sum())
    return query.direction.length > _RELATIVE_ZERO * parts


def _alone(
    inquiry: Inquiry, include_inputs: bool, allowed: Mask | None, places: NDArray[np.intp]
) -> Inquiry:
    """The inquiry of the only space that takes part, with who may answer it."""
    snapshot = inquiry.searchable.snapshot
    inputs = [leaf.image_id for leaf in inquiry.leaves if isinstance(leaf, Like)]
    excluded = () if include_inputs else tuple(map(snapshot.position, inputs))
    among = None if allowed is None else allowed[places]
    may = both(among, who_may_answer(inquiry.expression, inquiry.query, inquiry.searchable))
    return replace(inquiry, excluded=excluded, allowed=may)
