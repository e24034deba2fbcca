"""Vector arithmetic on NumPy arrays, one vector a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cavewall.keywords import Keywords
from cavewall.remembered import lazily
from cavewall.threads import product, products

__all__ = ["Array", "Cosines", "cosines", "mean_direction", "mean_directions", "normalise"]

Array = NDArray[np.floating[Any]]


def normalise(vectors: Array) -> Array:
    """Scale rows to unit length: (n, d) or (d,), same shape back, float32 stays float32.

    Raises:
        ValueError: a row is zero or not finite, and so has no direction.
    """
    lengths = np.linalg.norm(vectors.astype(np.float64, copy=False), axis=-1, keepdims=True)
    if not np.all(np.isfinite(lengths)) or np.any(lengths == 0):
        raise ValueError("a zero or non-finite vector has no direction")
    unit: Array = (vectors / lengths).astype(vectors.dtype, copy=False)
    return unit


def cosines(a: Array, b: Array) -> NDArray[np.float64]:
    """Cosine of every row of `a` (m, d) with every row of `b` (n, d), shape (m, n)."""
    left = normalise(a.astype(np.float64))
    right = normalise(b.astype(np.float64))
    return np.clip(left @ right.T, -1.0, 1.0)


def mean_direction(vectors: Array) -> Array:
    """The unit vector along the mean of unit vectors: (n, d) to (d,).

    Raises:
        ValueError: the vectors cancel out, or there are none.
    """
    if len(vectors) == 0:
        raise ValueError("the mean of no vectors is undefined")
    return normalise(vectors.mean(axis=0, dtype=np.float64).astype(vectors.dtype))


def mean_directions(vectors: Array, sizes: Sequence[int]) -> NDArray[np.float32]:
    """`mean_direction` of groups of rows that stand one after another: (n, d) to (groups, d).

    `sizes` are the groups' numbers of rows, each at least 1. A group that cancels out is zero.
    """
    starts = np.cumsum([0, *sizes[:-1]])
    sums = np.add.reduceat(vectors.astype(np.float64), starts, axis=0)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    means = np.zeros(sums.shape, np.float32)
    np.divide(sums, lengths, out=means, where=lengths > 0, casting="same_kind")
    return means


class Cosines:
    """The cosines of terms, unit rows (t, d), and pictures, unit rows (n, d), in single precision.

    Each term's take a pass over the pictures, or what costs as much; a sum of them takes one.
    Keywords are zero rows of the terms, and their coordinates stand in the cosines' place.
    """

    def __init__(
        self,
        terms: NDArray[np.float64],
        pictures: NDArray[np.float32],
        keywords: Keywords | None = None,
    ) -> None:
        self._terms = terms
        self._pictures = pictures
        self._keywords = Keywords() if keywords is None else keywords

    @lazily
    def each(self) -> NDArray[np.float32]:
        """The cosine of each term and every picture, (t, n)."""
        found = products(self._terms.astype(np.float32), self._pictures)
        if len(self._keywords):
            found[self._keywords.places] = self._keywords.coordinates
        return found

    def summed(self, weights: NDArray[np.float64]) -> NDArray[np.float32]:
        """The weighted sum of the terms' cosines for every picture: (t,) to (n,)."""
        if "each" in self.__dict__:
            return np.asarray(product(weights.astype(np.float32), self.each), np.float32)
        keywords = self._keywords
        if len(keywords) == len(weights):
            found = np.zeros(len(self._pictures), np.float32)
        else:
            direction = (weights @ self._terms).astype(np.float32)
            found = np.asarray(product(self._pictures, direction), np.float32)
        if len(keywords) and weights[keywords.places].any():
            found += weights[keywords.places].astype(np.float32) @ keywords.coordinates
        return found

    def of(self, terms: Sequence[int]) -> Cosines:
        """Those of some terms alone; nothing is computed again."""
        kept = self._keywords.of(terms)
        found = Cosines(self._terms[list(terms)], self._pictures, kept)
        found.__dict__["each"] = self.each[list(terms)]
        return found
