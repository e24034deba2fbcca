"""From an expression to ranked pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cavewall._internal.tokenize import term_patterns
from cavewall._internal.vectors import normalise
from cavewall.encoders import Encoder
from cavewall.errors import InputError
from cavewall.index.inverted_index import InvertedIndex
from cavewall.index.lexical import Evidence, TermWords, evidence
from cavewall.models import Contribution
from cavewall.query import (
    Centroid,
    Expression,
    Image,
    Keyword,
    Leaf,
    Like,
    LinearCombination,
    TermRef,
    Text,
    to_linear_combination,
)
from cavewall.query.values import check_terms
from cavewall.search.keyword_scores import Keywords
from cavewall.search.rules import Rule, TermBackground, Terms
from cavewall.search.vector_space import VectorSpace
from cavewall.storage import Snapshot

__all__ = [
    "Query",
    "ScoredRow",
    "compile_query",
    "contributions_at",
    "exact_top_k",
    "rank",
    "terms_of",
    "words_of",
]

_NOTHING = 1e-12
# A remainder shorter than this against its parts is rounding: the query has cancelled out.
_RELATIVE_ZERO = 1e-6


@dataclass(frozen=True)
class Query:
    """The distinct leaves of an expression, their unit vectors, float64 (n, d), and weights.

    The vectors of keywords are zero: `keywords` has what they are.
    """

    leaves: tuple[Leaf, ...]
    vectors: NDArray[np.float64]
    direction: LinearCombination
    keywords: Keywords = field(default_factory=Keywords)

    @property
    def is_keywords(self) -> bool:
        """Whether it has nothing but keywords."""
        return len(self.keywords) == len(self.leaves)

    @property
    def cancels_out(self) -> bool:
        """Whether nothing but rounding is left of it."""
        parts = float(np.abs(self.direction.weights).sum())
        return self.direction.length <= _RELATIVE_ZERO * parts

    def of(self, leaves: Sequence[int]) -> Query:
        """The same with some of its leaves alone, their weights as they are."""
        kept = list(leaves)
        weights, keywords = self.direction.weights[kept], self.keywords.of(kept)
        length = np.hypot(
            np.linalg.norm(weights @ self.vectors[kept]), np.linalg.norm(weights[keywords.places])
        )
        return Query(
            tuple(self.leaves[at] for at in kept),
            self.vectors[kept],
            LinearCombination(weights, float(length)),
            keywords,
        )

    @property
    def vector(self) -> NDArray[np.float32]:
        """The unit vector of rule `add`, (d,)."""
        total = (self.direction.weights / self.direction.length) @ self.vectors
        return np.asarray(normalise(total), np.float32)


@dataclass(frozen=True)
class ScoredRow:
    """A place in the ranking: the row of the snapshot, its score and where that comes from."""

    position: int
    score: float
    terms: tuple[Contribution, ...]


def compile_query(
    expression: Expression,
    encoder: Encoder,
    snapshot: Snapshot | None,
    captions: Callable[[], InvertedIndex] | None = None,
    *,
    images: Callable[[Image], NDArray[np.float32] | None] | None = None,
    has: Callable[[Leaf], bool] | None = None,
) -> Query:
    """The vectors of an expression's leaves and how they combine.

    `captions` is asked for where there are keywords; None where vectors are wanted alone. `images`
    sees pictures in files, or says None of those that have no vector here. `has` says which leaves
    there are in a space, where another one has the rest: these count as directions of their own,
    and are left out of the query, which may be none.

    Raises:
        InputError: a leaf that cannot be had here (a picture that is not on the wall, a file).
        ExpressionError: the whole cancels out, or is conditions alone.
    """
    check_terms(expression)
    occurring = list(expression.leaves())
    leaves = tuple(dict.fromkeys(occurring))
    if captions is None:
        _check_vectors(expression, leaves)
    there = [at for at, leaf in enumerate(leaves) if has is None or has(leaf)]
    texts = list(dict.fromkeys(leaf.text for leaf in leaves if isinstance(leaf, Text)))
    encoded = dict(zip(texts, encoder.encode(texts), strict=True)) if texts else {}
    vectors = _leaf_vectors(leaves, there, encoded, snapshot, images)
    keywords = _keywords(leaves, there, captions)
    gram = vectors @ vectors.T
    np.fill_diagonal(gram, np.where(vectors.any(axis=1), gram.diagonal(), 1))
    places = [leaves.index(leaf) for leaf in occurring]
    whole = to_linear_combination(expression, gram[np.ix_(places, places)])
    weights = np.bincount(places, whole.weights, minlength=len(leaves)).astype(np.float64)
    # `0.1 * dog + 0.2 * dog - 0.3 * dog` is no dog: what is left of it is rounding.
    weights[np.abs(weights) <= _NOTHING * np.bincount(places, np.abs(whole.weights))] = 0
    query = Query(leaves, vectors, LinearCombination(weights, whole.length), keywords)
    return query if len(there) == len(leaves) else query.of(there)


def _check_vectors(expression: Expression, leaves: Sequence[Leaf]) -> None:
    conditions = [condition for _, condition in expression.conditions]
    for part in [*conditions, *(leaf for leaf in leaves if isinstance(leaf, Keyword))]:
        raise InputError(
            f"{part} has no vector: it is looked up in the captions. Search for the expression "
            "with the wall, or leave this out"
        )


def _keywords(
    leaves: Sequence[Leaf], there: Sequence[int], captions: Callable[[], InvertedIndex] | None
) -> Keywords:
    found = {
        at: leaf.text for at, leaf in enumerate(leaves) if at in there and isinstance(leaf, Keyword)
    }
    if captions is None or not found:
        return Keywords()
    scores = [captions().scores(term_patterns(text)) for text in found.values()]
    return Keywords(np.array(list(found), np.intp), np.stack(scores))


def _leaf_vectors(
    leaves: Sequence[Leaf],
    there: Sequence[int],
    encoded: dict[str, NDArray[np.float32]],
    snapshot: Snapshot | None,
    images: Callable[[Image], NDArray[np.float32] | None] | None,
) -> NDArray[np.float64]:
    """The unit vectors of the leaves, zero for keywords and what has none here, (n, d)."""
    found = {}
    for at in there:
        leaf = leaves[at]
        if isinstance(leaf, Image) and images is not None:
            seen = images(leaf)
            if seen is not None:
                found[at] = seen
        elif not isinstance(leaf, Keyword):
            found[at] = _leaf_vector(leaf, encoded, snapshot)
    if not found:
        return np.zeros((len(leaves), 0 if snapshot is None else snapshot.vectors.shape[1]))
    rows = np.asarray(normalise(np.stack(list(found.values())).astype(np.float64)), np.float64)
    vectors = np.zeros((len(leaves), rows.shape[1]))
    vectors[list(found)] = rows
    return vectors


def _leaf_vector(
    leaf: Text | Like | Image | Centroid | TermRef,
    encoded: dict[str, NDArray[np.float32]],
    snapshot: Snapshot | None,
) -> NDArray[np.float32]:
    match leaf:
        case Text(text):
            return encoded[text]
        case Like(image_id):
            if snapshot is None:
                raise InputError(f"{leaf} needs a wall that holds this picture")
            row: NDArray[np.float32] = snapshot.vectors[snapshot.position(image_id)]
            return row
        case Centroid(_, vector):
            return np.array(vector, np.float32)
        case TermRef():
            raise InputError(f"{leaf} is a saved term, which only the wall it is saved with knows")
        case Image():
            raise InputError(
                f"{leaf} needs an image encoder, and captions alone are asked here: use "
                'like("id") for a picture that is on the wall, describe it in words, or search a '
                "wall that has one: cavewall reencode --space image --encoder NAME"
            )


def terms_of(query: Query, space: VectorSpace, words: Callable[[], list[TermWords]]) -> Terms:
    """The query's terms as a rule sees them, over all pictures.

    `words`, what each leaf says, is asked for once a rule needs it.
    """
    return Terms(
        query.direction,
        lambda: _background(query, space),
        lambda: _evidence(query, space, words),
        query.keywords,
    )


def _background(query: Query, space: VectorSpace) -> TermBackground:
    mean, deviation = np.zeros((2, len(query.leaves)))
    if not query.is_keywords:
        mean, deviation = space.background.of(query.vectors)
    if len(query.keywords):
        mean[query.keywords.places] = query.keywords.mean
        deviation[query.keywords.places] = query.keywords.deviation
    return TermBackground(mean, deviation)


def _evidence(query: Query, space: VectorSpace, words: Callable[[], list[TermWords]]) -> Evidence:
    """What captions say of the terms; of a keyword, what they hold."""
    keywords = query.keywords
    held = Evidence.from_values(keywords.coordinates, np.ones(len(keywords), np.float32))
    if query.is_keywords:
        return held  # the words of the wall, which a model has to encode, are not needed
    found = evidence(words(), space.words)
    if not len(keywords):
        return found
    levels, certainty = found.levels.copy(), found.certainty.copy()
    levels[keywords.places] = held.levels
    certainty[keywords.places] = held.certainty
    return Evidence(levels, certainty)


def words_of(query: Query, space: VectorSpace, encoder: Encoder) -> list[TermWords]:
    """What each leaf says in words."""
    index = space.words
    return [
        TermWords.from_picture(space.snapshot.position(leaf.image_id), weight, index)
        if isinstance(leaf, Like)
        else TermWords.from_text(_said_by(leaf), weight, index, encoder.encode)
        for leaf, weight in zip(query.leaves, query.direction.weights, strict=True)
    ]


def _said_by(leaf: Leaf) -> str:
    return leaf.text if isinstance(leaf, Text) else ""


def contributions_at(
    query: Query, snapshot: Snapshot, rule: Rule, terms: Terms, positions: NDArray[np.intp]
) -> NDArray[np.float64]:
    """What each term brings to those pictures, (terms, positions), in double precision."""
    exact = _exact_cosines(query.vectors, snapshot.vectors[positions])
    there = terms.at(positions)
    if len(there.keywords):
        exact[there.keywords.places] = there.keywords.coordinates
    return np.asarray(rule.contributions(there, exact), np.float64)


def rank(
    query: Query,
    snapshot: Snapshot,
    rule: Rule,
    terms: Terms,
    chosen: NDArray[np.intp],
    k: int,
) -> list[ScoredRow]:
    """The k best of the chosen pictures, best first, ties in the order of their ids."""
    parts = contributions_at(query, snapshot, rule, terms, chosen)
    order = exact_top_k(parts.sum(axis=0), chosen, k, snapshot.ids)
    names = [str(leaf) for leaf in query.leaves]
    weights = query.direction.weights
    return [
        ScoredRow(
            int(chosen[at]),
            total,
            tuple(
                Contribution(name, float(weight), float(part))
                for name, weight, part in zip(names, weights, parts[:, at], strict=True)
            ),
        )
        for at, total in order
    ]


def exact_top_k(
    totals: NDArray[np.float64], chosen: NDArray[np.intp], k: int, ids: pa.Array
) -> list[tuple[int, float]]:
    """The places of the k largest totals and what these are, ties in the order of the ids."""
    last = max(0, len(totals) - k)
    least = np.partition(totals, last)[last] if len(totals) else 0
    among = np.flatnonzero(totals >= least)
    names = ids.take(chosen[among]).to_pylist()
    found = sorted(zip((-totals[among]).tolist(), names, among.tolist(), strict=True))
    return [(at, -total) for total, _, at in found[:k]]


def _exact_cosines(terms: NDArray[np.float64], rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Cosines (terms, rows) that depend on the row alone, not on where it stands."""
    units = normalise(rows.astype(np.float64)) if len(rows) else rows.astype(np.float64)
    return np.asarray(np.einsum("td,rd->tr", terms, units), np.float64)
