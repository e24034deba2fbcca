"""From an expression to ranked pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders import Encoder
from cavewall.errors import InputError
from cavewall.expression import Direction, Expression, Image, Leaf, Like, Text, direction
from cavewall.pictures import Contribution
from cavewall.rules import Rule, TermBackground, Terms
from cavewall.searchable import Searchable
from cavewall.store import Snapshot
from cavewall.vectors import normalise
from cavewall.words import TermWords, evidence

__all__ = [
    "Query",
    "Ranked",
    "contributions_at",
    "rank",
    "terms_of",
    "understand",
    "words_of",
]

_NOTHING = 1e-12


@dataclass(frozen=True)
class Query:
    """The distinct leaves of an expression, their unit vectors, float64 (n, d), and weights."""

    leaves: tuple[Leaf, ...]
    vectors: NDArray[np.float64]
    direction: Direction

    @property
    def vector(self) -> NDArray[np.float32]:
        """The unit vector of rule `add`, (d,)."""
        total = (self.direction.weights / self.direction.length) @ self.vectors
        return np.asarray(normalise(total), np.float32)


@dataclass(frozen=True)
class Ranked:
    """A place in the ranking: the row of the snapshot, its score and where that comes from."""

    position: int
    score: float
    terms: tuple[Contribution, ...]


def understand(expression: Expression, encoder: Encoder, snapshot: Snapshot | None) -> Query:
    """The vectors of an expression's leaves and how they combine.

    Raises:
        InputError: a leaf that cannot be had here (a picture that is not on the wall, a file).
        ExpressionError: the whole cancels out.
    """
    occurring = list(expression.leaves())
    leaves = tuple(dict.fromkeys(occurring))
    texts = list(dict.fromkeys(leaf.text for leaf in leaves if isinstance(leaf, Text)))
    encoded = dict(zip(texts, encoder.encode(texts), strict=True)) if texts else {}
    rows = [_leaf_vector(leaf, encoded, snapshot) for leaf in leaves]
    vectors = np.asarray(normalise(np.stack(rows).astype(np.float64)), np.float64)
    places = [leaves.index(leaf) for leaf in occurring]
    occurrences = vectors[places]
    whole = direction(expression, occurrences @ occurrences.T)
    weights = np.bincount(places, whole.weights, minlength=len(leaves)).astype(np.float64)
    # `0.1 * dog + 0.2 * dog - 0.3 * dog` is no dog: what is left of it is rounding.
    weights[np.abs(weights) <= _NOTHING * np.bincount(places, np.abs(whole.weights))] = 0
    return Query(leaves, vectors, Direction(weights, whole.length))


def _leaf_vector(
    leaf: Leaf, encoded: dict[str, NDArray[np.float32]], snapshot: Snapshot | None
) -> NDArray[np.float32]:
    match leaf:
        case Text(text):
            return encoded[text]
        case Like(image_id):
            if snapshot is None:
                raise InputError(f"{leaf} needs a wall that holds this picture")
            row: NDArray[np.float32] = snapshot.vectors[snapshot.position(image_id)]
            return row
        case Image():
            raise InputError(
                f'{leaf} needs an image encoder, which this wall does not have: use like("id") '
                "for a picture that is on the wall, or describe it in words"
            )


def terms_of(query: Query, searchable: Searchable, words: Callable[[], list[TermWords]]) -> Terms:
    """The query's terms as a rule sees them, over all pictures.

    `words`, what each leaf says, is asked for once a rule needs it.
    """
    return Terms(
        query.direction,
        lambda: TermBackground(*searchable.background.of(query.vectors)),
        lambda: evidence(words(), searchable.words),
    )


def words_of(query: Query, searchable: Searchable, encoder: Encoder) -> list[TermWords]:
    """What each leaf says in words."""
    index = searchable.words
    return [
        TermWords.from_picture(searchable.snapshot.position(leaf.image_id), weight, index)
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
    return np.asarray(rule.contributions(terms.at(positions), exact), np.float64)


def rank(
    query: Query,
    snapshot: Snapshot,
    rule: Rule,
    terms: Terms,
    chosen: NDArray[np.intp],
    k: int,
) -> list[Ranked]:
    """The k best of the chosen pictures, best first, ties in the order of their ids."""
    parts = contributions_at(query, snapshot, rule, terms, chosen)
    totals = parts.sum(axis=0)
    ids = snapshot.ids.take(chosen).to_pylist()
    order = sorted(range(len(chosen)), key=lambda at: (-totals[at], ids[at]))[:k]
    names = [str(leaf) for leaf in query.leaves]
    weights = query.direction.weights
    return [
        Ranked(
            int(chosen[at]),
            float(totals[at]),
            tuple(
                Contribution(name, float(weight), float(part))
                for name, weight, part in zip(names, weights, parts[:, at], strict=True)
            ),
        )
        for at in order
    ]


def _exact_cosines(terms: NDArray[np.float64], rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Cosines (terms, rows) that depend on the row alone, not on where it stands."""
    units = normalise(rows.astype(np.float64)) if len(rows) else rows.astype(np.float64)
    return np.asarray(np.einsum("td,rd->tr", terms, units), np.float64)
