"""From an expression to ranked pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders import Encoder
from cavewall.errors import InputError
from cavewall.expression import Direction, Expression, Image, Leaf, Like, Text, direction
from cavewall.pictures import Contribution
from cavewall.rules import Rule
from cavewall.store import Snapshot
from cavewall.vectors import normalise

__all__ = ["Query", "Ranked", "rank", "understand"]

# Single-precision products may order near-equal scores wrongly: whoever is this close to the
# last place is scored again in double precision. Terms that nearly cancel magnify the error.
_MARGIN = 1e-4


@dataclass(frozen=True)
class Query:
    """An expression with its leaves' unit vectors, float64 (n, d), and its direction."""

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
    leaves = tuple(expression.leaves())
    texts = list(dict.fromkeys(leaf.text for leaf in leaves if isinstance(leaf, Text)))
    encoded = dict(zip(texts, encoder.encode(texts), strict=True)) if texts else {}
    rows = [_leaf_vector(leaf, encoded, snapshot) for leaf in leaves]
    vectors = np.asarray(normalise(np.stack(rows).astype(np.float64)), np.float64)
    return Query(leaves, vectors, direction(expression, vectors @ vectors.T))


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


def rank(
    query: Query, snapshot: Snapshot, rule: Rule, k: int, excluded: Sequence[int] = ()
) -> list[Ranked]:
    """The k best pictures, best first, ties in the order of their ids."""
    if len(snapshot.vectors) == 0:
        return []
    similarities = (snapshot.vectors @ query.vectors.T.astype(np.float32)).T
    scores = rule.contributions(query.direction, similarities).sum(axis=0)
    scores[list(excluded)] = -np.inf
    chosen = _shortlist(scores, k, _MARGIN * _magnified(query.direction))
    exact = _exact_cosines(query.vectors, snapshot.vectors[chosen])
    parts = rule.contributions(query.direction, exact)
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


def _magnified(direction: Direction) -> float:
    """How much larger the error of a score can be than that of one cosine."""
    return max(1.0, float(np.abs(direction.weights / direction.length).sum()))


def _shortlist(scores: NDArray[np.floating], k: int, margin: float) -> NDArray[np.intp]:
    count = min(k, int(np.isfinite(scores).sum()))
    if count == 0:
        return np.empty(0, np.intp)
    last = np.partition(scores, len(scores) - count)[len(scores) - count]
    return np.flatnonzero(scores >= last - margin)


def _exact_cosines(terms: NDArray[np.float64], rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Cosines (terms, rows) that depend on the row alone, not on where it stands."""
    units = normalise(rows.astype(np.float64)) if len(rows) else rows.astype(np.float64)
    return np.asarray(np.einsum("td,rd->tr", terms, units), np.float64)
